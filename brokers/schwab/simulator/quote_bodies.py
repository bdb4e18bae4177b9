"""What market data says of a symbol: its quote in parts, and what it is. Pure."""

from decimal import Decimal
from typing import Final

from brokers.market import Quote
from brokers.schwab.simulator.answers import FUNDS, Json, instrument, instrument_id
from trading.money import CENT, ZERO


PARTS: Final = ("quote", "fundamental", "extended", "reference", "regular")
"""The roots that `fields` may name."""


def quote_body(quote: Quote, parts: frozenset[str] = frozenset(PARTS)) -> Json:
    """A symbol's entry with the parts asked for; zero where there is no bid or ask."""
    made = {
        "extended": _extended,
        "fundamental": _fundamental,
        "quote": _quote,
        "reference": _reference,
        "regular": _regular,
    }
    head = {
        "assetMainType": "EQUITY",
        "assetSubType": "ETF" if quote.symbol in FUNDS else "COE",
        "quoteType": "NBBO",
        "realtime": True,
        "ssid": instrument_id(quote.symbol),
        "symbol": quote.symbol,
    }
    return head | {name: part(quote) for name, part in made.items() if name in parts}


def described(symbol: str) -> Json:
    """A symbol as the list of instruments has it."""
    return {
        "cusip": instrument(symbol)["cusip"],
        "symbol": symbol,
        "description": symbol,
        "exchange": "NASDAQ",
        "assetType": "ETF" if symbol in FUNDS else "EQUITY",
    }


def _quote(quote: Quote) -> Json:
    price, close, at = quote.price or ZERO, _close(quote), _ms(quote)
    net = price - close
    share = (net / close * 100).quantize(CENT) if close else ZERO
    return {
        "52WeekHigh": max(price, close), "52WeekLow": min(price, close),
        "askMICId": "XNAS", "askPrice": quote.ask or ZERO, "askSize": 1, "askTime": at,
        "bidMICId": "XNAS", "bidPrice": quote.bid or ZERO, "bidSize": 1, "bidTime": at,
        "closePrice": close, "highPrice": max(price, close),
        "lastMICId": "XNAS", "lastPrice": price, "lastSize": 1, "lowPrice": min(price, close),
        "mark": price, "markChange": net, "markPercentChange": share,
        "netChange": net, "netPercentChange": share, "openPrice": close,
        "postMarketChange": ZERO, "postMarketPercentChange": ZERO, "quoteTime": at,
        "securityStatus": "Halted" if quote.is_halted else "Normal",
        "totalVolume": int(quote.volume or 0), "tradeTime": at,
    }  # fmt: skip


def _extended(quote: Quote) -> Json:
    at, price = _ms(quote), quote.price or ZERO
    return {
        "askPrice": quote.ask or ZERO, "askSize": 1, "bidPrice": quote.bid or ZERO, "bidSize": 1,
        "lastPrice": price, "lastSize": 1, "mark": price, "quoteTime": at,
        "totalVolume": 0, "tradeTime": at,
    }  # fmt: skip


def _fundamental(_: Quote) -> Json:
    """Nothing is known of a simulated company's business."""
    return {
        "avg10DaysVolume": ZERO, "avg1YearVolume": ZERO, "divAmount": ZERO, "divFreq": None,
        "divPayAmount": ZERO, "divYield": ZERO, "eps": ZERO, "fundLeverageFactor": ZERO,
        "peRatio": ZERO,
    }  # fmt: skip


def _reference(quote: Quote) -> Json:
    return {
        "cusip": instrument(quote.symbol)["cusip"], "description": quote.symbol, "exchange": "Q",
        "exchangeName": "NASDAQ", "isHardToBorrow": False, "isShortable": True, "htbRate": ZERO,
    }  # fmt: skip


def _regular(quote: Quote) -> Json:
    price, close = quote.price or ZERO, _close(quote)
    net = price - close
    return {
        "regularMarketLastPrice": price, "regularMarketLastSize": 1,
        "regularMarketNetChange": net,
        "regularMarketPercentChange": (net / close * 100).quantize(CENT) if close else ZERO,
        "regularMarketTradeTime": _ms(quote),
    }  # fmt: skip


def _close(quote: Quote) -> Decimal:
    return quote.previous_close or quote.price or ZERO


def _ms(quote: Quote) -> int:
    return int(quote.at.timestamp() * 1000)
