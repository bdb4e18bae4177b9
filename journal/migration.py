"""Older journals brought up to date: a step a version, each in one transaction."""

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from journal.aside import free_name
from journal.chain import FIRST, keys_by_seq, sealed
from journal.files import open_private, sync_directory
from journal.schema import VERSION, connect
from journal.statements import BY_SEQ_RANGE


log = logging.getLogger("trading_bot.journal")

_BATCH: Final = 1_000


def migrate(db: sqlite3.Connection, path: Path, version: int, *, busy_timeout_s: float) -> None:
    """Bring a journal from `version` to VERSION; a copy of it as it was is made first.

    Raises:
        sqlite3.Error, OSError: the copy or a step failed; the journal is as it was before the step.
    """
    backup = _copy(db, path, version, busy_timeout_s)
    about = {"path": str(path), "schema": version, "becomes": VERSION, "backup": str(backup)}
    log.warning("journal_migrated", extra=about)
    for step in range(version, VERSION):
        db.execute("BEGIN IMMEDIATE")
        try:
            STEPS[step](db)
            db.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (step + 1,))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _copy(db: sqlite3.Connection, path: Path, version: int, busy_timeout_s: float) -> Path:
    """A whole copy, flushed, under its final name only when it is complete."""
    backup = free_name(path, f"schema-{version}")
    unfinished = backup.with_name(f"{backup.name}.unfinished")
    unfinished.unlink(missing_ok=True)  # of a former attempt, which a full disk may have ended
    os.close(open_private(unfinished))
    with closing(connect(unfinished, "rw", busy_timeout_s)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    unfinished.rename(backup)
    sync_directory(path.parent)
    return backup


def _chain(db: sqlite3.Connection) -> None:
    """1 to 2: each row holds its keys and the seal that chains it to the one before."""
    db.execute("ALTER TABLE events ADD COLUMN keys TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE events ADD COLUMN seal BLOB NOT NULL DEFAULT x''")
    keys = keys_by_seq(db.execute("SELECT key, seq FROM keys"))
    after, seal = 0, FIRST
    while rows := db.execute(BY_SEQ_RANGE, (after, _BATCH)).fetchall():
        written = sealed(rows, keys, seal)
        db.executemany(
            "UPDATE events SET keys = ?, seal = ? WHERE seq = ?",
            [(row[11], row[12], row[0]) for row in written],
        )
        after, seal = written[-1][0], written[-1][12]


STEPS: Final[Mapping[int, Callable[[sqlite3.Connection], None]]] = {1: _chain}
"""What turns the schema of a version into the next one's."""
