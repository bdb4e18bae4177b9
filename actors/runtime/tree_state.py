"""How a supervision tree stands, as values that anyone may read."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen


class State(StrEnum):
    """Where a child stands in its life."""

    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing_off"
    STOPPED = "stopped"


@frozen
class ChildState:
    """How one child stands.

    `restarts` counts the deaths of its own that it was started again after, `incarnation` every
    start; `since` is when `state` began.
    """

    name: str
    state: State
    incarnation: int
    restarts: int
    last_error: str | None
    since: datetime


@frozen
class TreeState:
    """How all children stand, in start order; ready when all of them run."""

    ready: bool
    children: tuple[ChildState, ...]
