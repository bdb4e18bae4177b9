"""A client that costs little: it shares the processor with what it measures.

Requests are made beforehand but for the id, answers are read only as far as it takes to know them
apart. All instants are `time.monotonic()`, which on one machine is one clock for all processes.
"""

import asyncio
import re
from collections.abc import Callable
from itertools import count

from attrs import define, field, frozen


LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PATIENCE_S = 15.0
"""How long after the last request answers are waited for."""


@frozen(kw_only=True)
class Target:
    """Where to send, what, and how a good answer reads: `before` and `after` stand around an id."""

    port: int
    alerts: tuple[tuple[bytes, bytes], ...]
    good: bytes

    def request(self, number: int) -> bytes:
        """The whole request with this id in it; alerts take turns."""
        before, after = self.alerts[number % len(self.alerts)]
        return b"%b%012d%b" % (before, number, after)


@frozen(kw_only=True)
class ClosedLoop:
    """So many connections, each sending its next alert as soon as the last one is answered."""

    connections: int
    warm_s: float
    seconds: float


@frozen(kw_only=True)
class OpenLoop:
    """So many alerts a second at even distances, however slowly they are answered."""

    rate: int
    new_connections: bool
    warm_s: float
    seconds: float


Plan = ClosedLoop | OpenLoop


@define(kw_only=True)
class Tally:
    """What was sent and answered: `due` and `answered` by the number of the alert, 0.0 for never.

    Only what was due between `began` and `ended` is measured, the rest warms up.
    """

    began: float
    ended: float
    due: list[float] = field(factory=list)
    answered: list[float] = field(factory=list)
    wrong: int = 0
    example: bytes = b""

    def start(self, due: float) -> int:
        """The number of a new alert."""
        self.due.append(due)
        self.answered.append(0.0)
        return len(self.due) - 1

    def end(self, number: int, answer: bytes, now: float, good: bytes) -> None:
        """An answer came, empty if the connection was lost instead."""
        if answer.startswith(b"HTTP/1.1 200 ") and good in answer:
            self.answered[number] = now
        else:
            self.wrong += 1
            self.example = self.example or answer or b"connection lost"

    def good(self) -> list[int]:
        """The numbers of all alerts that were answered well."""
        return [n for n, at in enumerate(self.answered) if at]

    def measured(self) -> list[int]:
        """Those of them that count."""
        return [n for n in self.good() if self.began <= self.due[n] < self.ended]


class Exchange(asyncio.Protocol):
    """A connection with at most one request under way."""

    def __init__(self, on_answer: Callable[["Exchange", int, bytes], None]) -> None:
        self._on_answer = on_answer
        self._number = -1
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to send."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection
        self._transport = transport

    def send(self, number: int, request: bytes) -> None:
        """Send; the answer will be told with the number."""
        self._number = number
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole."""
        answer = self._read + data if self._read else data
        end = answer.find(b"\r\n\r\n")
        length = LENGTH.search(answer, 0, end + 2) if end >= 0 else None
        if length is None or len(answer) < end + 4 + int(length[1]):
            self._read = answer
            return
        self._read = b""
        number, self._number = self._number, -1
        self._on_answer(self, number, answer)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - lost is lost
        """Nobody will answer what is under way."""
        if self._number >= 0:
            number, self._number = self._number, -1
            self._on_answer(self, number, b"")

    def close(self) -> None:
        """Done."""
        self._transport.close()


async def _connect(target: Target, on_answer: Callable[[Exchange, int, bytes], None]) -> Exchange:
    loop = asyncio.get_running_loop()
    _, exchange = await loop.create_connection(
        lambda: Exchange(on_answer), "127.0.0.1", target.port
    )
    return exchange


async def _closed(target: Target, plan: ClosedLoop) -> Tally:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    left = plan.connections

    def send(exchange: Exchange) -> None:
        nonlocal left
        now = loop.time()
        if now < tally.ended and not tally.wrong:
            number = tally.start(now)
            exchange.send(number, target.request(number))
            return
        exchange.close()
        left -= 1
        if not left and not done.done():
            done.set_result(None)

    def on_answer(exchange: Exchange, number: int, answer: bytes) -> None:
        tally.end(number, answer, loop.time(), target.good)
        send(exchange)

    exchanges = [await _connect(target, on_answer) for _ in range(plan.connections)]
    began = loop.time() + plan.warm_s
    tally = Tally(began=began, ended=began + plan.seconds)
    for exchange in exchanges:
        send(exchange)
    await asyncio.wait([done], timeout=plan.warm_s + plan.seconds + PATIENCE_S)
    return tally


async def _open(target: Target, plan: OpenLoop) -> Tally:
    loop = asyncio.get_running_loop()
    first = loop.time() + 0.1
    began = first + plan.warm_s
    tally = Tally(began=began, ended=began + plan.seconds)
    idle: list[Exchange] = []
    under_way: set[asyncio.Task[None]] = set()
    done: asyncio.Future[None] = loop.create_future()
    open_now = 0
    is_over = False

    def on_answer(exchange: Exchange, number: int, answer: bytes) -> None:
        nonlocal open_now
        open_now -= 1
        tally.end(number, answer, loop.time(), target.good)
        if is_over and not open_now and not done.done():
            done.set_result(None)
        if plan.new_connections or not answer:
            exchange.close()
        else:
            idle.append(exchange)

    async def send(number: int) -> None:
        nonlocal open_now
        try:
            exchange = idle.pop() if idle else await _connect(target, on_answer)
        except OSError as error:
            open_now -= 1
            tally.end(number, f"not connected: {error}".encode(), loop.time(), target.good)
        else:
            exchange.send(number, target.request(number))

    for nth in count():
        due = first + nth / plan.rate
        if due >= tally.ended:
            break
        if (delay := due - loop.time()) > 0:
            await asyncio.sleep(delay)
        open_now += 1
        task = loop.create_task(send(tally.start(due)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    is_over = True
    if under_way:
        await asyncio.wait(under_way)
    if open_now:
        await asyncio.wait([done], timeout=PATIENCE_S)
    for exchange in idle:
        exchange.close()
    return tally


def put_load(target: Target, plan: Plan) -> Tally:
    """Carry out a plan; meant to run in a process of its own."""
    work = _closed(target, plan) if isinstance(plan, ClosedLoop) else _open(target, plan)
    tally = asyncio.run(work)
    unanswered = len(tally.due) - len(tally.good()) - tally.wrong
    tally.wrong += unanswered
    if unanswered:
        tally.example = tally.example or b"no answer"
    return tally
