"""What a supervisor is told about each actor it keeps."""

from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import Any

import pykka
from attrs import Attribute, Factory, field, frozen

from actors.runtime.address import Address
from actors.runtime.life import Birth


class Restarts(StrEnum):
    """Who is started again when a child dies."""

    ALONE = "alone"
    """Only the child (OTP's one_for_one)."""

    ALL = "all"
    """Everyone: the others are stopped in reverse, then all are started in order (one_for_all)."""


@frozen
class Backoff:
    """How long to wait before the next try: `first_s`, doubled up to `cap_s`, give or take."""

    first_s: float = 0.05
    cap_s: float = 5.0
    jitter: float = 0.2

    @property
    def quiet_s(self) -> float:
        """After running this long a child's next death counts as its first."""
        return 2 * self.cap_s

    def delay_s(self, attempt: int, random: Random) -> float:
        """Seconds to wait before try `attempt`, counted from 0."""
        doubled = self.first_s * 2.0 ** min(attempt, 60)  # 2**60 s is beyond any cap, and a float
        return min(self.cap_s, doubled) * (1 + random.uniform(-self.jitter, self.jitter))


@frozen(kw_only=True)
class Child:
    """One actor of a tree: its address, how it is started, and the rules for its life.

    `start` runs in the supervisor's thread: it makes the actor with its dependencies and returns at
    once. `start_deadline_s` is the time from there to `Worker.started`, `shutdown_s` from stop to
    its end. Where other children need the address, make it first and hand it in; then `bound` is
    the address's own.

    A child of a `group` that dies too often takes its group down with it, and no one else: the
    group is parked, and `stand_in` (made like the child, at its address) sees to what comes in
    meanwhile. A child of no group that dies too often ends the tree. One that `may_be_replaced` is
    replaced when it hangs; of any other that only stands in the tree's state.
    """

    name: str = field(kw_only=False)
    start: Callable[[Birth], pykka.ActorRef[Any]] = field(kw_only=False)
    shutdown_s: float = 5.0
    bound: int = 10_000
    restarts: Restarts = Restarts.ALONE
    group: str | None = None
    stand_in: Callable[[Birth], pykka.ActorRef[Any]] | None = None
    may_be_replaced: bool = True
    backoff: Backoff = Backoff()
    start_deadline_s: float = 60.0
    address: Address = field(
        default=Factory(lambda self: Address(self.name, self.bound), takes_self=True)
    )

    @address.validator
    def _is_called_the_same(self, _: "Attribute[Address]", address: Address) -> None:
        if address.name != self.name:
            raise ValueError(f"child {self.name} has the address of {address.name}")
