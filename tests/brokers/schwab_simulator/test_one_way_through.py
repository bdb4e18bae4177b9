"""From the consent page to the transaction, over HTTP, as a client of somebody else would."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.server import application
from tests.brokers.schwab_simulator.conftest import HandClock


CALLBACK = "https://127.0.0.1:8182"
TRADER = "/trader/v1"
BASIC = {"Authorization": aiohttp.encode_basic_auth("key", "secret")}

Client = TestClient[Any, Any]


def order(
    instruction: str = "BUY", quantity: int = 7, symbol: str = "AAPL", **more: Any
) -> dict[str, Any]:
    leg = {"instruction": instruction, "quantity": quantity}
    return {
        "orderType": "MARKET",
        "session": "NORMAL",
        "duration": "DAY",
        "orderStrategyType": "SINGLE",
        "orderLegCollection": [leg | {"instrument": {"symbol": symbol, "assetType": "EQUITY"}}],
    } | more


def bracket() -> dict[str, Any]:
    exits = [
        order("SELL", orderType="LIMIT", price="190.00", duration="GOOD_TILL_CANCEL"),
        order("SELL", orderType="STOP", stopPrice="180.00", duration="GOOD_TILL_CANCEL"),
    ]
    oco = {"orderStrategyType": "OCO", "childOrderStrategies": exits}
    return order() | {"orderStrategyType": "TRIGGER", "childOrderStrategies": [oco]}


def over_http(desk: Desk, act: Callable[[Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with TestClient(TestServer(application(desk))) as client:
            await act(client)

    asyncio.run(run())


async def code_of(client: Client) -> str:
    asked = {"client_id": "key", "redirect_uri": CALLBACK, "state": "a b"}
    page = await client.get("/v1/oauth/authorize", params=asked)
    assert "<button" in await page.text()
    sent = await client.post("/v1/oauth/authorize", data=asked, allow_redirects=False)
    where = sent.headers["Location"]
    assert where.startswith(f"{CALLBACK}/?code=C0.")
    assert "%40&session=" in where
    found = parse_qs(urlsplit(where).query)
    assert found["state"] == ["a b"]
    return found["code"][0]


async def token_for(client: Client, **form: str) -> tuple[int, dict[str, Any]]:
    got = await client.post("/v1/oauth/token", data=form, headers=BASIC)
    return got.status, await got.json()


async def log_in(client: Client) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    status, token = await token_for(client, code=await code_of(client), **form)
    assert status == 200
    client.session.headers["Authorization"] = f"Bearer {token['access_token']}"
    numbers = await (await client.get(f"{TRADER}/accounts/accountNumbers")).json()
    token["account"] = f"{TRADER}/accounts/{numbers[0]['hashValue']}"
    return token


async def placed(client: Client, account: str, body: dict[str, Any]) -> str:
    answer = await client.post(f"{account}/orders", json=body)
    assert (answer.status, await answer.read()) == (201, b"")
    return urlsplit(answer.headers["Location"]).path


async def got(client: Client, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status == 200
    assert answer.headers["Schwab-Client-CorrelId"]
    return await answer.json()


def test_a_market_order_is_filled_and_held_and_told_of(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        path = await placed(client, account, order())
        seen = await got(client, path)
        assert (seen["status"], seen["filledQuantity"]) == ("FILLED", 7.0)
        assert seen["enteredTime"] == "2026-03-09T15:50:23+0000"
        assert isinstance(seen["accountNumber"], int)
        leg = seen["orderActivityCollection"][0]["executionLegs"][0]
        assert leg["price"] == 187.51
        held = (await got(client, account, fields="positions"))["securitiesAccount"]
        assert held["positions"][0]["longQuantity"] == 7.0
        assert held["currentBalances"]["cashBalance"] == 48687.43
        assert "positions" not in (await got(client, account))["securitiesAccount"]
        span = {"startDate": "2026-03-09T00:00:00.000Z", "endDate": "2026-03-10T00:00:00.000Z"}
        (traded,) = await got(client, f"{account}/transactions", types="TRADE", **span)
        assert (traded["orderId"], traded["netAmount"]) == (seen["orderId"], -1312.57)

    over_http(desk, act)


def test_a_code_is_good_once_and_for_30_seconds(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        code = await code_of(client)
        assert (await token_for(client, code=code, **form))[0] == 200
        assert (await token_for(client, code=code, **form))[0] == 400
        late = await code_of(client)
        clock.passes(timedelta(seconds=30))
        assert (await token_for(client, code=late, **form))[0] == 400

    over_http(desk, act)


def test_a_refresh_keeps_its_token_until_the_next_login(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        first = await log_in(client)
        clock.passes(timedelta(minutes=30))
        assert (await client.get(f"{TRADER}/accounts")).status == 401
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        status, again = await token_for(client, **form)
        assert (status, again["refresh_token"]) == (200, first["refresh_token"])
        clock.passes(timedelta(days=7))
        status, dead = await token_for(client, **form)
        assert (status, dead["error"]) == (400, "unsupported_token_type")
        await log_in(client)
        assert (await token_for(client, **form))[0] == 400

    over_http(desk, act)


def test_a_bracket_waits_for_its_parent_and_one_exit_ends_the_other(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        path = await placed(client, account, bracket())
        (oco,) = (await got(client, path))["childOrderStrategies"]
        exits = oco["childOrderStrategies"]
        assert [e["status"] for e in exits] == ["WORKING", "AWAITING_STOP_CONDITION"]
        # While they rest, one more exit would sell what is not there.
        refused = await got(client, await placed(client, account, order("SELL")))
        assert refused["status"] == "REJECTED"
        assert "oversold" in refused["statusDescription"]
        prices = {"bid": "190.05", "ask": "190.07", "last": "190.06"}
        await client.post("/simulator/quotes", json={"AAPL": prices})
        (oco,) = (await got(client, path))["childOrderStrategies"]
        exits = oco["childOrderStrategies"]
        assert oco["status"] == "FILLED"
        assert [e["status"] for e in exits] == ["FILLED", "CANCELED"]
        phantom = exits[1]["orderActivityCollection"][0]
        assert phantom["executionType"] == "CANCELED"
        assert phantom["executionLegs"][0]["price"] == 0.0
        ledger = await got(client, "/simulator/ledger")
        assert ledger["accounts"]["12345678"]["positions"] == {}

    over_http(desk, act)


def test_an_order_after_hours_waits_and_may_be_replaced_or_cancelled(
    desk: Desk, clock: HandClock
) -> None:
    async def act(client: Client) -> None:
        clock.passes(timedelta(hours=8))
        account = (await log_in(client))["account"]
        old = await placed(client, account, order(orderType="LIMIT", price="180"))
        assert (await got(client, old))["status"] == "PENDING_ACTIVATION"
        answer = await client.put(old, json=order(orderType="LIMIT", price="181"))
        new = urlsplit(answer.headers["Location"]).path
        assert answer.status == 201
        assert new != old
        assert (await got(client, old))["status"] == "REPLACED"
        assert (await client.delete(new)).status == 200
        assert (await got(client, new))["status"] == "CANCELED"
        assert (await client.delete(new)).status == 400

    over_http(desk, act)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (order(requestedDestination="AUTO"), "requestedDestination"),
        (order(session="EXTO"), "Invalid value 'EXTO'"),
        (order(session="SEAMLESS"), "Invalid request data"),
        (order(orderType="LIMIT", price="187.505"), "Invalid price"),
        (order(quantity=0), "quantity"),
        (order("BUY_TO_OPEN"), "BUY_TO_OPEN"),
    ],
)
def test_what_is_not_an_order_is_refused_at_once(
    desk: Desk, body: dict[str, Any], said: str
) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        answer = await client.post(f"{account}/orders", json=body)
        assert answer.status == 400
        assert said in (await answer.json())["message"]

    over_http(desk, act)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (order(quantity=100_000), "buying power"),
        (order("SELL"), "oversold"),
        (order(orderType="STOP", stopPrice="180"), "stop orders"),
    ],
)
def test_a_201_is_not_yet_an_acceptance(desk: Desk, body: dict[str, Any], said: str) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        seen = await got(client, await placed(client, account, body))
        assert (seen["status"], seen["remainingQuantity"]) == ("REJECTED", 0.0)
        assert said in seen["statusDescription"]
        assert "orderActivityCollection" not in seen

    over_http(desk, act)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_dropped_order_is_on_the_ledger_or_not(desk: Desk, kind: str) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await client.post("/simulator/faults", json={"kind": kind})
        with pytest.raises(aiohttp.ClientError):
            await client.post(f"{account}/orders", json=order())
        ledger = await got(client, "/simulator/ledger")
        assert len(ledger["orders"]) == (1 if kind == "drop_after" else 0)

    over_http(desk, act)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 504])
def test_a_scripted_status_is_met_once(desk: Desk, status: int) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await client.post("/simulator/faults", json={"kind": "status", "status": status})
        assert (await client.post(f"{account}/orders", json=order())).status == status
        await placed(client, account, order())

    over_http(desk, act)


def test_a_201_may_come_without_its_location(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await client.post("/simulator/faults", json={"kind": "no_location"})
        answer = await client.post(f"{account}/orders", json=order())
        assert answer.status == 201
        assert "Location" not in answer.headers
        assert len((await got(client, "/simulator/ledger"))["orders"]) == 1

    over_http(desk, act)


def test_a_closed_day_has_another_inner_key(desk: Desk) -> None:
    async def act(client: Client) -> None:
        await log_in(client)
        open_day = await got(client, "/marketdata/v1/markets", markets="equity", date="2026-03-09")
        regular = open_day["equity"]["EQ"]["sessionHours"]["regularMarket"][0]
        assert regular["start"] == "2026-03-09T09:30:00-04:00"
        closed = await got(client, "/marketdata/v1/markets", markets="equity", date="2026-03-14")
        assert closed["equity"]["equity"]["isOpen"] is False

    over_http(desk, act)


def test_unknown_symbols_are_named_beside_the_quotes(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        await log_in(client)
        clock.passes(timedelta(minutes=9))
        found = await got(client, "/marketdata/v1/quotes", symbols="AAPL,NOPE")
        assert found["AAPL"]["quote"]["askPrice"] == 187.51
        # Nobody moved the market, and yet it is quoted now.
        assert found["AAPL"]["quote"]["quoteTime"] == int(clock.now().timestamp() * 1000)
        assert found["errors"] == {"invalidSymbols": ["NOPE"]}

    over_http(desk, act)


def test_a_fund_is_ordered_as_a_share_and_held_as_what_it_is(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        path = await placed(client, account, order(symbol="SPY"))
        leg = (await got(client, path))["orderLegCollection"][0]
        assert leg["instrument"]["assetType"] == "EQUITY"
        held = (await got(client, account, fields="positions"))["securitiesAccount"]["positions"]
        kept = held[0]["instrument"]
        assert kept["assetType"] == "COLLECTIVE_INVESTMENT"
        assert (kept["symbol"], kept["type"]) == ("SPY", "EXCHANGE_TRADED_FUND")
        quote = (await got(client, "/marketdata/v1/SPY/quotes"))["SPY"]
        assert (quote["assetMainType"], quote["assetSubType"]) == ("EQUITY", "ETF")

    over_http(desk, act)
