from collections.abc import Sequence
from decimal import Decimal

import pytest
from attrs import evolve

from actors.interests import Interest, interest
from actors.messages import CannotBeWritten, Join, Joined, NotCommitted, Published, Taken
from actors.runtime.testing import ManualClock, RecordingAddress
from journal import Draft, MemoryStore, Outcome, StoreFailed
from tests.actors.facts import APPLIED, OPENED, READY, actor_started, alert
from tests.actors.room import CODEC, Room, append_of, events_of
from trading.alert_events import AlertAccepted
from trading.events import AccountOpened, ActorStarted, SettingsApplied, VenueReady


BOTH = interest((AlertAccepted, AccountOpened))
NONE = interest(())
OPENING = Draft(events=(APPLIED,), keys=("start:1",), writer="journal")


class SlowStore(MemoryStore):
    """Takes so long for each commit."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(CODEC)
        self.seconds = 0.0
        self._clock = clock

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self._clock.advance(self.seconds)
        return super().commit(drafts)


class UnflushedStore(MemoryStore):
    """Once, `lost` holds what was refused: the next try finds it committed after all."""

    def __init__(self) -> None:
        super().__init__(CODEC)
        self.lost: list[Sequence[Draft]] = []
        self.refuses_flush = False

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        if self.refuses_flush:
            self.refuses_flush = False
            self.lost.append(drafts)
            raise StoreFailed("the flush failed")
        return super().commit(drafts)

    def checkpoint(self) -> None:
        super().checkpoint()
        while self.lost:
            super().commit(self.lost.pop())


class CountingStore(MemoryStore):
    """Keeps how many drafts each commit was given."""

    def __init__(self) -> None:
        super().__init__(CODEC)
        self.sizes: list[int] = []

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        outcomes = super().commit(drafts)
        self.sizes.append(len(drafts))
        return outcomes


def let_in(room: Room, name: str, wanted: Interest = NONE, bound: int = 10_000) -> int:
    """Join under a name, and return the epoch given."""
    address = room.address(name, bound)
    room.address("journal").tell(Join(address, wanted, 1))
    room.run("journal")
    (joined,) = [m for m in address.take() if isinstance(m, Joined)]
    return joined.epoch


def published(address: RecordingAddress) -> list[Published]:
    return [m for m in address.take() if isinstance(m, Published)]


# --- committing ---------------------------------------------------------------------------------


def test_all_that_waits_is_one_commit() -> None:
    store = CountingStore()
    room = Room(store)
    room.journal()
    epochs = {name: let_in(room, name) for name in ("a", "b")}
    store.sizes.clear()
    for number in range(3):
        for name, epoch in epochs.items():
            room.address("journal").tell(append_of(name, epoch, OPENED, number=number))
    room.run()
    assert store.sizes == [6]


def test_the_opening_is_written_before_anyone_is_let_in() -> None:
    room = Room()
    room.journal(OPENING)
    let_in(room, "a")
    assert [type(r.event) for r in room.history()] == [SettingsApplied, ActorStarted]


def test_the_next_journal_of_the_process_does_not_open_again() -> None:
    room = Room()
    room.journal(OPENING)
    room.end("journal")
    room.store.refusal = None  # a store on disk would be opened anew
    room.journal(OPENING)
    assert room.events(SettingsApplied) == [APPLIED]


def test_a_disk_that_refuses_the_opening_is_tried_again() -> None:
    room = Room()
    room.store.refusal = "disk full"
    room.journal(OPENING)
    room.address("journal").tell(Join(room.address("a"), NONE, 1))
    room.run()
    assert room.history() == []
    room.store.refusal = None
    room.advance(1)
    assert [type(r.event) for r in room.history()] == [SettingsApplied, ActorStarted]


def test_what_comes_after_a_flush_is_the_next_commit() -> None:
    store = CountingStore()
    room = Room(store)
    room.journal()
    epoch = let_in(room, "a")
    store.sizes.clear()
    for _ in range(2):
        room.address("journal").tell(append_of("a", epoch, OPENED))
        room.run()
    assert store.sizes == [1, 1]


def test_several_writers_are_committed_in_the_order_they_came() -> None:
    room = Room()
    room.journal()
    first, second = let_in(room, "a"), let_in(room, "b")
    for writer, epoch in (("b", second), ("a", first), ("b", second)):
        room.address("journal").tell(append_of(writer, epoch, OPENED))
    room.run()
    assert [r.writer for r in room.history()[-3:]] == ["b", "a", "b"]


def test_what_still_waits_at_an_orderly_end_is_committed() -> None:
    room = Room()
    journal = room.journal()
    epoch = let_in(room, "a")
    journal.receive(append_of("a", epoch, OPENED))
    room.end("journal")
    assert room.events(AccountOpened) == [OPENED]


def test_a_closed_journal_says_that_it_does_not_commit() -> None:
    room = Room()
    room.journal()
    room.end("journal")
    assert not room.health.current.commits


def test_every_commit_is_timed_and_a_new_incarnation_goes_on_counting() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a")
    room.address("journal").tell(append_of("a", epoch, OPENED))
    room.run()
    room.end("journal")
    assert sum(room.health.current.commits_timed.counts) == 2
    room.store.refusal = None  # opened anew
    room.journal()
    let_in(room, "b")
    room.advance(1)
    assert sum(room.health.current.commits_timed.counts) == 3


def test_a_commit_that_fails_is_not_among_those_timed() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a")
    room.store.refusal = "disk full"
    room.address("journal").tell(append_of("a", epoch, OPENED))
    room.run()
    assert sum(room.health.current.commits_timed.counts) == 1


# --- keys ---------------------------------------------------------------------------------------


def test_a_taken_key_is_answered_with_the_first_event_under_it() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a")
    for name in ("one", "two"):
        room.address("journal").tell(append_of("a", epoch, alert(name), keys=("k",)))
    room.run()
    (taken,) = [m for m in room.address("a").take() if isinstance(m, Taken)]
    assert (taken.key, taken.first.event) == ("k", alert("one"))


def test_a_taken_key_is_answered_before_what_came_after_it_is_published() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a")
    journal = room.address("journal")
    journal.tell(append_of("a", epoch, alert("one"), keys=("k",)))
    journal.tell(append_of("a", epoch, alert("two"), keys=("k",)))
    journal.tell(append_of("a", epoch, alert("three")))
    room.run()
    taken, publication = room.address("a").letters
    assert isinstance(taken.message, Taken)
    assert taken.control
    assert isinstance(publication.message, Published)


# --- publishing ---------------------------------------------------------------------------------


def test_each_subscriber_is_told_what_concerns_it_with_what_it_was_told_before() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a", BOTH)
    journal, address = room.address("journal"), room.address("a")
    for event in (OPENED, READY, alert("one")):
        journal.tell(append_of("b", let_in(room, "b"), event))
        room.run()
    first, second = published(address)
    assert (first.previous, events_of(first)) == (epoch, [OPENED])
    assert (second.previous, events_of(second)) == (first.seq, [alert("one")])


def test_a_writer_is_told_of_its_own_facts_whatever_its_interest() -> None:
    room = Room()
    room.journal()
    room.address("journal").tell(append_of("a", let_in(room, "a"), READY))
    room.run()
    assert [events_of(p) for p in published(room.address("a"))] == [[READY]]


def test_a_publication_that_finds_no_room_is_a_gap_in_the_next() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a", BOTH, bound=1)
    writer = let_in(room, "b")
    for name in ("one", "two"):
        room.address("journal").tell(append_of("b", writer, alert(name)))
        room.run()
    (first,) = published(room.address("a"))
    room.address("journal").tell(append_of("b", writer, alert("three")))
    room.run()
    (third,) = published(room.address("a"))
    assert first.previous == epoch
    assert third.previous > first.seq


def test_who_missed_a_publication_is_told_even_when_nothing_more_happens() -> None:
    room = Room()
    room.journal()
    let_in(room, "a", BOTH, bound=1)
    writer = let_in(room, "b")
    for name in ("one", "two"):
        room.address("journal").tell(append_of("b", writer, alert(name)))
        room.run()
    published(room.address("a"))
    room.advance(1)
    (reminder,) = published(room.address("a"))
    assert (reminder.seq, reminder.records) == (room.store.head, ())
    room.advance(5)
    assert published(room.address("a")) == []


# --- letting in ---------------------------------------------------------------------------------


def test_an_epoch_is_the_seq_of_the_start_it_stands_for() -> None:
    room = Room()
    room.journal()
    epoch = let_in(room, "a")
    event = room.history()[epoch - 1].event
    assert isinstance(event, ActorStarted)
    assert (event.actor, event.incarnation) == ("a", 1)


def test_what_stood_before_a_join_is_committed_and_inside_what_is_folded() -> None:
    room = Room()
    room.journal()
    former = let_in(room, "a")
    room.address("journal").tell(append_of("a", former, OPENED))
    epoch = let_in(room, "a")
    assert [r.event for r in room.history()[former:epoch]] == [
        OPENED,
        actor_started("a"),
    ]


def test_what_a_former_self_appends_after_the_join_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    room.journal()
    former = let_in(room, "a")
    let_in(room, "a")
    room.address("journal").tell(append_of("a", former, OPENED))
    room.run()
    assert room.events(AccountOpened) == []
    assert caplog.messages == ["append_refused"]


def test_publications_to_a_former_self_end_with_the_join() -> None:
    room = Room()
    room.journal()
    let_in(room, "a", BOTH)
    let_in(room, "a", NONE)
    room.address("journal").tell(append_of("b", let_in(room, "b"), OPENED))
    room.run()
    assert published(room.address("a")) == []


# --- a disk that refuses ------------------------------------------------------------------------


def failing(room: Room) -> tuple[int, int]:
    """A journal that has just refused one draft each of a and b."""
    room.journal()
    epochs = let_in(room, "a"), let_in(room, "b")
    room.store.refusal = "disk full"
    for name, epoch in zip("ab", epochs, strict=True):
        room.address("journal").tell(append_of(name, epoch, OPENED))
    room.run()
    return epochs


def test_everyone_pending_is_told_that_nothing_was_committed() -> None:
    room = Room()
    epochs = failing(room)
    for name, epoch in zip("ab", epochs, strict=True):
        (answer,) = room.address(name).take()
        assert isinstance(answer, NotCommitted)
        assert (answer.epoch, [d.writer for d in answer.drafts]) == (epoch, [name])


def test_a_failing_disk_is_published() -> None:
    room = Room()
    failing(room)
    assert not room.health.current.commits
    assert "disk full" in room.health.current.reason


def test_appends_to_a_failing_disk_are_refused_at_once() -> None:
    room = Room()
    room.journal()
    let_in(room, "a")
    late = let_in(room, "late")
    room.store.refusal = "disk full"
    room.advance(1)  # the checkpoint meets it
    room.address("journal").tell(append_of("late", late, OPENED))
    room.run()
    (answer,) = room.address("late").take()
    assert isinstance(answer, NotCommitted)


def test_what_is_built_on_a_lost_draft_is_lost_too_even_if_the_disk_has_healed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    epoch, _ = failing(room)
    room.store.refusal = None
    room.advance(1)
    room.address("journal").tell(append_of("a", epoch, READY, number=2))
    room.run()
    assert room.events(VenueReady) == []
    assert caplog.messages[-1] == "append_refused"


def test_drafts_that_wait_when_a_checkpoint_fails_are_refused() -> None:
    room = Room()
    journal = room.journal()
    epoch = let_in(room, "a")
    room.address("journal").tell(append_of("a", epoch, READY, number=2))  # so the first one waits
    journal.receive(append_of("a", epoch, OPENED))
    room.store.refusal = "disk full"
    room.advance(1)
    room.store.refusal = None
    room.advance(1)
    assert [type(m) for m in room.address("a").take()] == [NotCommitted]
    assert (room.events(AccountOpened), room.events(VenueReady)) == ([], [])


def test_what_nothing_waits_behind_is_committed_at_once() -> None:
    room = Room()
    journal = room.journal()
    epoch = let_in(room, "a")
    journal.receive(append_of("a", epoch, OPENED))
    assert room.events(AccountOpened) == [OPENED]
    assert len(room.address("journal")) == 0


def test_it_heals_without_hands() -> None:
    room = Room()
    failing(room)
    room.advance(60)
    assert not room.health.current.commits
    room.store.refusal = None
    room.advance(5)
    assert room.health.current.commits


def test_a_disk_that_still_refuses_is_not_called_healthy_in_between() -> None:
    room = Room()
    room.journal()
    room.store.refusal = "disk full"
    room.advance(1)
    for _ in range(100):
        assert not room.health.current.commits
        room.advance(0.1)


def test_tries_become_rarer_and_never_end() -> None:
    room = Room()
    failing(room)
    room.advance(3600)
    alarms = sorted(alarm.due for _, _, alarm in room.timers._agenda._heap if alarm.live)
    assert len(alarms) == 2  # the checkpoint's and the next try's
    assert alarms[-1] - room.clock.monotonic() <= 5


def test_who_joins_while_the_disk_refuses_is_let_in_when_it_has_healed() -> None:
    room = Room()
    failing(room)
    room.address("c")
    for _ in range(2):  # the second, of the next incarnation, replaces the first
        room.address("journal").tell(Join(room.address("c"), NONE, 1))
    room.run()
    assert room.address("c").take() == []
    room.store.refusal = None
    room.advance(5)
    assert [type(m) for m in room.address("c").take()] == [Joined]


def test_a_store_that_cannot_be_opened_is_tried_until_it_can() -> None:
    room = Room()
    room.store.refusal = "no such disk"
    room.journal()
    assert room.boss.take() == []
    room.store.refusal = None
    room.advance(5)
    assert len(room.boss.take()) == 1
    assert room.health.current.commits


def test_the_health_says_how_far_the_journal_is() -> None:
    room = Room()
    room.journal()
    let_in(room, "a")
    room.advance(1)  # it is told at each tick, not at each commit
    assert room.health.current.head == room.store.head == 1


def test_what_was_refused_and_is_there_after_all_is_read_by_whom_it_concerns() -> None:
    store = UnflushedStore()
    room = Room(store)
    room.journal()
    before, writer = let_in(room, "a", BOTH), let_in(room, "b")
    store.refuses_flush = True
    room.address("journal").tell(append_of("b", writer, OPENED))
    room.run()
    assert room.events(AccountOpened) == []
    room.advance(5)
    assert room.events(AccountOpened) == [OPENED]
    (gap,) = published(room.address("a"))
    assert gap.previous == gap.seq == store.head > before


def test_a_journal_that_never_could_be_opened_says_that_it_tried() -> None:
    room = Room()
    room.store.refusal = "no such disk"
    told = [room.health.current.has_failed]
    room.journal()
    told.append(room.health.current.has_failed)
    room.store.refusal = None
    room.advance(5)
    told.append(room.health.current.has_failed)
    assert told == [False, True, False]


def test_slow_commits_are_published_and_logged_and_forgotten_once_they_are_quick(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    store = SlowStore(clock)
    room = Room(store, clock)
    room.journal()
    epoch = let_in(room, "a")
    store.seconds = 0.2
    for _ in range(30):
        room.address("journal").tell(append_of("a", epoch, READY))
        room.run()
    room.advance(1)
    assert room.health.current.commits
    assert "takes 200 ms" in room.health.current.slow
    assert "takes 200 ms" in vars(caplog.records[-1])["said"]
    store.seconds = 0.0
    room.advance(61)
    assert room.health.current.slow == ""


# --- a draft that cannot be written -------------------------------------------------------------

UNWRITABLE = evolve(OPENED, cash=Decimal("NaN"))


def test_a_draft_that_cannot_be_written_ends_its_writers_epoch_and_no_others() -> None:
    room = Room()
    room.journal()
    good, bad = let_in(room, "good", BOTH), let_in(room, "bad")
    for writer, epoch, event in (
        ("good", good, alert("a")),
        ("bad", bad, alert("b")),
        ("bad", bad, UNWRITABLE),
        ("bad", bad, alert("c")),
        ("good", good, alert("d")),
    ):
        room.address("journal").tell(append_of(writer, epoch, event))
    room.run("journal")
    assert [e.alert_id for e in room.events(AlertAccepted)] == ["a", "b", "d"]
    (told,) = [m for m in room.address("bad").told if isinstance(m, CannotBeWritten)]
    assert told.drafts[0].events == (UNWRITABLE,)
    assert not any(isinstance(m, CannotBeWritten) for m in room.address("good").told)


def test_a_writer_is_let_in_again_after_it() -> None:
    room = Room()
    room.journal()
    room.address("journal").tell(append_of("bad", let_in(room, "bad"), UNWRITABLE))
    room.run("journal")
    room.address("bad").take()
    room.address("journal").tell(append_of("bad", let_in(room, "bad"), alert("a")))
    room.run("journal")
    assert [e.alert_id for e in room.events(AlertAccepted)] == ["a"]
    assert room.health.current.commits
