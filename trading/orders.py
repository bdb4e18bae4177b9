"""An order's life: which fact may follow which, and what each one changes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, field, frozen

from trading.changed import changed
from trading.event import Event
from trading.money import ZERO
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    CancelRequested,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderPlanned,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
    ReplaceRequested,
    SubmitStarted,
    SubmitUnknown,
)
from trading.transitions import BY_FILLS, TERMINAL, TRANSITIONS
from trading.vocabulary import (
    BrokerOrderId,
    Code,
    ExecutionId,
    Intent,
    OrderStatus,
    OrderType,
    TimeInForce,
)


S = OrderStatus

ALWAYS: Final = (OrderFilled, ExecutionBusted, ExecutionCorrected)
"""Facts about executions count whatever the order's status."""

UNHEARD: Final = (OrderAbandoned, OrderRefused, SubmitUnknown)
"""Facts about an order of which the venue has said nothing yet."""


@frozen
class Fill:
    """One execution by its latest numbers; a quantity of 0 was taken back."""

    quantity: Decimal
    price: Decimal


def _planned(name: str) -> Any:
    """A term is the plan's unless it is said otherwise."""
    return Factory(lambda order: getattr(order.plan, name), takes_self=True)


@frozen(kw_only=True, slots=False)
class Order:
    """An order as far as its facts tell it. `notional` is the exact sum of quantity x price.

    The terms are the plan's until the venue says Replaced; `replaces` are requests for others that
    it has not answered, oldest first. `filled_at` is when we heard of the last execution,
    `cancel_asked_at` when we asked for the end that the venue has not told yet.
    """

    plan: OrderPlanned
    status: OrderStatus = OrderStatus.PLANNED
    broker_order_id: BrokerOrderId | None = None
    executions: Mapping[ExecutionId, Fill] = {}
    filled_quantity: Decimal = ZERO
    notional: Decimal = ZERO
    error: str = ""
    submitted_at: datetime | None = None
    quantity: Decimal = field(default=_planned("quantity"))
    limit_price: Decimal | None = field(default=_planned("limit_price"))
    stop_price: Decimal | None = field(default=_planned("stop_price"))
    worst_price: Decimal = field(default=_planned("worst_price"))
    replaces: tuple[ReplaceRequested, ...] = ()
    filled_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    cancel_code: Code | None = None
    is_cancel_overdue: bool = False

    @property
    def remaining_quantity(self) -> Decimal:
        """What the venue works to fill: 0 once the order has ended or is set aside, never below.

        FIX 4.4, Appendix D: one that is suspended, or a day order done for the day, has no leaves.
        """
        of_a_day = self.plan.time_in_force is TimeInForce.DAY
        if self.status is S.SUSPENDED or (self.status is S.DONE_FOR_DAY and of_a_day):
            return ZERO
        return self._less_filled(self.quantity)

    @property
    def exposed_quantity(self) -> Decimal:
        """What may still fill at worst, by the terms in force or asked for; 0 once it has ended."""
        most = self._less_filled(self.quantity)
        for asked in self.replaces:
            most = max(most, self._less_filled(asked.quantity))
        return most

    @property
    def reserved_value(self) -> Decimal:
        """What may still be paid, or sold, at worst: in dollars, 0 once the order has ended."""
        most = self._less_filled(self.quantity) * self.worst_price
        for asked in self.replaces:
            most = max(most, self._less_filled(asked.quantity) * asked.worst_price)
        return most

    @property
    def average_fill_price(self) -> Decimal | None:
        """The exact average over all executions; None before the first."""
        return self.notional / self.filled_quantity if self.filled_quantity else None

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more is expected."""
        return self.status in TERMINAL and not self.replaces

    @property
    def is_unanswered(self) -> bool:
        """Whether it was sent and nothing has been heard of it since."""
        return self.status in (S.SUBMITTED, S.PENDING_CANCEL) and not self.is_known_there

    @property
    def is_known_there(self) -> bool:
        """Whether the venue has said anything of the order."""
        return self.broker_order_id is not None or bool(self.executions)

    @property
    def is_resting(self) -> bool:
        """Whether it waits for a price, instead of being meant for now."""
        return self.plan.order_type is not OrderType.MARKET

    @property
    def is_entry(self) -> bool:
        """Whether the order can raise worst-case exposure."""
        return self.plan.intent is Intent.ENTRY

    @property
    def is_protective(self) -> bool:
        """Whether it protects what an entry has filled."""
        return self.plan.parent_id is not None

    @property
    def is_overfilled(self) -> bool:
        """Whether the venue filled too much."""
        return self.filled_quantity > self.quantity

    def reserves_like(self, former: "Order") -> bool:
        """Whether nothing that decides what it reserves, but for its end, has changed since."""
        return (
            self.filled_quantity is former.filled_quantity
            and self.replaces is former.replaces
            and self.quantity is former.quantity
            and self.worst_price is former.worst_price
        )

    def contradicts(self, fill: OrderFilled) -> bool:
        """Whether a known execution is told again with other numbers, without a correction."""
        known = self.executions.get(fill.execution_id)
        return known is not None and known != Fill(fill.quantity, fill.price)

    def _less_filled(self, quantity: Decimal) -> Decimal:
        return ZERO if self.is_terminal else max(quantity - self.filled_quantity, ZERO)


def may_follow(order: Order, event: Event) -> bool:
    """Whether the table knows this fact at this point of the order's life; fills always may."""
    if isinstance(event, ALWAYS):
        return True
    if isinstance(event, UNHEARD) and order.is_known_there:
        return False
    return order.status in TRANSITIONS.get(type(event), {})


def evolve_order(order: Order, event: Event) -> Order:
    """The order after one fact about it. It never fails: a fact is a fact, expected or not."""
    if isinstance(event, OrderFilled):
        return _filled(order, event)
    retell = _RETELL.get(type(event))
    return _moved(order if retell is None else retell(order, event), event)


def _moved(order: Order, event: Event) -> Order:
    """The status by the table, and what goes with it."""
    status: OrderStatus | None = order.status
    if may_follow(order, event):
        status = TRANSITIONS[type(event)].get(order.status, order.status)
    if status is BY_FILLS:
        status = _by_fills(order)
    match event:
        case CancelRequested(at=at, code=code):
            return changed(order, status=status, cancel_asked_at=at, cancel_code=code)
        case CancelOverdue():
            return changed(order, is_cancel_overdue=True)
        case SubmitStarted(at=at):
            return changed(order, status=status, submitted_at=at)
        case OrderAccepted(broker_order_id=broker_order_id):
            return changed(order, status=status, broker_order_id=broker_order_id)
        case OrderRejected(code=code, reason=reason):
            return changed(order, status=status, error=f"{code}: {reason}", replaces=())
        case OrderCancelled() | OrderExpired():
            return changed(order, status=status, replaces=())
        case OrderAbandoned(code=code) | OrderRefused(code=code):
            return changed(order, status=status, error=str(code))
        case CancelRejected(reason=reason):
            anew: dict[str, Any] = {"cancel_asked_at": None, "is_cancel_overdue": False}
            return changed(order, status=status, error=reason, **anew)
        case SubmitUnknown(reason=reason) | OrderAbsent(reason=reason):
            return changed(order, status=status, error=reason)
        case _:
            return order if status is order.status else changed(order, status=status)


def _by_fills(order: Order) -> OrderStatus:
    if order.replaces:
        return S.PENDING_REPLACE
    if order.filled_quantity >= order.quantity:
        return S.FILLED
    return S.PARTIALLY_FILLED if order.filled_quantity else S.ACCEPTED


def _filled(order: Order, fill: OrderFilled) -> Order:
    if fill.execution_id in order.executions:
        return order
    filled = order.filled_quantity + fill.quantity
    return changed(
        order,
        status=_status_after_fill(order, filled),
        executions={**order.executions, fill.execution_id: Fill(fill.quantity, fill.price)},
        filled_quantity=filled,
        notional=order.notional + fill.quantity * fill.price,
        filled_at=fill.at,
    )


def _status_after_fill(order: Order, filled: Decimal) -> OrderStatus:
    """Full is FILLED from wherever it came; a part changes neither a request under way nor an end
    the venue reported itself, but revives an order we had given up.
    """
    if filled >= order.quantity:
        return S.FILLED
    if order.status in (S.PENDING_CANCEL, S.PENDING_REPLACE, S.CANCELLED, S.EXPIRED):
        return order.status
    return S.PARTIALLY_FILLED


def _busted(order: Order, event: ExecutionBusted) -> Order:
    return _executed(order, event.execution_id, Fill(ZERO, event.price))


def _corrected(order: Order, event: ExecutionCorrected) -> Order:
    return _executed(order, event.execution_id, Fill(event.quantity, event.price))


def _executed(order: Order, execution_id: ExecutionId, now: Fill) -> Order:
    """An execution by its new numbers, heard of before or not: its own report may come later."""
    was = order.executions.get(execution_id, Fill(ZERO, ZERO))
    return changed(
        order,
        executions={**order.executions, execution_id: now},
        filled_quantity=order.filled_quantity - was.quantity + now.quantity,
        notional=order.notional - was.quantity * was.price + now.quantity * now.price,
    )


def _asked(order: Order, event: ReplaceRequested) -> Order:
    return changed(order, replaces=(*order.replaces, event))


def _not_replaced(order: Order, event: ReplaceRejected) -> Order:
    return changed(order, replaces=_others(order, event.replace_id), error=event.reason)


def _replaced(order: Order, event: OrderReplaced) -> Order:
    terms: dict[str, Any] = {
        "broker_order_id": event.broker_order_id,
        "quantity": event.quantity,
        "limit_price": event.limit_price,
        "stop_price": event.stop_price,
        "worst_price": event.worst_price,
    }
    return changed(order, replaces=_others(order, event.replace_id), **terms)


def _others(order: Order, replace_id: str | None) -> tuple[ReplaceRequested, ...]:
    return tuple([asked for asked in order.replaces if asked.replace_id != replace_id])


_RETELL: Final[Mapping[type[Event], Callable[[Order, Any], Order]]] = {
    ExecutionBusted: _busted,
    ExecutionCorrected: _corrected,
    ReplaceRequested: _asked,
    OrderReplaced: _replaced,
    ReplaceRejected: _not_replaced,
}
"""What a fact changes of an order's terms and executions, before its status follows from them."""
