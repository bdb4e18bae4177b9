"""All actors' states at once, made in one pass over the journal, in its own order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define

from actors.interests import accounts_of
from actors.memory import AnyMemory
from journal import Recorded
from journal.snapshot import Kept
from trading.events import Event


@define
class _Part:
    """One actor's state as of `seq`."""

    memory: AnyMemory
    made_by: str
    seq: int
    state: Any


class Shadow:
    """Folds what every actor folds, each event decoded once; owned by one thread.

    Actors run ahead of the journal with what they decide; this never does, so that its states are
    what a replay gives and nothing else. `code` is the digest of the code that folds.
    """

    def __init__(self, memories: Mapping[str, AnyMemory], code: str) -> None:
        self.seq = 0
        self._parts = {
            name: _Part(memory, memory.made_by(code), 0, memory.begin())
            for name, memory in memories.items()
        }
        self._by_type: defaultdict[type[Event], list[_Part]] = defaultdict(list)
        for part in self._parts.values():
            for kind in part.memory.interest.types:
                self._by_type[kind].append(part)

    def begin_with(self, kept: Mapping[str, Kept]) -> tuple[str, ...]:
        """Take up states that were kept; the names of those that begin anew, for whatever reason.

        Raises:
            UnfitState: a state does not fit its class, though the same code is said to make it.
        """
        anew = []
        for name, part in self._parts.items():
            its = kept.get(name)
            if its is None or its.made_by != part.made_by:
                anew.append(name)
            else:
                part.state, part.seq = part.memory.codec.decode(its.state), its.seq
        self.seq = min((part.seq for part in self._parts.values()), default=0)
        return tuple(anew)

    def take_in(self, records: Iterable[Recorded]) -> int:
        """Fold events that follow on each other; how many there were."""
        count = 0
        for record in records:
            seq, event = record.seq, record.event
            accounts = accounts_of(event)
            for part in self._by_type.get(type(event), ()):
                memory = part.memory
                if seq > part.seq and memory.interest.is_of(accounts):
                    part.state = memory.step(part.state, event)
            self.seq = seq
            count += 1
        return count

    def kept(self) -> dict[str, Kept]:
        """All states as of `seq`.

        Raises:
            UnfitState: one of them has no exact form in JSON.
        """
        return {
            name: Kept(self.seq, part.made_by, part.memory.codec.encode(part.state))
            for name, part in self._parts.items()
        }
