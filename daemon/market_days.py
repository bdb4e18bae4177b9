"""The exchange's closed and half days: the `holidays` package's NYSE, changed by the settings."""

import re
from collections.abc import Callable
from datetime import datetime, time
from functools import lru_cache
from typing import Final

from settings.model import CalendarChanges
from trading.sessions import NEW_YORK, Calendar


YEARS_BACK: Final = 1
YEARS_AHEAD: Final = 2
HALF_DAY_CLOSES: Final = time(13, 0)

_NAMED_CLOSE: Final = re.compile(r"close at (\d{1,2}):(\d\d)pm")
"""How the package says when a half day closes: in its name, and nowhere else."""


def calendar_of(changes: CalendarChanges) -> Callable[[datetime], Calendar]:
    """What makes the calendar for the years around an instant; it changes with New York's year."""

    @lru_cache(maxsize=1)
    def of_year(year: int) -> Calendar:
        return changed(nyse(range(year - YEARS_BACK, year + YEARS_AHEAD + 1)), changes)

    return lambda now: of_year(now.astimezone(NEW_YORK).year)


def nyse(years: range) -> Calendar:
    """The New York Stock Exchange's calendar of these years, as far as the package knows it."""
    # Imported where it is needed: it takes a tenth of a second.
    from holidays import HALF_DAY, financial_holidays

    closed = financial_holidays("NYSE", years=years, language="en_US")
    half = financial_holidays("NYSE", years=years, categories=(HALF_DAY,), language="en_US")
    return Calendar(
        closed=frozenset(closed),
        half_days={day: _closes(half[day]) for day in sorted(half) if day not in closed},
    )


def changed(calendar: Calendar, changes: CalendarChanges) -> Calendar:
    """The calendar with single days as the settings have them, whatever the package says."""
    closed = (calendar.closed | {*changes.closed}) - {*changes.half_days, *changes.open}
    known = {day: at for day, at in calendar.half_days.items() if day not in changes.open}
    half = known | dict.fromkeys(changes.half_days, HALF_DAY_CLOSES)
    return Calendar(
        closed=closed, half_days={day: half[day] for day in sorted(half) if day not in closed}
    )


def _closes(name: str) -> time:
    found = _NAMED_CLOSE.search(name)
    return time(int(found[1]) % 12 + 12, int(found[2])) if found else HALF_DAY_CLOSES
