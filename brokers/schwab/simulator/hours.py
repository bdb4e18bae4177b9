"""When the markets are open, as market data says it. Pure."""

from datetime import date, datetime
from typing import Final

from brokers.schwab.simulator.answers import Json
from trading.sessions import NEW_YORK, Calendar, DayHours


MARKETS: Final = ("equity", "option", "bond", "future", "forex")


def market_hours(calendar: Calendar, market: str, day: date) -> Json:
    """A market's hours on a day; bonds, futures and currencies are always closed here.

    On a closed day the inner key is the market's name, on an open one the product's.
    """
    hours = calendar.hours(day)
    head = {"date": day.isoformat(), "marketType": market.upper()}
    if hours is None or market not in ("equity", "option"):
        return {market: head | {"product": market, "isOpen": False}}
    if market == "option":
        return {key: _open(head, key, name, _options(hours)) for key, name in OPTIONS.items()}
    return {"EQ": _open(head, "EQ", "equity", _shares(hours))}


OPTIONS: Final = {"EQO": "equity option", "IND": "index option"}


def _open(head: Json, product: str, name: str, sessions: Json) -> Json:
    named = {"product": product, "productName": name, "isOpen": True, "sessionHours": sessions}
    return head | named


def _shares(hours: DayHours) -> Json:
    return {
        "preMarket": [_span(hours.pre, hours.opens)],
        "regularMarket": [_span(hours.opens, hours.closes)],
        "postMarket": [_span(hours.closes, hours.post_ends)],
    }


def _options(hours: DayHours) -> Json:
    return {"regularMarket": [_span(hours.opens, hours.closes)]}


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {
        "start": start.astimezone(NEW_YORK).isoformat(),
        "end": end.astimezone(NEW_YORK).isoformat(),
    }
