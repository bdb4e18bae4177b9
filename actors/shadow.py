"""All actors' states at once, made in one pass over the journal, in its own order."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from attrs import define

from actors.interests import accounts_of
from actors.memory import AnyMemory, Drawn
from journal.snapshot import Kept
from journal.store import Fact
from trading.event import Event


Concern: TypeAlias = tuple[type[Event], tuple[str, ...] | None]
"""What decides whom an event concerns: its type, and the accounts it is of (None: all)."""


@define
class _Part:
    """One actor's state; of one that is drawn from another's, what that one does not know."""

    memory: AnyMemory
    made_by: str
    state: Any
    drawn: Drawn[Any, Any] | None

    def folds(self, concern: Concern) -> bool:
        """Whether an event has to be folded here."""
        kind, accounts = concern
        interest = self.memory.interest
        types = interest.types if self.drawn is None else self.drawn.besides
        return kind in types and interest.is_of(accounts)


class Shadow:
    """Folds what every actor folds, each event decoded once; owned by one thread.

    Actors run ahead of the journal with what they decide; this never does, so that its states are
    what a replay gives and nothing else. What several actors fold alike is folded once. `code` is
    the digest of the code that folds.
    """

    def __init__(self, memories: Mapping[str, AnyMemory], code: str) -> None:
        self.seq = 0
        self._parts = {
            name: _Part(memory, memory.made_by(code), memory.begin(), _drawn(memory, memories))
            for name, memory in memories.items()
        }
        self._concerned: dict[Concern, tuple[_Part, ...]] = {}

    def begin_with(self, kept: Mapping[str, Kept]) -> tuple[str, ...]:
        """Take up states that were kept together: all of them, or none where some do not fit.

        Answers with the names of those that do not, made by other code or by other settings.

        Raises:
            UnfitState: a state does not fit its class, though the same code is said to make it.
        """
        unfit = tuple(
            name
            for name, part in self._parts.items()
            if name not in kept or kept[name].made_by != part.made_by
        )
        if not unfit:
            for name, part in self._parts.items():
                part.state, self.seq = part.memory.codec.decode(kept[name].state), kept[name].seq
        return unfit

    def take_in(self, facts: Iterable[Fact]) -> int:
        """Fold events that follow on each other; how many there were."""
        began_at, concerned = self.seq, self._concerned
        for seq, event in facts:
            concern = (type(event), accounts_of(event))
            parts = concerned.get(concern)
            if parts is None:
                found = (part for part in self._parts.values() if part.folds(concern))
                parts = concerned[concern] = tuple(found)
            for part in parts:
                part.state = part.memory.step(part.state, event)
            self.seq = seq
        return self.seq - began_at

    def kept(self) -> dict[str, Kept]:
        """All states as of `seq`.

        Raises:
            UnfitState: one of them has no exact form in JSON.
        """
        return {
            name: Kept(self.seq, part.made_by, part.memory.codec.encode(self._whole(part)))
            for name, part in self._parts.items()
        }

    def _whole(self, part: _Part) -> Any:
        if part.drawn is None:
            return part.state
        return part.drawn.draw(part.state, self._parts[part.drawn.fuller].state)


def _drawn(memory: AnyMemory, memories: Mapping[str, AnyMemory]) -> Drawn[Any, Any] | None:
    """How a memory is drawn from another of these; None where it is folded itself."""
    drawn = memory.drawn
    return drawn if drawn is not None and drawn.fuller in memories else None
