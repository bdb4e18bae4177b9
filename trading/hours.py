"""When an account trades, and what a strategy wants done with a signal while it does not."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from trading.sessions import Calendar, DayHours, on_day


OPENS, CLOSES = Calendar().opens, Calendar().closes
AT_MOST_BEFORE_CLOSE: Final = timedelta(minutes=5)
"""How long before a half day's close a window of entries ends that runs to a later time."""

_WRITTEN: Final = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")


class Hours(StrEnum):
    """When an account trades: in the exchange's regular session, or always."""

    EXCHANGE = "exchange"
    ALWAYS = "always"


class WhenClosed(StrEnum):
    """What becomes of a signal that finds the market closed."""

    REFUSE = "refuse"
    NEXT_OPEN = "next_open"


@frozen(kw_only=True)
class OnClosed:
    """What a strategy wants of its signals while the market is closed."""

    entry: WhenClosed = WhenClosed.REFUSE
    exit: WhenClosed = WhenClosed.NEXT_OPEN

    def of(self, *, leaving: bool) -> WhenClosed:
        """What it wants of an exit, or of an entry."""
        return self.exit if leaving else self.entry


@frozen
class EntryWindow:
    """The part of the regular session in which entries are made, by New York's clock."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "EntryWindow":
        """Read `09:31-15:55`.

        Raises:
            ValueError: it is not two times in order, inside the regular session.
        """
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not two times")
        start, end = map(time.fromisoformat, found.groups())
        if not OPENS <= start < end <= CLOSES:
            raise ValueError(f"{text!r} is not inside the regular session")
        return cls(start, end)

    def on(self, hours: DayHours) -> tuple[datetime, datetime]:
        """The instants between which it is open on a trading day.

        On a half day it ends as long before the close as on a full one, or five minutes before it
        where that is less.
        """
        end = on_day(hours.day, self.end)
        if hours.is_half_day:
            before_close = datetime.combine(date.min, CLOSES) - datetime.combine(date.min, self.end)
            end = min(end, hours.closes - min(before_close, AT_MOST_BEFORE_CLOSE))
        return on_day(hours.day, self.start), end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"
