"""What LEVELONE_EQUITIES and CHART_EQUITY say of a symbol, by field number. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from brokers.market import Candle, Quote
from brokers.schwab.simulator.answers import FUNDS, Json, instrument
from trading.money import CENT, ZERO
from trading.sessions import NEW_YORK


LOT: Final = 1
LAST_LEVEL_ONE: Final = 51
LAST_CHART: Final = 8
LAST_ACTIVITY: Final = 3


def level_one(quote: Quote) -> dict[int, Any]:
    """A quote by the numbers of the guide's second table; what is not known is not there."""
    price, at = quote.price or ZERO, int(quote.at.timestamp() * 1000)
    close = quote.previous_close or price
    net = price - close
    share = (net / close * 100).quantize(CENT) if close else ZERO
    return {
        1: quote.bid or ZERO, 2: quote.ask or ZERO, 3: price,
        4: LOT, 5: LOT, 6: "Q", 7: "Q", 8: int(quote.volume or 0), 9: LOT,
        10: max(price, close), 11: min(price, close), 12: close, 13: "Q", 14: True,
        15: quote.symbol, 16: "Q", 17: close, 18: net, 25: "NASDAQ",
        27: True, 28: True, 29: price, 30: LOT, 31: net,
        32: "Halted" if quote.is_halted else "Normal", 33: price, 34: at, 35: at, 36: at,
        37: at, 38: at, 39: "XNAS", 40: "XNAS", 41: "XNAS",
        42: share, 43: share, 44: net, 45: share, 46: -1, 47: ZERO, 48: 0, 49: 1,
    }  # fmt: skip


def snapshot(quote: Quote, fields: tuple[int, ...]) -> Json:
    """The first message of a symbol: everything that was asked for."""
    head = {
        "key": quote.symbol,
        "delayed": False,
        "assetMainType": "EQUITY",
        "assetSubType": "ETF" if quote.symbol in FUNDS else "COE",
        "cusip": instrument(quote.symbol)["cusip"],
    }
    return head | numbered(level_one(quote), fields)


def change(before: Quote, after: Quote, fields: tuple[int, ...]) -> Json | None:
    """A later message: what has changed of what was asked for, or None."""
    was, now = level_one(before), level_one(after)
    changed = {number: value for number, value in now.items() if value != was[number]}
    body = numbered(changed, fields)
    return {"key": after.symbol} | body if body else None


def chart(bar: Candle, sequence: int, fields: tuple[int, ...]) -> Json:
    """A minute's bar, numbered as it is live; the guide has the prices from 1 on."""
    day = bar.at.astimezone(NEW_YORK).date().toordinal()
    values: dict[int, Any] = {
        1: sequence, 2: bar.open, 3: bar.high, 4: bar.low, 5: bar.close,
        6: bar.volume or Decimal(0), 7: int(bar.at.timestamp() * 1000), 8: day - _EPOCH_DAY,
    }  # fmt: skip
    return {"seq": sequence, "key": bar.symbol} | numbered(values, fields)


def numbered(values: Mapping[int, Any], fields: tuple[int, ...]) -> Json:
    """The fields asked for, as the texts that their numbers are sent as."""
    return {str(number): values[number] for number in fields if number in values}


_EPOCH_DAY: Final = 719_163
"""1970-01-01, as `date.toordinal` counts."""
