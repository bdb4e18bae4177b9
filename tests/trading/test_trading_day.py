"""Everything daily starts anew at 20:00 in New York, summer and winter."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.sessions import NEW_YORK, day_end, trading_day


INSTANTS = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone itself
    datetime(2100, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-03 00:59:59", date(2026, 3, 2)),  # winter: 19:59:59 in New York
        ("2026-03-03 01:00:00", date(2026, 3, 3)),  # 20:00
        ("2026-07-02 23:59:59", date(2026, 7, 2)),  # summer: 19:59:59
        ("2026-07-03 00:00:00", date(2026, 7, 3)),  # 20:00
        ("2026-07-03 04:00:00", date(2026, 7, 3)),  # midnight changes nothing
    ],
)
def test_the_day_changes_at_20_00_in_new_york(at: str, day: date) -> None:
    assert trading_day(utc(at)) == day


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        ("2026-03-07 20:00", 23),  # clocks go forward on 8 March
        ("2026-10-31 20:00", 25),  # and back on 1 November
        ("2026-07-01 20:00", 24),
    ],
)
def test_a_day_over_a_change_of_clocks_is_an_hour_shorter_or_longer(
    evening: str, hours: int
) -> None:
    start = datetime.fromisoformat(evening).replace(tzinfo=NEW_YORK).astimezone(UTC)
    assert day_end(start) - start == timedelta(hours=hours)


@given(INSTANTS)
def test_an_instant_lies_before_the_end_of_its_own_day(at: datetime) -> None:
    end = day_end(at)
    assert timedelta(0) < end - at <= timedelta(hours=25)
    assert trading_day(end - timedelta(microseconds=1)) == trading_day(at)
    assert trading_day(end) == trading_day(at) + timedelta(days=1)
