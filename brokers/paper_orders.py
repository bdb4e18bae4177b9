"""What the paper venue answers: an order taken or refused as a live venue would, changed. Pure."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from brokers.base import Change, RejectedError, Ticket
from brokers.consequences import with_consequences
from brokers.fits import check_means, check_terms
from brokers.ledger import STOPS, Ledger, Resting, Stage
from brokers.ledger_events import (
    INDICATIVE,
    PaperAccepted,
    PaperCancelled,
    PaperExpired,
    PaperFilled,
    PaperReplaced,
)
from brokers.market import FROM_ALERT, MarketHours, Quote
from brokers.paper_rules import (
    DEFAULT_MARKET,
    MarketRules,
    limit_on_arrival,
    market_price,
    quoted_price,
    trailed,
)
from trading.changed import changed
from trading.event import Event
from trading.money import plain
from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    OrderType,
    Side,
    TimeInForce,
)


@frozen(kw_only=True)
class Conditions:
    """What stands at the venue when an order comes: hours kept, and the last quote where there are
    quotes. `session` is the one under way or the next.
    """

    quote: Quote | None = None
    session: MarketHours | None = None
    rules: MarketRules = DEFAULT_MARKET

    def works_from(self, now: datetime) -> datetime | None:
        """The first instant whose quote an order of now may meet; None: there are no quotes."""
        if self.quote is None:
            return None
        ready = now + self.rules.latency
        return ready if self.session is None else max(ready, self.session.opens_at)


PLAIN = Conditions()
"""No quotes, no hours: what alerts say is all there is."""


def take(
    ledger: Ledger,
    ticket: Ticket,
    last: Decimal | None,
    now: datetime,
    conditions: Conditions = PLAIN,
) -> tuple[Event, ...]:
    """The events an order causes on arrival: accepted, and filled where it trades at once.

    That is where no quotes exist; with quotes every order waits for the next one. `last` is the
    last price that an alert named.

    Raises:
        RejectedError, InsufficientFundsError: as a live venue would.
    """
    quote = conditions.quote
    last = quote.price if quote is not None else ticket.reference_price or last
    _check_market(ledger, ticket, now, conditions)
    check_terms(ticket, last)
    price = _price_now(ticket, last) if quote is None else None
    worst = price if price is not None else _worst(ticket, last, conditions)
    parent = ledger.by_our_id(ticket.parent_id) if ticket.parent_id is not None else None
    if parent is not None:
        _check_child(ticket, parent)
    else:
        check_means(ledger, ticket, worst, now, conditions.rules.lends)
    is_short = _is_short(ticket, parent)
    reserves = price is None and (ticket.side is Side.SELL) is is_short
    accepted = PaperAccepted(
        at=now,
        broker_order_id=ledger.next_id(),
        order_id=ticket.order_id,
        symbol=ticket.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=ticket.order_type,
        limit_price=ticket.limit_price,
        stop_price=ticket.stop_price if price is not None else _first_stop(ticket, last),
        trail_percent=ticket.trail_percent,
        time_in_force=ticket.time_in_force,
        parent_id=ticket.parent_id,
        oco_id=ticket.oco_id,
        works_from=None if conditions is PLAIN else conditions.works_from(now),
        expires_at=None if conditions is PLAIN else _expires_at(ticket, conditions.session),
        worst_price=worst if reserves else None,
        short=is_short,
    )
    waits = conditions.quote is not None or parent is not None
    return (accepted,) if waits else _at_once(ledger, accepted, price, conditions.rules)


def _is_short(ticket: Ticket, parent: Resting | None) -> bool:
    """Whether an order sells what is not held, or buys it back."""
    if parent is not None:
        return parent.terms.short
    return ticket.short


def _at_once(
    ledger: Ledger, accepted: PaperAccepted, price: Decimal | None, rules: MarketRules
) -> tuple[Event, ...]:
    """What becomes of an order where no quotes exist."""
    now = accepted.at
    if price is None:
        if accepted.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK):
            return (accepted,)
        expired = PaperExpired(
            at=now,
            broker_order_id=accepted.broker_order_id,
            order_id=accepted.order_id,
            reason="not marketable on arrival",
        )
        return (accepted, expired)
    filled = indicative_fill(accepted, price, rules)
    if accepted.oco_id is None:
        return (accepted, filled)
    return with_consequences(ledger, (accepted, filled), now)[1]


def indicative_fill(order: PaperAccepted, price: Decimal, rules: MarketRules) -> PaperFilled:
    """The whole of an order that arrives, at a price around what an alert said."""
    return PaperFilled(
        at=order.at,
        execution_id=ExecutionId(f"{order.broker_order_id}.1"),
        broker_order_id=order.broker_order_id,
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=price,
        label=INDICATIVE,
        source=FROM_ALERT,
        rule=order.order_type.value,
        settles_at=rules.settles_at(order.side, order.at),
    )


def replace(
    ledger: Ledger,
    broker_order_id: BrokerOrderId,
    change: Change,
    now: datetime,
    conditions: Conditions = PLAIN,
) -> PaperReplaced:
    """An order on the book under other terms and a new id.

    Raises:
        RejectedError, InsufficientFundsError: it works no longer, or the terms do not do.
    """
    order = ledger.resting.get(broker_order_id)
    if order is None:
        raise RejectedError(f"{broker_order_id} works no longer")
    if change.quantity <= order.filled:
        raise RejectedError(f"{plain(order.filled)} of {broker_order_id} have traded already")
    ticket = _renewed(order, change)
    quote = conditions.quote
    check_terms(ticket, None if quote is None else quote.price)
    worst = _worst(ticket, None if quote is None else quote.price, conditions)
    without = {key: o for key, o in ledger.resting.items() if key != broker_order_id}
    others = changed(ledger, resting=without)
    if order.stage is not Stage.HELD:
        check_means(others, ticket, worst, now, conditions.rules.lends)
    return PaperReplaced(
        at=now,
        broker_order_id=broker_order_id,
        order_id=order.terms.order_id,
        new_id=ledger.next_id(),
        quantity=change.quantity,
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        works_from=conditions.works_from(now),
        worst_price=worst if (ticket.side is Side.SELL) is order.terms.short else None,
    )


def _renewed(order: Resting, change: Change) -> Ticket:
    """What remains of an order as a ticket of its own, under other terms."""
    terms = order.terms
    return Ticket(
        order_id=terms.order_id,
        symbol=terms.symbol,
        side=terms.side,
        quantity=change.quantity - order.filled,
        order_type=terms.order_type,
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        trail_percent=terms.trail_percent,
        time_in_force=terms.time_in_force,
        # A market order that still waits has been priced when it came.
        reference_price=order.worst_price,
        short=terms.short,
        oco_id=terms.oco_id,
    )


def cancel(ledger: Ledger, broker_order_id: BrokerOrderId, now: datetime) -> tuple[Event, ...]:
    """The end of an order on the book and of what waits for it; nothing of one that is not."""
    order = ledger.resting.get(broker_order_id)
    if order is None:
        return ()
    ended = PaperCancelled(at=now, broker_order_id=broker_order_id, order_id=order.terms.order_id)
    return with_consequences(ledger, (ended,), now)[1]


# --- prices -------------------------------------------------------------------------------------


def _price_now(ticket: Ticket, last: Decimal | None) -> Decimal | None:
    if last is None or ticket.order_type in STOPS:
        return None
    if ticket.order_type is OrderType.MARKET or ticket.limit_price is None:
        return market_price(ticket.side, ticket.quantity, last)
    return limit_on_arrival(ticket.side, ticket.quantity, ticket.limit_price, last)


def _worst(ticket: Ticket, last: Decimal | None, conditions: Conditions) -> Decimal | None:
    """What a share of a buy may cost by what is known now; a gap may cost more."""
    if ticket.limit_price is not None:
        return ticket.limit_price
    fill = conditions.rules.fill
    stop = _first_stop(ticket, last)
    if stop is not None:
        return market_price(ticket.side, ticket.quantity, stop, fill)
    if conditions.quote is not None:
        return quoted_price(ticket.side, ticket.quantity, conditions.quote, fill)
    return ticket.reference_price or last


def _first_stop(ticket: Ticket, last: Decimal | None) -> Decimal | None:
    if ticket.stop_price is None and ticket.trail_percent is not None and last is not None:
        return trailed(ticket.side, ticket.trail_percent, last, None)
    return ticket.stop_price


def _expires_at(ticket: Ticket, session: MarketHours | None) -> datetime | None:
    is_day = ticket.time_in_force is TimeInForce.DAY and session is not None
    return session.closes_at if is_day and session is not None else None


def _check_market(ledger: Ledger, ticket: Ticket, now: datetime, conditions: Conditions) -> None:
    if ticket.symbol in ledger.frozen_symbols:
        raise RejectedError(f"{ticket.symbol} is frozen: its price jumped; `thaw` if it was real")
    session = conditions.session
    if conditions.quote is None and session is not None and not session.holds(now):
        raise RejectedError("the market is closed, and there are no quotes to wait for")


def _check_child(ticket: Ticket, parent: Resting) -> None:
    """A child closes what its parent opens; it needs neither money nor shares before that."""
    terms = parent.terms
    if ticket.symbol != terms.symbol or ticket.side is terms.side:
        raise RejectedError("a child order takes back what its parent trades")
    if ticket.quantity > parent.quantity:
        raise RejectedError(
            f"{plain(ticket.quantity)} is more than the {plain(parent.quantity)} of its parent"
        )
