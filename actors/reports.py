"""From what a venue says of an order to the facts we did not have yet."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from actors.messages import Fate, Sent
from brokers.base import Execution, Replaced, VenueOrder, VenueStatus
from trading.event import Event
from trading.events import Scope, Tripped
from trading.money import ZERO
from trading.order_events import (
    OrderAbandoned,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderPlanned,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    SubmitUnknown,
)
from trading.orders import Order
from trading.vocabulary import AccountName, Code, ErrorKind, TradingState


def fill_key(account: AccountName, execution: Execution) -> str:
    """The key under which an execution is counted once."""
    return f"fill:{account}/{execution.execution_id}"


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


def about(order: Order, fact: type[Event], now: datetime, **more: object) -> Event:
    """A fact of an order's life, naming the order as every such fact does."""
    plan = order.plan
    return fact(  # type: ignore[call-arg]  # every OrderEvent takes these four
        at=now, order_id=plan.order_id, alert_id=plan.alert_id, account=plan.account, **more
    )


def fact_of_sending(order: Order, sent: Sent, now: datetime) -> Event:
    """What one attempt to send an order has come to."""
    match sent.fate:
        case Fate.ACCEPTED:
            return about(order, OrderAccepted, now, broker_order_id=sent.broker_order_id)
        case Fate.REJECTED | Fate.FUNDS:
            return about(order, OrderRejected, now, code=sent.code, reason=sent.detail)
        case Fate.NOT_SENT:
            inputs = sent.inputs | ({"reason": sent.detail} if sent.detail else {})
            return about(order, OrderAbandoned, now, code=sent.code, inputs=inputs)
        case Fate.REFUSED:
            return about(order, OrderRefused, now, code=sent.code, inputs=sent.inputs)
        case Fate.UNKNOWN:
            return about(order, SubmitUnknown, now, reason=sent.detail)
        case _:
            assert_never(sent.fate)


def trouble_of_sending(sent: Sent) -> ErrorKind | None:
    """The kind of venue trouble an attempt counts as; an order that we held back counts as none."""
    match sent.fate:
        case Fate.REJECTED:
            return ErrorKind.REJECTED
        case Fate.FUNDS:
            return ErrorKind.FUNDS
        case Fate.UNKNOWN if sent.code is not Code.RATE_LIMITED:
            return ErrorKind.UNKNOWN
        case Fate.NOT_SENT if sent.code is Code.NOT_SENT:
            return ErrorKind.TRANSPORT
        case _:
            return None


def facts_of_late_fill(
    plan: OrderPlanned, execution: Execution, generation: int, now: datetime
) -> tuple[OrderFilled, Tripped]:
    """A fill of an order that had ended counts all the same, and nobody trades on until a person
    has seen it.
    """
    trip = Tripped(
        at=now,
        scope=Scope(account=plan.account),
        generation=generation,
        state=TradingState.REDUCING,
        code=Code.LATE_FILL,
        inputs={"order_id": plan.order_id, "execution_id": execution.execution_id},
    )
    return fill_of(plan, execution, now), trip


def fact_of_replacing(order: Order, replaced: Replaced, now: datetime) -> Event:
    """The venue works an order under other terms: by our oldest open request, or somebody's own."""
    asked = order.replaces[0] if order.replaces else None
    worst = asked.worst_price if asked is not None else _worst(order, replaced)
    return about(
        order,
        OrderReplaced,
        now,
        replace_id=None if asked is None else asked.replace_id,
        broker_order_id=replaced.new_id,
        quantity=replaced.quantity,
        limit_price=replaced.limit_price,
        stop_price=replaced.stop_price,
        worst_price=worst,
    )


def _worst(order: Order, replaced: Replaced) -> Decimal:
    """What a share may cost under terms that somebody else chose."""
    return max(order.worst_price, replaced.limit_price or ZERO, replaced.stop_price or ZERO)


def facts_of_finding(
    order: Order, found: VenueOrder, now: datetime
) -> Iterator[tuple[Event, tuple[str, ...]]]:
    """The facts a read-back adds to what is known, each with the keys it may exist under once."""
    plan = order.plan
    if order.broker_order_id is None:
        yield about(order, OrderAccepted, now, broker_order_id=found.broker_order_id), ()
    for execution in found.executions:
        if execution.execution_id not in order.executions:
            yield fill_of(plan, execution, now), (fill_key(plan.account, execution),)
    if found.status is VenueStatus.CANCELLED:
        yield about(order, OrderCancelled, now), ()
    elif found.status is VenueStatus.EXPIRED:
        yield about(order, OrderExpired, now), ()
    elif found.status is VenueStatus.REJECTED:
        reason = "found rejected at the venue"
        yield about(order, OrderRejected, now, code=Code.VENUE_REJECTED, reason=reason), ()
