"""Price history: what was shown while the simulator ran, and invented prices before that."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from attrs import define, evolve, field

from brokers.candles import begin_of
from brokers.market import Candle
from brokers.schwab.simulator.answers import Json
from brokers.schwab.simulator.history_asked import HistoryAsked, previous_close
from brokers.schwab.simulator.invented import Course, day_bar
from brokers.schwab.simulator.model import World
from brokers.schwab.simulator.tape import MINUTE, Tape
from trading.money import ZERO
from trading.sessions import NEW_YORK, Calendar, DayHours


CHICAGO: Final = ZoneInfo("America/Chicago")
"""Bars of a day and longer are stamped with midnight there."""

ONE_DAY: Final = timedelta(days=1)
KEPT_MINUTES: Final = {1: ONE_DAY * 48}
KEPT_LONGER_MINUTES: Final = ONE_DAY * 270
KEPT_DAYS: Final = ONE_DAY * 7305
"""How far back there are bars of a minute, of several, and of a day."""


@define(kw_only=True)
class History:
    """The bars of every symbol; `courses` keep what was once invented."""

    calendar: Calendar
    tape: Tape
    _courses: dict[str, Course] = field(factory=dict)

    def know(self, world: World, now: datetime) -> None:
        """Draw the prices of the past through what the quotes of a world say of it."""
        for symbol in world.quotes:
            self._course(symbol, world, now)

    def body(self, asked: HistoryAsked, world: World, now: datetime) -> Json:
        """The answer to a request; empty for a symbol that is not known."""
        course = self._course(asked.symbol, world, now)
        candles = [] if course is None else list(self._bars(asked, course, now))
        body: Json = {
            "candles": [_candle(bar) for bar in candles],
            "symbol": asked.symbol,
            "empty": not candles,
        }
        if asked.previous_close and course is not None:
            at = previous_close(self.calendar, asked.start)
            close = self._day(course, at.astimezone(NEW_YORK).date(), now)
            if close is not None:
                body |= {"previousClose": close.close, "previousCloseDate": _ms(close.at)}
        return body

    def _course(self, symbol: str, world: World, now: datetime) -> Course | None:
        quote = world.quotes.get(symbol)
        if symbol not in self._courses and quote is not None:
            known = quote.previous_close or quote.price
            if known is not None:
                at = previous_close(self.calendar, now)
                self._courses[symbol] = Course(symbol=symbol, price=known, at=at)
        return self._courses.get(symbol)

    def _bars(self, asked: HistoryAsked, course: Course, now: datetime) -> Iterator[Candle]:
        end = min(asked.end, now)
        kept = KEPT_DAYS
        if asked.frequency_type == "minute":
            kept = KEPT_MINUTES.get(asked.frequency, KEPT_LONGER_MINUTES)
        start = max(asked.start, now - kept)
        if asked.frequency_type == "minute":
            length = MINUTE * asked.frequency
            minutes = (
                bar
                for day in _days(start.astimezone(NEW_YORK).date(), end)
                for bar in self._minutes(course, day, now, extended=asked.extended)
            )
            bars = _grouped(minutes, lambda bar: begin_of(bar.at, length))
        else:
            group = GROUPS[asked.frequency_type]
            first = group(start.astimezone(CHICAGO).date())
            days = (self._day(course, day, now) for day in _days(first, end))
            known = (bar for bar in days if bar is not None)
            bars = _grouped(known, lambda bar: _midnight(group(bar.at.astimezone(CHICAGO).date())))
        return (bar for bar in bars if start <= bar.at <= end)

    def _minutes(
        self, course: Course, day: date, now: datetime, *, extended: bool
    ) -> Iterator[Candle]:
        if (hours := self.calendar.hours(day)) is None:
            return
        at, ends = (hours.pre, hours.post_ends) if extended else (hours.opens, hours.closes)
        shown = {bar.at: bar for bar in self.tape.shown(course.symbol)}
        while at < min(ends, now):
            yield shown.get(at) or course.minute(at)
            at += MINUTE

    def _day(self, course: Course, day: date, now: datetime) -> Candle | None:
        hours = self.calendar.hours(day)
        if hours is None or hours.opens >= now:
            return None
        midnight = _midnight(day)
        if now < hours.closes or self._has_shown(course.symbol, hours):
            minutes = self._minutes(course, day, now, extended=False)
            return next(_grouped(minutes, lambda _: midnight), None)
        return evolve(day_bar(course, hours.opens, hours.closes), at=midnight)

    def _has_shown(self, symbol: str, hours: DayHours) -> bool:
        return any(hours.opens <= bar.at < hours.closes for bar in self.tape.shown(symbol))


GROUPS: Final[dict[str, Callable[[date], date]]] = {
    "daily": lambda day: day,
    "weekly": lambda day: day - ONE_DAY * day.weekday(),
    "monthly": lambda day: day.replace(day=1),
}
"""The first day of the bar that a day belongs to."""


def _days(first: date, end: datetime) -> Iterator[date]:
    day = first
    while day <= end.astimezone(NEW_YORK).date():
        yield day
        day += ONE_DAY


def _grouped(bars: Iterator[Candle], begin: Callable[[Candle], datetime]) -> Iterator[Candle]:
    for at, group in groupby(bars, key=begin):
        held = list(group)
        yield evolve(
            held[0],
            at=at,
            high=max(bar.high for bar in held),
            low=min(bar.low for bar in held),
            close=held[-1].close,
            volume=sum((bar.volume or ZERO for bar in held), ZERO),
        )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHICAGO).astimezone(UTC)


def _candle(bar: Candle) -> Json:
    return {
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": int(bar.volume or 0),
        "datetime": _ms(bar.at),
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
