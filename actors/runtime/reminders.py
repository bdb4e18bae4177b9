"""What a supervisor is told by its tree and by its own alarms."""

from attrs import frozen


@frozen
class Shutdown:
    """Stop all children in reverse order, then end."""


@frozen
class Unpark:
    """Start the actors of a parked group again; of any other group it means nothing."""

    group: str


@frozen
class RoundIsOver:
    """Time to see who answered the last probes, and to ask again."""


@frozen
class StartIsLate:
    """A child has not told Started within its deadline."""

    name: str
    incarnation: int


@frozen
class BackoffIsOver:
    """A child that died may be tried again."""

    name: str
    incarnation: int


@frozen
class StopIsLate:
    """A child has not ended within its shutdown limit."""

    name: str
    incarnation: int
