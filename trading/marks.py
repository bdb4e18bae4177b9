"""What a symbol is worth right now: the last price, where it came from and when."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from trading.vocabulary import MarkSource


@frozen
class Mark:
    """The last known price of a symbol, with its instant."""

    price: Decimal
    at: datetime
    source: MarkSource = MarkSource.ALERT

    @property
    def is_of_market(self) -> bool:
        """Whether a market said it, and not an alert or a fill of ours."""
        return self.source in (MarkSource.QUOTE, MarkSource.CLOSE)

    def age(self, now: datetime) -> timedelta:
        """How long ago it was the price."""
        return now - self.at


@frozen
class Shown:
    """When a market last showed a symbol; a bar holds until the next one is over."""

    at: datetime
    holds_for: timedelta = timedelta(0)


def fresher(known: Mark | None, heard: Mark) -> Mark:
    """Which of two prices of a symbol is its mark.

    What a market said is never replaced by an alert's price or a fill's; else the later one holds,
    and of two of one instant the one heard last.
    """
    if known is None:
        return heard
    if known.is_of_market and not heard.is_of_market:
        return known
    if heard.is_of_market and not known.is_of_market:
        return heard
    return known if heard.at < known.at else heard
