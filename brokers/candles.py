"""Bars made of shorter bars, or of quotes. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from brokers.market import Candle
from trading.money import ZERO
from trading.sessions import NEW_YORK


DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def begin_of(at: datetime, length: timedelta) -> datetime:
    """When the bar of this length begins that an instant falls into; a day's at 00:00 New York."""
    if length >= DAY:
        local = at.astimezone(NEW_YORK).replace(hour=0, minute=0, second=0, microsecond=0)
        return local.astimezone(UTC)
    return at - (at - _EPOCH) % length


def aggregated(
    bars: Iterable[Candle], length: timedelta, since: datetime, until: datetime
) -> list[Candle]:
    """Bars of this length that begin at or after `since`, by what is known at `until`.

    `bars` come oldest first and are no longer than that; one without a length is a single price,
    its volume that of its minute so far. The last bar may still be under way.
    """
    known = (bar for bar in bars if bar.ends_at <= until)
    groups = groupby(known, key=lambda bar: begin_of(bar.at, length))
    made = (_one(list(group), begin, length) for begin, group in groups)
    return [bar for bar in made if bar.at >= since]


def _one(bars: Sequence[Candle], begin: datetime, length: timedelta) -> Candle:
    return Candle(
        symbol=bars[0].symbol,
        at=begin,
        length=length,
        source=bars[0].source,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=_volume(bars),
    )


def _volume(bars: Sequence[Candle]) -> Decimal | None:
    """Of bars the sum; of single prices the sum of what each minute came to."""
    of_minutes = {
        (begin_of(bar.at, _MINUTE) if not bar.length else bar.at): bar.volume for bar in bars
    }
    volumes = [volume for volume in of_minutes.values() if volume is not None]
    return sum(volumes, ZERO) if len(volumes) == len(of_minutes) else None
