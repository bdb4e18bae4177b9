"""The market data routes: quotes, market hours, instruments."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from aiohttp import web
from attrs import evolve

from brokers.market import Quote
from brokers.schwab.simulator.answers import Json, instrument
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.hours import MARKETS, market_hours
from brokers.schwab.simulator.market_errors import refused
from brokers.schwab.simulator.quote_bodies import PARTS, described, quote_body
from brokers.schwab.simulator.shell import answer
from trading.sessions import NEW_YORK


BASE: Final = "/marketdata/v1"
MOST_SYMBOLS: Final = 500
POINTERS: Final = ["/data/attributes/symbols", "/data/attributes/cusips", "/data/attributes/ssids"]
PROJECTIONS: Final = (
    "symbol-search",
    "symbol-regex",
    "desc-search",
    "desc-regex",
    "search",
    "fundamental",
)
AHEAD: Final = timedelta(days=366)


def routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of market data."""
    return [*_quote_routes(desk), *_hour_routes(desk), *_instrument_routes(desk)]


def _quote_routes(desk: Desk) -> list[web.RouteDef]:
    def shown(found: Quote, parts: frozenset[str]) -> Json:
        # A market that does not move is quoted all the same: no client trades on an old quote.
        return quote_body(evolve(found, at=desk.now()), parts)

    async def quotes(request: web.Request) -> web.Response:
        wanted = [each for each in request.query.get("symbols", "").split(",") if each]
        if not wanted:
            return refused(400, "Search combination should have min of 1.", pointer=POINTERS)
        if len(wanted) > MOST_SYMBOLS:
            detail = f"Search combination should not exceed {MOST_SYMBOLS}."
            return refused(400, detail, pointer=POINTERS)
        if (parts := _parts(request.query)) is None:
            return _wrong_fields()
        if request.query.get("indicative", "false").lower() not in ("true", "false"):
            return refused(400, "indicative must be true or false", parameter="indicative")
        known = desk.world.quotes
        body: Json = {s: shown(known[s], parts) for s in wanted if s in known}
        if unknown := [symbol for symbol in wanted if symbol not in known]:
            body["errors"] = {"invalidSymbols": unknown}
        return answer(body)

    async def quote(request: web.Request) -> web.Response:
        symbol = request.match_info["symbol"]
        if (parts := _parts(request.query)) is None:
            return _wrong_fields()
        found = desk.world.quotes.get(symbol)
        return refused(404) if found is None else answer({symbol: shown(found, parts)})

    return [
        web.get(f"{BASE}/quotes", quotes),
        web.get(f"{BASE}/{{symbol}}/quotes", quote),
    ]


def _parts(query: Mapping[str, str]) -> frozenset[str] | None:
    named = frozenset(each.strip() for each in query.get("fields", "all").split(",") if each)
    if not named or "all" in named:
        return frozenset(PARTS)
    return named if named <= frozenset(PARTS) else None


def _wrong_fields() -> web.Response:
    detail = (
        "valid fields should be any of all,fundamental,reference,extended,quote,regular"
        " or empty value"
    )
    return refused(400, detail, parameter="fields")


# --- hours --------------------------------------------------------------------------------------


def _hour_routes(desk: Desk) -> list[web.RouteDef]:
    def shown(request: web.Request, markets: list[str]) -> web.Response:
        today = desk.now().astimezone(NEW_YORK).date()
        try:
            day = date.fromisoformat(request.query.get("date", today.isoformat()))
        except ValueError:
            return refused(400, "date must be YYYY-MM-DD", parameter="date")
        if not today <= day <= today + AHEAD:
            return refused(400, "date must be within a year from today", parameter="date")
        return answer({each: market_hours(desk.calendar, each, day) for each in markets})

    async def several(request: web.Request) -> web.Response:
        wanted = request.query.getall("markets", [])
        markets = [each for told in wanted for each in told.split(",") if each]
        if not markets or not set(markets) <= set(MARKETS):
            detail = f"valid values of markets are {', '.join(MARKETS)}"
            return refused(400, detail, parameter="markets")
        return shown(request, markets)

    async def one(request: web.Request) -> web.Response:
        market = request.match_info["market"]
        return shown(request, [market]) if market in MARKETS else refused(404)

    return [
        web.get(f"{BASE}/markets", several),
        web.get(f"{BASE}/markets/{{market}}", one),
    ]


# --- instruments --------------------------------------------------------------------------------


def _instrument_routes(desk: Desk) -> list[web.RouteDef]:
    async def search(request: web.Request) -> web.Response:
        told = request.query.get("symbol", "")
        projection = request.query.get("projection", "")
        if not told:
            return refused(400, "symbol is required", parameter="symbol")
        if projection not in PROJECTIONS:
            detail = f"valid values of projection are {', '.join(PROJECTIONS)}"
            return refused(400, detail, parameter="projection")
        try:
            found = [s for s in desk.world.quotes if _fits(s, told, projection)]
        except re.error as wrong:
            return refused(400, str(wrong), parameter="symbol")
        return answer({"instruments": [_found(symbol, projection) for symbol in found]})

    async def one(request: web.Request) -> web.Response:
        cusip = request.match_info["cusip"]
        found = (s for s in desk.world.quotes if instrument(s)["cusip"] == cusip)
        symbol = next(found, None)
        return refused(404) if symbol is None else answer(described(symbol))

    return [
        web.get(f"{BASE}/instruments", search),
        web.get(f"{BASE}/instruments/{{cusip}}", one),
    ]


def _fits(symbol: str, told: str, projection: str) -> bool:
    """Whether a symbol is looked for; its description is the symbol too."""
    if projection.endswith("regex"):
        return re.fullmatch(told, symbol) is not None
    if projection == "desc-search":
        return told.upper() in symbol
    return symbol in told.upper().split(",")


def _found(symbol: str, projection: str) -> Json:
    fundamental = {"symbol": symbol, "peRatio": 0.0, "eps": 0.0, "dividendYield": 0.0}
    more = {"fundamental": fundamental} if projection == "fundamental" else {}
    return more | described(symbol)
