"""The exchange's hours as a signal meets them: whether it may trade now, and else when."""

from datetime import datetime, timedelta
from typing import Final

from trading.alert_events import Checked
from trading.hours import EntryWindow, Hours, WhenClosed
from trading.rules import StrategyRules
from trading.sessions import NEW_YORK, Calendar, DayHours, Session, in_new_york
from trading.vocabulary import Code


EXIT_CUTOFF: Final = timedelta(seconds=2)
"""How long before the close the last exit is made: what is sent later finds the market closed."""


def in_hours(
    calendar: Calendar, rules: StrategyRules, now: datetime, *, leaving: bool
) -> tuple[Checked, ...]:
    """What the hours say of a signal now, up to and including the first that refuses it.

    Nothing, where the account trades always.
    """
    if rules.hours is Hours.ALWAYS:
        return ()
    window, today = rules.limits.entry_window, calendar.hours_at(now)
    market = _market_open(calendar, today, now, _cutoff(rules, leaving=leaving))
    if leaving or window is None or today is None or not market.passed:
        return (market,)
    return market, _in_window(window, today, now)


def shut_out(
    calendar: Calendar, rules: StrategyRules, now: datetime, *, exiting: bool
) -> Checked | None:
    """What keeps a planned order from leaving at the last moment; an exit has until the close."""
    if rules.hours is Hours.ALWAYS or (exiting and calendar.to_close(now) is not None):
        return None
    verdict = in_hours(calendar, rules, now, leaving=exiting)[-1]
    return None if verdict.passed else verdict


def carried_to(
    calendar: Calendar,
    rules: StrategyRules,
    since: datetime,
    until: datetime | None,
    *,
    leaving: bool,
) -> datetime | None:
    """The open to which a signal of `since` waits, should nothing come of it before `until`.

    None where the market stays open for it till then, or its strategy does not want it to wait.
    """
    wanted = rules.on_closed.of(leaving=leaving)
    if rules.hours is Hours.ALWAYS or wanted is WhenClosed.REFUSE:
        return None
    left = calendar.to_close(since)
    margin = _cutoff(rules, leaving=leaving)
    shuts = since if left is None else max(since, since + left - margin)
    return None if until is not None and shuts > until else calendar.next_open(shuts)


def entries_begin(calendar: Calendar, rules: StrategyRules, opens: datetime) -> datetime:
    """When entries may first be made on the day that opens then."""
    window, hours = rules.limits.entry_window, calendar.hours_at(opens)
    return opens if window is None or hours is None else max(opens, window.on(hours)[0])


def _market_open(
    calendar: Calendar, today: DayHours | None, now: datetime, cutoff: timedelta
) -> Checked:
    left = None if today is None else today.to_close(now)
    if today is None or left is None:
        session = Session.CLOSED if today is None else today.session(now)
        opens = in_new_york(calendar.next_open(now))
        return Checked(Code.MARKET_CLOSED, False, {"session": session.value, "next_open": opens})
    inputs = {
        "session": Session.REGULAR.value,
        "seconds_to_close": f"{left.total_seconds():.1f}",
        "cutoff_seconds": f"{cutoff.total_seconds():g}",
    }
    return Checked(Code.MARKET_CLOSED, left > cutoff, inputs)


def _in_window(window: EntryWindow, today: DayHours, now: datetime) -> Checked:
    start, end = window.on(today)
    local = (start.astimezone(NEW_YORK), end.astimezone(NEW_YORK))
    inputs = {
        "new_york": f"{now.astimezone(NEW_YORK):%H:%M:%S}",
        "entry_window": f"{local[0]:%H:%M}-{local[1]:%H:%M}",
    }
    return Checked(Code.ENTRY_WINDOW, start <= now < end, inputs)


def _cutoff(rules: StrategyRules, *, leaving: bool) -> timedelta:
    """How long before the close the last signal of its kind trades: nothing is entered any more
    while everything is being left.
    """
    if leaving:
        return EXIT_CUTOFF
    seconds, minutes = rules.limits.entry_cutoff_seconds, rules.limits.flatten_before_close_minutes
    return max(timedelta(seconds=float(seconds or 0)), timedelta(minutes=float(minutes or 0)))
