"""What only a disk can teach: reopening, dying, filling up, and many readers."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from journal import (
    Committed,
    JournalDamaged,
    JournalError,
    KeyTaken,
    SchemaTooNew,
    SqliteReader,
    SqliteStore,
    StoreFailed,
    UnknownEventType,
    UnreadableEvent,
    verify,
)
from tests.journal.samples import CODEC, ROOT, draft, line_of, program
from trading.events import AccountOpened, VenueLost


FLUSHING = ("journal_mode", "synchronous", "fullfsync")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    it = SqliteStore(path, CODEC, busy_timeout_s=0.01)
    yield it
    it.close()


@pytest.fixture
def reader(store: SqliteStore, path: Path) -> Iterator[SqliteReader]:
    assert store.head == 0
    it = SqliteReader(path, CODEC)
    yield it
    it.close()


def change(path: Path, *statements: str) -> None:
    """Tamper with a journal behind its back."""
    db = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()


def numbers(path: Path) -> list[int]:
    reader = SqliteReader(path, CODEC)
    found = [record.number for record in reader.events()]
    reader.close()
    return found


# --- the file -------------------------------------------------------------------------------------


def test_only_the_owner_may_read_a_new_journal(store: SqliteStore, path: Path) -> None:
    store.commit([draft()])
    modes = {it.name: it.stat().st_mode & 0o777 for it in path.parent.iterdir()}
    names = ("journal.db", "journal.db-wal", "journal.db-shm", "journal.head")
    assert modes == dict.fromkeys(names, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_closed_journal_is_a_file_and_its_mark_and_goes_on_where_it_stood(path: Path) -> None:
    first = SqliteStore(path, CODEC)
    first.commit([draft(1, keys=["k"]), draft(2)])
    first.close()
    assert {it.name for it in path.parent.iterdir()} == {"journal.db", "journal.head"}
    second = SqliteStore(path, CODEC)
    assert second.head == 2
    (refused, _) = second.commit([draft(3, keys=["k"]), draft(4)])
    second.close()
    assert isinstance(refused, KeyTaken)
    assert refused.first.number == 1
    assert numbers(path) == [1, 2, 4]


def test_commits_reach_the_disk_and_checkpoints_wait_to_be_asked(
    store: SqliteStore, path: Path
) -> None:
    empty = path.stat().st_size
    store.commit([draft(n) for n in range(500)])
    assert path.stat().st_size == empty
    store.checkpoint()
    assert path.stat().st_size > empty


def test_every_commit_is_flushed_to_the_disk(store: SqliteStore) -> None:
    assert store._db is not None
    settings = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in FLUSHING]
    assert settings == ["wal", 2, 1]  # 2 is FULL: a commit returns after its fsync


def test_the_version_of_the_library_is_told(store: SqliteStore) -> None:
    assert store.sqlite_version == sqlite3.sqlite_version


def test_a_newer_schema_is_refused_by_writer_and_reader(path: Path) -> None:
    SqliteStore(path, CODEC).close()
    change(path, "UPDATE meta SET value = 3 WHERE name = 'schema_version'")
    for opening in (SqliteStore, SqliteReader):
        with pytest.raises(SchemaTooNew, match=r"journal\.db: written with schema 3") as caught:
            opening(path, CODEC)
        assert (caught.value.found, caught.value.known) == (3, 2)


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("dear diary, " * 100)
    change(tmp_path / "other.db", "CREATE TABLE trades (id)")
    for name, reason in (("text", "not a database"), ("other.db", "not a journal")):
        before = (tmp_path / name).read_bytes()
        for opening in (SqliteStore, SqliteReader):
            with pytest.raises(StoreFailed, match=reason):
                opening(tmp_path / name, CODEC)
        assert (tmp_path / name).read_bytes() == before


def test_a_reader_needs_a_journal_that_was_written(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="cannot be read"):
        SqliteReader(tmp_path / "journal.db", CODEC)
    (tmp_path / "journal.db").touch()
    with pytest.raises(StoreFailed, match="empty"):
        SqliteReader(tmp_path / "journal.db", CODEC)


def test_a_directory_that_cannot_be_made_is_a_failed_store(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    with pytest.raises(StoreFailed, match="cannot be opened"):
        SqliteStore(tmp_path / "state" / "journal.db", CODEC)


# --- dying ----------------------------------------------------------------------------------------


COMMIT_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from journal import SqliteStore
from tests.journal.samples import CODEC, draft

store = SqliteStore(Path(sys.argv[1]), CODEC)
for number in count(1):
    store.commit([draft(number, keys=[f"k{number}"])])
    if number % 50 == 0:
        store.checkpoint()
    print(number, flush=True)
"""


@pytest.mark.parametrize("commits", [1, 120])
def test_what_was_committed_before_a_kill_is_there_after_it(path: Path, commits: int) -> None:
    with program(COMMIT_FOR_EVER, path) as writer:
        for _ in range(commits):
            told = int(line_of(writer))
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
    store = SqliteStore(path, CODEC)
    assert store.head >= told == commits
    assert isinstance(store.commit([draft(store.head + 1)])[0], Committed)
    store.close()
    assert numbers(path) == list(range(1, store.head + 1))
    assert verify(path, CODEC).is_sound


COMMIT_AND_EXIT = """
import os, sys
from pathlib import Path
from journal import SqliteStore
from tests.journal.samples import CODEC, draft

SqliteStore(Path(sys.argv[1]), CODEC).commit([draft(number) for number in (7, 8, 9)])
os._exit(0)
"""


def test_what_was_committed_needs_no_close(path: Path) -> None:
    subprocess.run([sys.executable, "-c", COMMIT_AND_EXIT, path], cwd=ROOT, check=True)
    assert numbers(path) == [7, 8, 9]


# --- failing --------------------------------------------------------------------------------------


FILL_THE_DISK = """
import sys
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, setrlimit
from journal import Committed, SqliteReader, SqliteStore, StoreFailed
from tests.journal.samples import CODEC, draft

path = Path(sys.argv[1])
log = path.with_name("journal.db-wal")
store = SqliteStore(path, CODEC)
reader = SqliteReader(path, CODEC)
store.commit([draft(0, keys=["first"])])
batch = [draft(number, keys=[f"k{number}"]) for number in range(1, 101)]
failures = 0
for room in range(0, 10**6, 2500):
    setrlimit(RLIMIT_FSIZE, (log.stat().st_size + room, RLIM_INFINITY))
    try:
        store.commit(batch)
        break
    except StoreFailed as error:
        assert str(path) in str(error)
        failures += 1
    finally:
        setrlimit(RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
    assert (store.head, reader.head()) == (failures, failures), (store.head, reader.head())
    assert reader.first_of("k1") is None
    (outcome,) = store.commit([draft(0)])
    assert isinstance(outcome, Committed)
    assert outcome.records[0].seq == store.head == failures + 1
print(failures, store.head, reader.head())
reader.close()
store.close()
"""


def test_a_disk_that_fills_up_at_any_write_of_a_commit_stores_nothing_of_it(path: Path) -> None:
    with program(FILL_THE_DISK, path) as writer:
        failures, head, seen = map(int, line_of(writer).split())
        assert writer.wait() == 0
    assert failures >= 5
    assert head == seen == 1 + failures + 100
    assert verify(path, CODEC).faults == ()


def test_a_locked_database_fails_with_its_path_and_cause_and_then_works_again(
    store: SqliteStore, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        with pytest.raises(StoreFailed, match=r"journal\.db: nothing was committed: .*locked"):
            store.commit([draft(1, keys=["k"])])
    other.close()
    assert isinstance(store.commit([draft(2, keys=["k"])])[0], Committed)
    assert numbers(path) == [2]


def test_the_second_failure_in_a_row_opens_the_file_anew(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened = []
    for _ in range(2):
        with pytest.raises(StoreFailed):
            store.commit([draft(1)])
        opened.append(store._db is not None)
    other.close()
    assert opened == [True, False]


def test_a_connection_that_broke_is_replaced(store: SqliteStore, path: Path) -> None:
    store.commit([draft(1)])
    assert store._db is not None
    store._db.close()
    with pytest.raises(StoreFailed, match="closed database"):
        store.commit([draft(2)])
    store.commit([draft(3)])
    assert numbers(path) == [1, 3]


def test_a_store_that_could_not_be_reopened_is_tried_again(store: SqliteStore, path: Path) -> None:
    store.commit([draft(1)])
    assert store._db is not None
    store._db.close()
    aside = path.rename(path.with_name("aside.db"))
    path.mkdir()
    for _ in range(2):
        with pytest.raises(StoreFailed):
            store.commit([draft(2)])
    path.rmdir()
    aside.rename(path)
    store.commit([draft(3)])
    assert numbers(path) == [1, 3]


def test_what_the_database_refuses_to_read_is_a_failed_store(
    reader: SqliteReader, path: Path
) -> None:
    change(path, "DROP TABLE keys")
    with pytest.raises(StoreFailed, match=r"journal\.db: cannot be read: no such table"):
        reader.first_of("k")


def test_a_checkpoint_that_fails_says_so_and_loses_nothing(store: SqliteStore, path: Path) -> None:
    store.commit([draft(1)])
    assert store._db is not None
    store._db.close()
    with pytest.raises(StoreFailed, match=r"journal\.db: checkpoint failed: .*closed"):
        store.checkpoint()
    assert numbers(path) == [1]


def test_what_another_writer_slipped_in_stops_the_store(store: SqliteStore, path: Path) -> None:
    store.commit([draft(1)])
    change(
        path,
        "INSERT INTO events SELECT 2, at, type, account, alert_id, order_id, writer, epoch, 7,"
        " cause, body, keys, seal FROM events",
    )
    with pytest.raises(StoreFailed, match=r"UNIQUE constraint failed: events\.seq"):
        store.commit([draft(2)])
    with pytest.raises(JournalDamaged, match="event 2 is not what was written") as caught:
        store.commit([draft(2)])
    assert caught.value.kept is not None
    assert numbers(caught.value.kept) == [1, 7]


def test_text_that_sqlite_cannot_hold_stores_nothing(
    store: SqliteStore, reader: SqliteReader
) -> None:
    with pytest.raises(UnicodeEncodeError):
        store.commit([draft(1), draft(2, keys=["\ud800"])])
    with pytest.raises(UnicodeEncodeError):
        reader.first_of("\ud800")
    assert (store.head, reader.head()) == (0, 0)
    assert isinstance(store.commit([draft(3)])[0], Committed)


ODD_KEYS = (
    "a\0b",
    "a\0c",
    "a",
    "\0",
    "\\u0000",
    '"q"',
    "\x01\n",
    "é✓😀",
    "1",
    "null",
    "[1]",
    "{}",
    "",
)


@pytest.mark.parametrize("together", [1, len(ODD_KEYS)])
def test_keys_of_any_text_are_filed_as_they_are(
    store: SqliteStore, reader: SqliteReader, path: Path, together: int
) -> None:
    for first in range(0, len(ODD_KEYS), together):
        keys = ODD_KEYS[first : first + together]
        drafts = [draft(first + n, keys=[key, f"{key}/2"]) for n, key in enumerate(keys)]
        assert {type(outcome) for outcome in store.commit(drafts)} == {Committed}
    for number, key in enumerate(ODD_KEYS):
        for each in (key, f"{key}/2"):
            recorded = reader.first_of(each)
            assert recorded is not None
            assert recorded.seq == number + 1
            assert isinstance(store.commit([draft(99, keys=[each])])[0], KeyTaken)
    assert verify(path, CODEC).faults == ()


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ("UPDATE events SET type = 'Gone' WHERE seq = 2", UnknownEventType),
        ("UPDATE events SET body = '{' WHERE seq = 2", UnreadableEvent),
    ],
)
def test_a_row_that_cannot_be_decoded_is_named_by_its_seq_when_reached(
    store: SqliteStore, reader: SqliteReader, path: Path, damage: str, error: type[JournalError]
) -> None:
    store.commit([draft(n) for n in range(1, 4)])
    change(path, damage)
    reading = reader.events()
    assert next(reading).seq == 1
    with pytest.raises(error, match="event 2: ") as caught:
        next(reading)
    assert getattr(caught.value, "seq", None) == 2
    with pytest.raises(error, match="event 2: "):
        list(reader.facts())


def test_a_reader_does_not_see_what_is_not_committed(
    store: SqliteStore, reader: SqliteReader, path: Path
) -> None:
    store.commit([draft(1)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM events")
    assert (reader.head(), len(list(reader.events()))) == (1, 1)
    other.close()


def test_a_reader_cannot_write(reader: SqliteReader) -> None:
    with pytest.raises(StoreFailed, match="readonly"):
        reader._query("INSERT INTO keys VALUES ('k', 1)", ())


def test_a_half_read_journal_does_not_hold_up_the_checkpoint(path: Path) -> None:
    store = SqliteStore(path, CODEC)
    store.commit([draft(n) for n in range(600)])
    reader = SqliteReader(path, CODEC)
    reading = reader.events()
    next(reading)
    store.close()
    assert path.with_name("journal.db-wal").stat().st_size == 0
    assert sum(1 for _ in reading) == 599
    reader.close()


def test_many_threads_read_whole_prefixes_while_one_writes(
    store: SqliteStore, reader: SqliteReader
) -> None:
    start, written = Barrier(5), Event()

    def watch() -> int:
        start.wait(timeout=20)
        readings = 0
        while not written.is_set() or readings == 0:
            seqs = [record.seq for record in reader.events()]
            assert seqs == list(range(1, len(seqs) + 1))
            assert len(seqs) % 3 == 0  # a commit below is seen whole or not at all
            readings += 1
        return readings

    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(watch) for _ in range(4)]
        start.wait(timeout=20)
        for number in range(25):
            store.commit([draft(number), draft(number), draft(number)])
        written.set()
        assert all(it.result(timeout=20) > 0 for it in watching)
    assert len(list(reader.events())) == 75


def test_closing_while_others_read_closes_every_connection(store: SqliteStore, path: Path) -> None:
    store.commit([draft(n) for n in range(100)])
    reader = SqliteReader(path, CODEC)
    started = Barrier(5)

    def read_until_closed() -> str:
        started.wait(timeout=20)
        while True:
            try:
                assert sum(1 for _ in reader.events()) == 100
            except StoreFailed as error:
                return str(error)

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(read_until_closed) for _ in range(4)]
        started.wait(timeout=20)
        reader.close()
        assert all("closed" in it.result(timeout=20) for it in reading)
    store.close()
    open_files = [it.readlink() for it in Path("/proc/self/fd").iterdir() if it.is_symlink()]
    assert not [it for it in open_files if it.name.startswith(path.name)]


def test_a_connection_in_use_while_the_reader_closes_is_closed_after_its_query(
    reader: SqliteReader,
) -> None:
    (busy,) = reader._idle
    busy.set_trace_callback(lambda _: reader.close())
    assert reader.head() == 0
    assert not reader._idle
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        busy.execute("SELECT 1")


def test_a_store_may_be_closed_by_another_thread(path: Path) -> None:
    store = SqliteStore(path, CODEC)
    store.commit([draft(1)])
    with ThreadPoolExecutor(1) as pool:
        pool.submit(store.close).result(timeout=20)
    assert numbers(path) == [1]


class ExplainingReader(SqliteReader):
    """Keeps how SQLite means to answer the last query that has parameters."""

    plan = ""

    def _query(self, statement: str, parameters: Sequence[str | int]) -> list[Any]:
        if parameters:
            steps = super()._query(f"EXPLAIN QUERY PLAN {statement}", parameters)
            self.plan = " ".join(step[3] for step in steps)
        return super()._query(statement, parameters)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "PRIMARY KEY"),
        ({"types": (AccountOpened,)}, "events_type"),
        ({"types": (AccountOpened, VenueLost), "newest_first": True}, "MERGE (UNION ALL)"),
        ({"account": "paper", "types": (AccountOpened,)}, "events_account"),
        ({"alert_id": "a1", "account": "paper"}, "events_alert"),
        ({"order_id": "o1", "alert_id": "a1", "account": "paper"}, "events_order"),
    ],
)
def test_every_reading_walks_the_narrowest_index_and_sorts_nothing(
    store: SqliteStore, path: Path, filters: dict[str, object], index: str
) -> None:
    store.commit([draft(1)])
    reader = ExplainingReader(path, CODEC)
    list(reader.events(**filters))  # type: ignore[arg-type]  # the table above is mixed
    reader.close()
    assert index in reader.plan
    assert "TEMP B-TREE" not in reader.plan
