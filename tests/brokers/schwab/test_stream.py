"""The stream as a wake-up: signed in first, kept up, never believed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from attrs import define, field

from brokers.schwab.stream import Stream
from brokers.schwab.stream_frames import Answered, Happened, heard, number_of, streamer_info
from brokers.schwab.wire_json import UnreadableBodyError, parsed
from tests.brokers.schwab.bodies import NUMBER
from tests.brokers.schwab.server import Badge, Hands, client_of, listening, run
from tests.trading.builders import SHARED


SCHWAB = SHARED / "schwab"


def answered(service: str, command: str, code: int, message: str = "") -> dict[str, Any]:
    content = {"code": code, "msg": message}
    return {"response": [{"service": service, "command": command, "content": content}]}


def activity(seq: int, kind: str = "OrderFillCompleted") -> dict[str, Any]:
    item = {"seq": seq, "key": "Account Activity", "1": NUMBER, "2": kind, "3": "{}"}
    return {"data": [{"service": "ACCT_ACTIVITY", "command": "SUBS", "content": [item]}]}


BEAT = {"notify": [{"heartbeat": "1700000010000"}]}
SIGNED_IN = answered("ADMIN", "LOGIN", 0, "server=1;status=NP")
SUBSCRIBED = answered("ACCT_ACTIVITY", "SUBS", 0)


@define
class Streamer:
    """Each connection follows its script after the sign-in; the last one stays open."""

    scripts: list[list[dict[str, Any]]]
    logins: list[dict[str, Any]] = field(factory=list)
    subscriptions: list[dict[str, Any]] = field(factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/userPreference"):
            info = {
                "streamerSocketUrl": f"{self.url}/ws".replace("http", "ws"),
                "schwabClientCustomerId": "CUST",
                "schwabClientCorrelId": "CORR",
                "schwabClientChannel": "N9",
                "schwabClientFunctionId": "APIAPP",
            }
            return web.json_response({"streamerInfo": [info]})
        return await self._talk(request)

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.logins += json.loads(await socket.receive_str())["requests"]
        script = self.scripts.pop(0)
        await socket.send_json(script.pop(0))
        if script:
            self.subscriptions += json.loads(await socket.receive_str())["requests"]
        for frame in script:
            await socket.send_json(frame)
        if not self.scripts:
            await socket.receive()
        await socket.close()
        return socket


Calls = asyncio.Queue[str]


def streamed(
    scenario: Callable[[Calls, Streamer, Stream], Awaitable[None]],
    *scripts: list[dict[str, Any]],
    badge: Badge | None = None,
    silence_s: float = 5.0,
) -> list[float]:
    streamer, hands, badge = Streamer(list(scripts)), Hands(), badge or Badge()

    async def life() -> None:
        async with listening(streamer.handle) as url:
            streamer.url = url
            client, calls = client_of(url, hands, badge), Calls()
            await client.open()
            stream = Stream(
                client=client,
                access_token=badge.give,
                token_refused=badge.take_back,
                happened=calls.put_nowait,
                sleep=hands.sleep,
                silence_s=silence_s,
            )
            stream.start()
            try:
                await scenario(calls, streamer, stream)
            finally:
                await stream.stop()
                await client.close()

    run(life())
    return hands.slept


def test_what_happens_wakes_whose_account_it_is() -> None:
    async def scenario(calls: Calls, streamer: Streamer, stream: Stream) -> None:
        assert [await calls.get() for _ in range(3)] == ["", NUMBER, NUMBER]
        assert calls.empty()
        assert stream.is_up
        (login,), (subscription,) = streamer.logins, streamer.subscriptions
        assert (login["service"], login["command"]) == ("ADMIN", "LOGIN")
        assert login["parameters"]["Authorization"] == "T1"
        assert login["SchwabClientCustomerId"] == "CUST"
        assert (subscription["service"], subscription["command"]) == ("ACCT_ACTIVITY", "SUBS")

    frames = [SIGNED_IN, SUBSCRIBED, BEAT, activity(1), activity(1), activity(2, "NewKind")]
    streamed(scenario, frames)


def test_a_lost_stream_comes_back_and_everything_is_looked_at() -> None:
    async def scenario(calls: Calls, streamer: Streamer, _: Stream) -> None:
        assert [await calls.get() for _ in range(4)] == ["", NUMBER, "", NUMBER]
        assert len(streamer.logins) == len(streamer.subscriptions) == 2

    frames = [SIGNED_IN, SUBSCRIBED, activity(7)]
    assert streamed(scenario, list(frames), [SIGNED_IN, SUBSCRIBED, activity(1)]) == [2.0]


def test_each_fruitless_try_waits_longer() -> None:
    async def scenario(calls: Calls, _: Streamer, __: Stream) -> None:
        await calls.get()

    denied = [answered("ADMIN", "LOGIN", 3, "Login Denied.")]
    badge = Badge()
    slept = streamed(scenario, list(denied), list(denied), [SIGNED_IN, SUBSCRIBED], badge=badge)
    assert slept == [2.0, 4.0]
    assert badge.refused == ["T1", "T2"]


def test_a_stream_that_others_took_is_tried_again() -> None:
    async def scenario(calls: Calls, _: Streamer, __: Stream) -> None:
        assert [await calls.get() for _ in range(2)] == ["", ""]

    taken = [SIGNED_IN, SUBSCRIBED, answered("ADMIN", "LOGIN", 12, "max connections")]
    assert streamed(scenario, taken, [SIGNED_IN, SUBSCRIBED]) == [2.0]


def test_a_silent_stream_is_dead() -> None:
    async def scenario(calls: Calls, _: Streamer, __: Stream) -> None:
        assert [await calls.get() for _ in range(2)] == ["", ""]

    frames = [SIGNED_IN, SUBSCRIBED]
    streamed(scenario, list(frames), list(frames), list(frames), silence_s=0.1)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"lo": "25480000", "signScale": 12}, Decimal("25.48")),
        ({"lo": "25480000", "signScale": 13}, Decimal("-25.48")),
        ({"signScale": 12}, Decimal(0)),
        ({}, None),
    ],
)
def test_a_number_of_the_stream_is_exact(value: dict[str, Any], number: Decimal | None) -> None:
    assert number_of(value) == number


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(UnreadableBodyError):
        list(heard("[]"))
    with pytest.raises(UnreadableBodyError):
        streamer_info({"streamerInfo": []})
    assert list(heard('{"data": [{"service": "OTHER", "content": [{}]}]}')) == []


@pytest.mark.skipif(not SCHWAB.is_dir(), reason="their frames are not here")
def test_their_frames_are_heard() -> None:
    lines = (SCHWAB / "synthetic/stream_frames.jsonl").read_text().splitlines()
    frames = [json.loads(line) for line in lines]
    said = [s for f in frames if f["dir"] == "s2c" for s in heard(json.dumps(f["frame"]))]
    answers = [s for s in said if isinstance(s, Answered)]
    happened = [s for s in said if isinstance(s, Happened)]
    assert len(answers) == 2
    assert all(answer.is_good for answer in answers)
    assert [(h.account_number, h.kind) for h in happened] == [("12345678", "OrderFillCompleted")]


@pytest.mark.skipif(not SCHWAB.is_dir(), reason="their preferences are not here")
def test_their_preferences_name_the_stream() -> None:
    answer = parsed((SCHWAB / "recorded/user_preferences.json").read_text())
    assert streamer_info(answer).schwab_client_channel == "N9"
    assert streamer_info([answer]) == streamer_info(answer)
