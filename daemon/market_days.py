"""The exchange's closed and half days: the `holidays` package's NYSE, changed by the settings."""

import re
from datetime import date, datetime, time
from importlib.metadata import version
from typing import Final

from attrs import asdict, frozen

from cli.version import VERSION
from settings.model import CalendarChanges
from trading.sessions import NEW_YORK, Calendar


YEARS_BACK: Final = 1
YEARS_AHEAD: Final = 2
HALF_DAY_CLOSES: Final = time(13, 0)

_NAMED_CLOSE: Final = re.compile(r"close at (\d{1,2}):(\d\d)pm")
"""How the package says when a half day closes: in its name, and nowhere else."""


@frozen
class MarketDays:
    """Makes the calendar for the years around an instant; safe to use from any thread."""

    changes: CalendarChanges

    def edition(self, now: datetime) -> str:
        """What a calendar of now is made of, known at once: of the same, the same is made."""
        years = _around(now)
        made_by = f"holidays {version('holidays')}, trading-bot {VERSION}"
        lists: dict[str, tuple[date, ...]] = asdict(self.changes)
        changes = [f"; {name} {' '.join(map(str, days))}" for name, days in lists.items() if days]
        return f"{made_by}, {years[0]}-{years[-1]}{''.join(changes)}"

    def calendar(self, now: datetime) -> Calendar:
        """The calendar; the first one takes a fifth of a second."""
        return changed(nyse(_around(now)), self.changes)


def nyse(years: range) -> Calendar:
    """The New York Stock Exchange's calendar of these years, as far as the package knows it."""
    # Imported where it is needed: most starts do without it.
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


def _around(now: datetime) -> range:
    year = now.astimezone(NEW_YORK).year
    return range(year - YEARS_BACK, year + YEARS_AHEAD + 1)


def _closes(name: str) -> time:
    found = _NAMED_CLOSE.search(name)
    return time(int(found[1]) % 12 + 12, int(found[2])) if found else HALF_DAY_CLOSES
