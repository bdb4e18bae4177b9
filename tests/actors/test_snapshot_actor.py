import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from actors.memory import AnyMemory
from actors.position_book import PositionBook, book_memory
from actors.risk_memory import risk_memory
from actors.shadow import Shadow
from actors.snapshots import AT_THE_END, EVERY, KEEP_UP_EVERY_S, STEP, SnapshotActor
from journal import Draft, MemoryReader, MemoryStore, Recorded, UndecodableEvent
from journal.recall import Recall
from journal.snapshot import Kept, read_snapshot, write_snapshot
from journal.store import Fact
from tests.actors.facts import AAPL, OPENED, PAPER, a_life, alert, filled
from tests.actors.room import CODEC, Room
from trading.event import Event
from trading.statement import Statement


LIFE = a_life("a")
MEMORIES: dict[str, AnyMemory] = {
    "book:paper": book_memory(PAPER),
    "risk:paper": risk_memory(PAPER),
}


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
def room() -> Room:
    room = Room()
    room.commit(OPENED, *LIFE)
    return room


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.snapshot"


def reborn(room: Room) -> CountingReader:
    """A new process over the same journal: nothing is in memory."""
    reader = CountingReader(room.store)
    room.reader = Recall(reader)
    return reader


def snapshots(
    room: Room, path: Path, memories: dict[str, AnyMemory] | None = None
) -> SnapshotActor:
    return room.begin(
        SnapshotActor(
            room.birth("snapshots"),
            recall=room.reader,
            codec=CODEC,
            memories=memories or MEMORIES,
            path=path,
            alarms=room.timers,
        )
    )


def replayed(room: Room) -> dict[str, Kept]:
    shadow = Shadow(MEMORIES, "code")
    shadow.take_in(room.reader.facts())
    return shadow.kept()


def held(room: Room) -> dict[str, bytes | None]:
    kept = {name: room.reader.kept(name) for name in MEMORIES}
    return {name: each.state if each else None for name, each in kept.items()}


def expected(room: Room) -> dict[str, bytes]:
    return {name: kept.state for name, kept in replayed(room).items()}


def seq_in(path: Path) -> int | None:
    snapshot = read_snapshot(path)
    return snapshot.seq if snapshot else None


# --- at start -----------------------------------------------------------------------------------


def test_at_start_the_past_is_folded_for_everyone(room: Room, path: Path) -> None:
    snapshots(room, path)
    assert held(room) == expected(room)


def test_what_was_folded_is_written_down(room: Room, path: Path) -> None:
    snapshots(room, path)
    snapshot = read_snapshot(path)
    assert snapshot is not None
    assert {n: k.state for n, k in snapshot.states.items()} == expected(room)


def test_the_next_start_reads_only_what_came_after(room: Room, path: Path) -> None:
    snapshots(room, path)
    room.commit(alert("b"))
    reader = reborn(room)
    snapshots(room, path)
    assert 0 not in reader.read_after
    assert held(room) == expected(room)


def test_an_actor_begins_with_what_is_kept(room: Room, path: Path) -> None:
    snapshots(room, path)
    room.commit(filled("late", price=90))
    reader = CountingReader(room.store)
    room.reader._reader = reader
    room.journal()
    book = room.begin(
        PositionBook(
            room.birth("book:paper"),
            journal=room.address("journal"),
            reader=room.reader,
            account=PAPER,
            dashboard=room.address("dashboard"),
            alarms=room.timers,
        )
    )
    assert reader.read_after == [len(LIFE) + 1]
    assert book.state.book.net(AAPL) == 20


def test_a_long_past_is_kept_on_the_way(
    room: Room, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.snapshots.AT_START", 3)
    room.commit(alert("b"))
    snapshots(room, path, {"book:paper": fails_at("b")})
    assert seq_in(path) == 6


def test_an_empty_journal_leaves_no_snapshot(path: Path) -> None:
    snapshots(Room(), path)
    assert not path.exists()


def test_states_are_taken_up_together_or_not_at_all(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path, {"risk:paper": MEMORIES["risk:paper"]})
    reader = reborn(room)
    its = snapshots(room, path)
    assert 0 in reader.read_after
    assert held(room) == expected(room)
    assert its._shadow.seq == room.reader.head()
    assert caplog.messages == ["states_made_anew"]


# --- in doubt -----------------------------------------------------------------------------------


def thrown_away(room: Room, path: Path, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether a start on this file folds everything, rightly, and says why."""
    reader = reborn(room)
    with caplog.at_level(logging.WARNING):
        snapshots(room, path)
    return 0 in reader.read_after and held(room) == expected(room) and bool(caplog.messages)


def test_a_broken_snapshot_is_thrown_away(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    path.write_bytes(path.read_bytes()[:-9])
    assert thrown_away(room, path, caplog)


def test_a_snapshot_that_cannot_be_read_is_thrown_away(
    room: Room, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal.snapshot" / "x").mkdir(parents=True)
    assert thrown_away(room, tmp_path / "journal.snapshot", caplog)


def test_a_snapshot_of_another_journal_is_thrown_away(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    other = Room()
    other.commit(OPENED, *a_life("b"))
    assert thrown_away(other, path, caplog)


def test_a_snapshot_of_more_than_the_journal_holds_is_thrown_away(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    older = Room()
    older.commit(OPENED, *LIFE[:3])
    assert thrown_away(older, path, caplog)


def test_a_state_made_by_other_code_is_thrown_away(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    snapshot = read_snapshot(path)
    assert snapshot is not None
    forged = {n: evolve(k, made_by="other", state=b"{}") for n, k in snapshot.states.items()}
    write_snapshot(path, evolve(snapshot, states=forged))
    assert thrown_away(room, path, caplog)


def test_a_state_that_does_not_read_is_thrown_away(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    snapshot = read_snapshot(path)
    assert snapshot is not None
    broken = {n: evolve(k, state=b"{}") for n, k in snapshot.states.items()}
    write_snapshot(path, evolve(snapshot, states=broken))
    assert thrown_away(room, path, caplog)


# --- while it runs ------------------------------------------------------------------------------


def commit_many(room: Room, count: int) -> None:
    rows = [Draft(events=(alert("a"),) * count, writer="before")]
    room.store.commit(rows)


def test_it_follows_a_few_at_a_time(room: Room, path: Path) -> None:
    its = snapshots(room, path)
    began = its._shadow.seq
    commit_many(room, 3 * STEP)
    room.advance(2 * KEEP_UP_EVERY_S)
    assert its._shadow.seq == began + 2 * STEP


def test_every_so_many_events_there_is_a_new_one(room: Room, path: Path) -> None:
    snapshots(room, path)
    commit_many(room, EVERY + STEP)
    room.advance((EVERY / STEP + 1) * KEEP_UP_EVERY_S)
    kept = room.reader.kept("book:paper")
    assert kept is not None
    assert kept.seq == seq_in(path) == EVERY + len(LIFE) + 1


def test_the_last_one_is_of_the_very_end(room: Room, path: Path) -> None:
    snapshots(room, path)
    commit_many(room, 3 * STEP)
    room.end("snapshots")
    assert seq_in(path) == room.reader.head()


def test_an_end_far_behind_is_left_to_the_next_start(room: Room, path: Path) -> None:
    snapshots(room, path)
    commit_many(room, AT_THE_END + 1)
    room.end("snapshots")
    assert seq_in(path) == len(LIFE) + 1


def test_one_that_crashed_writes_nothing_more(room: Room, path: Path) -> None:
    snapshots(room, path)
    commit_many(room, STEP)
    room.end("snapshots", RuntimeError("a bug"))
    assert seq_in(path) == len(LIFE) + 1


def test_its_alarm_ends_with_it(room: Room, path: Path) -> None:
    snapshots(room, path)
    room.end("snapshots")
    assert len(room.timers) == 0


def test_a_message_it_does_not_know_is_a_bug(room: Room, path: Path) -> None:
    with pytest.raises(TypeError, match="does not know"):
        snapshots(room, path).receive("what?")


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_disk_that_refuses_costs_only_the_snapshot(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.with_name(f"{path.name}.new").mkdir()
    snapshots(room, path)
    assert held(room) == expected(room)
    assert caplog.messages == ["snapshot_not_kept"]


def test_a_journal_that_cannot_be_read_for_a_while_is_read_later(room: Room, path: Path) -> None:
    its = snapshots(room, path)
    commit_many(room, STEP)
    good, bad = room.reader._reader, MemoryReader(room.store)
    bad.close()
    room.reader._reader = bad
    room.advance(KEEP_UP_EVERY_S)
    room.reader._reader = good
    room.advance(KEEP_UP_EVERY_S)
    assert its._shadow.seq == room.reader.head()


def test_a_journal_that_cannot_be_read_at_the_end_ends_it_all_the_same(
    room: Room, path: Path
) -> None:
    snapshots(room, path)
    room.reader.close()
    room.end("snapshots")
    assert seq_in(path) == len(LIFE) + 1


def spoil(room: Room) -> None:
    """Make the last event one of a version to come."""
    last = room.store.rows[-1]
    room.store.rows[-1] = (*last[:2], "Unheard", *last[3:])


def test_an_event_that_nobody_can_read_stops_the_start(room: Room, path: Path) -> None:
    spoil(room)
    with pytest.raises(UndecodableEvent, match="event 7: Unheard"):
        snapshots(room, path)


def test_an_event_that_becomes_unreadable_ends_snapshots_but_nothing_else(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots(room, path)
    room.commit(alert("b"), alert("c"))
    spoil(room)
    room.advance(5 * KEEP_UP_EVERY_S)
    room.end("snapshots")
    assert caplog.messages == ["snapshots_end"]
    assert seq_in(path) == 7


def fails_at(name: str) -> AnyMemory:
    """A memory with a bug that shows at one alert."""

    def step(statement: Statement, event: Event) -> Statement:
        if getattr(event, "alert_id", "") == name:
            raise RuntimeError("a bug")
        return statement

    return evolve(book_memory(PAPER), step=step)


def test_a_fold_that_fails_ends_snapshots_but_nothing_else(
    room: Room, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    its = snapshots(room, path, {"book:paper": fails_at("b")})
    room.commit(alert("b"), alert("c"))
    room.advance(5 * KEEP_UP_EVERY_S)
    room.end("snapshots")
    assert caplog.messages == ["snapshots_end"]
    assert (seq_in(path), its._shadow.seq) == (7, 7)
