"""The New York Stock Exchange's days as the daemon gets them, against what is known of them."""

from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version

import pytest

from cli.version import VERSION
from daemon.market_days import MarketDays, nyse
from settings.model import CalendarChanges
from trading.sessions import NEW_YORK, ONE_DAY, Calendar, Session


NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KNOWN = nyse(range(2024, 2036))

CLOSED_2025 = "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25"
CLOSED_2026 = "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25"
CLOSED_2027 = "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24"


def days(year: int, written: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in written.split()}


def in_year(year: int, some: object) -> set[date]:
    assert isinstance(some, frozenset | dict)
    return {day for day in some if day.year == year and day.weekday() < 5}


@pytest.mark.parametrize(
    ("year", "closed"), [(2025, CLOSED_2025), (2026, CLOSED_2026), (2027, CLOSED_2027)]
)
def test_the_exchange_closes_on_its_published_holidays(year: int, closed: str) -> None:
    assert in_year(year, KNOWN.closed) == days(year, closed)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2025-01-09", "the mourning for President Carter"),
        ("2025-04-18", "Good Friday"),
        ("2026-04-03", "Good Friday"),
        ("2026-06-19", "Juneteenth"),
        ("2027-06-18", "Juneteenth, on a Saturday"),
        ("2026-07-03", "Independence Day, on a Saturday"),
        ("2027-07-05", "Independence Day, on a Sunday"),
    ],
)
def test_it_is_closed_for_what_moves_from_year_to_year(day: str, why: str) -> None:
    assert not KNOWN.is_trading_day(date.fromisoformat(day)), why


@pytest.mark.parametrize("day", ["2027-12-31", "2028-01-03", "2025-10-13", "2026-11-11"])
def test_it_opens_where_only_banks_close(day: str) -> None:
    """New Year on a Saturday is not made up for; Columbus and Veterans Day are not kept."""
    assert KNOWN.is_trading_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("year", "half"),
    [
        (2025, "07-03 11-28 12-24"),
        (2026, "11-27 12-24"),
        (2027, "11-26"),
        (2028, "07-03 11-24"),
    ],
)
def test_it_closes_early_on_its_published_half_days(year: int, half: str) -> None:
    known = {day: at for day, at in KNOWN.half_days.items() if day.year == year}
    assert known == dict.fromkeys(days(year, half), time(13, 0))


@pytest.mark.parametrize("year", range(2024, 2036))
def test_half_days_are_those_of_the_rule(year: int) -> None:
    """The day after Thanksgiving, 3 July and Christmas Eve, where the exchange opens on them.

    But where the holiday itself is on a weekend it is kept on the weekday beside it, and nothing
    is cut short; 3 July before a 4 July on a Monday is a Sunday.
    """
    thanksgiving = max(d for d in KNOWN.closed if d.year == year and d.month == 11)
    by_rule = {thanksgiving + ONE_DAY}
    for eve in (date(year, 7, 3), date(year, 12, 24)):
        if KNOWN.is_trading_day(eve) and (eve + ONE_DAY).weekday() < 5:
            by_rule.add(eve)
    assert in_year(year, KNOWN.half_days) == by_rule


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-03-06", 14.5, 21.0),  # the Friday before the clocks change: five hours behind UTC
        ("2026-03-09", 13.5, 20.0),
        ("2026-10-30", 13.5, 20.0),
        ("2026-11-02", 14.5, 21.0),
        ("2025-07-03", 13.5, 17.0),  # half days
        ("2026-11-27", 14.5, 18.0),
    ],
)
def test_sessions_follow_new_yorks_clock(day: str, opens: float, closes: float) -> None:
    hours = KNOWN.hours(date.fromisoformat(day))
    assert hours is not None
    midnight = datetime.combine(hours.day, time(0), UTC)
    assert (hours.opens, hours.closes) == (
        midnight + timedelta(hours=opens),
        midnight + timedelta(hours=closes),
    )


def test_a_year_has_about_250_trading_days() -> None:
    for year in (2025, 2026, 2027):
        first = date(year, 1, 1)
        every = (first + timedelta(days=n) for n in range(365))
        assert sum(map(KNOWN.is_trading_day, every)) in (250, 251)


# --- years --------------------------------------------------------------------------------------


def test_the_calendar_reaches_years_around_now() -> None:
    calendar = MarketDays(CalendarChanges()).calendar(NOW)
    assert {day.year for day in calendar.closed} == {2025, 2026, 2027, 2028}


def test_the_calendar_changes_with_new_yorks_year() -> None:
    days, eve = MarketDays(CalendarChanges()), datetime(2026, 12, 31, 23, 59, 59, tzinfo=NEW_YORK)
    old, new = days.calendar(eve), days.calendar(eve + timedelta(seconds=1))
    assert days.calendar(NOW) == old
    assert max(new.closed).year == max(old.closed).year + 1
    assert days.edition(NOW) == days.edition(eve) != days.edition(eve + timedelta(seconds=1))


def test_a_calendar_made_twice_is_the_same() -> None:
    first, second = (MarketDays(CalendarChanges()).calendar(NOW) for _ in range(2))
    assert first == second
    assert list(first.half_days) == sorted(first.half_days)


def test_an_edition_says_what_it_is_made_of() -> None:
    day = date(2026, 12, 9)
    plain, changed = (MarketDays(CalendarChanges(closed=days)) for days in ((), (day,)))
    made_by = f"holidays {version('holidays')}, trading-bot {VERSION}"
    assert plain.edition(NOW) == f"{made_by}, 2025-2028"
    assert changed.edition(NOW) == f"{made_by}, 2025-2028; closed 2026-12-09"


# --- what the settings say ----------------------------------------------------------------------


def calendar(**changes: tuple[date, ...]) -> Calendar:
    return MarketDays(CalendarChanges(**changes)).calendar(NOW)


def test_a_day_may_be_closed_by_the_settings() -> None:
    day = date(2026, 12, 9)
    assert not calendar(closed=(day,)).is_trading_day(day)
    assert date(2026, 12, 24) not in calendar(closed=(date(2026, 12, 24),)).half_days


@pytest.mark.parametrize("day", [date(2026, 12, 9), date(2026, 12, 25)])
def test_a_day_may_be_cut_short_by_the_settings(day: date) -> None:
    close = datetime.combine(day, time(13), NEW_YORK)
    changed = calendar(half_days=(day,))
    assert changed.session(close - timedelta(seconds=1)) is Session.REGULAR
    assert changed.session(close) is Session.POST


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 25)])
def test_a_day_may_be_a_full_one_by_the_settings(day: date) -> None:
    hours = calendar(open=(day,)).hours(day)
    assert hours is not None
    assert not hours.is_half_day
