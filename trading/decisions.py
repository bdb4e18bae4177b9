"""From an accepted alert to a planned order, a refusal, or a reason to wait."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from trading.alert_events import AlertAccepted, Checked
from trading.closing import closable
from trading.desk import Desk, at_worst
from trading.desk_fold import as_of
from trading.entry import Entry
from trading.gate import AT_ANY_HOUR, judge
from trading.money import ZERO, is_whole, plain
from trading.orders import Order
from trading.outcomes import Decision, Reverse, Wait
from trading.pending import Pending, out_behind, to_cancel
from trading.planning import Ticket, closing, entry_ends, exit_ends, plan
from trading.prices import reference_price, worst_of
from trading.repeats import exit_not_repeated
from trading.rules import StrategyRules
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
from trading.vocabulary import Code


def decide(desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime) -> Decision:
    """What becomes of an undecided alert on this account, as things stand.

    It may have been noted first how it reads (`first_read`).
    """
    it = Pending(as_of(desk, now), alert, rules, now)
    if late := _out_of_order(it):
        return it.refused_by(late)
    blocked = _blocked(it)
    timing = _timing(it, leaving=it.leaves)
    timing = of_reversal(timing, it.desk.held.get(alert.alert_id))
    if timing.is_over:
        return _too_old(it, timing, blocked)
    if timing.shut is not None and not it.leaves:
        return _entry_shut_out(it, timing, timing.shut)
    if blocked is not None:
        wait = Wait(timing.until)
        return wait if it.leaves else _entry_waits(it, wait)
    return (_exit if it.leaves else _entry)(it, timing)


def _timing(it: Pending, *, leaving: bool) -> Timing:
    return timing_of(it.desk.book.calendar, it.alert, it.rules, it.now, leaving=leaving)


# --- entries ------------------------------------------------------------------------------------


def _entry(it: Pending, timing: Timing) -> Decision:
    """Own exits first: whether this is an addition or a new position shows when they have ended.

    A newer signal replaces what an older one left resting (trading rules, row 24).
    """
    own = it.own
    if not_flat := _not_flat_yet(it, timing):
        return not_flat
    if any(not o.is_entry and not o.is_resting for o in own):
        return _entry_waits(it, Wait(timing.until))
    if older := [o for o in own if o.is_entry and o.is_resting]:
        return Wait(timing.until, to_cancel(older))
    if moved := drifted(it.alert, it.desk.book.marks.get(it.alert.symbol), timing):
        return it.refused_by(moved)
    entry = Entry(it.desk, it.alert, it.rules, it.reading, it.now)
    verdicts = judge(entry)
    if not verdicts[-1].passed:
        return it.refused_by(verdicts[-1])
    checks = (*timing.hours, *verdicts)
    ends_at = entry_ends(it.alert, it.rules, it.now)
    ticket = Ticket(entry.side, entry.quantity, entry.worst_price, checks, ends_at)
    return plan(it, ticket)


def _not_flat_yet(it: Pending, timing: Timing) -> Decision | None:
    """A reversal opens once what it reverses is closed and no close is live any more; at its
    deadline it is dropped, and the close works on (trading rules, row 2).
    """
    if not (timing.is_reversal or it.reading.is_reversal) or not any(_left_to_close(it)):
        return None
    until = timing.until
    if not timing.is_reversal:
        until = reversal_until(it.alert, it.rules, timing)
    if until is None or until < it.now:
        return None
    return _entry_waits(it, it.hold(Code.REVERSAL_NOT_FLAT, until))


def _left_to_close(it: Pending) -> tuple[Decimal, Decimal]:
    """What a reversal has still to wait for: the share, and closes that may still fill."""
    return it.share, at_worst(o for o in it.own if not o.is_entry)


def _entry_shut_out(it: Pending, timing: Timing, shut: Checked) -> Decision:
    """Refused for what waiting would not mend; held for the open where its strategy wants that."""
    verdict = judge(Entry(it.desk, it.alert, it.rules, it.reading, it.alert.at), AT_ANY_HOUR)[-1]
    if not verdict.passed:
        return it.refused_by(verdict)
    opens = released_at(it.desk.book.calendar, it.rules, timing, leaving=False)
    if opens is None:
        return it.refused_by(shut)
    return _entry_waits(it, it.hold(shut.code, opens))


def _entry_waits(it: Pending, wait: Wait) -> Decision:
    """An entry that cannot be decided yet waits, unless what takes it back has come behind it."""
    if behind := out_behind(it.desk, it.alert, it.rules):
        return it.refuse(Code.SUPERSEDED, {"by": behind})
    return wait


# --- exits --------------------------------------------------------------------------------------


def _exit(it: Pending, timing: Timing) -> Decision:
    """Working entries and resting exits first, then what is held: never more than the own share
    less live closes. What is to be reversed goes whole.
    """
    alert = it.alert
    repeated = exit_not_repeated(it.desk, alert, it.rules)
    if not repeated.passed:
        return it.refused_by(repeated)
    if shut := timing.shut:
        return _exit_shut_out(it, timing, shut)
    if in_the_way := [o for o in it.own if o.is_entry or o.is_resting]:
        return Wait(timing.until, to_cancel(in_the_way))
    asked = None if it.closes_first else alert.quantity
    most, numbers = _closing(it, asked)
    quantity = most if asked is None else min(asked, most)
    if most < 1:
        return _nothing_to_close(it, numbers)
    if not is_whole(quantity):
        return it.refuse(Code.WHOLE_SHARES_ONLY, numbers)
    checks = (*timing.hours, Checked(Code.NOTHING_TO_DO, passed=True, inputs=numbers))
    price = reference_price(it.desk, alert) or ZERO
    side = it.reading.side
    worst = worst_of(alert, price, it.rules.limits, side)
    ends_at = exit_ends(it.desk, alert, side, it.now)
    ticket = Ticket(side, quantity, worst, checks, ends_at)
    return _reverse(it, ticket) if it.closes_first else plan(it, ticket)


def _reverse(it: Pending, ticket: Ticket) -> Reverse:
    """The close of a reversal goes now; what it opens waits for that."""
    return Reverse(closing(it, ticket), it.held(Code.REVERSAL_NOT_FLAT, _opens_until(it)))


def _opens_until(it: Pending) -> datetime:
    """Until when a reversal may open; at once no more if it came too late to open anything."""
    timing = _timing(it, leaving=False)
    until = None if timing.is_over else reversal_until(it.alert, it.rules, timing)
    return it.now if until is None else max(until, it.now)


def _exit_shut_out(it: Pending, timing: Timing, shut: Checked) -> Decision:
    """Working entries are cancelled at any hour; what rests to protect the share stays."""
    if entries := [o for o in it.own if o.is_entry]:
        return Wait(timing.until, to_cancel(entries))
    if -it.reading.side.sign * it.share < 1:
        return _nothing_to_close(it, _closing(it, it.alert.quantity)[1])
    opens = released_at(it.desk.book.calendar, it.rules, timing, leaving=True)
    if opens is None:
        return it.refused_by(shut)
    return it.hold(shut.code, opens)


def _nothing_to_close(it: Pending, numbers: dict[str, str]) -> Decision:
    """The chart does not know it yet where the target or the stop has closed the share.

    What cannot be closed for a reversal, another close has in hand: it opens after that.
    """
    if it.closes_first:
        return it.hold(Code.REVERSAL_NOT_FLAT, _opens_until(it))
    guard = it.desk.guards.get((it.alert.strategy, it.alert.symbol))
    if guard is None or guard.closed_by is None or not guard.is_over:
        return it.refuse(Code.NOTHING_TO_DO, numbers)
    numbers = numbers | {"closed_by": guard.closed_by}
    return it.refuse(Code.EXIT_ALREADY_FILLED, numbers)


def _closing(it: Pending, asked: Decimal | None) -> tuple[Decimal, dict[str, str]]:
    """How many whole shares may be closed at most, and the numbers that say why."""
    side, alert = it.reading.side, it.alert
    held = -side.sign * it.desk.book.net(alert.symbol)
    own = at_worst(o for o in it.own if o.plan.side is side)
    most = closable(it.desk, alert.strategy, alert.symbol, side)
    numbers = {
        "asked": "all" if asked is None else plain(asked),
        "own_share": plain(max(-side.sign * it.share, ZERO)),
        "own_closes_in_flight": plain(own),
        "account_holds": plain(max(held, ZERO)),
    }
    return most, numbers


# --- age, order and waiting ---------------------------------------------------------------------


def _out_of_order(it: Pending) -> Checked | None:
    alert = it.alert
    last = it.desk.last_fired.get((alert.strategy, alert.symbol))
    if last is None or alert.fired_at is None or alert.fired_at >= last:
        return None
    inputs = {"fired_at": alert.fired_at.isoformat(), "last_applied": last.isoformat()}
    return Checked(Code.OUT_OF_ORDER, passed=False, inputs=inputs)


def _blocked(it: Pending) -> Code | None:
    """Why nothing can be decided yet: the venue is away, or an order's fate is not known.

    An Unknown blocks every entry of the account; exits pass, those of its own symbol up to what is
    left once it has done its worst (trading rules, row 15).
    """
    if not it.desk.venue_ready:
        return Code.BROKER_NOT_READY
    unknown = it.desk.unknown()
    if unknown and not it.leaves:
        return Code.UNKNOWN_ORDER
    here = [order for order in unknown if order.plan.symbol == it.alert.symbol]
    return Code.UNKNOWN_ORDER if here and not _may_pass(it, here) else None


def _may_pass(it: Pending, unknown: Sequence[Order]) -> bool:
    """Whether something can be closed beside orders of unknown fate in the symbol: none of its own
    that would have to be out of the way first, and shares that none of them may have sold.
    """
    alert = it.alert
    own = (o for o in unknown if o.plan.strategy == alert.strategy)
    if any(o.is_entry or o.is_resting for o in own):
        return False
    return closable(it.desk, alert.strategy, alert.symbol, it.reading.side) >= 1


def _too_old(it: Pending, timing: Timing, blocked: Code | None) -> Decision:
    inputs = age_inputs(it.alert, it.rules, timing, leaving=it.leaves)
    if blocked is not None:
        return it.refuse(blocked, inputs)
    share, closes = _left_to_close(it)
    if timing.is_reversal and (share or closes):
        inputs |= {"own_share": plain(share), "closes_in_flight": plain(closes)}
        return it.refuse(Code.REVERSAL_NOT_FLAT, inputs)
    return it.refuse(Code.STALE, inputs | timestamp_read(it.alert, it.rules))


def undecided(desk: Desk) -> Iterator[AlertAccepted]:
    """Alerts that still wait for this account's decision, oldest first."""
    return iter(tuple(desk.undecided.values()))
