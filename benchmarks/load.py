"""A client that costs little: it shares the processor with what it measures.

Requests are made beforehand but for the id, answers are read only as far as it takes to know them
apart. All instants are `time.monotonic()`, which on one machine is one clock for all processes.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable

from benchmarks.plans import ClosedLoop, OpenLoop, Plan, Tally, Target


LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
POOL = 200
"""The most kept connections of an open loop; an alert that finds all busy waits, and it shows."""

SPIN_S = 0.0015

PATIENCE_S = 15.0
"""How long after the last request answers are waited for."""


class Exchange(asyncio.Protocol):
    """A connection with at most one request under way."""

    def __init__(self, on_answer: Callable[["Exchange", int, bytes], None]) -> None:
        self._on_answer = on_answer
        self._number = -1
        self._read = b""
        self.is_open = True

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
        """Nobody will answer what is under way; without any, the server let go of it unused."""
        self.is_open = False
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


class _Pacer:
    """Sends alerts when they are due, each on its own connection or on a pool of kept ones."""

    def __init__(self, target: Target, plan: OpenLoop, tally: Tally) -> None:
        self._target = target
        self._new_connections = plan.new_connections
        self._tally = tally
        self._loop = asyncio.get_running_loop()
        self._idle: list[Exchange] = []
        self._waiting: deque[int] = deque()  # due already, but the whole pool is busy
        self._open = 0
        self._connecting: set[asyncio.Task[None]] = set()

    def send(self, due: float) -> None:
        """Send now, or as soon as a connection of the pool is free."""
        number = self._tally.start(due)
        if exchange := self._kept():
            exchange.send(number, self._target.request(number))
        elif self._new_connections or self._open < POOL:
            self._open += 1
            task = self._loop.create_task(self._send_on_new(number))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
        else:
            self._waiting.append(number)

    def _kept(self) -> Exchange | None:
        """The one used last, so that a burst's spare ones age and the server lets them go."""
        while self._idle:
            exchange = self._idle.pop()
            if exchange.is_open:
                return exchange
            self._open -= 1
        return None

    async def _send_on_new(self, number: int) -> None:
        try:
            exchange = await _connect(self._target, self._on_answer)
        except OSError as error:
            self._open -= 1
            self._end(number, f"not connected: {error}".encode())
        else:
            exchange.send(number, self._target.request(number))

    def _on_answer(self, exchange: Exchange, number: int, answer: bytes) -> None:
        self._end(number, answer)
        if self._new_connections or not answer:
            exchange.close()
            self._open -= 1
        elif self._waiting:
            later = self._waiting.popleft()
            exchange.send(later, self._target.request(later))
        else:
            self._idle.append(exchange)

    def _end(self, number: int, answer: bytes) -> None:
        self._tally.end(number, answer, self._loop.time(), self._target.good)

    async def finish(self) -> None:
        """Wait for the last answers, then let the pool go."""
        patience = self._loop.time() + PATIENCE_S
        while len(self._idle) < self._open and self._loop.time() < patience:  # noqa: ASYNC110 - all has been sent
            await asyncio.sleep(0.05)
        for exchange in self._idle:
            exchange.close()


async def _open(target: Target, plan: OpenLoop) -> Tally:
    loop = asyncio.get_running_loop()
    first = loop.time() + 0.1
    began = first + plan.warm_s
    tally = Tally(began=began, ended=began + plan.seconds)
    pacer = _Pacer(target, plan, tally)
    for nth in range(round(plan.rate * (plan.warm_s + plan.seconds))):
        due = first + nth / plan.rate
        await _until(due, plan)
        pacer.send(due)
    await pacer.finish()
    return tally


async def _until(due: float, plan: OpenLoop) -> None:
    """Wait; a timer alone rings up to a millisecond late, so at a slow pace the rest is spun."""
    loop = asyncio.get_running_loop()
    early = SPIN_S if plan.is_slow else 0.0
    if (delay := due - early - loop.time()) > 0:
        await asyncio.sleep(delay)
    while loop.time() < due:  # noqa: ASYNC110 - for a millisecond
        await asyncio.sleep(0)


def put_load(target: Target, plan: Plan) -> Tally:
    """Carry out a plan; meant to run in a process of its own."""
    work = _closed(target, plan) if isinstance(plan, ClosedLoop) else _open(target, plan)
    tally = asyncio.run(work)
    unanswered = len(tally.due) - len(tally.good()) - tally.wrong
    tally.wrong += unanswered
    if unanswered:
        tally.example = tally.example or b"no answer"
    return tally
