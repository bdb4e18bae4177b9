"""How an actor's memory is made of facts, apart from the actor: so that it can be made ahead."""

from collections.abc import Callable, Collection
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar

from attrs import field, frozen

from actors.interests import Interest
from journal.states import StateCodec, state_codec
from trading.event import Event


S = TypeVar("S")
F = TypeVar("F")

ROOMS: Final = ("actors", "journal", "trading")
"""Where everything is written that decides what a state becomes of its facts."""


@frozen
class Drawn(Generic[S, F]):
    """How a state follows from a fuller one, that of another actor which folds the same facts too.

    `fuller` is the other's name. What it does not know, the state itself is folded for, of the
    facts in `besides` alone; `draw` makes the whole of both.
    """

    fuller: str
    draw: Callable[[S, F], S]
    besides: Collection[type[Event]] = ()


@frozen(kw_only=True)
class Memory(Generic[S]):
    """Which facts a state is made of, what it is before the first, and what each makes of it.

    `name` is what it is kept under. `step` never acts and never fails; it may change a mutable
    state and return it. `kind` is an attrs class; all that `begin` and `step` go by besides the
    facts stands in the state itself. Where it is `drawn`, that only saves folding it apart: it
    comes to the same.
    """

    name: str = field(kw_only=False)
    kind: type[S]
    begin: Callable[[], S]
    step: Callable[[S, Event], S]
    interest: Interest
    drawn: Drawn[S, Any] | None = None

    @property
    def codec(self) -> StateCodec[S]:
        """How the state is written and read."""
        kind: Any = self.kind
        return state_codec(kind)

    def made_by(self, code: str) -> str:
        """A digest of all that decides what this makes of a journal; `code` is that of the code."""
        types = sorted(kind.__name__ for kind in self.interest.types)
        begin = self.codec.encode(self.begin())  # what the settings have to say of it stands there
        parts = (code, self.kind.__name__, types, self.interest.account, begin)
        return sha256(repr(parts).encode()).hexdigest()


AnyMemory = Memory[Any]
"""A memory of whatever kind, among others."""
