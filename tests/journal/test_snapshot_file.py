from hashlib import sha256
from pathlib import Path

import pytest

from journal import Draft, MemoryReader, MemoryStore
from journal.errors import SnapshotUnfit
from journal.snapshot import (
    Kept,
    Snapshot,
    digest_of_code,
    digest_of_row,
    read_snapshot,
    write_snapshot,
)
from tests.journal.samples import CODEC, FILLED, OPENED


SNAPSHOT = Snapshot(
    seq=7,
    row="ab" * 32,
    states={
        "breaker:*": Kept(7, "code", b'{"text":"two words"}'),
        "risk:paper": Kept(7, "other", b"[]"),
    },
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.snapshot"


def test_what_was_written_is_read(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    assert read_snapshot(path) == SNAPSHOT


def test_there_may_be_none(path: Path) -> None:
    assert read_snapshot(path) is None


def test_only_its_owner_may_read_it(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_next_one_takes_its_place(path: Path) -> None:
    longer = Snapshot(seq=3, row="cd", states={"a": Kept(3, "code", b"[" + b"1," * 999 + b"1]")})
    write_snapshot(path, longer)
    write_snapshot(path, SNAPSHOT)
    assert read_snapshot(path) == SNAPSHOT
    assert list(path.parent.iterdir()) == [path]


def test_one_that_was_cut_off_anywhere_is_refused(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    whole = path.read_bytes().rstrip()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(SnapshotUnfit):
            read_snapshot(path)


def test_one_with_any_byte_changed_is_refused(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    whole = path.read_bytes().rstrip()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SnapshotUnfit):
            read_snapshot(path)


def test_one_of_another_format_is_refused(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    text = path.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[0]
    for other in (text.replace(b"snapshot-1", b"snapshot-2"), text.replace(b" 7 ", b" x ", 1)):
        path.write_bytes(other + b"\n" + sha256(other).hexdigest().encode() + b"\n")
        with pytest.raises(SnapshotUnfit):
            read_snapshot(path)


def test_one_left_half_written_does_not_count(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    path.with_name(f"{path.name}.new").write_bytes(b"trading-bot-snap" * 999)
    assert read_snapshot(path) == SNAPSHOT
    write_snapshot(path, SNAPSHOT)
    assert read_snapshot(path) == SNAPSHOT


def test_a_disk_that_refuses_leaves_the_last_one(path: Path) -> None:
    write_snapshot(path, SNAPSHOT)
    path.with_name(f"{path.name}.new").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        write_snapshot(path, Snapshot(seq=9, row="", states={}))
    assert read_snapshot(path) == SNAPSHOT


# --- which code it was made by ------------------------------------------------------------------


def test_each_package_has_a_digest_of_its_own() -> None:
    digests = {digest_of_code(rooms) for rooms in (("trading",), ("journal",), ("nowhere",))}
    assert len(digests) == 3
    assert digest_of_code(("trading",)) in digests


# --- which journal it stands on -----------------------------------------------------------------


def journal(*cause: str) -> MemoryReader:
    store = MemoryStore(CODEC)
    for each in cause:
        store.commit([Draft(events=(OPENED, FILLED), writer="test", cause=each)])
    return MemoryReader(store)


def test_the_same_row_has_the_same_digest() -> None:
    assert digest_of_row(journal("a", "b"), CODEC, 4) == digest_of_row(journal("x", "b"), CODEC, 4)


def test_a_row_that_differs_in_anything_has_another_digest() -> None:
    digests = {digest_of_row(journal("a", "b"), CODEC, seq) for seq in (1, 2, 3, 4)}
    assert len(digests | {digest_of_row(journal("a", "c"), CODEC, 4)}) == 5


def test_a_row_that_is_not_there_has_none() -> None:
    assert digest_of_row(journal("a"), CODEC, 3) is None
