"""The paper venue's own books: its facts, their fold, and what it answers an order. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from brokers.base import InsufficientFundsError, RejectedError, Ticket
from brokers.paper_rules import limit_on_arrival, market_price, trades_through
from journal import Reader
from trading.changed import changed
from trading.events import Event
from trading.money import ZERO, is_whole, plain
from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    OrderId,
    OrderType,
    Side,
    Symbol,
)


INDICATIVE = "INDICATIVE"
"""The label of a fill whose price came from an alert, not from a market."""


@frozen(kw_only=True)
class LedgerOpened(Event):
    """A new paper account with its starting cash."""

    account: str
    cash: Decimal


@frozen(kw_only=True)
class RehearsalMarked(Event):
    """Faults were switched on: this ledger rehearses and proves nothing about performance."""

    reason: str


@frozen(kw_only=True)
class PaperAccepted(Event):
    """The venue took an order."""

    broker_order_id: BrokerOrderId
    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    order_type: OrderType
    limit_price: Decimal | None = None


@frozen(kw_only=True)
class PaperFilled(Event):
    """The venue executed an order, whole."""

    execution_id: ExecutionId
    broker_order_id: BrokerOrderId
    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    label: str = ""


@frozen(kw_only=True)
class PaperCancelled(Event):
    """The venue took a working order off its book."""

    broker_order_id: BrokerOrderId
    order_id: OrderId


LEDGER_EVENTS: tuple[type[Event], ...] = (
    LedgerOpened,
    RehearsalMarked,
    PaperAccepted,
    PaperFilled,
    PaperCancelled,
)


@frozen(kw_only=True, slots=False)
class Ledger:
    """The venue's state: money, holdings, and the orders that rest. A fold of its events.

    `series` is what the ids of its orders begin with, after the instant it was opened.
    """

    opened_at: datetime | None = None
    series: str = "0"
    rehearsal: bool = False
    cash: Decimal = ZERO
    holdings: Mapping[Symbol, Decimal] = {}
    resting: Mapping[BrokerOrderId, PaperAccepted] = {}
    taken: int = 0

    def next_id(self) -> BrokerOrderId:
        """The id the next order gets; no other ledger of the account ever gives the same one."""
        return BrokerOrderId(f"P{self.series}-{self.taken + 1}")


def evolve_ledger(ledger: Ledger, event: Event) -> Ledger:
    """The ledger after one of its events."""
    match event:
        case PaperAccepted():
            resting = {**ledger.resting, event.broker_order_id: event}
            return changed(ledger, resting=resting, taken=ledger.taken + 1)
        case PaperFilled():
            return _filled(ledger, event)
        case LedgerOpened(at=at, cash=cash):
            return changed(ledger, opened_at=at, series=f"{at:%y%m%d%H%M%S}", cash=cash)
        case RehearsalMarked():
            return changed(ledger, rehearsal=True)
        case PaperCancelled():
            return changed(ledger, resting=_without(ledger.resting, event.broker_order_id))
        case _:
            return ledger


def folded(reader: Reader) -> Ledger:
    """The ledger that a reader's events come to."""
    ledger = Ledger()
    for recorded in reader.events():
        ledger = evolve_ledger(ledger, recorded.event)
    return ledger


def _filled(ledger: Ledger, fill: PaperFilled) -> Ledger:
    signed = fill.side.sign * fill.quantity
    held = ledger.holdings.get(fill.symbol, ZERO) + signed
    holdings = {**ledger.holdings, fill.symbol: held}
    if not held:
        del holdings[fill.symbol]
    return changed(
        ledger,
        cash=ledger.cash - signed * fill.price - fill.fee,
        holdings=holdings,
        resting=_without(ledger.resting, fill.broker_order_id),
    )


def _without(
    resting: Mapping[BrokerOrderId, PaperAccepted], broker_order_id: BrokerOrderId
) -> Mapping[BrokerOrderId, PaperAccepted]:
    rest = dict(resting)
    rest.pop(broker_order_id, None)
    return rest


# --- what it answers ----------------------------------------------------------------------------


def take(ledger: Ledger, ticket: Ticket, last: Decimal | None, now: datetime) -> tuple[Event, ...]:
    """The events an order causes on arrival: accepted, and filled where it trades at once.

    Raises:
        RejectedError, InsufficientFundsError: as a live venue would.
    """
    last = ticket.reference_price or last
    if not is_whole(ticket.quantity) or ticket.quantity <= 0:
        raise RejectedError(f"quantity {plain(ticket.quantity)} is not a number of whole shares")
    if ticket.order_type is OrderType.LIMIT and not (ticket.limit_price or ZERO) > 0:
        raise RejectedError("a limit order needs a limit price above 0")
    if last is None and ticket.order_type is OrderType.MARKET:
        raise RejectedError(f"no price is known for {ticket.symbol}")
    price = _price_now(ticket, last)
    if ticket.side is Side.SELL:
        _check_holding(ledger, ticket)
    else:
        _check_cash(ledger, ticket, price)
    accepted = PaperAccepted(
        at=now,
        broker_order_id=ledger.next_id(),
        order_id=ticket.order_id,
        symbol=ticket.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=ticket.order_type,
        limit_price=ticket.limit_price,
    )
    return (accepted,) if price is None else (accepted, _fill(accepted, price, now))


def _price_now(ticket: Ticket, last: Decimal | None) -> Decimal | None:
    if last is None:
        return None
    if ticket.order_type is OrderType.MARKET or ticket.limit_price is None:
        return market_price(ticket.side, ticket.quantity, last)
    return limit_on_arrival(ticket.side, ticket.quantity, ticket.limit_price, last)


def _check_holding(ledger: Ledger, ticket: Ticket) -> None:
    resting = sum(
        (o.quantity for o in ledger.resting.values() if _is(o, ticket.symbol, Side.SELL)), ZERO
    )
    free = ledger.holdings.get(ticket.symbol, ZERO) - resting
    if ticket.quantity > free:
        raise RejectedError(
            f"oversold: {plain(ticket.quantity)} {ticket.symbol} asked, {plain(free)} free to sell"
        )


def _check_cash(ledger: Ledger, ticket: Ticket, price: Decimal | None) -> None:
    each = price if price is not None else ticket.limit_price or ZERO
    reserved = sum(
        (
            o.quantity * (o.limit_price or ZERO)
            for o in ledger.resting.values()
            if o.side is Side.BUY
        ),
        ZERO,
    )
    cost, free = ticket.quantity * each, ledger.cash - reserved
    if cost > free:
        raise InsufficientFundsError(f"{plain(cost)} $ needed, {plain(free)} $ free")


def _is(order: PaperAccepted, symbol: Symbol, side: Side) -> bool:
    return order.symbol == symbol and order.side is side


def _fill(order: PaperAccepted, price: Decimal, now: datetime) -> PaperFilled:
    return PaperFilled(
        at=now,
        execution_id=ExecutionId(f"{order.broker_order_id}.1"),
        broker_order_id=order.broker_order_id,
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        price=price,
        label=INDICATIVE,
    )


def on_price(ledger: Ledger, symbol: Symbol, last: Decimal, now: datetime) -> Iterator[PaperFilled]:
    """The fills a later price causes among the orders that rest."""
    for order in ledger.resting.values():
        limit = order.limit_price
        if order.symbol == symbol and limit is not None and trades_through(order.side, limit, last):
            yield _fill(order, limit, now)
