"""The event store in one SQLite file: one writer, any number of readers."""

import sqlite3
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from journal.admission import Admission, admit
from journal.chain import FIRST, keys_by_seq, sealed
from journal.codec import Codec
from journal.errors import StoreFailed
from journal.mark import HighWaterMark
from journal.opening import open_writer
from journal.rows import fact_of, record_of, row_of
from journal.schema import head_of, open_reader
from journal.selection import Selection
from journal.statements import (
    BY_KEY,
    BY_SEQ,
    FACTS,
    HEAD,
    chunks,
    find_keys,
    flat,
    insert_events,
    insert_keys,
)
from journal.store import Draft, Fact, Outcome, Recorded
from trading.event import Event


_BUSY_TIMEOUT_S: Final = 0.25
_PAGE: Final = 512

SQLITE_VERSION: Final = sqlite3.sqlite_version
"""Below 3.51.3 two writers can corrupt a WAL; there is only ever one here."""


class SqliteStore:
    """The one writer of a journal file; every commit is on the disk before it is answered.

    One thread uses it at a time; another may close it. Opened on construction, which raises
    `StoreFailed` or `SchemaTooNew`, and `StoreUnsound` where the file is not what was written last.
    After a failure it reopens the file by itself where needed.
    """

    def __init__(
        self, path: Path, codec: Codec, *, busy_timeout_s: float = _BUSY_TIMEOUT_S
    ) -> None:
        self._path = path
        self._codec = codec
        self._busy_timeout_s = busy_timeout_s
        self._db: sqlite3.Connection | None = None
        self._mark = HighWaterMark(path)
        self._head = 0
        self._seal = FIRST
        self._is_failing = False
        self._is_closed = False
        self._connection()

    @property
    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        return self._head

    @property
    def sqlite_version(self) -> str:
        """The version of the SQLite library in use."""
        return sqlite3.sqlite_version

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        """Store all drafts in one transaction, flushed to the disk; see `Store.commit`."""
        try:
            db = self._connection()
            admission, seal = self._write(db, drafts)
        except sqlite3.Error as error:
            self._undo()
            if self._is_failing:  # twice in a row: the file itself may be stale, so open it anew
                self._drop()
            self._is_failing = True
            raise StoreFailed(f"{self._path}: nothing was committed: {error}") from error
        except BaseException:
            self._undo()
            raise
        self._is_failing = False
        if admission.records:
            self._head, self._seal = admission.records[-1].seq, seal
            # What is committed stays so, with or without its mark; the next commit moves it on.
            with suppress(OSError):
                self._mark.write(self._head, seal)
        return admission.outcomes

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as no reader is in the way."""
        try:
            self._connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            raise StoreFailed(f"{self._path}: checkpoint failed: {error}") from error

    def close(self) -> None:
        """Empty the write-ahead log into the file and close it."""
        self._is_closed = True
        if self._db is not None:
            # Nothing depends on this checkpoint: what is committed is in the log as well.
            with suppress(sqlite3.Error):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            with suppress(OSError):
                self._mark.settle(self._head, self._seal)
            self._drop()

    def _write(self, db: sqlite3.Connection, drafts: Sequence[Draft]) -> tuple[Admission, bytes]:
        """What was admitted, and the last event's seal.

        Keys are hardly ever taken: they are looked up only where one is refused.
        """
        hopeful = admit(drafts, self._head, lambda _: None)
        if not hopeful.refuses:
            with suppress(sqlite3.IntegrityError):
                return hopeful, self._store(db, hopeful)
            db.execute("ROLLBACK")
        wanted = tuple(dict.fromkeys(key for draft in drafts for key in draft.keys))
        taken: dict[str, int] = {}
        for keys in chunks(wanted):
            taken.update(db.execute(find_keys(len(keys)), keys))

        def first_of(key: str) -> Recorded | None:
            seq = taken.get(key)
            if seq is None:
                return None
            return record_of(db.execute(BY_SEQ, (seq,)).fetchone(), self._codec)

        admission = admit(drafts, self._head, first_of)
        return admission, self._store(db, admission) if admission.records else self._seal

    def _store(self, db: sqlite3.Connection, admission: Admission) -> bytes:
        db.execute("BEGIN IMMEDIATE")
        for pairs in chunks(admission.keys):  # first: where one is taken, nothing else is written
            db.execute(insert_keys(len(pairs)), flat(pairs))
        keys_of, seal = keys_by_seq(admission.keys), self._seal
        for records in chunks(admission.records):
            rows = sealed([row_of(record, self._codec) for record in records], keys_of, seal)
            seal = rows[-1][12]
            db.execute(insert_events(len(rows)), flat(rows))
        db.execute("COMMIT")
        return seal

    def _connection(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreFailed(f"{self._path}: this store was closed")
        if self._db is None:
            opened = open_writer(self._path, self._mark, busy_timeout_s=self._busy_timeout_s)
            self._db, self._head, self._seal = opened.db, opened.head, opened.seal
        return self._db

    def _undo(self) -> None:
        """Roll back; a connection that does not then stand where it stood before is dropped."""
        if self._db is None:
            return
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if head_of(self._db) == self._head:
                return
        except sqlite3.Error:
            pass  # it is of no use any more
        self._drop()

    def _drop(self) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        self._mark.close()


class SqliteReader:
    """Reads a journal file, beside its writer or without one; it cannot write.

    Any number of threads may use it: each query takes a connection that no other query has. Without
    `at_once` the file need not be there before it is asked for something.
    """

    def __init__(
        self,
        path: Path,
        codec: Codec,
        *,
        busy_timeout_s: float = _BUSY_TIMEOUT_S,
        at_once: bool = True,
    ) -> None:
        self._path = path
        self._codec = codec
        self._busy_timeout_s = busy_timeout_s
        self._is_closed = False
        self._idle: deque[sqlite3.Connection] = deque()  # its pop and append are atomic
        if at_once:
            self._idle.append(open_reader(path, busy_timeout_s=busy_timeout_s))

    def head(self) -> int:
        """The seq of the last committed event, 0 in an empty store."""
        ((head,),) = self._query(HEAD, ())
        return int(head)

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
        selection = Selection(
            types=None if types is None else self._codec.names(types),
            account=account,
            alert_id=alert_id,
            order_id=order_id,
            newest_first=newest_first,
        )
        return self._stream(selection, after, upto, limit)

    def facts(self, *, after: int = 0, limit: int | None = None) -> Iterator[Fact]:
        """All events in order, as states are made of them; see `Reader.facts`."""
        left = self.head() - after if limit is None else limit
        while left > 0:
            rows = self._query(FACTS, (after, min(left, _PAGE)))
            for row in rows:
                yield fact_of(row, self._codec)
            if len(rows) < _PAGE:
                return
            left -= _PAGE
            after = rows[-1][0]

    def first_of(self, key: str) -> Recorded | None:
        """The first event stored under a key."""
        rows = self._query(BY_KEY, (key,))
        return record_of(rows[0], self._codec) if rows else None

    def close(self) -> None:
        """Close every connection; one that is in use right now is closed by who uses it."""
        self._is_closed = True
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def _stream(
        self, selection: Selection, after: int, upto: int | None, limit: int | None
    ) -> Iterator[Recorded]:
        """Page by page: no statement stays open between two, which would hold up checkpoints."""
        head = self.head()
        upto = head if upto is None else min(upto, head)
        left = head if limit is None else limit
        while left > 0 and after < upto:
            size = min(left, _PAGE)
            rows = self._query(*selection.page(after, upto, size))
            for row in rows:
                yield record_of(row, self._codec)
            if len(rows) < size:
                return
            left -= size
            if selection.newest_first:
                upto = rows[-1][0] - 1
            else:
                after = rows[-1][0]

    def _query(self, statement: str, parameters: Sequence[str | int]) -> list[Any]:
        db = self._take()
        try:
            rows = db.execute(statement, parameters).fetchall()
        except BaseException as error:
            db.close()
            if isinstance(error, sqlite3.Error):
                raise StoreFailed(f"{self._path}: cannot be read: {error}") from error
            raise
        self._idle.append(db)
        if self._is_closed:  # while we were reading
            self.close()
        return rows

    def _take(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreFailed(f"{self._path}: this reader was closed")
        try:
            return self._idle.pop()
        except IndexError:
            return open_reader(self._path, busy_timeout_s=self._busy_timeout_s)
