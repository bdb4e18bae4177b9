"""Prices that no market ever showed: by symbol and minute, always the same ones. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zlib import crc32

from attrs import frozen

from brokers.market import Candle
from brokers.schwab.simulator.tape import MINUTE
from trading.money import CENT
from trading.vocabulary import Symbol


STEP: Final = timedelta(minutes=30)
WHOLE: Final = 1_000_000_000
WAVES: Final = ((12_000, 120_000_000), (480, 30_000_000), (7, 4_000_000))
"""Up for so many steps and down again, by so many billionths of the price."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_MINUTES: Final = STEP // MINUTE


@frozen(kw_only=True)
class Course:
    """A symbol's invented prices, drawn through the one that is known: `price` at `at`.

    They rise and fall in straight lines from half hour to half hour, so that a day's extremes are
    those of its half hours.
    """

    symbol: str
    price: Decimal
    at: datetime

    def at_instant(self, at: datetime) -> Decimal:
        """The price at an instant, to the cent."""
        level = WHOLE + _height(self._seed, at) - _height(self._seed, self.at)
        return max((self.price * level / WHOLE).quantize(CENT), CENT)

    def minute(self, at: datetime) -> Candle:
        """A minute's bar."""
        return self._bar(at, MINUTE, [self.at_instant(at), self.at_instant(at + MINUTE)])

    def session(self, opens: datetime, closes: datetime) -> Candle:
        """One bar from an opening to a close."""
        count = -(-(closes - opens) // STEP)
        prices = [self.at_instant(min(opens + STEP * n, closes)) for n in range(count + 1)]
        return self._bar(opens, closes - opens, prices)

    def _bar(self, at: datetime, length: timedelta, prices: list[Decimal]) -> Candle:
        return Candle(
            symbol=Symbol(self.symbol),
            at=at,
            length=length,
            source="simulator",
            open=prices[0],
            high=max(prices),
            low=min(prices),
            close=prices[-1],
            volume=Decimal((1000 + self._seed % 9000) * (length // MINUTE)),
        )

    @property
    def _seed(self) -> int:
        return crc32(self.symbol.encode())


@lru_cache(maxsize=12_000)
def day_bar(course: Course, opens: datetime, closes: datetime) -> Candle:
    """The bar of a regular session; kept, for twenty years are asked for at once."""
    return course.session(opens, closes)


@lru_cache(maxsize=4_096)
def _height(seed: int, at: datetime) -> int:
    minute = (at - _EPOCH) // MINUTE
    return sum(_wave(seed, minute, *each) for each in WAVES)


def _wave(seed: int, minute: int, steps: int, share: int) -> int:
    half = steps * _STEP_MINUTES
    # Whole steps, so that every turn falls on a half hour.
    along = (minute + seed % steps * _STEP_MINUTES) % (2 * half)
    return share * min(along, 2 * half - along) // half
