"""Quotes in parts, the hours of markets, and instruments."""

from datetime import timedelta
from typing import Any

import pytest

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_one_way_through import Client, got, log_in, over_http


BASE = "/marketdata/v1"
EVERY_PART = {"quote", "fundamental", "extended", "reference", "regular"}


def parts(entry: dict[str, Any]) -> set[str]:
    return {name for name, part in entry.items() if isinstance(part, dict)}


def test_a_quote_has_the_parts_asked_for(desk: Desk) -> None:
    async def act(client: Client) -> None:
        await log_in(client)
        told = await got(client, f"{BASE}/quotes", symbols="AAPL,XX,MSFT,YY")
        assert list(told) == ["AAPL", "MSFT", "errors"]
        assert told["errors"] == {"invalidSymbols": ["XX", "YY"]}
        assert parts(told["AAPL"]) == EVERY_PART
        for fields, wanted in (
            ("quote", {"quote"}),
            ("quote,reference", {"quote", "reference"}),
            ("all", EVERY_PART),
            ("", EVERY_PART),
        ):
            one = await got(client, f"{BASE}/AAPL/quotes", fields=fields)
            both = await got(client, f"{BASE}/quotes", symbols="AAPL", fields=fields)
            assert parts(one["AAPL"]) == parts(both["AAPL"]) == wanted

    over_http(desk, act)


@pytest.mark.parametrize(
    ("path", "query", "status", "source"),
    [
        ("quotes", {}, 400, {"pointer"}),
        ("quotes", {"symbols": ",".join(f"S{n}" for n in range(501))}, 400, {"pointer"}),
        ("quotes", {"symbols": "AAPL", "fields": "price"}, 400, {"parameter"}),
        ("quotes", {"symbols": "AAPL", "indicative": "1"}, 400, {"parameter"}),
        ("NONE/quotes", {}, 404, set()),
        ("AAPL/quotes", {"fields": "price"}, 400, {"parameter"}),
        ("markets", {}, 400, {"parameter"}),
        ("markets", {"markets": "equity,moon"}, 400, {"parameter"}),
        ("markets/moon", {}, 404, set()),
        ("markets/equity", {"date": "09.03.2026"}, 400, {"parameter"}),
        ("markets/equity", {"date": "2026-03-08"}, 400, {"parameter"}),
        ("markets/equity", {"date": "2027-03-11"}, 400, {"parameter"}),
        ("instruments", {"symbol": "AAPL"}, 400, {"parameter"}),
        ("instruments", {"projection": "search"}, 400, {"parameter"}),
        ("instruments", {"projection": "symbol-regex", "symbol": "("}, 400, {"parameter"}),
        ("instruments/000000000", {}, 404, set()),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_market_datas_shape(
    desk: Desk, path: str, query: dict[str, str], status: int, source: set[str]
) -> None:
    async def act(client: Client) -> None:
        await log_in(client)
        answer = await client.get(f"{BASE}/{path}", params=query)
        (error,) = (await answer.json())["errors"]
        assert (answer.status, error["status"]) == (status, str(status))
        assert set(error.get("source", {})) == source

    over_http(desk, act)


def test_a_route_that_there_is_not_is_the_gateways_to_refuse(desk: Desk) -> None:
    async def act(client: Client) -> None:
        assert (await client.get(f"{BASE}/chains")).status == 401
        await log_in(client)
        for path in (f"{BASE}/chains", "/trader/v1/watchlists"):
            answer = await client.get(path, params={"symbol": "AAPL"})
            assert (answer.status, answer.content_type) == (404, "text/plain")
            assert (await answer.text()).startswith("404 Not Found: Requested route")

    over_http(desk, act)


def test_hours_have_another_inner_key_on_closed_days(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        await log_in(client)
        every = await got(client, f"{BASE}/markets", markets="equity,option,bond,future,forex")
        assert {market: list(inner) for market, inner in every.items()} == {
            "equity": ["EQ"],
            "option": ["EQO", "IND"],
            "bond": ["bond"],
            "future": ["future"],
            "forex": ["forex"],
        }
        sessions = every["equity"]["EQ"]["sessionHours"]
        assert sessions["regularMarket"] == [
            {"start": "2026-03-09T09:30:00-04:00", "end": "2026-03-09T16:00:00-04:00"}
        ]
        assert sessions["preMarket"][0]["start"] == "2026-03-09T07:00:00-04:00"
        assert sessions["postMarket"][0]["end"] == "2026-03-09T20:00:00-04:00"
        closed = await got(client, f"{BASE}/markets/equity", date="2026-03-14")
        assert closed == {
            "equity": {
                "equity": {
                    "date": "2026-03-14",
                    "marketType": "EQUITY",
                    "product": "equity",
                    "isOpen": False,
                }
            }
        }
        winter = await got(client, f"{BASE}/markets/equity", date="2026-12-01")
        assert "-05:00" in winter["equity"]["EQ"]["sessionHours"]["regularMarket"][0]["start"]
        clock.passes(timedelta(minutes=10))
        today = await got(client, f"{BASE}/markets/equity")
        assert today["equity"]["EQ"]["date"] == "2026-03-09"

    over_http(desk, act)


def test_instruments_are_found_in_every_way(desk: Desk) -> None:
    async def act(client: Client) -> None:
        await log_in(client)

        async def found(symbol: str, projection: str) -> list[str]:
            asked = {"symbol": symbol, "projection": projection}
            told = await got(client, f"{BASE}/instruments", **asked)
            return [each["symbol"] for each in told["instruments"]]

        assert await found("AAPL", "symbol-search") == ["AAPL"]
        assert await found("aapl,spy", "search") == ["AAPL", "SPY"]
        assert await found("[AS].*", "symbol-regex") == ["AAPL", "SPY"]
        assert await found("apl", "desc-search") == ["AAPL"]
        assert await found("M.*", "desc-regex") == ["MSFT"]
        assert await found("NONE", "symbol-search") == []
        asked = {"symbol": "SPY", "projection": "fundamental"}
        (one,) = (await got(client, f"{BASE}/instruments", **asked))["instruments"]
        assert one["fundamental"]["symbol"] == "SPY"
        again = await got(client, f"{BASE}/instruments/{one['cusip']}")
        assert again["symbol"] == "SPY"

    over_http(desk, act)
