"""The event store without a disk: for tests and rehearsals, under the contract of the real one."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from journal.admission import admit
from journal.codec import Codec
from journal.errors import StoreFailed
from journal.rows import Row, fact_of, record_of, row_of
from journal.store import Draft, Fact, Outcome, Recorded
from trading.event import Event


class MemoryStore:
    """Keeps encoded rows in a list. Set `refusal` to a reason and it fails like a full disk."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.rows: list[Row] = []
        self.keys: dict[str, int] = {}
        self.refusal: str | None = None

    @property
    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        return len(self.rows)

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        """Store all drafts or none; see `Store.commit`."""
        self.checkpoint()
        admission = admit(drafts, self.head, self.first_of)
        rows = [row_of(record, self.codec) for record in admission.records]
        self.rows.extend(rows)  # one step, so that a reader in another thread sees all or none
        self.keys.update(admission.keys)
        return admission.outcomes

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        seq = self.keys.get(key)
        return record_of(self.rows[seq - 1], self.codec) if seq else None

    def checkpoint(self) -> None:
        """Nothing to move; fails while there is a `refusal`."""
        if self.refusal is not None:
            raise StoreFailed(f"memory: {self.refusal}")

    def close(self) -> None:
        """Refuse what comes later."""
        self.refusal = "this store was closed"


class MemoryReader:
    """Reads a memory store, from any thread."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._is_closed = False

    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        self._check_open()
        return self._store.head

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
        names = None if types is None else self._store.codec.names(types)

        def fits(row: Row) -> bool:
            return (
                (names is None or row[2] in names)
                and account in (None, row[3])
                and alert_id in (None, row[4])
                and order_id in (None, row[5])
            )

        def stream() -> Iterator[Recorded]:
            head = self.head()
            rows = self._store.rows[max(after, 0) : head if upto is None else max(upto, 0)]
            ordered = reversed(rows) if newest_first else iter(rows)
            for row in islice(filter(fits, ordered), None if limit is None else max(limit, 0)):
                yield record_of(row, self._store.codec)

        return stream()

    def facts(self, *, after: int = 0, limit: int | None = None) -> Iterator[Fact]:
        """All events in order, as states are made of them; see `Reader.facts`."""
        self._check_open()
        upto = None if limit is None else after + limit
        for seq, _, type_name, *_, body in self._store.rows[after:upto]:
            yield fact_of((seq, type_name, body), self._store.codec)

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        self._check_open()
        return self._store.first_of(key)

    def close(self) -> None:
        """Refuse what comes later."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreFailed("memory: this reader was closed")
