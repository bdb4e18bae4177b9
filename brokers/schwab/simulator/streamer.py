"""The streamer: one WebSocket for each user, its sign-in, its heartbeats. Runs on the loop."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import orjson
from aiohttp import WSMsgType, web
from attrs import define, field

from brokers.schwab.simulator import stream_words as words
from brokers.schwab.simulator.answers import Json, to_bytes
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.model import World
from brokers.schwab.simulator.shell import answer, told
from brokers.schwab.simulator.stream_session import Session
from brokers.schwab.simulator.stream_trouble import Trouble


PATH: Final = "/ws"
HEARTBEAT_S: Final = 10.0
BEATS_WITHOUT_SUBSCRIPTION: Final = 60
"""After so many a connection that asked for nothing is closed; when Schwab does is not known."""

MOST_WAITING: Final = 10_000
"""Frames that may wait for a slow reader; then the stream is ended."""


@define(kw_only=True, eq=False)
class Line:
    """One connection: its socket, what is to be sent (None: close), once signed in its session."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    outbox: asyncio.Queue[bytes | None] = field(factory=asyncio.Queue)
    session: Session | None = None
    idle_beats: int = 0

    def say(self, frames: Iterable[Json]) -> None:
        """Have frames sent."""
        for frame in frames:
            self.outbox.put_nowait(to_bytes(frame))

    def hang_up(self) -> None:
        """Close when everything said is sent."""
        self.outbox.put_nowait(None)


class Streamer:
    """Who is connected; hears of every change of the desk's world, and says what is subscribed."""

    def __init__(self, desk: Desk, heartbeat_s: float) -> None:
        self._desk = desk
        self._heartbeat_s = heartbeat_s
        self._lines: set[Line] = set()
        self._signed_in: Line | None = None
        self._troubles = desk.troubles
        desk.watchers.append(self._changed)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until either side ends it."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket=socket, transport=request.transport)
        self._lines.add(line)
        tasks = [asyncio.ensure_future(work) for work in (_send(line), self._beat(line))]
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(line, message.data)
        finally:
            self._leave(line)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def close(self, _: web.Application) -> None:
        """Close every connection: the simulator ends."""
        self._desk.watchers.remove(self._changed)
        for line in tuple(self._lines):
            await line.socket.close()

    # --- what is done to it from outside ----------------------------------------------------------

    async def trouble(self, request: web.Request) -> web.Response:
        """Have trouble befall the next activities."""
        try:
            self._troubles.ahead.append(Trouble(**await request.json()))
        except (TypeError, ValueError) as wrong:
            return told(str(wrong), 400)
        return answer({"waiting": len(self._troubles.ahead)})

    async def cut(self, _: web.Request) -> web.Response:
        """Cut every connection without a word, as a network does."""
        transports = [line.transport for line in self._lines if line.transport is not None]
        for transport in transports:
            transport.abort()
        return answer({"cut": len(transports)})

    # --- what is heard --------------------------------------------------------------------------

    def _hear(self, line: Line, text: str) -> None:
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            said = None
        # A request may come alone, as some clients send their sign-in.
        requests = said.get("requests", [said]) if isinstance(said, dict) else [said]
        for request in requests if isinstance(requests, list) else [requests]:
            if isinstance(request, dict) and "command" in request:
                self._take(line, request)
            else:
                line.say([self._responded({}, words.BAD_COMMAND, "Bad command formatting")])

    def _take(self, line: Line, request: Json) -> None:
        match request.get("service"), request.get("command"):
            case "ADMIN", "LOGIN":
                self._log_in(line, request)
            case _ if line.session is None:
                line.say([self._responded(request, words.NO_CONNECTION, "No connection found")])
            case "ADMIN", "LOGOUT":
                line.say([self._responded(request, words.DONE, "SUCCESS")])
                self._leave(line)
                line.hang_up()
            case _:
                line.say(line.session.asked(request, self._desk.world, self._desk.now()))

    def _log_in(self, line: Line, request: Json) -> None:
        parameters = request.get("parameters")
        given = parameters if isinstance(parameters, dict) else {}
        if not self._desk.grants.allows(str(given.get("Authorization", "")), self._desk.now()):
            message = "Login Denied.: token is invalid or has expired."
            self._end(line, request, words.LOGIN_DENIED, message)
        elif self._signed_in not in (None, line):
            self._end(line, request, words.TOO_MANY, "Max connections of 1 for each user reached")
        else:
            self._signed_in, line.session = line, Session(tape=self._desk.tape)
            line.say([self._responded(request, words.DONE, "server=simulator-1;status=NP")])

    def _end(self, line: Line, request: Json, code: int, message: str) -> None:
        line.say([self._responded(request, code, message)])
        self._leave(line)
        line.hang_up()

    def _leave(self, line: Line) -> None:
        self._lines.discard(line)
        line.session = None
        if self._signed_in is line:
            self._signed_in = None

    def _responded(self, request: Json, code: int, message: str) -> Json:
        return words.responded(request, code, message, self._ms())

    # --- what is said ---------------------------------------------------------------------------

    def _changed(self, before: World, after: World) -> None:
        for line in self._lines:
            if line.session is not None:
                frames = line.session.changed(before, after, self._desk.now())
                line.say(self._troubles.met(frames))

    async def _beat(self, line: Line) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            # Time alone changes orders too: they are activated, and they expire.
            self._desk.advance()
            line.say([words.beat(self._ms())])
            if line.session is None:
                continue
            line.say(self._troubles.beat())
            line.say(line.session.passed(self._desk.world, self._desk.now()))
            line.idle_beats = 0 if line.session.subscriptions else line.idle_beats + 1
            if line.idle_beats > BEATS_WITHOUT_SUBSCRIPTION or line.outbox.qsize() > MOST_WAITING:
                self._end(line, STOPPED, words.STOP_STREAMING, "Stop streaming")

    def _ms(self) -> int:
        return int(self._desk.now().timestamp() * 1000)


STOPPED: Final = {"service": "ADMIN", "command": "LOGIN", "requestid": "0"}
"""What an ending that nobody asked for answers to."""


async def _send(line: Line) -> None:
    with suppress(ConnectionError):
        while (frame := await line.outbox.get()) is not None:
            await line.socket.send_str(frame.decode())
        await line.socket.close()


def add_to(app: web.Application, desk: Desk, heartbeat_s: float = HEARTBEAT_S) -> None:
    """Let the streamer of a desk be connected to."""
    streamer = Streamer(desk, heartbeat_s)
    app.router.add_get(PATH, streamer.connect)
    app.router.add_post("/simulator/stream/trouble", streamer.trouble)
    app.router.add_post("/simulator/stream/cut", streamer.cut)
    app.on_shutdown.append(streamer.close)
