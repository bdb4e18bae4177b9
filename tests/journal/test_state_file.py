import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from journal import Draft, MemoryReader, MemoryStore, Recorded, StoreFailed
from journal.snapshot import read_snapshot, write_snapshot
from journal.state_file import MANY, StateFile
from journal.store import Fact
from tests.journal.samples import AT, CODEC
from trading.event import Event
from trading.events import AccountOpened
from trading.vocabulary import AccountName


@frozen
class Till:
    """All cash that was ever seen, and when it was seen last."""

    cash: Decimal = Decimal(0)
    seen: tuple[str, ...] = ()


def counted(till: Till, event: Event) -> Till:
    assert isinstance(event, AccountOpened)
    return Till(till.cash + event.cash, (*till.seen[-9:], str(event.cash)))


class CountingReader(MemoryReader):
    """Knows after which event anyone began to read."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.read_after: list[int] = []

    def events(self, **filters: Any) -> Iterator[Recorded]:
        self.read_after.append(filters["after"])
        return super().events(**filters)

    def facts(self, *, after: int = 0, limit: int | None = None) -> Iterator[Fact]:
        self.read_after.append(after)
        return super().facts(after=after, limit=limit)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(CODEC)
    put(store, MANY)
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "till.snapshot"


def put(store: MemoryStore, count: int, cash: str = "0.10") -> None:
    opened = AccountOpened(at=AT, account=AccountName("paper"), cash=Decimal(cash))
    store.commit([Draft(events=(opened,) * count, writer="test")])


def till_file(path: Path, rooms: tuple[str, ...] = ("journal",)) -> StateFile[Till]:
    return StateFile(path, codec=CODEC, begin=Till(), step=counted, rooms=rooms)


def whole(store: MemoryStore) -> Till:
    till = Till()
    for recorded in MemoryReader(store).events():
        till = counted(till, recorded.event)
    return till


def test_a_long_past_is_folded_once(store: MemoryStore, path: Path) -> None:
    assert till_file(path).fold(MemoryReader(store)) == whole(store)
    put(store, 7, "2.50")
    reader = CountingReader(store)
    assert till_file(path).fold(reader) == whole(store)
    assert reader.read_after == [MANY - 1, MANY]  # the event it stands on, then what came after


def test_a_short_past_is_not_worth_a_file(path: Path) -> None:
    store = MemoryStore(CODEC)
    put(store, MANY - 1)
    assert till_file(path).fold(MemoryReader(store)) == whole(store)
    assert not path.exists()


def test_it_is_written_again_only_after_as_many_more(store: MemoryStore, path: Path) -> None:
    for more in (0, MANY - 1, 1):
        put(store, more or 1)
        till_file(path).fold(MemoryReader(store))
    snapshot = read_snapshot(path)
    assert snapshot is not None
    assert snapshot.seq == store.head


def is_not_used(path: Path, store: MemoryStore, caplog: pytest.LogCaptureFixture) -> bool:
    reader = CountingReader(store)
    with caplog.at_level(logging.WARNING):
        folded = till_file(path).fold(reader)
    return (
        folded == whole(store)
        and 0 in reader.read_after
        and caplog.messages == ["snapshot_not_used"]
    )


def test_a_broken_file_is_not_used(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    till_file(path).fold(MemoryReader(store))
    path.write_bytes(path.read_bytes()[:-7])
    assert is_not_used(path, store, caplog)


def test_a_file_of_another_store_is_not_used(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    till_file(path).fold(MemoryReader(store))
    other = MemoryStore(CODEC)
    put(other, MANY + 5, "0.20")
    assert is_not_used(path, other, caplog)


def test_a_file_made_by_other_code_is_not_used(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    till_file(path, ("trading",)).fold(MemoryReader(store))
    assert is_not_used(path, store, caplog)


@pytest.mark.parametrize("more", [{}, {"state": b"[]"}])
def test_a_file_with_anything_else_in_it_is_not_used(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture, more: dict[str, Any]
) -> None:
    till_file(path).fold(MemoryReader(store))
    snapshot = read_snapshot(path)
    assert snapshot is not None
    states = {name: evolve(kept, **more) for name, kept in snapshot.states.items()} if more else {}
    write_snapshot(path, evolve(snapshot, states=states))
    assert is_not_used(path, store, caplog)


def test_a_disk_that_refuses_costs_only_the_file(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.with_name(f"{path.name}.new").mkdir()
    assert till_file(path).fold(MemoryReader(store)) == whole(store)
    assert caplog.messages == ["snapshot_not_kept"]


def test_a_store_that_cannot_be_read_is_an_error(store: MemoryStore, path: Path) -> None:
    reader = MemoryReader(store)
    reader.close()
    with pytest.raises(StoreFailed):
        till_file(path).fold(reader)
