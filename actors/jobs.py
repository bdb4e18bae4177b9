"""An order on its way to the venue, and what the venue is sent for it."""

from datetime import datetime

from attrs import frozen

from brokers.base import Ticket
from trading.order_events import OrderPlanned


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
    )
