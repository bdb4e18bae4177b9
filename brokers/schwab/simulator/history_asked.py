"""What a request for price history asks for, and which of its combinations are refused. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from attrs import frozen

from trading.sessions import NEW_YORK, Calendar


FREQUENCY_TYPES: Final = {
    "day": ("minute",),
    "month": ("weekly", "daily"),
    "year": ("monthly", "daily", "weekly"),
    "ytd": ("weekly", "daily"),
}
"""By period type, the default first."""

PERIODS: Final = {
    "day": (10, 1, 2, 3, 4, 5),
    "month": (1, 2, 3, 6),
    "year": (1, 2, 3, 5, 10, 15, 20),
    "ytd": (1,),
}
FREQUENCIES: Final = {
    "minute": (1, 5, 10, 15, 30),
    "daily": (1,),
    "weekly": (1,),
    "monthly": (1,),
}
LAST_MS: Final = 32_503_680_000_000
"""The year 3000, as epoch milliseconds: later ones are no dates."""


class Misasked(Exception):  # noqa: N818 - says what is the matter
    """A request that Schwab answers with 400; names the parameter."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


@frozen(kw_only=True)
class HistoryAsked:
    """Bars of a symbol that begin from `start` on and not after `end`."""

    symbol: str
    frequency_type: str
    frequency: int
    start: datetime
    end: datetime
    extended: bool
    previous_close: bool


def history_asked(query: Mapping[str, str], now: datetime, calendar: Calendar) -> HistoryAsked:
    """The request in a query.

    Raises:
        Misasked: a value, or a combination of them, that there is not.
    """
    symbol = query.get("symbol", "")
    if not symbol:
        raise Misasked("symbol", "symbol is required")
    period_type = _one_of(query, "periodType", tuple(PERIODS))
    period = _number_of(query, "period", PERIODS[period_type])
    frequency_type = _one_of(query, "frequencyType", FREQUENCY_TYPES[period_type])
    frequency = _number_of(query, "frequency", FREQUENCIES[frequency_type], 1)
    end = _instant(query, "endDate") or previous_close(calendar, now)
    start = _instant(query, "startDate") or _begin(calendar, end, period_type, period)
    if start > end:
        raise Misasked("startDate", "startDate must not be after endDate")
    return HistoryAsked(
        symbol=symbol,
        frequency_type=frequency_type,
        frequency=frequency,
        start=start,
        end=end,
        extended=_flag(query, "needExtendedHoursData"),
        previous_close=_flag(query, "needPreviousClose"),
    )


def previous_close(calendar: Calendar, now: datetime) -> datetime:
    """The last close of a day before today."""
    day = now.astimezone(NEW_YORK).date() - timedelta(days=1)
    while (hours := calendar.hours(day)) is None:
        day -= timedelta(days=1)
    return hours.closes


def _begin(calendar: Calendar, end: datetime, period_type: str, period: int) -> datetime:
    day = end.astimezone(NEW_YORK).date()
    earlier: Callable[[], date] = {
        "day": lambda: _trading_days_back(calendar, day, period),
        "month": lambda: _months_back(day, period),
        "year": lambda: _months_back(day, period * 12),
        "ytd": lambda: day.replace(month=1, day=1),
    }[period_type]
    begin = earlier()
    return datetime(begin.year, begin.month, begin.day, tzinfo=NEW_YORK).astimezone(UTC)


def _trading_days_back(calendar: Calendar, day: date, count: int) -> date:
    """The first of so many trading days up to this one."""
    while True:
        count -= calendar.is_trading_day(day)
        if count <= 0:
            return day
        day -= timedelta(days=1)


def _months_back(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, min(day.day, 28))


# --- values -------------------------------------------------------------------------------------


def _one_of(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = query.get(name, allowed[0])
    if value not in allowed:
        raise Misasked(name, f"valid values of {name} are {', '.join(allowed)}")
    return value


def _number_of(
    query: Mapping[str, str], name: str, allowed: tuple[int, ...], default: int | None = None
) -> int:
    told = query.get(name, str(default or allowed[0]))
    value = int(told) if told.isdecimal() else -1
    if value not in allowed:
        valid = ", ".join(str(each) for each in sorted(allowed))
        raise Misasked(name, f"valid values of {name} are {valid}")
    return value


def _instant(query: Mapping[str, str], name: str) -> datetime | None:
    if (told := query.get(name)) is None:
        return None
    if not told.lstrip("-").isdecimal() or abs(int(told)) > LAST_MS:
        raise Misasked(name, f"{name} must be in milliseconds since the UNIX epoch")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(told))


def _flag(query: Mapping[str, str], name: str) -> bool:
    # Clients in wide use send Python's own words, and are understood.
    told = query.get(name, "false").lower()
    if told not in ("true", "false"):
        raise Misasked(name, f"{name} must be true or false")
    return told == "true"
