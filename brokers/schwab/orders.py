"""Orders as Schwab wants them: one ticket, a bracket, a replacement. Pure; raises if it cannot."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from attrs import evolve, frozen

from brokers.base import Change, RejectedError, Ticket
from brokers.market import MarketHours, Quote
from brokers.schwab.wire_symbols import to_schwab
from brokers.schwab.wire_words import (
    DURATIONS,
    KINDS,
    AssetType,
    Duration,
    Instruction,
    Kind,
    Session,
    Strategy,
)
from trading.guards import Bracket
from trading.money import CENT, ZERO, is_whole, percent_of, plain
from trading.vocabulary import OrderType, Side, Symbol, TimeInForce


Body = Mapping[str, Any]

ONE_DOLLAR: Final = Decimal(1)
SUB_PENNY: Final = Decimal("0.0001")
"""The price step below one dollar; from there on it is a cent."""


def price_text(price: Decimal) -> str:
    """A price as Schwab takes it: two decimals, or four below one dollar.

    Raises:
        RejectedError: it would have to be rounded, or is no price.
    """
    step = CENT if price >= ONE_DOLLAR else SUB_PENNY
    if price <= ZERO or price % step:
        raise RejectedError(f"price {plain(price)} is not a multiple of {plain(step)} above 0")
    return str(price.quantize(step))


def instruction_of(ticket: Ticket) -> Instruction:
    """The word for what a ticket does.

    It follows from what is meant and not from what is held: a sale that is not meant to be short is
    SELL, which Schwab refuses if it is too large, so that a holding we have wrong can never become
    a short sale.
    """
    if ticket.side is Side.BUY:
        return Instruction.BUY_TO_COVER if ticket.short else Instruction.BUY
    return Instruction.SELL_SHORT if ticket.short else Instruction.SELL


def check_session(ticket: Ticket, hours: MarketHours | None, now: datetime) -> None:
    """Raises RejectedError where Schwab would keep a day order for the next session.

    At 16:01 it becomes tomorrow's open order without a word. What stays until cancelled may rest.
    `hours` are those of the day of `now`; None: the exchange stays closed.
    """
    if ticket.time_in_force is TimeInForce.GTC and ticket.order_type is not OrderType.MARKET:
        return
    if hours is None or not hours.holds(now):
        raise RejectedError("the regular session is over: Schwab would keep it for the next open")


def marketable(ticket: Ticket, quote: Quote, collar_percent: Decimal) -> Ticket:
    """A market order as a limit order that trades at once, but not beyond the collar.

    An alert's price is no reference here: the market may have left it long ago.

    Raises:
        RejectedError: nothing says what the other side asks.
    """
    if ticket.order_type is not OrderType.MARKET:
        return ticket
    against = quote.against(ticket.side)
    if against is None:
        raise RejectedError(f"no price is known for {ticket.symbol}")
    limit = against + ticket.side.sign * percent_of(against, collar_percent)
    step = CENT if limit >= ONE_DOLLAR else SUB_PENNY
    inward = ROUND_FLOOR if ticket.side is Side.BUY else ROUND_CEILING
    limit = max(limit.quantize(step, rounding=inward), SUB_PENNY)
    return evolve(ticket, order_type=OrderType.LIMIT, limit_price=limit)


# --- bodies -------------------------------------------------------------------------------------


def single(ticket: Ticket) -> Body:
    """One order by itself.

    Raises:
        RejectedError: it cannot be sent as it stands.
    """
    return _terms(ticket, instruction_of(ticket)) | _strategy(Strategy.SINGLE)


def together(tickets: Sequence[Ticket]) -> Body:
    """Orders that belong together, so that Schwab keeps the protection whatever becomes of us.

    One ticket, with its bracket if it has one; or siblings of one `oco_id`; or a parent, first, and
    its children: one, or two that are siblings.

    Raises:
        RejectedError: they do not belong together in a way that Schwab knows.
    """
    first, *rest = tickets
    if not rest and first.bracket is not None:
        return together([first, *legs_of(first)])
    if not rest:
        return single(first)
    if first.parent_id is not None or first.oco_id is not None:
        return _siblings(tickets)
    if any(child.parent_id != first.order_id for child in rest):
        raise RejectedError("orders sent together are those of one parent")
    entry = _terms(first, instruction_of(first)) | _strategy(Strategy.TRIGGER)
    children = [single(rest[0])] if len(rest) == 1 else [_siblings(rest)]
    return entry | {"childOrderStrategies": children}


def legs_of(entry: Ticket) -> list[Ticket]:
    """What an entry's bracket becomes once it has filled: good till cancelled, tied together."""
    bracket = entry.bracket or Bracket()
    leg = Ticket(
        order_id=entry.order_id,
        symbol=entry.symbol,
        side=entry.side.opposite,
        short=entry.short,
        quantity=entry.quantity,
        time_in_force=TimeInForce.GTC,
        parent_id=entry.order_id,
    )
    legs = [
        evolve(leg, order_type=kind, limit_price=limit, stop_price=stop)
        for kind, limit, stop in (
            (OrderType.LIMIT, bracket.take_profit, None),
            (OrderType.STOP, None, bracket.stop_loss),
        )
        if limit is not None or stop is not None
    ]
    return [evolve(each, oco_id="bracket") for each in legs] if len(legs) > 1 else legs


def replacement(ticket: Ticket, change: Change, filled: Decimal, instruction: Instruction) -> Body:
    """The whole new order that takes an old one's place, for what has not traded yet.

    `instruction` is the old order's: what is held has changed since, its meaning has not.

    Raises:
        RejectedError: nothing would be left of it, or its terms cannot be sent.
    """
    left = change.quantity - filled
    if left <= ZERO:
        raise RejectedError(f"{plain(filled)} have traded, {plain(change.quantity)} are wanted")
    new = evolve(changed_terms(ticket, change), quantity=left)
    return _terms(new, instruction) | _strategy(Strategy.SINGLE)


def changed_terms(ticket: Ticket, change: Change) -> Ticket:
    """An order as a change leaves it; a price that is not named stays."""
    return evolve(
        ticket,
        quantity=change.quantity,
        limit_price=change.limit_price or ticket.limit_price,
        stop_price=change.stop_price or ticket.stop_price,
    )


def _siblings(tickets: Sequence[Ticket]) -> dict[str, Any]:
    if len(tickets) != 2 or len({(t.oco_id, t.symbol) for t in tickets}) != 1:
        raise RejectedError("siblings are two, of one symbol and one oco_id")
    children = [single(ticket) for ticket in tickets]
    return _strategy(Strategy.OCO) | {"childOrderStrategies": children}


def _strategy(strategy: Strategy) -> dict[str, Any]:
    return {"orderStrategyType": strategy.value}


def _terms(ticket: Ticket, instruction: Instruction) -> dict[str, Any]:
    if not is_whole(ticket.quantity) or ticket.quantity <= ZERO:
        raise RejectedError(f"quantity {plain(ticket.quantity)} is not a number of whole shares")
    return {
        "orderType": KINDS[ticket.order_type].value,
        "session": Session.NORMAL.value,
        "duration": DURATIONS[ticket.time_in_force].value,
        **_prices(ticket),
        "orderLegCollection": [
            {
                "instruction": instruction.value,
                "quantity": int(ticket.quantity),
                "instrument": {
                    "symbol": to_schwab(ticket.symbol),
                    "assetType": AssetType.EQUITY.value,
                },
            }
        ],
    }


def _prices(ticket: Ticket) -> dict[str, Any]:
    """The fields of its type, and no others: what does not belong to a type is refused there.

    Without a stopType thinkorswim lets nobody drag a stop in a chart.
    """
    match ticket.order_type:
        case OrderType.MARKET:
            return {}
        case OrderType.LIMIT:
            return {"price": _price("limit", ticket.limit_price)}
        case OrderType.STOP:
            return {"stopPrice": _price("stop", ticket.stop_price), "stopType": "STANDARD"}
        case OrderType.STOP_LIMIT:
            return {
                "stopPrice": _price("stop", ticket.stop_price),
                "price": _price("limit", ticket.limit_price),
                "stopType": "STANDARD",
            }
        case OrderType.TRAILING_STOP:
            percent = ticket.trail_percent or ZERO
            if not ZERO < percent < 100:
                raise RejectedError("a trailing stop needs a trail above 0 and below 100 %")
            return {
                "stopPriceLinkBasis": "LAST",
                "stopPriceLinkType": "PERCENT",
                "stopPriceOffset": percent,
            }


def _price(name: str, price: Decimal | None) -> str:
    if price is None:
        raise RejectedError(f"a {name} order needs a {name} price")
    return price_text(price)


# --- recognising ----------------------------------------------------------------------------------


@frozen(kw_only=True)
class Fingerprint:
    """What an order is recognised by at a venue that does not know our ids."""

    symbol: Symbol
    instruction: Instruction
    quantity: Decimal
    kind: Kind
    duration: Duration
    price: Decimal | None
    stop_price: Decimal | None
    trail: Decimal | None


def fingerprint_of(body: Body, symbol: Symbol) -> Fingerprint:
    """What an order that was sent is recognised by; of several, the first one's."""
    while "orderLegCollection" not in body:
        body = body["childOrderStrategies"][0]
    (leg,) = body["orderLegCollection"]
    return Fingerprint(
        symbol=symbol,
        instruction=Instruction(leg["instruction"]),
        quantity=Decimal(leg["quantity"]),
        kind=Kind(body["orderType"]),
        duration=Duration(body["duration"]),
        price=_number(body.get("price")),
        stop_price=_number(body.get("stopPrice")),
        trail=_number(body.get("stopPriceOffset")),
    )


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
