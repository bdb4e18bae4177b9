"""How a supervision tree stands, as values that anyone may read."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen


class State(StrEnum):
    """Where a child stands in its life."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    """It runs, and reads no ordinary messages until somebody answers it: the journal, as a rule."""
    DEGRADED = "degraded"
    """It runs, and has not answered the last probe in time."""
    HUNG = "hung"
    """It has read nothing for three probes, and is one that may not be replaced."""
    BACKING_OFF = "backing_off"
    PARKED = "parked"
    """It died too often; nobody stands in for it until its group is started again."""
    STOPPED = "stopped"


UP = frozenset({State.RUNNING, State.WAITING, State.DEGRADED})
"""States of a child that has started and does its work, however slowly."""


@frozen
class ChildState:
    """How one child stands.

    `restarts` counts the deaths of its own that it was started again after, `incarnation` every
    start; `since` is when `state` began; `missed` is how many probes in a row it has not answered.
    """

    name: str
    state: State
    incarnation: int
    restarts: int
    last_error: str | None
    since: datetime
    missed: int = 0


@frozen
class TreeState:
    """How all children stand, in start order; ready when all run that are not parked.

    `probed_at` is the monotonic instant at which everyone who is probed was last found to be alive:
    the end of the last full round of probes in which nobody was stuck. It stands still while one
    is, and while the supervisor itself is.
    """

    ready: bool
    children: tuple[ChildState, ...]
    probed_at: float = 0.0

    def child(self, name: str) -> ChildState | None:
        """How the child of this name stands; None where there is none."""
        return next((child for child in self.children if child.name == name), None)
