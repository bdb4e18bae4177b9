"""What waits to be read at an address: two lanes, bounded, outliving every actor that reads."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeAlias


Letter: TypeAlias = tuple[float, deque[Any], object]
"""When it was put (monotonic), the lane it belongs to, and the message."""


class MailboxFull(Exception):  # noqa: N818 - it states a condition the sender decides on, not a mistake
    """The mailbox takes no more ordinary messages; what that means is written at the send."""

    def __init__(self, name: str, bound: int) -> None:
        super().__init__(f"the mailbox of {name} is full: {bound} messages wait")
        self.name = name
        self.bound = bound


class Mailbox:
    """Two lanes of messages that outlive the actors reading them; control overtakes ordinary.

    Any thread may put. One incarnation at a time reads, through its `Port`. Each message puts one
    token into a queue that readers wait on. A token may stand for nothing (its reader looks and
    waits again), but no readable message is ever without one: tokens >= messages. Deques and
    SimpleQueue are atomic on their own, so there is no lock; the bound is therefore soft by as many
    as put at the same instant.
    """

    def __init__(
        self, name: str, bound: int, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.bound = bound
        self._monotonic = monotonic
        self._control: deque[Letter] = deque()
        self._ordinary: deque[Letter] = deque()
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self.reads = 0
        """How often a reader looked for a message. Not exact: who looks asks if it still grows."""

    def __len__(self) -> int:
        return len(self._control) + len(self._ordinary)

    def put(self, message: object, *, control: bool = False, reserved: bool = False) -> None:
        """Queue a message, or raise `MailboxFull` to the sender.

        Only ordinary messages are refused; one that is `reserved` (an actor's to itself) passes the
        bound.
        """
        lane = self._control if control else self._ordinary
        if not control and not reserved and len(lane) >= self.bound:
            raise MailboxFull(self.name, self.bound)
        lane.append((self._monotonic(), lane, message))
        self._tokens.put(None)

    def oldest_age(self, now: float) -> float:
        """Seconds that the oldest message has waited at the monotonic instant `now`; 0 if none."""
        ages = [0.0]
        for lane in (self._control, self._ordinary):
            with suppress(IndexError):  # its reader may take the last letter at any moment
                ages.append(now - lane[0][0])
        return max(ages)

    def wait(self) -> None:
        """Eat a token, waiting for one if there is none."""
        self._tokens.get()

    def wake(self) -> None:
        """Put a token that stands for no message, so that the reader looks up."""
        self._tokens.put(None)

    def take(self, *, ordinary: bool) -> Letter | None:
        """The next letter: a control one if there is any, else an ordinary one if wanted."""
        self.reads += 1
        while True:
            try:
                if self._control:
                    return self._control.popleft()
                if ordinary and self._ordinary:
                    return self._ordinary.popleft()
            except IndexError:  # a revoked reader was quicker; it gives back what it took
                continue
            return None

    def give_back(self, letter: Letter | None) -> None:
        """Undo a `wait` and the `take` after it, for a reader that may not read any more."""
        if letter is not None:
            _, lane, _ = letter
            lane.appendleft(letter)
        self._tokens.put(None)

    def top_up(self) -> None:
        """Make tokens >= messages again after a reader ate tokens of messages that it left."""
        # Tokens are counted before messages: whatever is put in between brings its own token.
        missing = -self._tokens.qsize() + len(self)
        for _ in range(missing):
            self._tokens.put(None)
