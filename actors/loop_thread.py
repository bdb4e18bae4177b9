"""An asyncio loop in a thread of its own, which an actor starts work on and ends in time."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final


log = logging.getLogger("trading_bot.wire")

CLOSE_WITHIN_S: Final = 3.0


class LoopThread:
    """Starts at once. At the end what is under way is cancelled and `at_end` awaited, once."""

    def __init__(self, name: str, at_end: Callable[[], Awaitable[None]]) -> None:
        self._at_end = at_end
        self._is_ending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    # --- from any thread ------------------------------------------------------------------------

    def call(self, said: Callable[..., object], *to: object) -> None:
        """Have something called on the loop."""
        self._loop.call_soon_threadsafe(said, *to)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done on the loop."""
        self._loop.call_soon_threadsafe(self.spawn, work)

    def close(self) -> None:
        """End it, within a few seconds whatever hangs; once is enough."""
        if self._is_ending:
            return
        self._is_ending = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(CLOSE_WITHIN_S)
        if self._thread.is_alive():
            log.error("wire_left_behind", extra={"wire": self._thread.name})

    def close_soon(self) -> None:
        """End it as soon as the loop comes to it, and return at once."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._spawn_ending)

    # --- on the loop ----------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is under way."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call_at_turns_end(self, said: Callable[[], None]) -> None:
        """Have something called once this turn of the loop is over."""
        self._loop.call_soon(said)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _spawn_ending(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            self.spawn(self._end())

    async def _end(self) -> None:
        others = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._at_end()
        self._loop.stop()
