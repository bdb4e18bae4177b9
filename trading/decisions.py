"""From an accepted alert to a planned order, a refusal, or a reason to wait."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import dropwhile

from attrs import frozen

from trading.desk import Desk, as_of
from trading.events import (
    AlertAccepted,
    Checked,
    OrderPlanned,
    SignalApproved,
    SignalRefused,
)
from trading.gate import Entry, judge, reference_price, worst_price
from trading.money import ZERO, is_whole, plain
from trading.orders import Order
from trading.repeats import exit_not_repeated
from trading.rules import StrategyRules
from trading.signals import closing_side, entry_quantity, is_exit, order_id
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import (
    Code,
    Intent,
    OrderId,
    Side,
    TimestampMeaning,
)


GRACE = timedelta(seconds=1)
"""TradingView's fire times are whole seconds: an alert may be a second younger than it says."""


@frozen
class Plan:
    """Trade: these facts, in one transaction."""

    approved: SignalApproved
    order: OrderPlanned


@frozen
class Refuse:
    """Do not trade: this fact."""

    refused: SignalRefused


@frozen
class Wait:
    """Decide again when something changes, at the latest at `until` (None: no limit of age is set).

    `cancel` are the strategy's own working entries that an exit needs out of the way first.
    """

    until: datetime | None
    cancel: tuple[OrderId, ...] = ()


Decision = Plan | Refuse | Wait


def decide(desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime) -> Decision:
    """What becomes of an undecided alert on this account, as things stand."""
    desk = as_of(desk, now)
    leaving = is_exit(alert)
    if late := _out_of_order(desk, alert):
        return _refuse(desk, alert, now, late.code, late.inputs)
    blocked = _blocked(desk, alert, leaving=leaving)
    deadline = _deadline(alert, rules, leaving=leaving)
    if deadline is not None and now > deadline:
        return _too_old(desk, alert, rules, now, blocked)
    if blocked is not None:
        return Wait(deadline) if leaving else _entry_waits(desk, alert, now, deadline)
    return (
        _exit(desk, alert, rules, now, deadline)
        if leaving
        else _entry(desk, alert, rules, now, deadline)
    )


# --- entries ------------------------------------------------------------------------------------


def _entry(
    desk: Desk,
    alert: AlertAccepted,
    rules: StrategyRules,
    now: datetime,
    deadline: datetime | None,
) -> Decision:
    """Own exits first: whether this is an addition or a new position shows when they have ended.

    A newer signal replaces what an older one left resting (trading rules, row 24).
    """
    own = desk.live(alert.symbol, alert.strategy)
    if any(not o.is_entry and not o.is_resting for o in own):
        return _entry_waits(desk, alert, now, deadline)
    if older := [o for o in own if o.is_entry and o.is_resting]:
        return Wait(deadline, _to_cancel(older))
    entry = Entry(desk, alert, rules, entry_quantity(alert))
    verdicts = judge(entry)
    if not verdicts[-1].passed:
        return _refuse(desk, alert, now, verdicts[-1].code, verdicts[-1].inputs)
    return _plan(desk, alert, now, Ticket(Side.BUY, entry.quantity, entry.worst_price, verdicts))


def _entry_waits(
    desk: Desk, alert: AlertAccepted, now: datetime, deadline: datetime | None
) -> Decision:
    """An entry that cannot be decided yet waits, unless an exit has come behind it."""
    if exit_behind := _exit_behind(desk, alert):
        return _refuse(desk, alert, now, Code.SUPERSEDED, {"by": exit_behind.alert_id})
    return Wait(deadline)


# --- exits --------------------------------------------------------------------------------------


def _exit(
    desk: Desk,
    alert: AlertAccepted,
    rules: StrategyRules,
    now: datetime,
    deadline: datetime | None,
) -> Decision:
    """Working entries and resting exits first, then what is held: never more than the own share
    less live closes.
    """
    repeated = exit_not_repeated(desk, alert, rules)
    if not repeated.passed:
        return _refuse(desk, alert, now, repeated.code, repeated.inputs)
    own = desk.live(alert.symbol, alert.strategy)
    if in_the_way := [o for o in own if o.is_entry or o.is_resting]:
        return Wait(deadline, _to_cancel(in_the_way))
    side, most, numbers = _closing(desk, alert)
    quantity = most if alert.quantity is None else min(alert.quantity, most)
    if most < 1:
        return _refuse(desk, alert, now, Code.NOTHING_TO_DO, numbers)
    if not is_whole(quantity):
        return _refuse(desk, alert, now, Code.WHOLE_SHARES_ONLY, numbers)
    checks = (Checked(Code.NOTHING_TO_DO, passed=True, inputs=numbers),)
    price = reference_price(desk, alert) or ZERO
    worst = alert.limit_price or worst_price(price, rules.limits)
    return _plan(desk, alert, now, Ticket(side, quantity, worst, checks))


def _to_cancel(orders: Iterable[Order]) -> tuple[OrderId, ...]:
    return tuple(o.plan.order_id for o in orders if o.status in AT_THE_VENUE)


def _closing(desk: Desk, alert: AlertAccepted) -> tuple[Side, Decimal, dict[str, str]]:
    """Which side closes, how many whole shares at most, and the numbers that say why."""
    side = closing_side(alert)
    share = -side.sign * desk.book.position(alert.strategy, alert.symbol).quantity
    held = -side.sign * desk.book.net(alert.symbol)
    own = sum((o.exposed_quantity for o in desk.live(alert.symbol, alert.strategy, side)), ZERO)
    everyone = desk.remaining(alert.symbol, side)
    most = max(min(share - own, held - everyone), ZERO).to_integral_value(ROUND_FLOOR)
    asked = "all" if alert.quantity is None else plain(alert.quantity)
    numbers = {
        "asked": asked,
        "own_share": plain(max(share, ZERO)),
        "own_closes_in_flight": plain(own),
        "account_holds": plain(max(held, ZERO)),
    }
    return side, most, numbers


# --- age, order and waiting ---------------------------------------------------------------------


def _exit_behind(desk: Desk, alert: AlertAccepted) -> AlertAccepted | None:
    """An exit that came after a waiting entry: it means "out", so the entry is not tried."""
    later = dropwhile(lambda other: other.alert_id != alert.alert_id, desk.undecided.values())
    ours = (alert.strategy, alert.symbol)
    return next((o for o in later if (o.strategy, o.symbol) == ours and is_exit(o)), None)


def _out_of_order(desk: Desk, alert: AlertAccepted) -> Checked | None:
    last = desk.last_fired.get((alert.strategy, alert.symbol))
    if last is None or alert.fired_at is None or alert.fired_at >= last:
        return None
    inputs = {"fired_at": alert.fired_at.isoformat(), "last_applied": last.isoformat()}
    return Checked(Code.OUT_OF_ORDER, passed=False, inputs=inputs)


def _blocked(desk: Desk, alert: AlertAccepted, *, leaving: bool) -> Code | None:
    """Why nothing can be decided yet: the venue is away, or an order's fate is not known.

    An Unknown blocks every entry of the account and its own symbol; other exits pass.
    """
    if not desk.venue_ready:
        return Code.BROKER_NOT_READY
    for order in desk.unknown():
        if not leaving or order.plan.symbol == alert.symbol:
            return Code.UNKNOWN_ORDER
    return None


def _deadline(alert: AlertAccepted, rules: StrategyRules, *, leaving: bool) -> datetime | None:
    """The instant from which the alert is too old; a fire time ahead of us counts from receipt."""
    limits = rules.limits
    seconds = limits.max_exit_age_seconds if leaving else limits.max_alert_age_seconds
    if seconds is None:
        return None
    fired = alert.at if alert.fired_at is None else min(alert.fired_at, alert.at)
    grace = timedelta(0) if alert.fired_at is None else GRACE
    return fired + timedelta(seconds=float(seconds)) + grace


def _too_old(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime, blocked: Code | None
) -> Refuse:
    leaving = is_exit(alert)
    name = "max_exit_age_seconds" if leaving else "max_alert_age_seconds"
    limits = rules.limits
    limit = limits.max_exit_age_seconds if leaving else limits.max_alert_age_seconds
    since = alert.fired_at or alert.at
    inputs = {
        "age_seconds": f"{(now - since).total_seconds():.1f}",
        name: plain(limit or ZERO),
        "waited_seconds": f"{(now - alert.at).total_seconds():.1f}",
    }
    if blocked is not None:
        return _refuse(desk, alert, now, blocked, inputs)
    if rules.timestamp is TimestampMeaning.TIMENOW and alert.fired_at is not None:
        inputs["timestamp"] = "read as the fire time (strategy setting timestamp: timenow)"
    return _refuse(desk, alert, now, Code.STALE, inputs)


# --- the facts ----------------------------------------------------------------------------------


@frozen
class Ticket:
    """What will be traded, what a share of it may cost, and the checks that let it."""

    side: Side
    quantity: Decimal
    worst_price: Decimal
    checks: tuple[Checked, ...]


def _plan(desk: Desk, alert: AlertAccepted, now: datetime, ticket: Ticket) -> Plan:
    approved = SignalApproved(
        at=now,
        alert_id=alert.alert_id,
        account=desk.account,
        strategy=alert.strategy,
        symbol=alert.symbol,
        checks=ticket.checks,
    )
    price = reference_price(desk, alert)
    order = OrderPlanned(
        at=now,
        order_id=order_id(alert.alert_id, desk.account),
        alert_id=alert.alert_id,
        account=desk.account,
        strategy=alert.strategy,
        symbol=alert.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        order_type=alert.order_type,
        limit_price=alert.limit_price,
        time_in_force=alert.time_in_force,
        intent=Intent.EXIT if is_exit(alert) else Intent.ENTRY,
        worst_price=ticket.worst_price,
        reference_price=price,
    )
    return Plan(approved, order)


def _refuse(
    desk: Desk, alert: AlertAccepted, now: datetime, code: Code, inputs: dict[str, str]
) -> Refuse:
    return Refuse(
        SignalRefused(
            at=now,
            alert_id=alert.alert_id,
            account=desk.account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            code=code,
            inputs=inputs,
            is_exit=is_exit(alert),
        )
    )


def undecided(desk: Desk) -> Iterator[AlertAccepted]:
    """Alerts that still wait for this account's decision, oldest first."""
    return iter(tuple(desk.undecided.values()))
