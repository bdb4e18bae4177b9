"""The one way to open a journal for writing: looked over, laid out or brought up to date first."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from attrs import frozen

from journal.chain import FIRST
from journal.errors import StoreFailed
from journal.files import make_private_directory, open_private
from journal.mark import HighWaterMark
from journal.migration import migrate
from journal.schema import VERSION, connect, head_of, lay_out, version_of
from journal.soundness import look_for_traces, look_over, seal_at


_WRITER: Final = (
    # FULL: what was committed survives a power cut, not only the death of the process.
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS answers a plain fsync from the drive's cache
    # Below SQLite 3.51.3 two connections that checkpoint at the same instant can corrupt the file.
    # Only the writer does, when told to: inside a commit it would cost 7 to 14 ms besides.
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA journal_size_limit = 67108864",
)


@frozen
class Opened:
    """The one connection that writes, the seq of the last event it found, and that one's seal."""

    db: sqlite3.Connection
    head: int
    seal: bytes


def open_writer(path: Path, mark: HighWaterMark, *, busy_timeout_s: float) -> Opened:
    """Open a journal that is what was written last; the file and its directory are made if need be.

    Raises:
        StoreFailed: the file cannot be opened, or is not a journal.
        StoreUnsound: it is not what was written last; nothing was written to it.
        SchemaTooNew: a newer version wrote it.
    """
    try:
        # Only a new file is touched outside of SQLite: closing a descriptor of one that is open
        # elsewhere in the process would drop the locks that SQLite holds on it (POSIX).
        if path.exists():
            look_over(path, mark, busy_timeout_s=busy_timeout_s)
        else:
            look_for_traces(path, mark)
            make_private_directory(path.parent)
            os.close(open_private(path))
        db = connect(path, "rw", busy_timeout_s)
        try:
            return _opened(db, path, mark, busy_timeout_s)
        except BaseException:
            db.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise StoreFailed(f"{path}: cannot be opened: {error}") from error


def _opened(
    db: sqlite3.Connection, path: Path, mark: HighWaterMark, busy_timeout_s: float
) -> Opened:
    version = version_of(db, path)  # first, so that a file of someone else stays untouched
    _switch_to_wal(db, path)
    for pragma in _WRITER:
        db.execute(pragma).fetchall()
    if version is None:
        lay_out(db)
    elif version < VERSION:
        migrate(db, path, version, busy_timeout_s=busy_timeout_s)
    head = head_of(db)
    seal = seal_at(db, head) or FIRST
    mark.settle(head, seal)
    return Opened(db, head, seal)


def _switch_to_wal(db: sqlite3.Connection, path: Path) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreFailed(f"{path}: this file system allows no write-ahead log; use a local disk")
