"""A supervisor driven message by message; its children are real actors without a thread."""

from collections.abc import Callable
from random import Random
from typing import Any, Self

import pykka
from pykka.messages import _ActorStop

from actors.runtime import (
    Address,
    Backoff,
    Birth,
    Child,
    Exited,
    Patience,
    Port,
    Publication,
    Started,
    Supervisor,
    TreeState,
)
from actors.runtime.testing import ManualTimers, RecordingAddress
from tests.actors.runtime.witness import Script, Witness


BOOM = ValueError("boom")
STEADY = Backoff(first_s=1, cap_s=8, jitter=0)


class Stage:
    """A supervisor whose children begin, end and hang exactly when the test says so."""

    def __init__(
        self,
        *children: Child,
        intensity: int = 10,
        random: Random | None = None,
        probe_s: float = 1_000_000,
    ) -> None:
        self.timers = ManualTimers()
        self.state = Publication(TreeState(ready=False, children=()))
        self.ended = Publication(first=False)
        self.given_up: list[tuple[str, BaseException | None]] = []
        self.parked: list[tuple[str, str, str]] = []
        self.supervisor = Supervisor(
            Birth(Address("supervisor"), RecordingAddress("above"), 1, self.timers.clock),
            children,
            alarms=self.timers,
            random=random or Random(1),
            patience=Patience(intensity, 60),
            probe_s=probe_s,
            on_parking=lambda *what: self.parked.append(what),
            on_giving_up=lambda *cause: self.given_up.append(cause),
            state=self.state,
            has_ended=self.ended,
        )

    def begin(self) -> Self:
        self.supervisor.on_start()
        return self

    def started(self, *names: str) -> Self:
        for name in names:
            self.supervisor.receive(Started(name, self.incarnation(name)))
        return self

    def exited(self, name: str, error: BaseException | None = BOOM) -> Self:
        self.supervisor.receive(Exited(name, self.incarnation(name), error))
        return self

    def advance(self, seconds: float) -> Self:
        self.timers.advance(seconds)
        while (letter := self.supervisor.address.mailbox.take(ordinary=True)) is not None:
            self.supervisor.on_receive(letter[2])
        return self

    def incarnation(self, name: str) -> int:
        return next(
            child.incarnation for child in self.state.current.children if child.name == name
        )

    @property
    def states(self) -> str:
        return " ".join(f"{c.name}:{c.state}" for c in self.state.current.children)

    def is_ending(self) -> bool:
        """Whether the supervisor has told itself to stop."""
        return bool(self.supervisor._port._stops)


class Cast:
    """Children that note when they are started and when they are told to stop."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def child(self, name: str, **rules: Any) -> Child:
        return Child(name, self.start, **{"backoff": STEADY, "shutdown_s": 2, **rules})

    def start(self, birth: Birth) -> pykka.ActorRef[Witness]:
        self.log.append(f"start {birth.address.name}{birth.incarnation}")
        actor = Witness(birth, Script())
        actor.actor_ref.actor_inbox = Inbox(actor, self.write)
        return actor.actor_ref

    def write(self, line: str) -> None:
        self.log.append(line)

    def take(self) -> list[str]:
        taken, self.log = self.log, []
        return taken


class Inbox(Port):
    """Where a child would read its stop."""

    def __init__(self, actor: Witness, write: Callable[[str], None]) -> None:
        super().__init__(actor.address.mailbox, lambda: write(f"revoke {actor.address.name}"))
        self._write, self._name = write, actor.address.name

    def put(self, envelope: Any, /) -> None:
        assert isinstance(envelope.message, _ActorStop)
        self._write(f"stop {self._name}")


def trio(cast: Cast, **rules: Any) -> Stage:
    """Children a, b, c, all running; the rules are b's."""
    stage = Stage(cast.child("a"), cast.child("b", **rules), cast.child("c")).begin()
    stage.started("a", "b", "c")
    cast.take()
    return stage
