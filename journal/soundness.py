"""Whether a file is the journal that was written last; looked at before anyone writes to it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from journal.aside import kept_aside, set_aside
from journal.chain import FIRST, first_break
from journal.errors import JournalBehind, JournalDamaged, JournalMissing
from journal.mark import HighWaterMark, Mark
from journal.schema import CHAINED_SINCE, connect, head_of, version_of
from journal.statements import SEAL_OF, SEALED_AFTER


CHECKED_AT_START: Final = 50_000
"""How many of the last events are checked one by one before a start (some 4 us each); `journal
verify` checks all.
"""
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def look_for_traces(path: Path, mark: HighWaterMark) -> None:
    """Refuse to make a new file where there was one before.

    Raises:
        JournalMissing: naming what tells of it.
    """
    log = path.with_name(f"{path.name}-wal")
    found = [it.name for it in (mark.path, log, *kept_aside(path)) if it.exists()]
    if found:
        raise JournalMissing(path, found)


def look_over(path: Path, mark: HighWaterMark, *, busy_timeout_s: float) -> None:
    """Look at a file without writing to it; one that is damaged is kept aside.

    A file beside which no mark lies is left where it is: it may be someone else's.

    Raises:
        JournalDamaged, JournalBehind: it must not be written to.
        SchemaTooNew: a newer version wrote it.
        sqlite3.Error: it could not be looked at, which says nothing of it.
    """
    try:
        with closing(connect(path, "ro", busy_timeout_s)) as db:
            reason = _damage(db, path, mark)
            if reason is None:
                _compare(db, path, mark)
                return
    except sqlite3.DatabaseError as error:
        if not _tells_of_damage(error):
            raise
        reason = str(error)
    raise JournalDamaged(path, reason, set_aside(path) if mark.exists else None)


def _tells_of_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether it is the file that is wrong, and not the disk, a lock or a permission."""
    code = getattr(error, "sqlite_errorcode", None)  # none where Python itself cannot read a text
    return code is None or code & 0xFF in _DAMAGE


def _damage(db: sqlite3.Connection, path: Path, mark: HighWaterMark) -> str | None:
    version = version_of(db, path)
    if version is None:
        return "it is empty" if mark.exists else None
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        return str(found).splitlines()[-1]
    if version < CHAINED_SINCE:
        return None
    broken = _broken_seal(db)
    return None if broken is None else f"event {broken} is not what was written"


def _broken_seal(db: sqlite3.Connection) -> int | None:
    after = max(0, head_of(db) - CHECKED_AT_START)
    return first_break(db.execute(SEALED_AFTER, (after,)), seal_at(db, after) or FIRST)


def _compare(db: sqlite3.Connection, path: Path, mark: HighWaterMark) -> None:
    known = mark.read()
    if known is not None and (reason := behind(db, known)) is not None:
        raise JournalBehind(path, reason, mark.path)


def behind(db: sqlite3.Connection, known: Mark) -> str | None:
    """What a journal lacks of what is known to have been committed; None where nothing is."""
    head = head_of(db)
    if head < known.seq:
        return f"ends at event {head}, and event {known.seq} had been committed"
    if known.seq and seal_at(db, known.seq) != known.seal:
        return f"event {known.seq} is another than the one that had been committed"
    return None


def seal_at(db: sqlite3.Connection, seq: int) -> bytes | None:
    """The seal of an event, None where there is none."""
    row = db.execute(SEAL_OF, (seq,)).fetchone()
    return None if row is None else bytes(row[0])
