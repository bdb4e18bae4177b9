"""Schwab's market data: quotes, bars and the hours of the exchange. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from brokers.market import Candle, MarketHours, Quote
from brokers.schwab.wire_json import UnreadableBodyError, instant_of, structured
from brokers.schwab.wire_symbols import from_schwab
from trading.vocabulary import Symbol


SOURCE: Final = "schwab"
NORMAL: Final = "Normal"
"""The only status of a security in which it trades as usual."""


@frozen(kw_only=True)
class QuotedPrices:
    """The prices of one symbol; 0 is what there is not."""

    bid_price: Decimal | None = None
    ask_price: Decimal | None = None
    last_price: Decimal | None = None
    close_price: Decimal | None = None
    quote_time: int = 0
    trade_time: int = 0
    security_status: str = NORMAL


@frozen(kw_only=True)
class Reference:
    """Whether a share can be borrowed, and what it is."""

    description: str = ""
    is_shortable: bool = False
    is_hard_to_borrow: bool = False


@frozen(kw_only=True)
class QuoteRecord:
    """One symbol's entry in an answer to /quotes."""

    symbol: str
    realtime: bool = False
    quote: QuotedPrices = QuotedPrices()
    reference: Reference = Reference()


def quotes_of(answer: Mapping[str, Any]) -> Mapping[Symbol, Quote]:
    """The quotes of an answer. Symbols it does not know and quotes that are late are left out."""
    told = {}
    for key, entry in answer.items():
        if key == "errors":
            continue
        record = structured(entry, QuoteRecord)
        if record.realtime:
            quote = _quote_of(record)
            told[quote.symbol] = quote
    return told


def _quote_of(record: QuoteRecord) -> Quote:
    prices = record.quote
    return Quote(
        symbol=from_schwab(record.symbol),
        at=instant_of(max(prices.quote_time, prices.trade_time)),
        source=SOURCE,
        bid=prices.bid_price or None,
        ask=prices.ask_price or None,
        last=prices.last_price or None,
        previous_close=prices.close_price or None,
        is_halted=prices.security_status != NORMAL,
        is_lent=record.reference.is_shortable and not record.reference.is_hard_to_borrow,
    )


# --- bars ---------------------------------------------------------------------------------------


@frozen(kw_only=True)
class CandleRecord:
    """One bar, by the instant at which it starts."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    datetime: int
    volume: Decimal | None = None


@frozen(kw_only=True)
class CandleList:
    """The bars of one symbol."""

    symbol: str = ""
    empty: bool = False
    candles: tuple[CandleRecord, ...] = ()


MINUTES: Final = (1, 5, 10, 15, 30)
DAY: Final = timedelta(days=1)


def frequency_of(length: timedelta) -> Mapping[str, str] | None:
    """How bars of a length are asked for; None: there are none of that length."""
    if length == DAY:
        return {"periodType": "year", "frequencyType": "daily", "frequency": "1"}
    for minutes in MINUTES:
        if length == timedelta(minutes=minutes):
            return {"periodType": "day", "frequencyType": "minute", "frequency": str(minutes)}
    return None


def candles_of(
    answer: CandleList, symbol: Symbol, length: timedelta, since: datetime
) -> tuple[Candle, ...]:
    """The bars of an answer from an instant on, oldest first."""
    told = [
        Candle(
            symbol=symbol,
            at=instant_of(bar.datetime),
            length=length,
            source=SOURCE,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
        )
        for bar in answer.candles
    ]
    return tuple(sorted((bar for bar in told if bar.at >= since), key=lambda bar: bar.at))


# --- hours --------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Span:
    """From when to when."""

    start: datetime
    end: datetime


@frozen(kw_only=True)
class SessionHours:
    """The sessions of one day."""

    pre_market: tuple[Span, ...] = ()
    regular_market: tuple[Span, ...] = ()
    post_market: tuple[Span, ...] = ()


@frozen(kw_only=True)
class HoursRecord:
    """One product's day; a closed one has no sessions."""

    is_open: bool
    date: str = ""
    market_type: str = ""
    session_hours: SessionHours = SessionHours()


def hours_of(answer: Mapping[str, Any], market: str = "equity") -> MarketHours | None:
    """The regular session of the day asked for; None: the exchange stays closed.

    The inner key is another one on a closed day, so it is not asked for by name.
    """
    products = answer.get(market, {})
    if not isinstance(products, Mapping):
        raise UnreadableBodyError(f"no hours of {market}")
    return _regular(structured(day, HoursRecord) for day in products.values())


def _regular(days: Iterable[HoursRecord]) -> MarketHours | None:
    spans = [span for day in days if day.is_open for span in day.session_hours.regular_market]
    if not spans:
        return None
    return MarketHours(
        opens_at=min(span.start for span in spans), closes_at=max(span.end for span in spans)
    )
