"""The market data routes: quotes and market hours."""

from datetime import date, datetime
from typing import Any

from aiohttp import web
from attrs import evolve

from brokers.market import Quote
from brokers.schwab.simulator.answers import quote_body
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.shell import answer, gateway
from trading.sessions import NEW_YORK, Calendar


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of market data."""

    def shown(quote: Quote) -> dict[str, Any]:
        # A market that does not move is quoted all the same: no client trades on an old quote.
        return quote_body(evolve(quote, at=desk.now()))

    async def quotes(request: web.Request) -> web.Response:
        wanted = [each for each in request.query.get("symbols", "").split(",") if each]
        known = desk.world.quotes
        body: dict[str, Any] = {s: shown(known[s]) for s in wanted if s in known}
        if unknown := [symbol for symbol in wanted if symbol not in known]:
            body["errors"] = {"invalidSymbols": unknown}
        return answer(body)

    async def quote(request: web.Request) -> web.Response:
        symbol = request.match_info["symbol"]
        found = desk.world.quotes.get(symbol)
        return gateway(404, "Not Found") if found is None else answer({symbol: shown(found)})

    async def hours(request: web.Request) -> web.Response:
        told = request.query.get("date")
        try:
            day = date.fromisoformat(told) if told else desk.now().astimezone(NEW_YORK).date()
        except ValueError:
            return gateway(400, "Bad Request")
        return answer({"equity": market_hours(desk.calendar, day)})

    return [
        web.get("/marketdata/v1/quotes", quotes),
        web.get("/marketdata/v1/{symbol}/quotes", quote),
        web.get("/marketdata/v1/markets", hours),
        web.get("/marketdata/v1/markets/equity", hours),
    ]


def market_hours(calendar: Calendar, day: date) -> dict[str, Any]:
    """A day's hours; on a closed one the inner key is another, as it is at Schwab."""
    found = calendar.hours(day)
    head = {"date": day.isoformat(), "marketType": "EQUITY"}
    if found is None:
        return {"equity": head | {"product": "equity", "isOpen": False}}
    sessions = {
        "preMarket": [_span(found.pre, found.opens)],
        "regularMarket": [_span(found.opens, found.closes)],
        "postMarket": [_span(found.closes, found.post_ends)],
    }
    named = {"product": "EQ", "productName": "equity", "isOpen": True, "sessionHours": sessions}
    return {"EQ": head | named}


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {
        "start": start.astimezone(NEW_YORK).isoformat(),
        "end": end.astimezone(NEW_YORK).isoformat(),
    }
