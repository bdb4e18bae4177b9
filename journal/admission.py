"""Which drafts of a call may be stored, and at which seq: the same rule for every store."""

from collections.abc import Callable, Sequence

from attrs import frozen

from journal.store import Committed, Draft, KeyTaken, Outcome, Recorded


@frozen
class Admission:
    """The answer to each draft, and what must be stored for the answers to become true."""

    outcomes: tuple[Outcome, ...]
    records: tuple[Recorded, ...]
    keys: tuple[tuple[str, int], ...]
    refuses: bool
    """Whether any draft was refused."""


def admit(
    drafts: Sequence[Draft], head: int, first_of: Callable[[str], Recorded | None]
) -> Admission:
    """Number the events of the drafts whose keys are free after `head`; refuse the others.

    `first_of` tells what the store holds under a key.
    """
    outcomes: list[Outcome] = []
    records: list[Recorded] = []
    claimed: dict[str, Recorded] = {}
    refuses = False
    for draft in drafts:
        taken = _taken(draft, claimed, first_of)
        if taken is not None:
            outcomes.append(taken)
            refuses = True
            continue
        seq, first = head + len(records), len(records)
        for event in draft.events:
            seq += 1
            records.append(
                Recorded(seq, event, draft.writer, draft.epoch, draft.number, draft.cause)
            )
        for key in draft.keys:
            claimed[key] = records[first]
        outcomes.append(Committed(draft, tuple(records[first:])))
    keys = tuple((key, first.seq) for key, first in claimed.items())
    return Admission(tuple(outcomes), tuple(records), keys, refuses)


def _taken(
    draft: Draft, claimed: dict[str, Recorded], first_of: Callable[[str], Recorded | None]
) -> KeyTaken | None:
    for key in draft.keys:
        first = claimed.get(key) or first_of(key)
        if first is not None:
            return KeyTaken(draft, key, first)
    return None
