"""What one order's fate means for the orders tied to it: siblings and children. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from brokers.ledger import Ledger, Resting, Stage, evolve_ledger
from brokers.ledger_events import PaperCancelled, PaperFilled, PaperReleased
from trading.event import Event
from trading.vocabulary import BrokerOrderId


NOBODY: Final = BrokerOrderId("")


def with_consequences(
    ledger: Ledger, events: Iterable[Event], now: datetime
) -> tuple[Ledger, tuple[Event, ...]]:
    """The ledger after these events and what follows from each, and all of them in order."""
    told: list[Event] = []
    coming = list(events)
    while coming:
        event = coming.pop(0)
        order = ledger.resting.get(getattr(event, "broker_order_id", NOBODY))
        if isinstance(event, PaperCancelled) and order is None:
            continue  # it is off the book already
        ledger = evolve_ledger(ledger, event)
        told.append(event)
        if order is not None:
            coming[:0] = _follows(ledger, order, event, now)
    return ledger, tuple(told)


def _follows(ledger: Ledger, order: Resting, event: Event, now: datetime) -> Iterator[Event]:
    terms = order.terms
    if isinstance(event, PaperFilled) and terms.oco_id is not None:
        # At the first partial already: what is left then has no sibling to protect it.
        for other in _others(ledger, order):
            if other.terms.oco_id == terms.oco_id:
                yield _cancelled(other, now, "its sibling traded")
    if terms.broker_order_id in ledger.resting:
        return
    for child in _others(ledger, order):
        if child.stage is not Stage.HELD or child.terms.parent_id != terms.order_id:
            continue
        if isinstance(event, PaperFilled):
            yield PaperReleased(
                at=now,
                broker_order_id=child.terms.broker_order_id,
                order_id=child.terms.order_id,
                works_from=_works_from(child, event),
            )
        elif ledger.by_our_id(terms.order_id) is None:  # a replaced parent lives on
            yield _cancelled(child, now, "its parent ended")


def _works_from(child: Resting, parent: PaperFilled) -> datetime | None:
    """From the parent's quote on: the next one is the first that the child can meet."""
    return parent.quote.at if parent.quote is not None else child.works_from


def _others(ledger: Ledger, order: Resting) -> Iterator[Resting]:
    mine = order.terms.broker_order_id
    return (o for key, o in ledger.resting.items() if key != mine)


def _cancelled(order: Resting, now: datetime, reason: str) -> PaperCancelled:
    return PaperCancelled(
        at=now,
        broker_order_id=order.terms.broker_order_id,
        order_id=order.terms.order_id,
        reason=reason,
    )
