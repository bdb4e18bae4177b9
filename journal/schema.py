"""The journal's file: its tables, and the only two ways to open it."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from journal.errors import SchemaTooNew, StoreFailed
from journal.files import make_private_directory, open_private, sync_directory
from journal.statements import HEAD, LARGEST_CHUNK


VERSION: Final = 1

_TABLES: Final = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        type TEXT NOT NULL,
        account TEXT,
        alert_id TEXT,
        order_id TEXT,
        writer TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        number INTEGER NOT NULL,
        cause TEXT NOT NULL,
        body TEXT NOT NULL
    )""",
    "CREATE TABLE keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE INDEX events_type ON events (type)",
    "CREATE INDEX events_account ON events (account) WHERE account IS NOT NULL",
    "CREATE INDEX events_alert ON events (alert_id) WHERE alert_id IS NOT NULL",
    "CREATE INDEX events_order ON events (order_id) WHERE order_id IS NOT NULL",
)

_WRITER: Final = (
    # FULL: what was committed survives a power cut, not only the death of the process.
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS answers a plain fsync from the drive's cache
    # Below SQLite 3.51.3 two connections that checkpoint at the same instant can corrupt the file.
    # Only the writer does, when told to: inside a commit it would cost 7 to 14 ms besides.
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA journal_size_limit = 67108864",
)


def open_writer(path: Path, *, busy_timeout_s: float) -> tuple[sqlite3.Connection, int]:
    """The one connection that writes, and the seq of the last event it finds.

    The file and its directory are created if need be.

    Raises:
        StoreFailed: the file cannot be opened, or is not a journal.
        SchemaTooNew: a newer version wrote it.
    """
    try:
        is_new = not path.exists()
        # Only a new file is touched outside of SQLite: closing a descriptor of one that is open
        # elsewhere in the process would drop the locks that SQLite holds on it (POSIX).
        if is_new:
            make_private_directory(path.parent)
            os.close(open_private(path))
        db = _connect(path, "rw", busy_timeout_s)
        try:
            version = _version(db, path)  # first, so that a file of someone else stays untouched
            _switch_to_wal(db, path)
            for pragma in _WRITER:
                db.execute(pragma).fetchall()
            if version is None:
                _lay_out(db)
            sync_directory(path.parent)
            return db, head_of(db)
        except BaseException:
            db.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise StoreFailed(f"{path}: cannot be opened: {error}") from error


def open_reader(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection that cannot write; used by one thread at a time.

    Raises:
        StoreFailed: the file is missing, cannot be opened, or is not a journal.
        SchemaTooNew: a newer version wrote it.
    """
    try:
        db = _connect(path, "ro", busy_timeout_s)
        try:
            _check_written(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise StoreFailed(f"{path}: cannot be read: {error}") from error
    return db


def head_of(db: sqlite3.Connection) -> int:
    """The seq of the last event, 0 where there is none."""
    return int(db.execute(HEAD).fetchone()[0])


def _connect(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=3 * LARGEST_CHUNK + 32,
    )


def _switch_to_wal(db: sqlite3.Connection, path: Path) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreFailed(f"{path}: this file system allows no write-ahead log; use a local disk")


def _version(db: sqlite3.Connection, path: Path) -> int | None:
    """The schema version of a journal, None for an empty file."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return None
    if not {"events", "keys", "meta"} <= tables:
        raise StoreFailed(f"{path}: a database, but not a journal; name another file")
    row = db.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    version = int(row[0]) if row else 0
    if version > VERSION:
        raise SchemaTooNew(path, version, VERSION)
    return version


def _check_written(db: sqlite3.Connection, path: Path) -> None:
    if _version(db, path) is None:
        raise StoreFailed(f"{path}: empty, no journal was written here yet")


def _lay_out(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        db.execute(statement)
    db.execute("INSERT INTO meta VALUES ('schema_version', ?)", (VERSION,))
    db.execute("COMMIT")
