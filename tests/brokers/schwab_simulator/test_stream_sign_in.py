"""Who may use the streamer, and what it answers to what it does not take."""

import aiohttp
import pytest

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.test_one_way_through import Client, log_in
from tests.brokers.schwab_simulator.test_streamer import asks, connected, request, streaming


def test_nothing_is_said_before_the_sign_in(desk: Desk) -> None:
    async def act(client: Client) -> None:
        async with client.ws_connect("/ws") as socket:
            assert (await asks(socket, "ACCT_ACTIVITY", "SUBS", keys="a", fields="0"))[0] == 20
            code, message = await asks(socket, "ADMIN", "LOGIN", Authorization="stale")
            assert (code, message.split(".")[0]) == (3, "Login Denied")
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE

    streaming(desk, act)


def test_a_request_may_come_alone(desk: Desk) -> None:
    async def act(client: Client) -> None:
        token = (await log_in(client))["access_token"]
        async with client.ws_connect("/ws") as socket:
            await socket.send_json(request("ADMIN", "LOGIN", 1, Authorization=token))
            assert (await socket.receive_json())["response"][0]["content"]["code"] == 0

    streaming(desk, act)


def test_a_user_has_one_connection(desk: Desk) -> None:
    async def act(client: Client) -> None:
        first, _ = await connected(client)
        token = next(iter(desk.grants.access))
        async with client.ws_connect("/ws") as second:
            assert (await asks(second, "ADMIN", "LOGIN", Authorization=token))[0] == 12
            assert (await second.receive()).type is aiohttp.WSMsgType.CLOSE
        assert (await asks(first, "ADMIN", "LOGOUT"))[0] == 0
        assert (await first.receive()).type is aiohttp.WSMsgType.CLOSE
        async with client.ws_connect("/ws") as third:
            assert (await asks(third, "ADMIN", "LOGIN", Authorization=token))[0] == 0

    streaming(desk, act)


@pytest.mark.parametrize(
    ("service", "command", "parameters", "code"),
    [
        ("OPTIONS_BOOK", "SUBS", {"keys": "A", "fields": "0"}, 11),
        ("LEVELONE_EQUITIES", "STOP", {}, 21),
        ("LEVELONE_EQUITIES", "SUBS", {"keys": "A", "fields": "2,1"}, 22),
        ("LEVELONE_EQUITIES", "SUBS", {"keys": "A", "fields": "0,52"}, 22),
        ("CHART_EQUITY", "SUBS", {"keys": "A"}, 22),
        ("LEVELONE_EQUITIES", "UNSUBS", {}, 23),
        ("LEVELONE_EQUITIES", "ADD", {}, 24),
        ("LEVELONE_EQUITIES", "VIEW", {}, 25),
        (
            "LEVELONE_EQUITIES",
            "SUBS",
            {"keys": ",".join(f"S{n}" for n in range(501)), "fields": "0"},
            19,
        ),
        # As it is at Schwab: answered with success, and nothing ever comes of it.
        ("ACCT_ACTIVITY", "ADD", {"keys": "a", "fields": "0"}, 0),
    ],
)
def test_what_is_asked_wrongly_has_its_code(
    desk: Desk, service: str, command: str, parameters: dict[str, str], code: int
) -> None:
    async def act(client: Client) -> None:
        socket, _ = await connected(client)
        assert (await asks(socket, service, command, **parameters))[0] == code
        for nonsense in ("nonsense", "[1]", '{"requests": 7}', '{"requests": [{}]}'):
            await socket.send_str(nonsense)
            assert (await socket.receive_json())["response"][0]["content"]["code"] == 21

    streaming(desk, act)


def test_a_connection_that_asks_for_nothing_is_ended(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, _ = await connected(client)
        while "notify" in (frame := await socket.receive_json()):
            pass
        assert frame["response"][0]["content"]["code"] == 30
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE

    streaming(desk, act, heartbeat_s=0.001)
