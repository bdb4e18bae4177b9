"""Whether an alert may be decided now: how old it may become, and the hours it is in."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from trading.alert_events import AlertAccepted, Checked
from trading.closed_market import carried_to, entries_begin, in_hours
from trading.desk import Held
from trading.marks import Mark
from trading.money import ZERO, plain
from trading.rules import StrategyRules
from trading.sessions import Calendar
from trading.vocabulary import Code, TimestampMeaning


GRACE: Final = timedelta(seconds=1)
"""TradingView's fire times are whole seconds: an alert may be a second younger than it says."""

HELD_ENTRY_LIVES: Final = timedelta(minutes=5)
"""How long after the open an entry dies that waited for it."""

MAX_DRIFT_PERCENT: Final = Decimal(1)
"""How far the price may have moved from the alert's while an entry waited for the open."""


@frozen(kw_only=True)
class Timing:
    """An alert at an instant: until when it may be decided, None for ever; `opens` is the market's
    open that it waits for, or has waited for, should it be closed to it; what the hours say now.
    """

    now: datetime
    until: datetime | None
    opens: datetime | None
    hours: tuple[Checked, ...]
    is_reversal: bool = False
    """Whether it has waited for what it reverses to be closed."""

    @property
    def is_over(self) -> bool:
        """Whether it is too late for the alert."""
        return self.until is not None and self.now > self.until

    @property
    def shut(self) -> Checked | None:
        """What keeps the alert from trading now, if anything does."""
        return None if not self.hours or self.hours[-1].passed else self.hours[-1]

    @property
    def has_waited(self) -> bool:
        """Whether the open that the alert waited for is past."""
        return self.opens is not None and self.opens <= self.now


def timing_of(
    calendar: Calendar, alert: AlertAccepted, rules: StrategyRules, now: datetime, *, leaving: bool
) -> Timing:
    """An alert's timing. While the market is closed to it, an alert that may wait does not age."""
    seconds = _most(rules, leaving=leaving)
    until = None if seconds is None else _born(alert) + timedelta(seconds=float(seconds))
    opens = carried_to(calendar, rules, alert.at, until, leaving=leaving)
    if opens is not None:
        lives = HELD_ENTRY_LIVES
        if leaving and seconds is not None:
            lives = timedelta(seconds=float(seconds))
        until = None if leaving and seconds is None else opens + lives
    hours = in_hours(calendar, rules, now, leaving=leaving)
    return Timing(now=now, until=until, opens=opens, hours=hours)


def reversal_until(alert: AlertAccepted, rules: StrategyRules, timing: Timing) -> datetime | None:
    """Until when a reversal may wait for what it reverses to be closed; None: it may not.

    `timing` is that of an entry; the wait for the open does not count.
    """
    seconds = rules.limits.reversal_wait_seconds
    if seconds is None:
        return None
    since = timing.opens if timing.has_waited and timing.opens is not None else alert.at
    return since + timedelta(seconds=float(seconds))


def of_reversal(timing: Timing, held: Held | None) -> Timing:
    """A reversal that waits for its close has the deadline that was written down, and no other."""
    if held is None or held.code is not Code.REVERSAL_NOT_FLAT:
        return timing
    return evolve(timing, until=held.until, is_reversal=True)


def released_at(
    calendar: Calendar, rules: StrategyRules, timing: Timing, *, leaving: bool
) -> datetime | None:
    """When an alert that is shut out now may trade; None where it may not wait for that."""
    now, shut, opens = timing.now, timing.shut, timing.opens
    if opens is None or shut is None:
        return None
    if shut.code is Code.MARKET_CLOSED:
        opens = calendar.next_open(now)
    elif not timing.has_waited:  # the market is open, and what came outside the window is refused
        return None
    at = opens if leaving else entries_begin(calendar, rules, opens)
    return at if at > now and (timing.until is None or at <= timing.until) else None


def drifted(alert: AlertAccepted, mark: Mark | None, timing: Timing) -> Checked | None:
    """The price that has become known while an entry waited for the open, where it is too far away.

    What is not known cannot be compared.
    """
    waited = timing.has_waited or timing.is_reversal
    if not waited or not alert.price or mark is None or mark.at <= alert.at:
        return None
    percent = abs(mark.price - alert.price) / alert.price * 100
    if percent <= MAX_DRIFT_PERCENT:
        return None
    inputs = {
        "alert_price": plain(alert.price),
        "price": plain(mark.price),
        "drift_percent": f"{percent:.2f}",
        "most_percent": plain(MAX_DRIFT_PERCENT),
    }
    return Checked(Code.ENTRY_DRIFT, False, inputs)


def age_inputs(
    alert: AlertAccepted, rules: StrategyRules, timing: Timing, *, leaving: bool
) -> dict[str, str]:
    """The numbers behind an alert that is too old."""
    now, name = timing.now, "max_exit_age_seconds" if leaving else "max_alert_age_seconds"
    since = alert.fired_at or alert.at
    inputs = {
        "age_seconds": f"{(now - since).total_seconds():.1f}",
        name: plain(_most(rules, leaving=leaving) or ZERO),
        "waited_seconds": f"{(now - alert.at).total_seconds():.1f}",
    }
    if timing.opens is not None and timing.until is not None:
        inputs["waited_for_the_open"] = timing.opens.isoformat()
        inputs["seconds_after_the_open"] = f"{(timing.until - timing.opens).total_seconds():g}"
    return inputs


def timestamp_read(alert: AlertAccepted, rules: StrategyRules) -> dict[str, str]:
    """How the alert's time was read, where that is what made it too old."""
    if rules.timestamp is TimestampMeaning.TIMENOW and alert.fired_at is not None:
        return {"timestamp": "read as the fire time (strategy setting timestamp: timenow)"}
    return {}


def _most(rules: StrategyRules, *, leaving: bool) -> Decimal | None:
    limits = rules.limits
    return limits.max_exit_age_seconds if leaving else limits.max_alert_age_seconds


def _born(alert: AlertAccepted) -> datetime:
    """The instant an alert's age counts from; a fire time ahead of us counts from receipt."""
    if alert.fired_at is None:
        return alert.at
    return min(alert.fired_at, alert.at) + GRACE
