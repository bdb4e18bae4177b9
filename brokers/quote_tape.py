"""A file of quotes or bars, read line by line as it grows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from brokers.market import Candle, Quote
from brokers.quote_file import FROM_FILE, LineFault, Lines, Shown, known_at
from trading.vocabulary import Symbol


class QuoteTape:
    """One reader of a file; a line counts once it is ended. Not for use by two threads."""

    def __init__(self, path: Path, bar_length: timedelta) -> None:
        self.path = path
        self._bar_length = bar_length
        self._begin()

    def _begin(self) -> None:
        self._lines = Lines(self._bar_length)
        self._read = 0
        self._told = 0

    def read(self) -> list[Shown]:
        """What the lines since the last time show; a file that became shorter is read anew.

        Raises:
            OSError: it cannot be read now.
        """
        with self.path.open("rb") as file:
            if file.seek(0, 2) < self._read:
                self._begin()
            file.seek(self._read)
            new = file.read()
        ended = new[: new.rfind(b"\n") + 1]
        self._read += len(ended)
        return self._lines.take(ended.decode("utf-8", "replace").split("\n")[:-1])

    def new_faults(self) -> list[LineFault]:
        """What was wrong in the lines read since this was last asked."""
        faults = self._lines.faults[self._told :]
        self._told += len(faults)
        return faults


def last_quotes(shown: list[Shown], now: datetime) -> Mapping[Symbol, Quote]:
    """The last quote of each symbol at an instant; of a bar, its close."""
    past = sorted((each for each in shown if known_at(each) <= now), key=known_at)
    return {each.symbol: as_quote(each) for each in past}


def as_quote(shown: Shown) -> Quote:
    """A bar's close as a quote of the instant from which it is known."""
    if isinstance(shown, Quote):
        return shown
    return Quote(symbol=shown.symbol, at=shown.ends_at, source=FROM_FILE, last=shown.close)


def bars_and_quotes(shown: list[Shown], symbol: Symbol) -> list[Candle]:
    """What is known of a symbol as bars, oldest first; of a quote, one price at its instant."""
    mine = sorted((each for each in shown if each.symbol == symbol), key=lambda each: each.at)
    return [each if isinstance(each, Candle) else _point(each) for each in mine]


def _point(quote: Quote) -> Candle:
    price = quote.price
    assert price is not None  # noqa: S101 - a line without a price is a fault
    return Candle(
        symbol=quote.symbol,
        at=quote.at,
        length=timedelta(0),
        source=quote.source,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=quote.volume,
    )
