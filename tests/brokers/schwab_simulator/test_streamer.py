"""The streamer over a real socket: sign-in, subscriptions, and what follows orders and quotes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk, read_quote
from brokers.schwab.simulator.server import application
from brokers.schwab.simulator.stream_words import packed
from brokers.schwab.stream_frames import number_of
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_one_way_through import (
    TRADER,
    Client,
    bracket,
    log_in,
    order,
    placed,
)


WITHIN_S = 10.0
NEVER_S = 3600.0
Socket = aiohttp.ClientWebSocketResponse


def streaming(
    desk: Desk, act: Callable[[Client], Awaitable[None]], heartbeat_s: float = NEVER_S
) -> None:
    async def run() -> None:
        app = application(desk, heartbeat_s=heartbeat_s)
        async with TestClient(TestServer(app)) as client:
            await act(client)

    asyncio.run(asyncio.wait_for(run(), WITHIN_S))


def request(service: str, command: str, number: int = 1, **parameters: str) -> dict[str, Any]:
    return {
        "service": service,
        "command": command,
        "requestid": str(number),
        "SchwabClientCustomerId": "CUST",
        "SchwabClientCorrelId": "CORR",
        "parameters": parameters,
    }


async def asks(socket: Socket, service: str, command: str, **parameters: str) -> tuple[int, str]:
    await socket.send_json({"requests": [request(service, command, 7, **parameters)]})
    (answer,) = (await socket.receive_json())["response"]
    assert (answer["service"], answer["command"], answer["requestid"]) == (service, command, "7")
    assert answer["SchwabClientCorrelId"] == "CORR"
    return answer["content"]["code"], answer["content"]["msg"]


async def connected(client: Client) -> tuple[Socket, str]:
    """A socket that is signed in at, and the path of the first account."""
    token = await log_in(client)
    info = (await (await client.get(f"{TRADER}/userPreference")).json())["streamerInfo"][0]
    socket = await client.session.ws_connect(info["streamerSocketUrl"])
    parameters = {
        "Authorization": token["access_token"],
        "SchwabClientChannel": info["schwabClientChannel"],
        "SchwabClientFunctionId": info["schwabClientFunctionId"],
    }
    code, message = await asks(socket, "ADMIN", "LOGIN", **parameters)
    assert (code, message.split(";")) == (0, ["server=simulator-1", "status=NP"])
    return socket, token["account"]


async def activity(socket: Socket) -> tuple[int, str, str, dict[str, Any]]:
    (data,) = (await socket.receive_json())["data"]
    assert data["service"] == "ACCT_ACTIVITY"
    (item,) = data["content"]
    return item["seq"], item["1"], item["2"], json.loads(item["3"]) if item["3"] else {}


async def activities(socket: Socket, last: str) -> list[str]:
    kinds: list[str] = []
    while not kinds or kinds[-1] != last:
        kinds.append((await activity(socket))[2])
    return kinds


async def watched(client: Client) -> tuple[Socket, str]:
    socket, account = await connected(client)
    assert (await asks(socket, "ACCT_ACTIVITY", "SUBS", keys="any", fields="0,1,2,3"))[0] == 0
    assert (await activity(socket))[1:] == ("", "SUBSCRIBED", {})
    return socket, account


ROUTED = [
    "ExecutionRequested",
    "ExecutionRequestCreated",
    "ExecutionRequestCompleted",
    "ExecutionCreated",
    "OrderFillCompleted",
]


# --- account activity ---------------------------------------------------------------------------


def test_a_fill_is_told_with_exact_numbers(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, account = await watched(client)
        path = await placed(client, account, order())
        told = [await activity(socket) for _ in range(7)]
        assert [seq for seq, *_ in told] == list(range(2, 9))
        assert [kind for _, _, kind, _ in told] == ["OrderCreated", "OrderAccepted", *ROUTED]
        assert {number for _, number, *_ in told} == {"12345678"}
        data = told[-1][3]
        assert data["SchwabOrderID"] == path.rpartition("/")[2]
        payload = data["BaseEvent"]["OrderFillCompletedEventOrderLegQuantityInfo"]
        assert number_of(payload["QuantityInfo"]["LeavesQuantity"]) == 0
        assert payload["QuantityInfo"]["LeavesQuantity"] == {"signScale": 12}
        executed = payload["ExecutionInfo"]
        assert executed["ExecutionPrice"] == {"lo": "187510000", "signScale": 12}
        assert number_of(executed["ExecutionQuantity"]) == 7
        assert executed["ExecutionTimeStamp"] == {"DateTimeString": "2026-03-09 11:50:23.500"}
        assert number_of(payload["OrderInfoForTransactionPosting"]["LimitPrice"]) is None

    streaming(desk, act)


def test_refusals_cancellations_and_changes_are_told(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, account = await watched(client)
        await placed(client, account, order(quantity=100_000))
        assert (await activity(socket))[2] == "OrderCreated"
        _, _, kind, data = await activity(socket)
        assert kind == "OrderUROutCompleted"
        out = data["BaseEvent"]["OrderUROutCompletedEvent"]
        assert out["OutCancelType"] == "SystemReject"
        assert "buying power" in out["ValidationDetail"][0]["NgOMSRuleDescription"]
        resting = await placed(client, account, order(orderType="LIMIT", price="150.00"))
        assert await activities(socket, "OrderAccepted") == ["OrderCreated", "OrderAccepted"]
        moved = order(orderType="LIMIT", price="151.00")
        new = (await client.put(resting, json=moved)).headers["Location"].rpartition("/")[2]
        _, _, kind, data = await activity(socket)
        (leg,) = data["BaseEvent"]["CancelAcceptedEvent"]["LegCancelRequestInfoList"]
        assert (kind, leg["ChangedNewSchwabOrderId"]) == ("CancelAccepted", new)
        expected = ["OrderUROutCompleted", "ChangeCreated", "ChangeAccepted"]
        assert await activities(socket, "ChangeAccepted") == expected
        await client.delete(f"{account}/orders/{new}")
        assert await activities(socket, "OrderUROutCompleted") == [
            "CancelAccepted",
            "OrderUROutCompleted",
        ]

    streaming(desk, act)


def test_what_the_market_does_to_a_bracket_is_told_without_a_request(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, account = await watched(client)
        await placed(client, account, bracket())
        await activities(socket, "OrderFillCompleted")
        # The two exits were entered with the entry.
        for _ in range(2):
            await activities(socket, "OrderAccepted")
        desk.show(read_quote("AAPL", {"bid": "191.00", "ask": "191.02"}, desk.now()))
        kinds = await activities(socket, "OrderUROutCompleted")
        assert kinds == [*ROUTED, "CancelAccepted", "OrderUROutCompleted"]

    streaming(desk, act)


def test_time_alone_ends_an_order(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        socket, account = await watched(client)
        await placed(client, account, order(orderType="LIMIT", price="150.00"))
        await activities(socket, "OrderAccepted")
        clock.passes(timedelta(hours=5))
        while "data" not in (frame := await socket.receive_json()):
            assert frame["notify"][0]["heartbeat"].isdecimal()
        assert frame["data"][0]["content"][0]["2"] == "OrderExpired"

    streaming(desk, act, heartbeat_s=0.02)


# --- the market ---------------------------------------------------------------------------------


def test_a_quote_comes_whole_and_then_by_what_changed(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, _ = await connected(client)
        wanted = {"keys": "aapl,NONE", "fields": "0,1,2,3,12,34"}
        assert await asks(socket, "LEVELONE_EQUITIES", "SUBS", **wanted) == (
            0,
            "SUBS command succeeded",
        )
        (item,) = (await socket.receive_json())["data"][0]["content"]
        assert (item["key"], item["1"], item["2"], item["3"]) == ("AAPL", 187.49, 187.51, 187.5)
        assert (item["assetMainType"], item["delayed"], item["12"]) == ("EQUITY", False, 186.9)
        assert "33" not in item
        moved = {"bid": "187.49", "ask": "187.55", "last": "187.50", "previous_close": "186.90"}
        desk.show(read_quote("MSFT", {"bid": "410"}, desk.now()))
        desk.show(read_quote("AAPL", moved, desk.now()))
        assert (await socket.receive_json())["data"][0]["content"] == [{"key": "AAPL", "2": 187.55}]

        assert (await asks(socket, "LEVELONE_EQUITIES", "ADD", keys="MSFT"))[0] == 0
        (item,) = (await socket.receive_json())["data"][0]["content"]
        assert (item["key"], item["1"]) == ("MSFT", 410.0)
        assert (await asks(socket, "LEVELONE_EQUITIES", "UNSUBS", keys="AAPL"))[0] == 0
        assert (await asks(socket, "LEVELONE_EQUITIES", "VIEW", fields="0,1"))[0] == 0
        desk.show(read_quote("AAPL", {"bid": "100"}, desk.now()))
        desk.show(read_quote("MSFT", {"bid": "409", "ask": "411"}, desk.now()))
        assert (await socket.receive_json())["data"][0]["content"] == [{"key": "MSFT", "1": 409.0}]

    streaming(desk, act)


def test_a_chart_has_the_numbers_that_it_has_live(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        socket, _ = await connected(client)
        fields = {"keys": "AAPL,MSFT", "fields": "0,1,2,3,4,5,6,7,8"}
        assert (await asks(socket, "CHART_EQUITY", "SUBS", **fields))[0] == 0
        await socket.receive_json()
        for last in ("188.00", "189.50", "187.10"):
            desk.show(read_quote("AAPL", {"last": last}, desk.now()))
        clock.passes(timedelta(minutes=1))
        while "data" not in (frame := await socket.receive_json()):
            pass
        apple, microsoft = frame["data"][0]["content"]
        assert [apple[n] for n in "2345"] == [188.0, 189.5, 187.1, 187.1]
        assert (apple["seq"], apple["1"], apple["6"]) == (1, 1, 300.0)
        assert (apple["7"], apple["8"]) == (1773071400000, 20521)
        assert (microsoft["2"], microsoft["6"]) == (410.12, 0.0)

    streaming(desk, act, heartbeat_s=0.02)


def test_numbers_of_the_stream_have_a_sign_and_a_scale() -> None:
    for number in (Decimal("25.48"), Decimal("-25.48"), Decimal(0), None):
        assert number_of(packed(number)) == number
    assert packed(Decimal("-25.48")) == {"lo": "25480000", "signScale": 13}
