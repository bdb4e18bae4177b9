"""Everything the simulator is asked and answers, held against Schwab's own documents."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk, read_quote
from brokers.schwab.simulator.differences import DIFFERENCES
from brokers.schwab.simulator.server import application
from tests.brokers.schwab.test_orders import REQUESTS
from tests.brokers.schwab.test_orders import body as body_of
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.documents import FILES, FOLDER, Exchange, objections
from tests.brokers.schwab_simulator.test_lists import SPAN, TODAY
from tests.brokers.schwab_simulator.test_one_way_through import (
    TRADER,
    Client,
    bracket,
    log_in,
    order,
    placed,
)


pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="their documents are not here")
DATA = "/marketdata/v1"
KNOWN = {(route, place) for each in DIFFERENCES for route in each.routes for place in each.places}


def recorder(kept: list[Exchange]) -> Any:
    @web.middleware
    async def around(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        sent = await request.text()
        response = await handler(request)
        if request.path.startswith(tuple(FILES)) and isinstance(response, web.Response):
            body = response.body
            kept.append(
                Exchange(
                    method=request.method,
                    path=request.path,
                    query=dict(request.query),
                    sent=json.loads(sent) if sent else None,
                    status=response.status,
                    received=json.loads(body) if isinstance(body, bytes) and body else None,
                )
            )
        return response

    return around


async def trades(client: Client, desk: Desk, clock: HandClock) -> None:
    account = (await log_in(client))["account"]
    numbers = await (await client.get(f"{TRADER}/accounts/accountNumbers")).json()
    cash = f"{TRADER}/accounts/{numbers[1]['hashValue']}"
    for body in (order(), bracket(), order(quantity=100_000), order("SELL_SHORT")):
        await client.get(await placed(client, account, body))
        clock.passes(timedelta(seconds=1))
    resting = await placed(client, account, order(orderType="LIMIT", price="150.00"))
    moved = order(orderType="LIMIT", price="151.00")
    where = (await client.put(resting, json=moved)).headers["Location"]
    await client.delete(f"{account}/orders/{where.rpartition('/')[2]}")
    await client.delete(resting)
    stop = order("SELL", orderType="STOP", stopPrice="150.00", stopType="STANDARD", quantity=1)
    await placed(client, account, stop)
    desk.show(read_quote("AAPL", {"bid": "191.00", "ask": "191.02"}, desk.now()))
    await placed(client, cash, order())
    await placed(client, cash, order(quantity=1, symbol="SPY"))
    for body in (order(), bracket(), order("SELL", quantity=999), order(session="EXTO")):
        await client.post(f"{account}/previewOrder", json=body)
    for path in (account, cash, f"{TRADER}/accounts", f"{TRADER}/accounts/NONE"):
        await client.get(path)
        await client.get(path, params={"fields": "positions"})
    for path in (f"{account}/orders", f"{cash}/orders", f"{TRADER}/orders"):
        await client.get(path, params=TODAY)
        await client.get(path, params=TODAY | {"status": "FILLED", "maxResults": "2"})
        await client.get(path)
    await client.get(f"{account}/orders/1")
    await client.get(f"{account}/transactions", params=SPAN)
    traded = await client.get(f"{account}/transactions", params=SPAN | {"types": "TRADE"})
    await client.get(f"{account}/transactions/{(await traded.json())[0]['activityId']}")
    await client.get(f"{TRADER}/userPreference")
    await client.get(f"{TRADER}/accounts", headers={"Authorization": "Bearer stale"})


async def looks(client: Client) -> None:
    await log_in(client)
    asked: list[tuple[str, dict[str, str]]] = [
        ("quotes", {"symbols": "AAPL,MSFT"}),
        ("quotes", {"symbols": "AAPL,NONE", "fields": "quote", "indicative": "false"}),
        ("quotes", {"symbols": "AAPL", "fields": "price"}),
        ("AAPL/quotes", {}),
        ("NONE/quotes", {}),
        ("pricehistory", {"symbol": "AAPL", "needPreviousClose": "true"}),
        ("pricehistory", {"symbol": "AAPL", "periodType": "month", "frequencyType": "daily"}),
        ("pricehistory", {"symbol": "AAPL", "periodType": "week"}),
        ("markets", {"markets": "equity,option,forex", "date": "2026-03-10"}),
        ("markets", {"markets": "moon"}),
        ("markets/equity", {"date": "2026-03-14"}),
        ("markets/moon", {}),
        ("instruments", {"symbol": "AAPL", "projection": "symbol-search"}),
        ("instruments", {"symbol": "AAPL", "projection": "fundamental"}),
        ("instruments", {"symbol": "AAPL"}),
        ("instruments/000000000", {}),
    ]
    for path, query in asked:
        await client.get(f"{DATA}/{path}", params=query)
    cusip = (await (await client.get(f"{DATA}/AAPL/quotes")).json())["AAPL"]["reference"]["cusip"]
    await client.get(f"{DATA}/instruments/{cusip}")
    await client.get(f"{DATA}/quotes", headers={"Authorization": "Bearer stale"})


def test_only_the_known_differences_are_there(desk: Desk, clock: HandClock) -> None:
    kept: list[Exchange] = []

    async def run() -> None:
        app = application(desk)
        app.middlewares.insert(0, recorder(kept))
        async with TestClient(TestServer(app)) as client:
            await trades(client, desk, clock)
            await looks(client)

    asyncio.run(run())
    assert len(kept) > 60
    found = {what for exchange in kept for what in objections(exchange)}
    known = {
        (route, place) for each in DIFFERENCES for route in each.routes for place in each.places
    }
    assert sorted(found - known) == []
    # A difference that nothing shows any more is none.
    places = {place for _, place in found}
    assert [place for each in DIFFERENCES for place in each.places if place not in places] == []
    routes = {route for route, _ in found}
    assert [route for each in DIFFERENCES for route in each.routes if route not in routes] == []


def exchange(path: str, received: Any = None, sent: Any = None, method: str = "GET") -> Exchange:
    status = 200 if method == "GET" or path.endswith("previewOrder") else 201
    return Exchange(method=method, path=path, query={}, sent=sent, status=status, received=received)


def of_answer(found: Iterable[tuple[str, str]]) -> set[str]:
    known = {place for _, place in KNOWN}
    return {place for _, place in found if place.startswith("answer")} - known


RECORDED = {
    "account": f"{TRADER}/accounts/X",
    "account_numbers": f"{TRADER}/accounts/accountNumbers",
    "orders": f"{TRADER}/orders",
    "transactions": f"{TRADER}/accounts/X/transactions",
    "user_preferences": f"{TRADER}/userPreference",
    "price_history_daily": f"{DATA}/pricehistory",
    "market_hours_equity": f"{DATA}/markets/equity",
    "market_hours_all": f"{DATA}/markets",
    "market_hours_future_date": f"{DATA}/markets",
}
NOT_MADE_HERE = {
    # Recorded once; an id that a client reads as either is what the documents have here.
    "answer $.orderId: type",
    # Of the money that a fee is paid in.
    "answer $.transferItems.instrument.closingPrice: unknown",
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_differs_as_the_simulator_does(name: str) -> None:
    body = json.loads((FOLDER.parent / f"recorded/{name}.json").read_text(encoding="utf-8"))
    assert of_answer(objections(exchange(RECORDED[name], body))) <= NOT_MADE_HERE


@pytest.mark.parametrize("name", REQUESTS)
def test_what_we_send_is_what_the_documents_have(name: str) -> None:
    sent = body_of(REQUESTS[name])
    path = f"{TRADER}/accounts/X/orders"
    assert set(objections(exchange(path, sent=sent, method="POST"))) <= KNOWN


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("accounts/accountNumbers", [{"accountNumber": 1}], "answer $.accountNumber: type"),
        ("accounts/accountNumbers", [{"account": "1"}], "answer $.account: unknown"),
        (
            "accounts/X",
            {"securitiesAccount": {"type": "X"}},
            "answer $.securitiesAccount.type: enum",
        ),
        ("orders", [{"status": "PARTIALLY_FILLED"}], "answer $.status: enum"),
        (
            "orders",
            [{"orderLegCollection": [{"legs": 1}]}],
            "answer $.orderLegCollection.legs: unknown",
        ),
        ("moves", [], "no such route"),
    ],
)
def test_what_the_documents_do_not_have_is_seen(path: str, body: Any, place: str) -> None:
    assert place in {found for _, found in objections(exchange(f"{TRADER}/{path}", body))}
