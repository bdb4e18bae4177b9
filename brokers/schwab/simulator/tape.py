"""What the market showed while the simulator ran, in bars of a minute."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import define, evolve, field

from brokers.market import Candle, Quote
from brokers.schwab.simulator.model import World
from trading.money import ZERO


MINUTE: Final = timedelta(minutes=1)
KEPT: Final = 5 * 960
"""Minutes kept for each symbol: five days from the first to the last session."""


@define
class Tape:
    """Bars by symbol and minute, the oldest dropped; grows by the quotes that are shown."""

    _bars: dict[str, dict[datetime, Candle]] = field(factory=dict)

    def changed(self, before: World, after: World) -> None:
        """Take in the quotes that are new in a world."""
        for symbol, quote in after.quotes.items():
            if quote is not before.quotes.get(symbol) and (price := quote.price) is not None:
                self._take(quote, price)

    def minute(self, quote: Quote, at: datetime) -> Candle | None:
        """A minute's bar; flat where nothing was shown, None where there is no price at all."""
        kept = self._bars.get(quote.symbol, {}).get(at)
        if kept is not None or quote.price is None:
            return kept
        return _flat(quote, quote.price, at)

    def shown(self, symbol: str) -> Iterator[Candle]:
        """The bars of the minutes in which something was shown, oldest first."""
        yield from self._bars.get(symbol, {}).values()

    def _take(self, quote: Quote, price: Decimal) -> None:
        bars, at = self._bars.setdefault(quote.symbol, {}), quote.minute
        bar = bars.get(at) or _flat(quote, price, at)
        volume = quote.volume if quote.volume is not None else (bar.volume or ZERO) + 100
        bars[at] = evolve(
            bar,
            high=max(bar.high, price),
            low=min(bar.low, price),
            close=price,
            volume=volume,
        )
        if len(bars) > KEPT:
            del bars[next(iter(bars))]


def _flat(quote: Quote, price: Decimal, at: datetime) -> Candle:
    return Candle(
        symbol=quote.symbol,
        at=at,
        length=MINUTE,
        source=quote.source,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=ZERO,
    )
