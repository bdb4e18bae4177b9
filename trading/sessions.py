"""The exchange's calendar: its days, their sessions, and the trading day of every instant."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen


NEW_YORK: Final = ZoneInfo("America/New_York")
DAY_BOUNDARY: Final = time(20, 0)
"""Everything daily starts anew at 20:00 in New York, not at midnight."""

ONE_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
"""The first weekday, counted from Monday as 0, that is no trading day."""


class Session(StrEnum):
    """The part of a day an instant falls into; orders meant for now trade in the regular one."""

    PRE = "pre"
    REGULAR = "regular"
    POST = "post"
    CLOSED = "closed"


@frozen(kw_only=True)
class DayHours:
    """A trading day's sessions: aware UTC instants at which each begins as the last one ends."""

    day: date
    pre: datetime
    opens: datetime
    closes: datetime
    post_ends: datetime
    is_half_day: bool

    def session(self, at: datetime) -> Session:
        """The session of an instant, as far as this day has one for it."""
        if self.opens <= at < self.closes:
            return Session.REGULAR
        if self.pre <= at < self.opens:
            return Session.PRE
        return Session.POST if self.closes <= at < self.post_ends else Session.CLOSED

    def to_close(self, at: datetime) -> timedelta | None:
        """How long the regular session still lasts; None outside of it."""
        return self.closes - at if self.opens <= at < self.closes else None


@frozen(kw_only=True)
class Calendar:
    """When the exchange trades: weekdays that are not `closed`, by New York's clock.

    `half_days` close at their own time; what follows the close lasts as long as on a full day.
    Extended hours are as Schwab has them. Of days it was not told of it knows the weekends only.
    """

    closed: frozenset[date] = frozenset()
    half_days: Mapping[date, time] = {}
    pre: time = time(7, 0)
    opens: time = time(9, 30)
    closes: time = time(16, 0)
    post_ends: time = time(20, 0)

    # --- days -----------------------------------------------------------------------------------

    def is_trading_day(self, day: date) -> bool:
        """Whether the exchange opens on a day."""
        return day.weekday() < SATURDAY and day not in self.closed

    def trading_day(self, at: datetime) -> date:
        """The day whose P&L an instant counts for.

        It runs from 20:00 New York of the trading day before it: weekends and holidays belong to
        the trading day that follows them.
        """
        local = at.astimezone(NEW_YORK)
        day = local.date() + ONE_DAY if local.time() >= DAY_BOUNDARY else local.date()
        while not self.is_trading_day(day):
            day += ONE_DAY
        return day

    def day_end(self, at: datetime) -> datetime:
        """The aware UTC instant at which the trading day of `at` is over."""
        return on_day(self.trading_day(at), DAY_BOUNDARY)

    # --- sessions -------------------------------------------------------------------------------

    def hours(self, day: date) -> DayHours | None:
        """The sessions of a day; None where the exchange stays closed."""
        if not self.is_trading_day(day):
            return None
        closes = on_day(day, self.half_days.get(day, self.closes))
        return DayHours(
            day=day,
            pre=on_day(day, self.pre),
            opens=on_day(day, self.opens),
            closes=closes,
            post_ends=closes + (on_day(day, self.post_ends) - on_day(day, self.closes)),
            is_half_day=day in self.half_days,
        )

    def hours_at(self, at: datetime) -> DayHours | None:
        """The sessions of the New York day an instant falls on."""
        return self.hours(at.astimezone(NEW_YORK).date())

    def session(self, at: datetime) -> Session:
        """The session an instant falls into."""
        hours = self.hours_at(at)
        return Session.CLOSED if hours is None else hours.session(at)

    def next_open(self, at: datetime) -> datetime:
        """The first regular open after an instant, in UTC."""
        return next(hours.opens for hours in self._from(at) if hours.opens > at)

    def next_close(self, at: datetime) -> datetime:
        """The first regular close after an instant, in UTC; of the day it falls on, while open."""
        return next(hours.closes for hours in self._from(at) if hours.closes > at)

    def to_close(self, at: datetime) -> timedelta | None:
        """How long the regular session still lasts; None outside of it."""
        hours = self.hours_at(at)
        return None if hours is None else hours.to_close(at)

    def _from(self, at: datetime) -> Iterator[DayHours]:
        """The trading days from the New York day of an instant on."""
        day = at.astimezone(NEW_YORK).date()
        while True:
            if (hours := self.hours(day)) is not None:
                yield hours
            day += ONE_DAY


@lru_cache(maxsize=256)
def on_day(day: date, at: time) -> datetime:
    """The aware UTC instant of a time in New York."""
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)


def in_new_york(at: datetime) -> str:
    """An instant as the exchange's clock shows it: `2026-11-30 09:30 New York`."""
    return f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York"
