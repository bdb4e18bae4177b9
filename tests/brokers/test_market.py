"""Quotes and hours as values."""

from datetime import UTC, datetime

import pytest

from brokers.market import MarketHours, market_day, regular_hours
from trading.sessions import Calendar


MONDAY = MarketHours(
    opens_at=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
    closes_at=datetime(2026, 3, 2, 21, 0, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 2, 28, 3, 0, tzinfo=UTC),  # Friday night in New York
        datetime(2026, 3, 2, 14, 29, tzinfo=UTC),
        datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        datetime(2026, 3, 2, 20, 59, tzinfo=UTC),
    ],
)
def test_the_session_at_hand_is_the_one_under_way_or_the_next(at: datetime) -> None:
    assert regular_hours(Calendar(), at) == MONDAY
    assert MONDAY.holds(at) is (MONDAY.opens_at <= at)


def test_after_the_close_the_next_session_is_at_hand() -> None:
    assert regular_hours(Calendar(), MONDAY.closes_at).opens_at.day == 3
    assert not MONDAY.holds(MONDAY.closes_at)


def test_a_day_is_new_yorks() -> None:
    assert market_day(datetime(2026, 3, 3, 1, 0, tzinfo=UTC)).day == 2
