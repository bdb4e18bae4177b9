"""Everything daily starts anew at 20:00 in New York, but only when a trading day is over."""

from datetime import UTC, date, datetime, time, timedelta
from functools import reduce

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.trading.builders import ACCOUNT, AT, alert, fill, opened, seen
from trading.bookkeeping import evolve_book
from trading.events import CalendarApplied
from trading.positions import Book, roll
from trading.sessions import DAY_BOUNDARY, NEW_YORK, ONE_DAY, Calendar, on_day
from trading.vocabulary import Side


WEEKS = Calendar()
INSTANTS = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone itself
    datetime(2100, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)
THANKSGIVING = Calendar(
    closed=frozenset({date(2026, 11, 26), date(2026, 12, 25)}),
    half_days={date(2026, 11, 27): time(13)},
)


@st.composite
def calendars(draw: st.DrawFn, at: datetime) -> Calendar:
    """A calendar with any of the days around an instant closed or cut short."""
    near = st.integers(-6, 6).map(lambda days: at.date() + timedelta(days=days))
    half = draw(st.sets(near, max_size=3))
    return Calendar(
        closed=draw(st.frozensets(near, max_size=5)), half_days=dict.fromkeys(half, time(13))
    )


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-02 19:59:59", date(2026, 3, 2)),  # winter
        ("2026-03-02 20:00:00", date(2026, 3, 3)),
        ("2026-07-01 19:59:59", date(2026, 7, 1)),  # summer
        ("2026-07-01 20:00:00", date(2026, 7, 2)),
        ("2026-07-02 00:00:00", date(2026, 7, 2)),  # midnight changes nothing
        ("2026-07-10 19:59:59", date(2026, 7, 10)),  # a Friday
        ("2026-07-10 20:00:00", date(2026, 7, 13)),  # from here on it is Monday
        ("2026-07-11 12:00:00", date(2026, 7, 13)),
        ("2026-07-12 20:00:00", date(2026, 7, 13)),
        ("2026-11-25 20:00:00", date(2026, 11, 27)),  # the evening before Thanksgiving
        ("2026-11-26 20:00:00", date(2026, 11, 27)),
        ("2026-11-27 13:00:00", date(2026, 11, 27)),  # a half day ends at 20:00 as well
        ("2026-12-24 20:00:00", date(2026, 12, 28)),  # Christmas on a Friday
    ],
)
def test_the_day_changes_at_20_00_in_new_york_on_trading_days(at: str, day: date) -> None:
    assert THANKSGIVING.trading_day(new_york(at)) == day


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        ("2026-03-05 20:00", 24),
        ("2026-03-06 20:00", 71),  # clocks go forward on Sunday, 8 March
        ("2026-10-30 20:00", 73),  # and back on Sunday, 1 November
        ("2026-07-10 20:00", 72),
        ("2026-11-25 20:00", 48),  # Thanksgiving belongs to the Friday after it
    ],
)
def test_a_day_is_as_long_as_its_clocks_and_its_holidays_make_it(evening: str, hours: int) -> None:
    start = new_york(evening)
    assert THANKSGIVING.day_end(start) - start == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_sunday_of_23_or_25_hours_is_nobodys_own(day: date, hours: int) -> None:
    saturday, sunday = (on_day(it, DAY_BOUNDARY) for it in (day - ONE_DAY, day))
    assert sunday - saturday == timedelta(hours=hours)
    assert WEEKS.trading_day(saturday) == WEEKS.trading_day(sunday) == day + ONE_DAY


@given(INSTANTS, st.data())
def test_every_instant_belongs_to_exactly_one_trading_day(
    at: datetime, data: st.DataObject
) -> None:
    calendar = data.draw(calendars(at))
    day, end = calendar.trading_day(at), calendar.day_end(at)
    assert calendar.is_trading_day(day)
    assert at < end == on_day(day, DAY_BOUNDARY)
    assert calendar.trading_day(end - timedelta(microseconds=1)) == day
    following = calendar.trading_day(end)
    assert following > day
    between = range(1, (following - day).days)
    assert not any(calendar.is_trading_day(day + timedelta(days=n)) for n in between)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=20)), st.data())
def test_trading_days_ascend(at: datetime, later: timedelta, data: st.DataObject) -> None:
    calendar = data.draw(calendars(at))
    assert calendar.trading_day(at) <= calendar.trading_day(at + later)
    assume(at + later >= calendar.day_end(at))
    assert calendar.trading_day(at) < calendar.trading_day(at + later)


# --- what is counted by the day -----------------------------------------------------------------

FRIDAY = new_york("2026-07-10 15:00")


def held_over(*facts: CalendarApplied, until: str) -> Book:
    """10 shares bought at 100 on a Friday, worth 90 on the next."""
    bought = (opened(at=FRIDAY), *facts, fill("x1", 10, 100, at=FRIDAY))
    later = alert("a9", price=90, at=FRIDAY + timedelta(hours=1))
    folded = reduce(evolve_book, (*bought, later), Book(account=ACCOUNT))
    return roll(folded, new_york(until))


def test_a_weekend_starts_one_day_and_not_three() -> None:
    for until in ("2026-07-10 20:00", "2026-07-11 20:00", "2026-07-12 20:00", "2026-07-13 19:59"):
        book = held_over(until=until)
        assert seen(book.day_pnl(), book.day_ends) == (0, new_york("2026-07-13 20:00"))
    assert held_over(until="2026-07-10 19:59").day_pnl() == -100


def test_a_loss_on_a_saturday_is_still_there_on_monday_where_the_account_trades_always() -> None:
    lost = fill("x2", 10, 40, side=Side.SELL, at=new_york("2026-07-11 12:00"))
    book = evolve_book(held_over(until="2026-07-10 20:00"), lost)
    assert roll(book, new_york("2026-07-13 12:00")).day_pnl() == -500


def test_a_day_that_the_calendar_closes_is_counted_with_the_next() -> None:
    closed = CalendarApplied(
        at=FRIDAY, edition="", calendar=Calendar(closed=frozenset({date(2026, 7, 13)}))
    )
    assert held_over(closed, until="2026-07-13 20:00").day_ends == new_york("2026-07-14 20:00")


def test_a_calendar_that_changes_moves_the_end_of_the_day_that_runs() -> None:
    book = evolve_book(Book(account=ACCOUNT), opened(at=AT))
    assert book.day_ends == new_york("2026-03-02 20:00")
    closed = Calendar(closed=frozenset({date(2026, 3, 2)}))
    book = evolve_book(book, CalendarApplied(at=AT, edition="", calendar=closed))
    assert book.day_ends == new_york("2026-03-03 20:00")
    book = evolve_book(book, CalendarApplied(at=AT, edition="", calendar=WEEKS))
    assert book.day_ends == new_york("2026-03-02 20:00")
