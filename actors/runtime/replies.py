"""One-shot answers for the edge: the only places where anyone waits for an actor."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar


T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class NoAnswer(Exception):  # noqa: N818 - it states an outcome the waiter decides on, not a mistake
    """Nobody answered within the time given; whether the request was carried out is not known."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"no answer within {timeout_s} s")


class Reply(Protocol[T_contra]):
    """Where an actor puts the one answer that someone outside waits for.

    The first answer counts. A second one, or one that nobody waits for any more, is dropped in
    silence.
    """

    def set(self, answer: T_contra) -> None:
        """Answer, from any thread, without blocking."""
        ...


class ThreadReply(Generic[T]):
    """An answer that a thread waits for: an HTTP worker, the command line."""

    def __init__(self) -> None:
        self._answers: list[T] = []  # the first is the answer; append is atomic
        self._arrived = threading.Event()

    def set(self, answer: T) -> None:
        """Answer, from any thread."""
        self._answers.append(answer)
        self._arrived.set()

    def wait(self, timeout_s: float) -> T:
        """The answer, or `NoAnswer` after so many seconds; blocks the calling thread."""
        if not self._arrived.wait(timeout_s):
            raise NoAnswer(timeout_s)
        return self._answers[0]


class LoopReply(Generic[T]):
    """An answer that a coroutine waits for; made on the loop that awaits it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._future: asyncio.Future[T] = self.loop.create_future()

    def set(self, answer: T) -> None:
        """Answer, from any thread."""
        deliver([(self, answer)])

    def resolve(self, answer: T) -> None:
        """Answer on the loop's own thread."""
        if not self._future.done():
            self._future.set_result(answer)

    async def within(self, timeout_s: float) -> T:
        """The answer, or `NoAnswer` after so many seconds."""
        # A bare timer costs a third of asyncio.timeout, and every alert waits for one of these.
        timer = self.loop.call_later(timeout_s, self._expire, timeout_s)
        try:
            return await self._future
        finally:
            timer.cancel()

    def _expire(self, timeout_s: float) -> None:
        if not self._future.done():
            self._future.set_exception(NoAnswer(timeout_s))


def deliver(pairs: Iterable[tuple[Reply[T], T]]) -> None:
    """Answer many replies at once, waking each event loop among them only once.

    Waking a loop costs more than all else about a reply, so one wake-up serves a whole batch.
    """
    batches: defaultdict[asyncio.AbstractEventLoop, list[tuple[LoopReply[Any], T]]]
    batches = defaultdict(list)
    for reply, answer in pairs:
        if isinstance(reply, LoopReply):
            batches[reply.loop].append((reply, answer))
        else:
            reply.set(answer)
    for loop, batch in batches.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve, batch)


def _resolve(batch: list[tuple[LoopReply[Any], T]]) -> None:
    for reply, answer in batch:
        reply.resolve(answer)
