"""The place one child holds in its supervisor, whichever incarnation fills it."""

from collections.abc import Hashable
from datetime import datetime
from random import Random
from typing import Any

import pykka
from attrs import define, field

from actors.runtime.address import Address
from actors.runtime.child import Child
from actors.runtime.life import Birth, Probe
from actors.runtime.port import Port
from actors.runtime.pulse import Pulse
from actors.runtime.timers import Cancel
from actors.runtime.tree_state import ChildState, State
from trading.clock import Clock


BLAMED = 64
"""Of how many things in hand it is remembered how many deaths they caused."""


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
    waits: bool = False
    pulse: Pulse = field(factory=Pulse)
    deaths: dict[Hashable, int] = field(factory=dict)
    _attempt: int = 0
    _running_since: float = 0.0
    _alarm: Cancel | None = None

    @property
    def name(self) -> str:
        """The child's name."""
        return self.child.name

    @property
    def is_running(self) -> bool:
        """Whether its child has started, and has not been stopped or lost since."""
        return self.state is State.RUNNING and self.ref is not None

    def birth(self, supervisor: Address, clock: Clock) -> Birth:
        """What the next incarnation is born with; it fills the seat when it is made."""
        self.incarnation += 1
        self.asked_to_stop = self.waits = False
        self.pulse = Pulse()
        return Birth(
            address=self.child.address,
            supervisor=supervisor,
            incarnation=self.incarnation,
            clock=clock,
            last_error=self.last_error,
            deaths=dict(self.deaths),
        )

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
        """Note that the child is ready, for the first time or after it has waited."""
        if self.state is not State.RUNNING:
            self.enter(State.RUNNING, now)
            self._running_since = monotonic
        self.waits = False

    def probe(self, number: int) -> None:
        """Ask the incarnation whether it lives, behind all that it has to do."""
        self.pulse.ask(number, self.child.address.mailbox.reads)
        self.child.address.tell(Probe(number), control=self.waits, reserved=True)

    def round_is_over(self) -> None:
        """See what became of the last probe."""
        self.pulse.round_is_over(self.child.address.mailbox.reads)

    def stop(self) -> None:
        """Ask the current incarnation to stop, without waiting."""
        if self.ref is not None:
            self.asked_to_stop = True
            self.ref.stop(block=False)

    def vacate(self, *, has_failed: bool) -> None:
        """The incarnation is no more; where it failed, what it had in hand is remembered."""
        if self.ref is not None and has_failed:
            self._blame(_port(self.ref).in_hand)
        self.ref = None

    def abandon(self, *, has_failed: bool = False) -> None:
        """Give up on an incarnation that does not end; when it wakes up it reads its stop."""
        if self.ref is not None:
            self.stop()
            _port(self.ref).revoke()
            pykka.ActorRegistry.unregister(self.ref)
            self.vacate(has_failed=has_failed)

    def _blame(self, thing: Hashable) -> None:
        if thing is not None:
            self.deaths[thing] = self.deaths.pop(thing, 0) + 1
            if len(self.deaths) > BLAMED:
                del self.deaths[next(iter(self.deaths))]

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
            name=self.name,
            state=self._shown(),
            incarnation=self.incarnation,
            restarts=self.restarts,
            last_error=self.last_error,
            since=self.since,
            missed=self.pulse.missed if self.is_running else 0,
        )

    def _shown(self) -> State:
        if not self.is_running:
            return self.state
        if self.pulse.missed:
            return State.HUNG if self.pulse.is_hung else State.DEGRADED
        return State.WAITING if self.waits else State.RUNNING


def _port(ref: "pykka.ActorRef[Any]") -> Port:
    inbox = ref.actor_inbox
    assert isinstance(inbox, Port)  # noqa: S101 - every Worker reads one
    return inbox
