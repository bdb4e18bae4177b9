"""The thread on which a venue's disk work is done, one piece after the other, for coroutines."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeAlias, TypeVar


P = ParamSpec("P")
T = TypeVar("T")

_Piece: TypeAlias = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class DiskThread:
    """Begins with the first piece of work and ends with `end`; used from one loop's thread.

    An executor of one thread would do, were it not for the locks that each of its futures brings:
    an order waits for this at every commit.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: SimpleQueue[_Piece | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._has_ended = False

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work returns or raises. It is done even if nobody waits for it any more.

        Raises:
            RuntimeError: the thread has ended.
        """
        if self._has_ended:
            raise RuntimeError(f"{self._name} has ended")
        loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, args=(loop,), name=self._name, daemon=True
            )
            self._thread.start()
        done: asyncio.Future[T] = loop.create_future()
        self._pieces.put((partial(work, *args, **kwargs), done))
        return await done

    def end(self) -> None:
        """Return when all work is done; the thread does no more."""
        self._has_ended = True
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while (piece := self._pieces.get()) is not None:
            work, done = piece
            try:
                settle = partial(_return, done, work())
            except BaseException as error:  # noqa: BLE001 - whatever it was, it is the waiter's
                settle = partial(_raise, done, error)
            with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                loop.call_soon_threadsafe(settle)


def _return(done: "asyncio.Future[T]", result: T) -> None:
    if not done.done():
        done.set_result(result)


def _raise(done: "asyncio.Future[Any]", error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
