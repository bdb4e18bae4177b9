"""The past as actors read it: every event, and for each of them a state to begin with."""

from collections.abc import Collection, Iterator, Mapping

from journal.snapshot import Kept
from journal.store import Fact, Reader, Recorded
from trading.event import Event


class Recall:
    """A reader that also holds the last states that were kept.

    Who folds begins with the state kept under his name and reads only what came after it. Safe to
    use from any thread.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: Mapping[str, Kept] = {}

    def keep(self, states: Mapping[str, Kept]) -> None:
        """Hold these states from now on, in place of those before."""
        self._kept = dict(states)

    def kept(self, name: str) -> Kept | None:
        """The last state kept under a name."""
        return self._kept.get(name)

    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        return self._reader.head()

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
        """The events that fit every filter; see `Reader.events`."""
        return self._reader.events(
            after=after,
            upto=upto,
            types=types,
            account=account,
            alert_id=alert_id,
            order_id=order_id,
            newest_first=newest_first,
            limit=limit,
        )

    def facts(self, *, after: int = 0, limit: int | None = None) -> Iterator[Fact]:
        """All events in order, as states are made of them; see `Reader.facts`."""
        return self._reader.facts(after=after, limit=limit)

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        return self._reader.first_of(key)

    def close(self) -> None:
        """Let go of the store."""
        self._reader.close()
