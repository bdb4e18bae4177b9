"""What a market shows: quotes with their source and age, bars, and the hours it is open."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.money import ZERO
from trading.sessions import NEW_YORK, Calendar
from trading.vocabulary import Side, Symbol


FROM_ALERT: Final = "alert"
"""The source of a price that only an alert named: what is filled by it is INDICATIVE."""


def market_day(at: datetime) -> date:
    """The day in New York, by which a first price of the day is told from a later one."""
    return at.astimezone(NEW_YORK).date()


@frozen(kw_only=True)
class Quote:
    """What a market showed of a symbol at one instant; None is what it did not say.

    `last` is the last trade's price, `volume` the shares traded in the quote's minute so far. What
    `is_lent` can be borrowed without trouble, to be sold short.
    Displayed sizes are not here: they say little, and venues differ in their units.
    """

    symbol: Symbol
    at: datetime
    source: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    volume: Decimal | None = None
    previous_close: Decimal | None = None
    is_halted: bool = False
    is_lent: bool = False

    @property
    def has_both_sides(self) -> bool:
        """Whether there is a market to trade against, rather than a last price only."""
        return self.bid is not None and self.ask is not None

    @property
    def is_sound(self) -> bool:
        """Whether it can be traded by: prices above 0, a bid not above the ask."""
        prices = [price for price in (self.bid, self.ask, self.last) if price is not None]
        if not prices or min(prices) <= ZERO or self.is_halted:
            return False
        return self.bid is None or self.ask is None or self.bid <= self.ask

    @property
    def price(self) -> Decimal | None:
        """One price for the symbol: the last trade, else the middle, else the side there is."""
        if self.last is not None:
            return self.last
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.bid if self.bid is not None else self.ask

    def against(self, side: Side) -> Decimal | None:
        """The price that an order of this side trades against: the ask for a buy."""
        return self.ask if side is Side.BUY else self.bid

    def towards_stop(self, side: Side) -> Decimal | None:
        """The price that a stop of this side is tested by: the last trade, or what it meets."""
        return self.last if self.last is not None else self.against(side)

    @property
    def minute(self) -> datetime:
        """The minute that it stands in."""
        return self.at.replace(second=0, microsecond=0)

    def age(self, now: datetime) -> timedelta:
        """How old it is; never below zero."""
        return max(now - self.at, timedelta(0))


@frozen(kw_only=True)
class Candle:
    """What a symbol traded at within `[at, at + length)`; `volume` in shares."""

    symbol: Symbol
    at: datetime
    length: timedelta
    source: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None

    @property
    def ends_at(self) -> datetime:
        """The instant from which its prices are known."""
        return self.at + self.length


@frozen(kw_only=True)
class MarketHours:
    """One regular session, from the open until just before the close."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether the market is open at an instant."""
        return self.opens_at <= at < self.closes_at


def regular_hours(calendar: Calendar, at: datetime) -> MarketHours:
    """The regular session at an instant, or the next one."""
    closes_at = calendar.next_close(at)
    day = calendar.hours_at(closes_at)
    assert day is not None  # noqa: S101 - a day that closes has hours
    return MarketHours(opens_at=day.opens, closes_at=closes_at)
