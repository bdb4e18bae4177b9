"""What a quote does to the orders on the paper venue's book: fills, triggers, ends. Pure.

Orders are looked at in the order in which they came, each on the ledger that those before it left.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from brokers.consequences import with_consequences
from brokers.fees import fee_of
from brokers.ledger import Ledger, Resting, Stage
from brokers.ledger_events import (
    INDICATIVE,
    PaperCancelled,
    PaperExpired,
    PaperFilled,
    PaperRested,
    PaperTrailed,
    PaperTriggered,
    SymbolFrozen,
)
from brokers.market import MarketHours, Quote, market_day
from brokers.moment import Moment
from brokers.paper_rules import (
    DEFAULT_MARKET,
    MarketRules,
    capped,
    goes_through,
    is_marketable,
    quoted_price,
    reaches_stop,
    trailed,
)
from trading.changed import changed
from trading.event import Event
from trading.money import ZERO
from trading.vocabulary import ExecutionId, OrderType, Side, TimeInForce


AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


def match(
    ledger: Ledger,
    quote: Quote,
    *,
    before: Quote | None,
    now: datetime,
    session: MarketHours | None = None,
    rules: MarketRules = DEFAULT_MARKET,
) -> tuple[Event, ...]:
    """What happens by a quote; `before` is the last one of its symbol.

    `session` is the regular session at hand: nothing fills outside it. None: hours are not kept.
    """
    moment = Moment(quote=quote, before=before, now=now, session=session, rules=rules)
    if not moment.is_usable or quote.symbol in ledger.frozen_symbols:
        return ()
    if frozen_now := jump_of(ledger, moment):
        return (frozen_now,)
    told: list[Event] = []
    # A child that its parent's fill releases meets the next quote, not this one.
    there = [o for o in ledger.resting.values() if o.terms.symbol == quote.symbol]
    for each in [o.terms.broker_order_id for o in there if o.stage is not Stage.HELD]:
        order = ledger.resting.get(each)
        if order is not None:  # else a sibling's fill took it off
            ledger, events = with_consequences(ledger, work(ledger, order, moment), now)
            told += events
    return tuple(told)


def expire(ledger: Ledger, now: datetime) -> tuple[Event, ...]:
    """The day orders whose session has closed."""
    told: list[Event] = []
    for order in tuple(ledger.resting.values()):
        if _is_over(order, now) and order.terms.broker_order_id in ledger.resting:
            ledger, events = with_consequences(ledger, (_closed(order, now),), now)
            told += events
    return tuple(told)


def _is_over(order: Resting, at: datetime) -> bool:
    return order.terms.expires_at is not None and at >= order.terms.expires_at


def jump_of(ledger: Ledger, moment: Moment) -> SymbolFrozen | None:
    """The first price of a day that is too far from the last close to be believed."""
    quote, before = moment.quote, moment.before
    today, price = market_day(quote.at), quote.price
    if before is not None and market_day(before.at) == today:
        return None
    thawed = ledger.thawed.get(quote.symbol)
    if thawed is not None and market_day(thawed) == today:
        return None
    close = quote.previous_close or (before.price if before is not None else None)
    if moment.is_from_alert or not close or price is None:
        return None
    if abs(price - close) * 100 <= close * moment.rules.freeze_percent:
        return None
    return SymbolFrozen(at=moment.now, symbol=quote.symbol, previous_close=close, price=price)


# --- one order ----------------------------------------------------------------------------------


def work(ledger: Ledger, order: Resting, moment: Moment) -> tuple[Event, ...]:
    """What a usable quote does to one order, its consequences for others left out."""
    if _is_over(order, moment.quote.at):
        return (_closed(order, moment.now),)
    ready = order.works_from
    # Never by the quote that fired the alert, nor by one that could not be known in time.
    if ready is not None and (moment.is_from_alert or moment.quote.at < ready):
        return ()
    match order.stage:
        case Stage.HELD:
            return ()
        case Stage.WAITING:
            return tuple(_test_stop(ledger, order, moment))
        case Stage.ARRIVING:
            return tuple(arrive(ledger, order, moment))
        case Stage.RESTING:
            return tuple(_rest(ledger, order, moment))


def _test_stop(ledger: Ledger, order: Resting, moment: Moment) -> Iterator[Event]:
    """A stop is tested before it is moved, and fills at the next price, wherever that is."""
    side, price = order.terms.side, moment.quote.towards_stop(order.terms.side)
    if price is None:
        return
    if order.stop_price is not None and reaches_stop(side, order.stop_price, price):
        works_from = None if moment.is_from_alert else moment.quote.at
        yield PaperTriggered(at=moment.now, **named(order), price=price, works_from=works_from)
        if moment.is_from_alert:  # no later price is to be expected
            yield from arrive(ledger, changed(order, stage=Stage.ARRIVING), moment)
    elif order.terms.trail_percent is not None:
        stop = trailed(side, order.terms.trail_percent, price, order.stop_price)
        if stop != order.stop_price:
            yield PaperTrailed(at=moment.now, **named(order), stop_price=stop)


def arrive(ledger: Ledger, order: Resting, moment: Moment) -> Iterator[Event]:
    """What comes of an order that arrives: at the market, or a limit that may be marketable."""
    side, quote, is_limit = order.terms.side, moment.quote, has_limit(order)
    if is_limit and not is_marketable(side, order.limit_price or ZERO, quote):
        yield _missed(order, moment.now) or PaperRested(at=moment.now, **named(order))
        return
    room = room_for(ledger, order, moment)
    used = ledger.used.get(quote.symbol)
    price = quoted_price(
        side,
        min(order.remaining, room),
        quote,
        moment.rules.fill,
        used_value=used.value if used is not None and used.at == quote.at else ZERO,
        widened=moment.widened,
    )
    if price is None:
        return
    if is_limit:
        price = capped(side, price, order.limit_price or price)
    rule = "limit on arrival" if is_limit else "market"
    filled = yield from fill(ledger, order, moment, price=price, room=room, rule=rule)
    if filled < order.remaining and is_limit and order.terms.time_in_force not in AT_ONCE:
        yield PaperRested(at=moment.now, **named(order))


def _rest(ledger: Ledger, order: Resting, moment: Moment) -> Iterator[Event]:
    limit = order.limit_price
    if limit is None or not goes_through(order.terms.side, limit, moment.quote, moment.before):
        return
    room = room_for(ledger, order, moment)
    yield from fill(ledger, order, moment, price=limit, room=room, rule="limit traded through")


def has_limit(order: Resting) -> bool:
    """Whether an order that arrives is a limit."""
    return order.terms.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)


def room_for(ledger: Ledger, order: Resting, moment: Moment) -> Decimal:
    """The shares that the market has left for an order in this minute."""
    quote = moment.quote
    if quote.volume is None:
        return order.remaining
    share = (quote.volume * moment.rules.volume_percent / 100).to_integral_value(ROUND_FLOOR)
    used = ledger.used.get(quote.symbol)
    if used is not None and used.minute == quote.minute:
        share -= used.quantity
    return min(order.remaining, max(share, ZERO))


def fill(
    ledger: Ledger, order: Resting, moment: Moment, *, price: Decimal, room: Decimal, rule: str
) -> Generator[Event, None, Decimal]:
    """The execution of what the market, the money and the holdings allow, and what ends by it.

    Returns the quantity that was filled.
    """
    payable = _payable(ledger, order, price, moment.now)
    quantity = min(room, payable)
    tif = order.terms.time_in_force
    if tif is TimeInForce.FOK and quantity < order.remaining:
        yield _expired(order, moment.now, "not all of it could be had at once")
        return ZERO
    if quantity > 0:
        yield _filled(order, moment, price, quantity, rule)
    if payable < order.remaining and quantity == payable:
        # As a venue that lends nothing: what cannot be paid, or is held no longer, does not trade.
        buys = order.terms.side is Side.BUY and not order.terms.short
        reason = "not enough money" if buys else "not enough shares"
        yield PaperCancelled(at=moment.now, **named(order), reason=reason)
        return order.remaining
    if quantity < order.remaining and tif is TimeInForce.IOC:
        yield _expired(order, moment.now, "the rest could not be had at once")
    return quantity


def _payable(ledger: Ledger, order: Resting, price: Decimal, now: datetime) -> Decimal:
    terms, held = order.terms, ledger.held(order.terms.symbol)
    if terms.short and terms.side is Side.SELL:
        most = order.remaining if held <= 0 else ZERO
    elif terms.short or terms.side is Side.SELL:
        most = -terms.side.sign * held
    else:
        most = (max(ledger.free_at(now), ZERO) / price).to_integral_value(ROUND_FLOOR)
    return min(order.remaining, max(most, ZERO))


def _filled(
    order: Resting, moment: Moment, price: Decimal, quantity: Decimal, rule: str
) -> PaperFilled:
    terms, quote = order.terms, moment.quote
    is_indicative = moment.is_from_alert
    return PaperFilled(
        at=moment.now,
        execution_id=ExecutionId(f"{terms.broker_order_id}.{order.fills + 1}"),
        **named(order),
        symbol=terms.symbol,
        side=terms.side,
        quantity=quantity,
        price=price,
        fee=ZERO if is_indicative else fee_of(terms.side, quantity, price, quote.at),
        label=INDICATIVE if is_indicative else "",
        source=quote.source,
        rule=rule,
        quote=None if is_indicative else quote,
        age_ms=None if is_indicative else quote.age(moment.now) // timedelta(milliseconds=1),
        settles_at=moment.rules.settles_at(terms.side, moment.now),
    )


# --- ends ---------------------------------------------------------------------------------------


def named(order: Resting) -> dict[str, Any]:
    """What every fact about an order names it by."""
    return {"broker_order_id": order.terms.broker_order_id, "order_id": order.terms.order_id}


def _missed(order: Resting, now: datetime) -> PaperExpired | None:
    if order.terms.time_in_force not in AT_ONCE:
        return None
    return _expired(order, now, "not marketable on arrival")


def _closed(order: Resting, now: datetime) -> PaperExpired:
    return _expired(order, now, "the session closed")


def _expired(order: Resting, now: datetime, reason: str) -> PaperExpired:
    return PaperExpired(at=now, **named(order), reason=reason)
