"""Files that are not what was written last: refused, kept, and never replaced by an empty one."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from journal import (
    JournalBehind,
    JournalDamaged,
    JournalMissing,
    SqliteStore,
    StoreUnsound,
    verify,
)
from journal.aside import kept_aside
from journal.mark import HighWaterMark, Mark
from tests.journal.samples import CODEC, draft


PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of 100 events, the last 40 of them only in its write-ahead log: its writer died."""
    alive = tmp_path / "alive" / "journal.db"
    store = SqliteStore(alive, CODEC)
    store.commit([draft(n, keys=[f"k{n}"]) for n in range(60)])
    store.checkpoint()
    for n in range(60, 100):
        store.commit([draft(n, keys=[f"k{n}"])])
    shutil.copytree(alive.parent, tmp_path / "dead")
    store.close()
    return tmp_path / "dead" / "journal.db"


def log_of(path: Path) -> Path:
    return path.with_name("journal.db-wal")


def names(path: Path) -> set[str]:
    return {it.name for it in path.parent.iterdir()}


def flip(file: Path, at: int) -> None:
    """Turn one bit over."""
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def place_of(file: Path, text: bytes) -> int:
    found = file.read_bytes().find(text)
    assert found > 0
    return found


def settled(path: Path) -> Path:
    """The same with everything in one file."""
    SqliteStore(path, CODEC).close()
    return path


def test_a_journal_whose_writer_died_is_sound(path: Path) -> None:
    with closing(SqliteStore(path, CODEC)) as store:
        assert store.head == 100


# --- damaged --------------------------------------------------------------------------------------


def _flip_in_a_body(path: Path) -> None:
    flip(path, place_of(path, b"25000.00"))


def _flip_in_the_first_page(path: Path) -> None:
    flip(path, 100)  # the kind of the root page of the schema


def _flip_in_the_name_of_the_format(path: Path) -> None:
    flip(path, 3)


def _break_a_text(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[place_of(path, b"25000.00")] = 0xFF
    path.write_bytes(content)


def _tear_the_last_page(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: -PAGE // 2] + bytes(PAGE // 2))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * PAGE])


def _cut_inside_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def _zero_a_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[PAGE : 2 * PAGE] = bytes(PAGE)
    path.write_bytes(content)


def _spoil_an_index(path: Path, name: str = "events_type") -> None:
    with closing(sqlite3.connect(path)) as db:
        ((page,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE - PAGE // 2] = b"\x5a" * (PAGE // 2)
    path.write_bytes(content)


def _spoil_the_keys(path: Path) -> None:
    _spoil_an_index(path, "keys")


DAMAGES: list[Callable[[Path], None]] = [
    _flip_in_a_body,
    _flip_in_the_first_page,
    _flip_in_the_name_of_the_format,
    _break_a_text,
    _tear_the_last_page,
    _cut,
    _cut_inside_a_page,
    _cut_to_nothing,
    _zero_a_page,
    _spoil_an_index,
    _spoil_the_keys,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda it: it.__name__.strip("_"))
def test_a_damaged_file_is_refused_and_kept_as_it_was(
    path: Path, damage: Callable[[Path], None]
) -> None:
    damage(settled(path))
    as_it_was = path.read_bytes()
    with pytest.raises(JournalDamaged, match=r"journal\.db: damaged: .*kept as") as caught:
        SqliteStore(path, CODEC)
    assert caught.value.kept is not None
    assert caught.value.kept.read_bytes() == as_it_was
    assert not path.exists()


def test_after_damage_no_empty_journal_takes_its_place(path: Path) -> None:
    _cut(settled(path))
    with pytest.raises(JournalDamaged):
        SqliteStore(path, CODEC)
    path.with_suffix(".head").unlink()  # the file kept aside alone tells
    for _ in range(2):
        with pytest.raises(JournalMissing, match=r"journal\.db\.damaged-\d+T\d+Z tells"):
            SqliteStore(path, CODEC)
    assert not path.exists()


def test_what_is_kept_of_two_damages_is_two_files(path: Path) -> None:
    sound = settled(path).read_bytes()
    for _ in range(2):
        path.write_bytes(sound)
        _cut(path)
        with pytest.raises(JournalDamaged):
            SqliteStore(path, CODEC)
    assert len(kept_aside(path)) == 2


def test_a_damaged_file_takes_its_log_along(path: Path) -> None:
    log = log_of(path).read_bytes()
    _flip_in_a_body(path)
    with pytest.raises(JournalDamaged) as caught:
        SqliteStore(path, CODEC)
    assert caught.value.kept is not None
    assert caught.value.kept.with_name(f"{caught.value.kept.name}-wal").read_bytes() == log


def test_a_sound_copy_in_its_place_heals_it(path: Path) -> None:
    sound = settled(path).read_bytes()
    _cut(path)
    with pytest.raises(JournalDamaged):
        SqliteStore(path, CODEC)
    path.write_bytes(sound)
    with closing(SqliteStore(path, CODEC)) as store:
        assert store.head == 100


def test_a_key_that_vanished_is_found_by_verify(path: Path) -> None:
    with closing(sqlite3.connect(settled(path))) as db, db:
        db.execute("DELETE FROM keys WHERE key = 'k7'")
    (fault,) = verify(path, CODEC).faults
    assert fault == """Event 8 has the keys ["k7"], filed are []."""


# --- not the last ---------------------------------------------------------------------------------


def _lose_the_log(path: Path) -> None:
    log_of(path).unlink()


def _lose_the_log_and_its_index(path: Path) -> None:
    log_of(path).unlink()
    path.with_name("journal.db-shm").unlink()


def _cut_the_log(path: Path) -> None:
    log_of(path).write_bytes(log_of(path).read_bytes()[:-10_000])


def _flip_in_the_log(path: Path) -> None:
    flip(log_of(path), 32 + 24 + 20)  # in the page of the first frame


def _flip_in_the_last_frame(path: Path) -> None:
    flip(log_of(path), log_of(path).stat().st_size - 10)


def _put_an_old_copy_back(path: Path) -> None:
    _lose_the_log_and_its_index(path)
    old = path.parent / "old" / "journal.db"
    with closing(SqliteStore(old, CODEC)) as store:
        store.commit([draft(n, keys=[f"k{n}"]) for n in range(10)])
    shutil.copy(old, path)


LOSSES: list[Callable[[Path], None]] = [
    _lose_the_log,
    _lose_the_log_and_its_index,
    _cut_the_log,
    _flip_in_the_log,
    _flip_in_the_last_frame,
    _put_an_old_copy_back,
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda it: it.__name__.strip("_"))
def test_a_journal_that_lacks_what_was_committed_is_refused_and_left_alone(
    path: Path, loss: Callable[[Path], None]
) -> None:
    loss(path)
    as_it_was = path.read_bytes()
    for _ in range(2):
        with pytest.raises(JournalBehind, match=r"ends at event \d+, and event 100 had been"):
            SqliteStore(path, CODEC)
    assert path.read_bytes() == as_it_was


def test_a_log_that_comes_back_heals_it(path: Path) -> None:
    aside = log_of(path).rename(path.with_name("log"))
    with pytest.raises(JournalBehind):
        SqliteStore(path, CODEC)
    aside.rename(log_of(path))
    with closing(SqliteStore(path, CODEC)) as store:
        assert store.head == 100


def test_to_go_on_without_what_is_missing_is_an_act(path: Path) -> None:
    _lose_the_log(path)
    with pytest.raises(JournalBehind, match=r"remove journal\.head"):
        SqliteStore(path, CODEC)
    path.with_suffix(".head").unlink()
    with closing(SqliteStore(path, CODEC)) as store:
        assert store.head == 60
    assert HighWaterMark(path).read() is not None


def test_a_journal_that_went_another_way_is_refused(path: Path) -> None:
    old = path.parent / "old" / "journal.db"
    with closing(SqliteStore(old, CODEC)) as store:
        store.commit([draft(n) for n in range(200)])
    _lose_the_log_and_its_index(path)
    shutil.copy(old, path)
    with pytest.raises(JournalBehind, match="event 100 is another than the one that had been"):
        SqliteStore(path, CODEC)


def test_an_old_file_under_a_newer_log_is_refused(path: Path) -> None:
    old = path.parent / "old" / "journal.db"
    with closing(SqliteStore(old, CODEC)) as store:
        store.commit([draft(n) for n in range(10)])
    shutil.copy(old, path)
    with pytest.raises(StoreUnsound):
        SqliteStore(path, CODEC)


# --- missing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", ["journal.head", "journal.db-wal"])
def test_a_journal_that_is_gone_is_not_begun_anew(path: Path, trace: str) -> None:
    for beside in list(path.parent.iterdir()):
        if beside.name != trace:
            beside.unlink()
    with pytest.raises(JournalMissing, match=f"missing, but there was one .{trace} tells"):
        SqliteStore(path, CODEC)
    assert names(path) == {trace}


def test_a_file_cut_to_nothing_without_a_mark_is_a_beginning(tmp_path: Path) -> None:
    """A daemon that died between making the file and writing to it."""
    (tmp_path / "journal.db").touch()
    with closing(SqliteStore(tmp_path / "journal.db", CODEC)) as store:
        assert store.head == 0


# --- the mark -------------------------------------------------------------------------------------


def test_the_mark_is_where_the_journal_is_after_each_commit(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(SqliteStore(path, CODEC)) as store:
        told = [HighWaterMark(path).read()]
        for n in range(3):
            store.commit([draft(n)])
            told.append(HighWaterMark(path).read())
    assert [it.seq for it in told if it is not None] == [0, 1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"\0" * 54, b"nonsense", b"7 abc\n"])
def test_a_mark_that_was_never_completed_knows_nothing_and_is_written_anew(
    path: Path, content: bytes
) -> None:
    path.with_suffix(".head").write_bytes(content)
    assert HighWaterMark(path).read() is None
    with closing(SqliteStore(path, CODEC)):
        found = HighWaterMark(path).read()
    assert isinstance(found, Mark)
    assert found.seq == 100


def test_a_mark_that_cannot_be_written_does_not_undo_a_commit(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(SqliteStore(path, CODEC)) as store:
        store._mark.close()
        path.with_suffix(".head").unlink()
        path.with_suffix(".head").mkdir()
        store.commit([draft(1)])
        assert store.head == 1
        path.with_suffix(".head").rmdir()
        store.commit([draft(2)])
    found = HighWaterMark(path).read()
    assert found is not None
    assert found.seq == 2
