"""The latest of something, for anyone to read."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar


T = TypeVar("T")


class Publication(Generic[T]):
    """One slot holding an immutable value: one thread publishes, any thread reads."""

    def __init__(self, first: T) -> None:
        self._current = first
        self._changed = threading.Condition()

    @property
    def current(self) -> T:
        """What was published last."""
        return self._current

    def publish(self, value: T) -> None:
        """Replace the value and wake whoever waits for one."""
        with self._changed:
            self._current = value
            self._changed.notify_all()

    def wait_for(self, predicate: Callable[[T], bool], timeout_s: float) -> bool:
        """Whether the predicate came to hold within so many seconds.

        Blocks the calling thread: for main threads and tests, never for an actor. A value that is
        replaced before the waiter wakes is not seen.
        """
        with self._changed:
            return self._changed.wait_for(lambda: predicate(self._current), timeout_s)
