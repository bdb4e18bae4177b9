"""What an event store is to those who use it, whichever disk or memory is behind it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from attrs import field, frozen
from attrs.validators import min_len

from trading.event import Event


@frozen(kw_only=True)
class Draft:
    """One transaction's worth of events from one writer; all of it commits or none.

    Each of `keys` may exist once, ever. `epoch` and `number` are the writer's own: its incarnation,
    and a count within it. `cause` is the id of what led to this.
    """

    events: tuple[Event, ...] = field(validator=min_len(1))
    keys: tuple[str, ...] = ()
    writer: str
    epoch: int = 0
    number: int = 0
    cause: str = ""


class Recorded(NamedTuple):
    """An event on disk. `seq` counts from 1 without a gap and is the order of everything."""

    seq: int
    event: Event
    writer: str
    epoch: int
    number: int
    cause: str


Fact: TypeAlias = tuple[int, Event]
"""A seq and its event as states are made of it: what it says to people alone is left out."""


@frozen
class Committed:
    """A draft that is on disk."""

    draft: Draft
    records: tuple[Recorded, ...]


@frozen
class KeyTaken:
    """A draft refused because `key` exists; `first` is the first event stored under it."""

    draft: Draft
    key: str
    first: Recorded


Outcome = Committed | KeyTaken


class Store(Protocol):
    """The one writer of an event store; one thread uses it at a time, any thread may close it."""

    @property
    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        ...

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        """Store all drafts in one transaction and answer each, in order.

        A draft is refused if one of its keys exists already, or belongs to an earlier draft of the
        same call; a refused one leaves no gap in seq.

        Raises:
            StoreFailed: the disk refused. Nothing of the call is stored; it can be tried again.
            UnwritableEvent: an event does not fit its type. Nothing of the call is stored.
        """
        ...

    def checkpoint(self) -> None:
        """Move what is committed from the write-ahead log to its final place; best when idle."""
        ...

    def close(self) -> None:
        """Let go of the store; a second call does nothing."""
        ...


class Reader(Protocol):
    """Reads what is committed, from any thread and at any time."""

    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        ...

    def events(
        self,
        *,
        after: int = 0,
        upto: int | None = None,
        types: Collection[type[Event]] | None = None,
        account: str | None = None,
        alert_id: str | None = None,
        order_id: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Recorded]:
        """The events that fit every filter, in order of seq, as of the moment iteration starts.

        `after` is exclusive, `upto` inclusive. A base class in `types` stands for all events
        derived from it. Rows are fetched and decoded as they are asked for; a half-read iterator
        holds nothing open.

        Raises:
            UndecodableEvent: at the event that cannot be decoded, with its seq.
        """
        ...

    def facts(self, *, after: int = 0, limit: int | None = None) -> Iterator[Fact]:
        """All events in order of seq, quicker to read: for those who fold the whole past.

        Raises:
            UndecodableEvent: at the event that cannot be decoded, with its seq.
        """
        ...

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        ...

    def close(self) -> None:
        """Let go of the store; a second call does nothing."""
        ...
