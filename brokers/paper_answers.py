"""What the paper venue tells of its ledger's facts: reports, orders, executions. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from brokers.base import (
    Ended,
    Execution,
    Replaced,
    Report,
    Transaction,
    VenueOrder,
    VenueStatus,
)
from brokers.ledger_events import (
    PaperAccepted,
    PaperCancelled,
    PaperExpired,
    PaperFilled,
    PaperMoved,
    PaperReplaced,
)
from brokers.paper_outside import SPLIT
from trading.event import Event
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, OrderId


def report_of(event: Event) -> Report | None:
    """What is told unasked of a fact of the ledger; None: nothing."""
    match event:
        case PaperFilled():
            return execution_of(event)
        case PaperCancelled() | PaperExpired():
            is_cancel = isinstance(event, PaperCancelled)
            return Ended(
                broker_order_id=event.broker_order_id,
                order_id=event.order_id,
                status=VenueStatus.CANCELLED if is_cancel else VenueStatus.EXPIRED,
                reason=event.reason,
            )
        case PaperReplaced():
            return Replaced(
                broker_order_id=event.broker_order_id,
                order_id=event.order_id,
                new_id=event.new_id,
                quantity=event.quantity,
                limit_price=event.limit_price,
                stop_price=event.stop_price,
            )
        case _:
            return None


def execution_of(fill: PaperFilled) -> Execution:
    """A fill as the venue reports it."""
    return Execution(
        execution_id=fill.execution_id,
        broker_order_id=fill.broker_order_id,
        order_id=fill.order_id or None,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        executed_at=fill.at,
        label=fill.label,
    )


def order_of(facts: Sequence[Event]) -> VenueOrder | None:
    """An order as the facts about it leave it, under its newest id; None: it was never taken."""
    taken = next((e for e in facts if isinstance(e, PaperAccepted)), None)
    if taken is None:
        return None
    broker_order_id, quantity, filled = taken.broker_order_id, taken.quantity, ZERO
    ended: VenueStatus | None = None
    for fact in facts:
        match fact:
            case PaperReplaced():
                broker_order_id, quantity = fact.new_id, fact.quantity
            case PaperFilled():
                filled += fact.quantity
            case PaperCancelled():
                ended = VenueStatus.CANCELLED
            case PaperExpired():
                ended = VenueStatus.EXPIRED
            case _:
                pass
    return VenueOrder(
        broker_order_id=broker_order_id,
        order_id=taken.order_id,
        status=_status(filled, quantity, ended),
        executions=tuple(execution_of(e) for e in facts if isinstance(e, PaperFilled)),
        taken_at=taken.at,
    )


def _status(filled: Decimal, quantity: Decimal, ended: VenueStatus | None) -> VenueStatus:
    if filled >= quantity:
        return VenueStatus.FILLED
    return ended if ended is not None else VenueStatus.WORKING


def order_under(facts: Iterable[Event], broker_order_id: BrokerOrderId) -> VenueOrder | None:
    """The order that has, or had before it was replaced, this id."""
    for about in by_order(facts):
        taken = about[0]
        ids = {taken.broker_order_id} if isinstance(taken, PaperAccepted) else set()
        changes = {e.broker_order_id: e.new_id for e in about if isinstance(e, PaperReplaced)}
        if broker_order_id in ids.union(changes.values()):
            order = order_of(about)
            if order is None or broker_order_id not in changes:
                return order
            return VenueOrder(
                broker_order_id=broker_order_id,
                order_id=order.order_id,
                status=VenueStatus.REPLACED,
                executions=tuple(
                    e for e in order.executions if e.broker_order_id == broker_order_id
                ),
                replaced_by=changes[broker_order_id],
                taken_at=order.taken_at,
            )
    return None


def by_order(facts: Iterable[Event]) -> Iterator[list[Event]]:
    """The facts of each order, orders in the order in which they were taken."""
    about: dict[OrderId, list[Event]] = {}
    for fact in facts:
        if (order_id := getattr(fact, "order_id", None)) is not None:
            about.setdefault(order_id, []).append(fact)
    yield from about.values()


# --- everything since an instant ------------------------------------------------------------------


def orders_in(facts: Iterable[Event], since: datetime) -> list[VenueOrder]:
    """The orders among these facts that were taken since then."""
    found = [order_of(about) for about in by_order(facts)]
    return [o for o in found if o is not None and o.taken_at and o.taken_at >= since]


def executions_in(facts: Iterable[Event], since: datetime) -> list[Execution]:
    """The executions among these facts since then."""
    return [execution_of(e) for e in facts if isinstance(e, PaperFilled) and e.at >= since]


def transactions_in(facts: Iterable[Event], since: datetime) -> list[Transaction]:
    """What moved without an order since then; a split is found, not told."""
    moved = [e for e in facts if isinstance(e, PaperMoved) and e.at >= since]
    return [_transaction_of(e) for e in moved if e.kind != SPLIT]


def _transaction_of(moved: PaperMoved) -> Transaction:
    return Transaction(
        transaction_id=moved.transaction_id,
        at=moved.at,
        kind=moved.kind,
        amount=moved.amount,
        symbol=moved.symbol,
        quantity=moved.quantity or None,
        text=moved.text,
    )
