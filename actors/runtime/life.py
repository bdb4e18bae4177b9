"""What a supervisor gives a child at birth, and what it hears of its life."""

from attrs import frozen

from actors.runtime.address import Address
from trading.clock import Clock


@frozen
class Birth:
    """What an incarnation is born with.

    Incarnations of one address are counted by its supervisor from 1; `last_error` is what a former
    one died of.
    """

    address: Address
    supervisor: Address
    incarnation: int
    clock: Clock
    last_error: str | None = None


@frozen
class Started:
    """An incarnation is ready: it has folded its past and reads ordinary messages."""

    name: str
    incarnation: int


@frozen
class Exited:
    """An incarnation has ended; `error` is what it died of, None if it was stopped."""

    name: str
    incarnation: int
    error: BaseException | None
