"""From what is to be traded to the facts that say so."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from trading.again import MARKETABLE_FOR
from trading.alert_events import AlertAccepted, Checked, SignalApproved
from trading.desk import Desk
from trading.order_events import OrderPlanned
from trading.outcomes import Plan
from trading.pending import Pending
from trading.prices import last_price
from trading.rules import StrategyRules
from trading.signals import order_id
from trading.vocabulary import Intent, OrderType, Side


CLOSE: Final = "close"
"""The leg of a reversal that goes first."""


@frozen
class Ticket:
    """What will be traded, what a share of it may cost, and the checks that let it."""

    side: Side
    quantity: Decimal
    worst_price: Decimal
    checks: tuple[Checked, ...]
    ends_at: datetime | None


def entry_ends(alert: AlertAccepted, rules: StrategyRules, now: datetime) -> datetime | None:
    """What does not fill at once has its time to live."""
    if rules.entry_ttl is None or alert.order_type is OrderType.MARKET:
        return None
    return now + timedelta(seconds=float(rules.entry_ttl))


def exit_ends(desk: Desk, alert: AlertAccepted, side: Side, now: datetime) -> datetime | None:
    """A limit that could fill now is meant to: if it does not, it goes on at the market."""
    market = last_price(desk, alert)
    if alert.order_type is not OrderType.LIMIT or alert.limit_price is None or market is None:
        return None
    could_fill = side.sign * (alert.limit_price - market) >= 0
    return now + MARKETABLE_FOR if could_fill else None


def plan(it: Pending, ticket: Ticket) -> Plan:
    """The order that an alert becomes, and that it was approved."""
    approved = SignalApproved(
        at=it.now,
        alert_id=it.alert.alert_id,
        account=it.desk.account,
        strategy=it.alert.strategy,
        symbol=it.alert.symbol,
        checks=ticket.checks,
    )
    return Plan(approved, _order(it, ticket))


def closing(it: Pending, ticket: Ticket) -> OrderPlanned:
    """The order that closes what an alert reverses, on the alert's own terms."""
    closes = order_id(it.alert.alert_id, it.desk.account, CLOSE)
    return evolve(_order(it, ticket), order_id=closes)


def decides(order: OrderPlanned) -> bool:
    """Whether an order is what its alert has come to: no leg, and no close before what it opens."""
    return order.parent_id is None and not order.order_id.endswith(f".{CLOSE}")


def _order(it: Pending, ticket: Ticket) -> OrderPlanned:
    alert, enters = it.alert, not it.leaves
    return OrderPlanned(
        at=it.now,
        order_id=order_id(alert.alert_id, it.desk.account),
        alert_id=alert.alert_id,
        account=it.desk.account,
        strategy=alert.strategy,
        symbol=alert.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=alert.order_type,
        limit_price=alert.limit_price,
        stop_price=alert.stop_price,
        trail_percent=alert.trail_percent,
        time_in_force=alert.time_in_force,
        intent=Intent.ENTRY if enters else Intent.EXIT,
        worst_price=ticket.worst_price,
        reference_price=last_price(it.desk, alert),
        take_profit=alert.take_profit if enters else None,
        stop_loss=alert.stop_loss if enters else None,
        ends_at=ticket.ends_at,
    )
