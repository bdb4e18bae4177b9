"""The place one child holds in its supervisor, whichever incarnation fills it."""

from datetime import datetime
from random import Random
from typing import Any

import pykka
from attrs import define

from actors.runtime.child import Child
from actors.runtime.timers import Cancel
from actors.runtime.tree_state import ChildState, State


@define
class Seat:
    """A child and where it stands; touched by its supervisor only."""

    child: Child
    since: datetime
    state: State = State.STOPPED
    ref: "pykka.ActorRef[Any] | None" = None
    """The current incarnation, None from its end or abandonment on."""
    incarnation: int = 0
    restarts: int = 0
    last_error: str | None = None
    asked_to_stop: bool = False
    _attempt: int = 0
    _running_since: float = 0.0
    _alarm: Cancel | None = None

    @property
    def name(self) -> str:
        """The child's name."""
        return self.child.name

    def is_filled_by(self, incarnation: int) -> bool:
        """Whether this incarnation is the current one, and neither ended nor abandoned."""
        return self.ref is not None and self.incarnation == incarnation

    def enter(self, state: State, now: datetime) -> None:
        """Change state; the alarm that watched over the former one is taken back."""
        self.state = state
        self.since = now
        self.watch(None)

    def watch(self, alarm: Cancel | None) -> None:
        """Have this alarm, and no other, watch over what the child is doing."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = alarm

    def run(self, now: datetime, monotonic: float) -> None:
        """Note that the child is ready."""
        self.enter(State.RUNNING, now)
        self._running_since = monotonic

    def stop(self) -> None:
        """Ask the current incarnation to stop, without waiting."""
        if self.ref is not None:
            self.asked_to_stop = True
            self.ref.stop(block=False)

    def abandon(self) -> None:
        """Give up on an incarnation that does not end; when it wakes up it reads its stop."""
        if self.ref is not None:
            self.stop()
            pykka.ActorRegistry.unregister(self.ref)
            self.ref = None

    def delay_s(self, monotonic: float, random: Random) -> float:
        """How long to wait before the next try.

        Longer each time, until the child has run for a quiet period.
        """
        backoff = self.child.backoff
        if self.state is State.RUNNING and monotonic - self._running_since >= backoff.quiet_s:
            self._attempt = 0
        self._attempt += 1
        return backoff.delay_s(self._attempt - 1, random)

    def view(self) -> ChildState:
        """How the child stands, for anyone to read."""
        return ChildState(
            self.name, self.state, self.incarnation, self.restarts, self.last_error, self.since
        )
