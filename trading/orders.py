"""An order's life: which fact may follow which, and what each one changes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.changed import changed
from trading.events import (
    CancelRequested,
    Event,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderPlanned,
    OrderRejected,
    SubmitStarted,
    SubmitUnknown,
)
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, ExecutionId, Intent, OrderStatus


S = OrderStatus

TERMINAL: Final = frozenset(
    {S.FILLED, S.CANCELLED, S.REJECTED, S.ABANDONED, S.ABSENT},
)
"""Statuses after which nothing more is expected. A late fill still counts."""

AT_THE_VENUE: Final = frozenset({S.ACCEPTED, S.PARTIALLY_FILLED, S.PENDING_CANCEL})
"""Statuses in which the order rests at the venue."""

TRANSITIONS: Final[Mapping[type[Event], Mapping[OrderStatus, OrderStatus]]] = {
    SubmitStarted: {S.PLANNED: S.SUBMITTED},
    # From SUBMITTED: known not to have left (gate closed, deadline passed, connection refused).
    OrderAbandoned: {S.PLANNED: S.ABANDONED, S.SUBMITTED: S.ABANDONED},
    SubmitUnknown: {S.SUBMITTED: S.UNKNOWN},
    OrderAccepted: {
        S.SUBMITTED: S.ACCEPTED,
        S.UNKNOWN: S.ACCEPTED,
        S.ABSENT: S.ACCEPTED,  # found after all
        # A fill may overtake the acknowledgement; it then says more than the acknowledgement.
        S.PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        S.FILLED: S.FILLED,
        S.PENDING_CANCEL: S.PENDING_CANCEL,
    },
    OrderRejected: {
        S.SUBMITTED: S.REJECTED,
        S.UNKNOWN: S.REJECTED,
        S.ACCEPTED: S.REJECTED,
        S.PARTIALLY_FILLED: S.REJECTED,
        S.PENDING_CANCEL: S.REJECTED,
    },
    OrderAbsent: {S.UNKNOWN: S.ABSENT},
    CancelRequested: {
        S.ACCEPTED: S.PENDING_CANCEL,
        S.PARTIALLY_FILLED: S.PENDING_CANCEL,
    },
    OrderCancelled: {
        S.SUBMITTED: S.CANCELLED,
        S.UNKNOWN: S.CANCELLED,
        S.ACCEPTED: S.CANCELLED,
        S.PARTIALLY_FILLED: S.CANCELLED,
        S.PENDING_CANCEL: S.CANCELLED,
    },
}
"""What each fact makes of each status; a pair that is not here leaves the status as it is."""


@frozen(kw_only=True, slots=False)
class Order:
    """An order as far as its facts tell it. `notional` is the exact sum of quantity x price."""

    plan: OrderPlanned
    status: OrderStatus = OrderStatus.PLANNED
    broker_order_id: BrokerOrderId | None = None
    executions: frozenset[ExecutionId] = frozenset()
    filled_quantity: Decimal = ZERO
    notional: Decimal = ZERO
    error: str = ""
    submitted_at: datetime | None = None

    @property
    def remaining_quantity(self) -> Decimal:
        """What may still fill: 0 once the order has ended, and never below 0."""
        if self.status in TERMINAL:
            return ZERO
        return max(self.plan.quantity - self.filled_quantity, ZERO)

    @property
    def reserved_value(self) -> Decimal:
        """What may still be paid, or sold, at worst: in dollars, 0 once the order has ended."""
        return self.remaining_quantity * self.plan.worst_price

    @property
    def average_fill_price(self) -> Decimal | None:
        """The exact average over all executions; None before the first."""
        return self.notional / self.filled_quantity if self.filled_quantity else None

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more is expected of the order."""
        return self.status in TERMINAL

    @property
    def is_entry(self) -> bool:
        """Whether the order can raise worst-case exposure."""
        return self.plan.intent is Intent.ENTRY

    @property
    def is_overfilled(self) -> bool:
        """Whether the venue filled more than was ordered."""
        return self.filled_quantity > self.plan.quantity


def may_follow(order: Order, event: Event) -> bool:
    """Whether the table knows this fact at this point of the order's life; fills always may."""
    return isinstance(event, OrderFilled) or order.status in TRANSITIONS.get(type(event), {})


def evolve_order(order: Order, event: Event) -> Order:
    """The order after one fact about it. It never fails: a fact is a fact, expected or not."""
    if isinstance(event, OrderFilled):
        return _filled(order, event)
    status = TRANSITIONS.get(type(event), {}).get(order.status, order.status)
    match event:
        case SubmitStarted(at=at):
            return changed(order, status=status, submitted_at=at)
        case OrderAccepted(broker_order_id=broker_order_id):
            return changed(order, status=status, broker_order_id=broker_order_id)
        case OrderRejected(code=code, reason=reason):
            return changed(order, status=status, error=f"{code}: {reason}")
        case OrderAbandoned(code=code):
            return changed(order, status=status, error=str(code))
        case SubmitUnknown(reason=reason) | OrderAbsent(reason=reason):
            return changed(order, status=status, error=reason)
        case _:
            return order if status is order.status else changed(order, status=status)


def _filled(order: Order, fill: OrderFilled) -> Order:
    if fill.execution_id in order.executions:
        return order
    filled = order.filled_quantity + fill.quantity
    return changed(
        order,
        status=_status_after_fill(order, filled),
        executions=order.executions | {fill.execution_id},
        filled_quantity=filled,
        notional=order.notional + fill.quantity * fill.price,
    )


def _status_after_fill(order: Order, filled: Decimal) -> OrderStatus:
    """Full is FILLED from wherever it came; a part changes neither a cancel under way nor an end
    the venue reported itself, but revives an order we had given up.
    """
    if filled >= order.plan.quantity:
        return S.FILLED
    if order.status in (S.PENDING_CANCEL, S.CANCELLED):
        return order.status
    return S.PARTIALLY_FILLED
