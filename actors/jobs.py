"""An order on its way to the venue, and what the venue is sent for it."""

from asyncio import CancelledError
from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from actors.messages import Fate, Sent
from brokers.base import (
    BrokerError,
    InsufficientFundsError,
    RateLimitedError,
    RejectedError,
    Ticket,
    UnreachableError,
)
from trading.guards import Bracket
from trading.legs import bracket_prices
from trading.order_events import OrderPlanned
from trading.vocabulary import Code, Intent, OrderId, OrderType, Side


@frozen
class Job:
    """An order whose SubmitStarted is durable; `generation` and `started_at` are that event's."""

    plan: OrderPlanned
    generation: int
    started_at: datetime


def ticket_of(plan: OrderPlanned) -> Ticket:
    """What the venue is sent for a planned order.

    A protective order stands alone there: its entry has ended, or never waits for it.
    """
    legs = bracket_prices(plan.take_profit, plan.stop_loss, plan.side.opposite)
    prices = {kind: price for _, kind, price in legs}
    bracket = Bracket(take_profit=prices.get(OrderType.LIMIT), stop_loss=prices.get(OrderType.STOP))
    return Ticket(
        order_id=plan.order_id,
        symbol=plan.symbol,
        side=plan.side,
        quantity=plan.quantity,
        order_type=plan.order_type,
        limit_price=plan.limit_price,
        stop_price=plan.stop_price,
        trail_percent=plan.trail_percent,
        time_in_force=plan.time_in_force,
        reference_price=plan.reference_price,
        oco_id=plan.oco_id,
        short=(plan.intent is Intent.ENTRY) is (plan.side is Side.SELL),
        bracket=bracket if prices else None,
        protects=plan.parent_id,
    )


def families(jobs: Iterable[Job]) -> Iterable[tuple[Job, ...]]:
    """Those that are tied to each other together, each other by itself."""
    tied: dict[str, list[Job]] = {}
    for job in jobs:
        tied.setdefault(job.plan.oco_id or job.plan.order_id, []).append(job)
    return [tuple(family) for family in tied.values()]


def sent_with(error: BaseException, order_id: OrderId) -> Sent:
    """What became of an order whose sending ended with an error; of most nothing is known."""
    detail = str(error)
    match error:
        case InsufficientFundsError():
            return Sent(
                order_id=order_id, fate=Fate.FUNDS, code=Code.INSUFFICIENT_FUNDS, detail=detail
            )
        case RejectedError():
            return Sent(order_id=order_id, fate=Fate.REJECTED, detail=detail)
        case UnreachableError():
            return Sent(order_id=order_id, fate=Fate.NOT_SENT, code=Code.NOT_SENT, detail=detail)
        case RateLimitedError():
            return Sent(order_id=order_id, fate=Fate.UNKNOWN, code=Code.RATE_LIMITED, detail=detail)
        case BrokerError() | CancelledError():
            return Sent(order_id=order_id, fate=Fate.UNKNOWN, detail=detail or "cut off")
        case _:
            return Sent(order_id=order_id, fate=Fate.UNKNOWN, detail=repr(error))
