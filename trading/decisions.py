"""From an accepted alert to a planned order, a refusal, or a reason to wait."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import dropwhile

from trading.alert_events import AlertAccepted, Checked
from trading.closing import closable
from trading.desk import Desk, at_worst
from trading.desk_fold import as_of
from trading.entry import Entry
from trading.gate import AT_ANY_HOUR, judge
from trading.money import ZERO, is_whole, plain
from trading.orders import Order
from trading.outcomes import Decision, Refuse, Wait, hold, refuse
from trading.planning import Ticket, entry_ends, exit_ends, plan
from trading.prices import reference_price, worst_of
from trading.repeats import exit_not_repeated
from trading.rules import StrategyRules
from trading.signals import closing_side, entry_quantity, is_exit
from trading.timing import (
    Timing,
    age_inputs,
    drifted,
    of_reversal,
    released_at,
    reversal_until,
    timestamp_read,
    timing_of,
)
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import Code, OrderId, Side


def decide(desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime) -> Decision:
    """What becomes of an undecided alert on this account, as things stand."""
    desk = as_of(desk, now)
    leaving = is_exit(alert)
    if late := _out_of_order(desk, alert):
        return refuse(desk, alert, now, late.code, late.inputs)
    blocked = _blocked(desk, alert, leaving=leaving)
    timing = timing_of(desk.book.calendar, alert, rules, now, leaving=leaving)
    timing = of_reversal(timing, alert, rules, desk.held.get(alert.alert_id))
    if timing.is_over:
        return _too_old(desk, alert, rules, timing, blocked)
    if timing.shut is not None and not leaving:
        return _entry_shut_out(desk, alert, rules, timing, timing.shut)
    if blocked is not None:
        wait = Wait(timing.until)
        return wait if leaving else _entry_waits(desk, alert, wait, now)
    return (_exit if leaving else _entry)(desk, alert, rules, timing)


# --- entries ------------------------------------------------------------------------------------


def _entry(desk: Desk, alert: AlertAccepted, rules: StrategyRules, timing: Timing) -> Decision:
    """Own exits first: whether this is an addition or a new position shows when they have ended.

    A newer signal replaces what an older one left resting (trading rules, row 24).
    """
    now, own = timing.now, desk.live(alert.symbol, alert.strategy)
    if not_flat := _not_flat_yet(desk, alert, rules, now):
        return not_flat
    if any(not o.is_entry and not o.is_resting for o in own):
        return _entry_waits(desk, alert, Wait(timing.until), now)
    if older := [o for o in own if o.is_entry and o.is_resting]:
        return Wait(timing.until, _to_cancel(older))
    if moved := drifted(alert, desk.book.marks.get(alert.symbol), timing):
        return refuse(desk, alert, now, moved.code, moved.inputs)
    entry = Entry(desk, alert, rules, entry_quantity(alert), now)
    verdicts = judge(entry)
    if not verdicts[-1].passed:
        return refuse(desk, alert, now, verdicts[-1].code, verdicts[-1].inputs)
    checks = (*timing.hours, *verdicts)
    ticket = Ticket(
        Side.BUY, entry.quantity, entry.worst_price, checks, entry_ends(alert, rules, now)
    )
    return plan(desk, alert, now, ticket)


def _not_flat_yet(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime
) -> Decision | None:
    """A reversal opens once what it reverses is closed and no close is live any more; at its
    deadline it is dropped, and the close works on (trading rules, row 2).
    """
    until = reversal_until(alert, rules)
    if until is None or until < now or not any(_left_to_close(desk, alert)):
        return None
    return _entry_waits(desk, alert, hold(desk, alert, now, Code.REVERSAL_NOT_FLAT, until), now)


def _left_to_close(desk: Desk, alert: AlertAccepted) -> tuple[Decimal, Decimal]:
    """What a reversal has still to wait for: the share, and closes that may still fill."""
    share = desk.book.position(alert.strategy, alert.symbol).quantity
    closes = (o for o in desk.live(alert.symbol, alert.strategy) if not o.is_entry)
    return share, at_worst(closes)


def _entry_shut_out(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, timing: Timing, shut: Checked
) -> Decision:
    """Refused for what waiting would not mend; held for the open where its strategy wants that."""
    now = timing.now
    verdict = judge(Entry(desk, alert, rules, entry_quantity(alert)), AT_ANY_HOUR)[-1]
    if not verdict.passed:
        return refuse(desk, alert, now, verdict.code, verdict.inputs)
    opens = released_at(desk.book.calendar, rules, timing, leaving=False)
    if opens is None:
        return refuse(desk, alert, now, shut.code, shut.inputs)
    return _entry_waits(desk, alert, hold(desk, alert, now, shut.code, opens), now)


def _entry_waits(desk: Desk, alert: AlertAccepted, wait: Wait, now: datetime) -> Decision:
    """An entry that cannot be decided yet waits, unless an exit has come behind it."""
    if exit_behind := _exit_behind(desk, alert):
        return refuse(desk, alert, now, Code.SUPERSEDED, {"by": exit_behind.alert_id})
    return wait


# --- exits --------------------------------------------------------------------------------------


def _exit(desk: Desk, alert: AlertAccepted, rules: StrategyRules, timing: Timing) -> Decision:
    """Working entries and resting exits first, then what is held: never more than the own share
    less live closes.
    """
    now, own = timing.now, desk.live(alert.symbol, alert.strategy)
    repeated = exit_not_repeated(desk, alert, rules)
    if not repeated.passed:
        return refuse(desk, alert, now, repeated.code, repeated.inputs)
    if shut := timing.shut:
        return _exit_shut_out(desk, alert, rules, timing, shut)
    if in_the_way := [o for o in own if o.is_entry or o.is_resting]:
        return Wait(timing.until, _to_cancel(in_the_way))
    side, most, numbers = _closing(desk, alert)
    quantity = most if alert.quantity is None else min(alert.quantity, most)
    if most < 1:
        return _nothing_to_close(desk, alert, now, numbers)
    if not is_whole(quantity):
        return refuse(desk, alert, now, Code.WHOLE_SHARES_ONLY, numbers)
    checks = (*timing.hours, Checked(Code.NOTHING_TO_DO, passed=True, inputs=numbers))
    price = reference_price(desk, alert) or ZERO
    worst = worst_of(alert, price, rules.limits)
    ends_at = exit_ends(desk, alert, side, now)
    return plan(desk, alert, now, Ticket(side, quantity, worst, checks, ends_at))


def _exit_shut_out(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, timing: Timing, shut: Checked
) -> Decision:
    """Working entries are cancelled at any hour; what rests to protect the share stays."""
    own = desk.live(alert.symbol, alert.strategy)
    if entries := [o for o in own if o.is_entry]:
        return Wait(timing.until, _to_cancel(entries))
    held = -closing_side(alert).sign * desk.book.position(alert.strategy, alert.symbol).quantity
    if held < 1:
        return _nothing_to_close(desk, alert, timing.now, _closing(desk, alert)[2])
    opens = released_at(desk.book.calendar, rules, timing, leaving=True)
    if opens is None:
        return refuse(desk, alert, timing.now, shut.code, shut.inputs)
    return hold(desk, alert, timing.now, shut.code, opens)


def _nothing_to_close(
    desk: Desk, alert: AlertAccepted, now: datetime, numbers: dict[str, str]
) -> Refuse:
    """The chart does not know it yet where the target or the stop has closed the share."""
    guard = desk.guards.get((alert.strategy, alert.symbol))
    if guard is None or guard.closed_by is None or not guard.is_over:
        return refuse(desk, alert, now, Code.NOTHING_TO_DO, numbers)
    numbers = numbers | {"closed_by": guard.closed_by}
    return refuse(desk, alert, now, Code.EXIT_ALREADY_FILLED, numbers)


def _to_cancel(orders: Iterable[Order]) -> tuple[OrderId, ...]:
    return tuple(o.plan.order_id for o in orders if o.status in AT_THE_VENUE)


def _closing(desk: Desk, alert: AlertAccepted) -> tuple[Side, Decimal, dict[str, str]]:
    """Which side closes, how many whole shares at most, and the numbers that say why."""
    side = closing_side(alert)
    share = -side.sign * desk.book.position(alert.strategy, alert.symbol).quantity
    held = -side.sign * desk.book.net(alert.symbol)
    own = at_worst(desk.live(alert.symbol, alert.strategy, side))
    most = closable(desk, alert.strategy, alert.symbol, side)
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


def _too_old(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, timing: Timing, blocked: Code | None
) -> Refuse:
    inputs = age_inputs(alert, rules, timing, leaving=is_exit(alert))
    if blocked is not None:
        return refuse(desk, alert, timing.now, blocked, inputs)
    share, closes = _left_to_close(desk, alert)
    if timing.is_reversal and (share or closes):
        inputs |= {"own_share": plain(share), "closes_in_flight": plain(closes)}
        return refuse(desk, alert, timing.now, Code.REVERSAL_NOT_FLAT, inputs)
    inputs |= timestamp_read(alert, rules)
    return refuse(desk, alert, timing.now, Code.STALE, inputs)


def undecided(desk: Desk) -> Iterator[AlertAccepted]:
    """Alerts that still wait for this account's decision, oldest first."""
    return iter(tuple(desk.undecided.values()))
