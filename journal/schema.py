"""The journal's tables by version, and how a file of them is read."""

import sqlite3
from pathlib import Path
from typing import Final

from journal.errors import SchemaTooNew, StoreFailed
from journal.statements import HEAD, LARGEST_CHUNK


VERSION: Final = 2
CHAINED_SINCE: Final = 2
"""The first version whose rows carry seals."""

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
        body TEXT NOT NULL,
        keys TEXT NOT NULL DEFAULT '',
        seal BLOB NOT NULL DEFAULT x''
    )""",
    "CREATE TABLE keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE INDEX events_type ON events (type)",
    "CREATE INDEX events_account ON events (account) WHERE account IS NOT NULL",
    "CREATE INDEX events_alert ON events (alert_id) WHERE alert_id IS NOT NULL",
    "CREATE INDEX events_order ON events (order_id) WHERE order_id IS NOT NULL",
)


def open_reader(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection that cannot write; used by one thread at a time.

    Raises:
        StoreFailed: the file is missing, cannot be opened, or is not a journal.
        SchemaTooNew: a newer version wrote it.
    """
    try:
        db = connect(path, "ro", busy_timeout_s)
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


def connect(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection to an existing file, for reading (`ro`) or writing too (`rw`)."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=3 * LARGEST_CHUNK + 32,
    )


def version_of(db: sqlite3.Connection, path: Path) -> int | None:
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
    if version_of(db, path) is None:
        raise StoreFailed(f"{path}: empty, no journal was written here yet")


def lay_out(db: sqlite3.Connection) -> None:
    """Make the tables of a new journal."""
    db.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        db.execute(statement)
    db.execute("INSERT INTO meta VALUES ('schema_version', ?)", (VERSION,))
    db.execute("COMMIT")
