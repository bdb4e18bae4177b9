"""Bars made of shorter ones: what they hold, when they begin, and that the future is left out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from brokers.candles import DAY, aggregated, begin_of
from brokers.market import Candle, Quote
from brokers.quote_file import Shown
from brokers.quote_tape import bars_and_quotes
from tests.trading.builders import AAPL
from trading.vocabulary import Symbol


MINUTE = timedelta(minutes=1)
OPEN = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
LATER = OPEN + timedelta(days=9)


def bar(minute: int, *prices: int, volume: int | None = 10) -> Candle:
    each = [Decimal(price) for price in prices]
    return Candle(
        symbol=AAPL,
        at=OPEN + minute * MINUTE,
        length=MINUTE,
        source="file",
        **dict(zip(("open", "high", "low", "close"), each, strict=True)),
        volume=None if volume is None else Decimal(volume),
    )


def told(candle: Candle) -> list[Decimal | None]:
    return [candle.open, candle.high, candle.low, candle.close, candle.volume]


def test_a_longer_bar_begins_where_the_first_does_and_ends_with_the_last() -> None:
    bars = [bar(0, 10, 12, 9, 11), bar(3, 11, 15, 11, 14), bar(5, 14, 14, 8, 8)]
    first, second = aggregated(bars, 5 * MINUTE, OPEN, LATER)
    assert told(first) == [10, 15, 9, 14, 20]
    assert second.at == OPEN + 5 * MINUTE
    assert told(second) == [14, 14, 8, 8, 10]


def test_what_is_not_over_yet_is_not_known() -> None:
    bars = [bar(0, 10, 12, 9, 11), bar(1, 11, 15, 11, 14)]
    (only,) = aggregated(bars, 5 * MINUTE, OPEN, OPEN + 1.5 * MINUTE)
    assert only.close == 11


def test_bars_that_begin_before_are_left_out() -> None:
    assert aggregated([bar(0, 1, 1, 1, 1)], 5 * MINUTE, OPEN + MINUTE, LATER) == []


def test_a_volume_that_is_not_known_throughout_is_not_known() -> None:
    bars = [bar(0, 1, 1, 1, 1), bar(1, 1, 1, 1, 1, volume=None)]
    assert aggregated(bars, 5 * MINUTE, OPEN, LATER)[0].volume is None


def test_a_day_is_new_yorks() -> None:
    begin = begin_of(datetime(2026, 11, 24, 3, 0, tzinfo=UTC), DAY)
    assert begin == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_quotes_come_to_bars_by_their_price_and_a_minutes_last_volume() -> None:
    def quote(seconds: int, last: int, volume: int) -> Quote:
        at = OPEN + timedelta(seconds=seconds)
        return Quote(symbol=AAPL, at=at, source="file", last=Decimal(last), volume=Decimal(volume))

    other = Quote(symbol=Symbol("MSFT"), at=OPEN, source="file", last=Decimal(1))
    shown: list[Shown] = [quote(70, 9, 5), quote(0, 10, 100), quote(30, 12, 300), other]
    (made,) = aggregated(bars_and_quotes(shown, AAPL), 5 * MINUTE, OPEN, LATER)
    assert told(made) == [10, 12, 9, 9, 305]


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 99)), unique_by=lambda it: it[0]))
def test_nothing_is_lost_or_made_up(points: list[tuple[int, int]]) -> None:
    bars = [bar(minute, price, price, price, price) for minute, price in sorted(points)]
    made = aggregated(bars, 15 * MINUTE, OPEN - DAY, LATER)
    assert sum(each.volume or 0 for each in made) == 10 * len(bars)
    assert max((b.high for b in made), default=0) == max((b.high for b in bars), default=0)
    assert [each.at for each in made] == sorted({each.at for each in made})
    assert all(each.low <= min(each.open, each.close) for each in made)
