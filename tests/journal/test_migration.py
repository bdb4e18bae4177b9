"""Journals of every earlier version are brought up to date, and lose nothing on the way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from journal import KeyTaken, SqliteReader, SqliteStore, StoreFailed, migration, verify
from journal.schema import VERSION
from tests.journal.samples import CODEC, draft


SCHEMAS = sorted(Path(__file__).parent.glob("schema_*.sql"))
ROWS = "SELECT seq, at, type, account, alert_id, order_id, writer, epoch, number, cause, body"


def write_old(path: Path, schema: Path = SCHEMAS[0]) -> list[tuple[object, ...]]:
    """A journal as an earlier version left it, and its rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(schema.read_text())
        return rows_of(db)


def rows_of(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute(f"{ROWS} FROM events ORDER BY seq").fetchall()


def rows_at(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return rows_of(db)


def version_at(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        ((version,),) = db.execute("SELECT value FROM meta WHERE name = 'schema_version'")
        return int(version)


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("journal.db.schema-1-*"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_every_version_has_a_journal_that_it_wrote() -> None:
    assert [it.stem for it in SCHEMAS] == [f"schema_{n}" for n in range(1, VERSION + 1)]
    assert set(migration.STEPS) == set(range(1, VERSION))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda it: it.stem)
def test_a_journal_of_every_version_stays_readable_and_is_sound(path: Path, schema: Path) -> None:
    before = write_old(path, schema)
    SqliteStore(path, CODEC).close()
    assert rows_at(path) == before
    assert verify(path, CODEC).faults == ()
    with closing(SqliteReader(path, CODEC)) as reader:
        today = [orjson.loads(CODEC.encode(r.event)[1]) for r in reader.events()]
    stored = [orjson.loads(str(row[10])) for row in before]
    assert [now | then for now, then in zip(today, stored, strict=True)] == today


def test_an_old_journal_is_read_before_anyone_migrates_it(path: Path) -> None:
    before = write_old(path)
    with closing(SqliteReader(path, CODEC)) as reader:
        assert sum(1 for _ in reader.events()) == len(before)
    assert verify(path, CODEC).is_sound
    assert version_at(path) == 1


def test_a_migrated_journal_goes_on_and_still_refuses_its_old_keys(path: Path) -> None:
    before = write_old(path)
    with closing(SqliteStore(path, CODEC)) as store:
        (refused, _) = store.commit([draft(1, keys=["k1"]), draft(2, keys=["new"])])
        assert isinstance(refused, KeyTaken)
        assert store.head == len(before) + 1
    assert verify(path, CODEC).is_sound


def test_a_copy_as_it_was_is_made_first_and_named_in_the_log(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = write_old(path)
    SqliteStore(path, CODEC).close()
    (backup,) = backups(path)
    assert (version_at(backup), rows_at(backup)) == (1, before)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert vars(caplog.records[-1])["backup"] == str(backup)


def test_a_second_copy_does_not_replace_the_first(path: Path) -> None:
    for _ in range(2):
        path.unlink(missing_ok=True)
        path.with_suffix(".head").unlink(missing_ok=True)
        write_old(path)
        SqliteStore(path, CODEC).close()
    assert len(backups(path)) == 2


def test_a_step_that_fails_leaves_the_journal_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = write_old(path)

    def breaks(db: sqlite3.Connection) -> None:
        migration._chain(db)
        db.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(migration, "STEPS", {1: breaks})
    with pytest.raises(StoreFailed, match="cannot be opened: no such table: nowhere"):
        SqliteStore(path, CODEC)
    assert (version_at(path), rows_at(path)) == (1, before)
    monkeypatch.undo()
    SqliteStore(path, CODEC).close()
    assert version_at(path) == VERSION
