"""The exchange's sessions: what time it is there, and when it opens and closes next."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.test_trading_day import INSTANTS, THANKSGIVING, calendars, new_york
from trading.hours import EntryWindow
from trading.sessions import NEW_YORK, Calendar, Session, in_new_york


WEEKS = Calendar()
PRE, REGULAR, POST, CLOSED = Session


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2026-07-10 06:59:59", CLOSED),
        ("2026-07-10 07:00:00", PRE),
        ("2026-07-10 09:29:59", PRE),
        ("2026-07-10 09:30:00", REGULAR),
        ("2026-07-10 15:59:59", REGULAR),
        ("2026-07-10 16:00:00", POST),
        ("2026-07-10 19:59:59", POST),
        ("2026-07-10 20:00:00", CLOSED),
        ("2026-07-11 12:00:00", CLOSED),  # a Saturday
        ("2026-11-26 12:00:00", CLOSED),  # Thanksgiving
        ("2026-11-27 12:59:59", REGULAR),  # a half day
        ("2026-11-27 13:00:00", POST),
        ("2026-11-27 16:59:59", POST),
        ("2026-11-27 17:00:00", CLOSED),
    ],
)
def test_an_instant_has_a_session(at: str, session: Session) -> None:
    assert THANKSGIVING.session(new_york(at)) is session


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-05 12:00", "2026-03-06 14:30"),  # New York is five hours behind
        ("2026-03-06 16:00", "2026-03-09 13:30"),  # from Monday on four
        ("2026-10-30 16:00", "2026-11-02 14:30"),  # and five again
    ],
)
def test_the_open_follows_new_yorks_clock(at: str, opens: str) -> None:
    expected = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert WEEKS.next_open(new_york(at)) == expected


@pytest.mark.parametrize(
    ("at", "opens", "closes"),
    [
        ("2026-11-25 09:29:59", "2026-11-25 09:30", "2026-11-25 16:00"),
        ("2026-11-25 09:30:00", "2026-11-27 09:30", "2026-11-25 16:00"),
        ("2026-11-25 16:00:00", "2026-11-27 09:30", "2026-11-27 13:00"),
        ("2026-11-27 13:00:00", "2026-11-30 09:30", "2026-11-30 16:00"),
    ],
)
def test_the_next_open_and_close_lie_ahead(at: str, opens: str, closes: str) -> None:
    now = new_york(at)
    assert THANKSGIVING.next_open(now) == new_york(opens)
    assert THANKSGIVING.next_close(now) == new_york(closes)


def test_how_long_it_is_to_the_close_is_known_while_it_is_open() -> None:
    assert THANKSGIVING.to_close(new_york("2026-11-27 12:59:30")) == timedelta(seconds=30)
    assert THANKSGIVING.to_close(new_york("2026-11-27 13:00")) is None
    assert THANKSGIVING.to_close(new_york("2026-11-26 12:00")) is None


def test_a_half_day_is_told_from_a_full_one() -> None:
    half, full = (THANKSGIVING.hours(date(2026, 11, day)) for day in (27, 30))
    assert half is not None
    assert full is not None
    assert (half.is_half_day, full.is_half_day) == (True, False)
    assert THANKSGIVING.hours(date(2026, 11, 28)) is None


def test_an_instant_is_told_by_new_yorks_clock() -> None:
    assert in_new_york(datetime(2026, 11, 30, 14, 30, tzinfo=UTC)) == "2026-11-30 09:30 New York"


@given(INSTANTS, st.data())
def test_open_and_close_take_turns(at: datetime, data: st.DataObject) -> None:
    calendar = data.draw(calendars(at))
    opens, closes = calendar.next_open(at), calendar.next_close(at)
    is_open = calendar.session(at) is REGULAR
    assert is_open is (closes < opens)
    assert calendar.to_close(at) == (closes - at if is_open else None)
    assert calendar.session(opens) is REGULAR
    assert calendar.session(closes) is POST
    assert calendar.next_close(opens) == (calendar.next_close(closes) if is_open else closes)


@given(INSTANTS, st.data())
def test_a_session_lies_inside_its_own_trading_day(at: datetime, data: st.DataObject) -> None:
    calendar = data.draw(calendars(at))
    if calendar.session(at) is not CLOSED:
        assert calendar.trading_day(at) == at.astimezone(NEW_YORK).date()


# --- the window of entries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "day", "open_from", "until"),
    [
        ("09:31-15:55", 30, time(9, 31), time(15, 55)),
        ("09:31-15:55", 27, time(9, 31), time(12, 55)),
        ("09:31-15:59", 27, time(9, 31), time(12, 59)),
        ("09:31-15:00", 27, time(9, 31), time(12, 55)),
        ("09:45-11:00", 27, time(9, 45), time(11, 0)),
        ("09:30-16:00", 27, time(9, 30), time(13, 0)),
    ],
)
def test_a_window_ends_before_a_half_days_close(
    window: str, day: int, open_from: time, until: time
) -> None:
    hours = THANKSGIVING.hours(date(2026, 11, day))
    assert hours is not None
    start, end = (at.astimezone(NEW_YORK).time() for at in EntryWindow.parse(window).on(hours))
    assert (start, end) == (open_from, until)


@pytest.mark.parametrize("text", ["09:31-15:55", "09:30-16:00"])
def test_a_window_is_written_as_it_is_read(text: str) -> None:
    assert str(EntryWindow.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "9:31-15:55", "09:31", "09:31-24:00", "15:55-09:31", "09:29-15:55", "10:00-10:00"]
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        EntryWindow.parse(text)
