"""What a supervisor gives a child at birth, and what they tell each other of its life."""

from collections.abc import Hashable, Mapping

from attrs import field, frozen

from actors.runtime.address import Address
from trading.clock import Clock


class Hopeless(Exception):  # noqa: N818 - names what holds, and whoever raises it is the error
    """An end that a new start would only repeat: the supervisor does not try again."""


@frozen
class Birth:
    """What an incarnation is born with.

    Incarnations of one address are counted by its supervisor from 1; `last_error` is what a former
    one died of, `deaths` how many of them died with the same thing in hand.
    """

    address: Address
    supervisor: Address
    incarnation: int
    clock: Clock
    last_error: str | None = None
    deaths: Mapping[Hashable, int] = field(factory=dict)


@frozen
class Started:
    """An incarnation is ready: it has folded its past and reads ordinary messages."""

    name: str
    incarnation: int


@frozen
class Waits:
    """An incarnation reads control messages only, until it tells Started again."""

    name: str
    incarnation: int


@frozen
class Probe:
    """Asks an actor to say that it lives; told on the lane it reads, behind all that waits."""

    round: int


@frozen
class Alive:
    """The answer to a probe."""

    name: str
    incarnation: int
    round: int


@frozen
class Exited:
    """An incarnation has ended; `error` is what it died of, None if it was stopped."""

    name: str
    incarnation: int
    error: BaseException | None
