"""From what a venue says of an order to the facts we did not have yet."""

from collections.abc import Iterator
from datetime import datetime

from brokers.base import Execution, VenueOrder, VenueStatus
from trading.events import (
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderPlanned,
    OrderRejected,
)
from trading.orders import Order
from trading.vocabulary import Code


def fill_of(plan: OrderPlanned, execution: Execution, now: datetime) -> OrderFilled:
    """An execution as a fact about our order."""
    return OrderFilled(
        at=now,
        order_id=plan.order_id,
        alert_id=plan.alert_id,
        account=plan.account,
        strategy=plan.strategy,
        symbol=plan.symbol,
        side=execution.side,
        execution_id=execution.execution_id,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        executed_at=execution.executed_at,
        label=execution.label,
    )


def facts_of_finding(
    order: Order, found: VenueOrder, now: datetime
) -> Iterator[tuple[Event, str | None]]:
    """The facts a read-back adds to what is known, each with the key it may exist under once."""
    plan = order.plan
    about = {
        "at": now,
        "order_id": plan.order_id,
        "alert_id": plan.alert_id,
        "account": plan.account,
    }
    if order.broker_order_id is None:
        yield OrderAccepted(**about, broker_order_id=found.broker_order_id), None  # type: ignore[arg-type]
    for execution in found.executions:
        if execution.execution_id not in order.executions:
            key = f"fill:{plan.account}/{execution.execution_id}"
            yield fill_of(plan, execution, now), key
    if found.status is VenueStatus.CANCELLED:
        yield OrderCancelled(**about), None  # type: ignore[arg-type]
    elif found.status is VenueStatus.REJECTED:
        rejected = OrderRejected(
            at=now,
            order_id=plan.order_id,
            alert_id=plan.alert_id,
            account=plan.account,
            code=Code.VENUE_REJECTED,
            reason="found rejected at the venue",
        )
        yield rejected, None
