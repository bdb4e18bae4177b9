"""The past, decoded once for everyone who folds it at start."""

from collections.abc import Collection, Iterator

from journal.store import Reader, Recorded
from trading.events import Event


class Recall:
    """A reader that keeps the whole past in memory between `remember` and `forget`.

    At start every actor folds the same events; decoding them once instead of once an actor is most
    of a cold start. Safe to use from any thread.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._past: tuple[Recorded, ...] | None = None

    def remember(self) -> None:
        """Decode everything that is committed now."""
        self._past = tuple(self._reader.events())

    def forget(self) -> None:
        """Let the past go; readings under way keep theirs."""
        self._past = None

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
        """The events that fit every filter; from memory where only `after`, `upto`, `types` ask."""
        past = self._past
        narrowed = account or alert_id or order_id or newest_first or limit is not None
        if past is None or narrowed:
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
        return self._recalled(past, after, upto, types)

    def _recalled(
        self,
        past: tuple[Recorded, ...],
        after: int,
        upto: int | None,
        types: Collection[type[Event]] | None,
    ) -> Iterator[Recorded]:
        wanted = tuple(types) if types is not None else (Event,)
        end = len(past) if upto is None else min(upto, len(past))
        for index in range(after, end):  # seq counts from 1 without a gap
            if isinstance(past[index].event, wanted):
                yield past[index]
        if upto is None or upto > len(past):
            after = max(after, len(past))
            yield from self._reader.events(after=after, upto=upto, types=types)

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        return self._reader.first_of(key)

    def close(self) -> None:
        """Let go of the store."""
        self._past = None
        self._reader.close()
