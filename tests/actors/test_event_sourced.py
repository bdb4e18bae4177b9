from collections.abc import Iterable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from attrs import frozen

from actors.event_sourced import DraftRefused, EventSourced, Unfoldable, Unreadable
from actors.interests import Interest, interest
from actors.memory import Memory
from actors.messages import CannotBeWritten, Join, NotCommitted, Published, Taken
from actors.runtime import Birth, Hopeless, MailboxFull, Started, Waits
from journal import Draft, Recorded, UnreadableEvent
from tests.actors.facts import OPENED, alert
from tests.actors.room import Room, append_of
from trading.alert_events import AlertAccepted
from trading.event import Event
from trading.events import AccountOpened
from trading.vocabulary import AccountName


@frozen
class Decide:
    """Append these facts, under a key if one is given."""

    events: tuple[Event, ...]
    key: str = ""


@frozen
class Known:
    """Every event that was folded."""

    events: tuple[Event, ...] = ()

    def and_(self, event: Event) -> "Known":
        return Known((*self.events, event))


class Scribe(EventSourced[Known]):
    """Knows what it folded, what it acted on, what it settled, and what it lost."""

    def __init__(self, birth: Birth, room: Room, wanted: Interest) -> None:
        journal = room.address("journal")
        memory = Memory(name="scribe", kind=Known, begin=Known, step=Known.and_, interest=wanted)
        super().__init__(birth, journal=journal, reader=room.reader, memory=memory)
        self.acts: list[Event] = []
        self.lost_events: list[Event] = []
        self.steps: list[str] = []

    @property
    def known(self) -> list[Event]:
        return list(self.state.events)

    def handle(self, message: object) -> None:
        assert isinstance(message, Decide)
        self.steps.append("handle")
        keys = (message.key,) if message.key else ()
        self.append(*message.events, keys=keys)

    def recovered(self) -> None:
        self.steps.append("recovered")

    def settle(self) -> None:
        self.steps.append("settle")

    def committed(self, recorded: Recorded) -> None:
        self.acts.append(recorded.event)

    def lost(self, drafts: Iterable[Draft]) -> None:
        self.lost_events += [event for draft in drafts for event in draft.events]


ONE, TWO, THREE = alert("one"), alert("two"), alert("three")
ALERTS = interest((AlertAccepted,))


def scribe(room: Room, wanted: Interest = ALERTS, incarnation: int = 1) -> Scribe:
    return room.begin(Scribe(room.birth("scribe", incarnation), room, wanted))


@pytest.fixture
def room() -> Room:
    room = Room()
    room.commit(ONE, OPENED)
    room.journal()
    return room


def decide(room: Room, *events: Event, key: str = "") -> None:
    room.address("scribe").tell(Decide(events, key))


# --- starting -----------------------------------------------------------------------------------


def test_it_begins_with_what_concerns_it_and_is_then_started(room: Room) -> None:
    actor = scribe(room)
    assert actor.known == [ONE]
    assert actor.steps == ["recovered", "settle"]
    assert [type(m).__name__ for m in room.boss.told] == ["Started"] * 2


def test_only_facts_of_its_account_are_folded(room: Room) -> None:
    other = alert("other", routes=(AccountName("elsewhere"),))
    room.commit(other)
    assert scribe(room, interest((AlertAccepted,), AccountName("paper"))).known == [ONE]


def test_a_message_that_overtakes_the_journals_answer_is_handled_after_it(room: Room) -> None:
    decide(room, TWO)
    room.actors["scribe"] = actor = Scribe(room.birth("scribe"), room, ALERTS)
    actor.on_start()
    room.run("scribe")
    assert actor.steps == []
    room.run()
    assert actor.steps[:3] == ["recovered", "settle", "handle"]
    assert actor.acts == [TWO]


def test_it_decides_only_after_it_has_joined(room: Room) -> None:
    actor = Scribe(room.birth("scribe"), room, ALERTS)
    with pytest.raises(AssertionError, match="only after it has joined"):
        actor.append(TWO)


def test_the_journal_learns_what_a_former_incarnation_died_of(room: Room) -> None:
    birth = Birth(room.address("scribe"), room.boss, 2, room.clock, "ValueError('boom')")
    Scribe(birth, room, ALERTS).on_start()
    (join,) = room.told("journal", Join)  # type: ignore[type-var]
    assert (join.incarnation, join.last_error) == (2, "ValueError('boom')")


# --- deciding -----------------------------------------------------------------------------------


def test_its_own_facts_count_at_once_and_are_acted_on_when_durable(room: Room) -> None:
    actor = scribe(room)
    decide(room, TWO)
    room.run("scribe")
    assert (actor.known, actor.acts) == ([ONE, TWO], [])
    room.run()
    assert (actor.known, actor.acts) == ([ONE, TWO], [TWO])


def test_the_facts_of_others_are_folded_as_they_are_published(room: Room) -> None:
    actor = scribe(room)
    room.store.commit([])
    address = room.address("other")
    room.address("journal").tell(Join(address, ALERTS, 1))
    room.run()
    room.address("journal").tell(append_of("other", room.store.head, TWO))
    room.run()
    assert (actor.known, actor.acts) == ([ONE, TWO], [])


def test_a_decision_that_finds_the_journal_full_changes_nothing(room: Room) -> None:
    actor = scribe(room)
    room.address("journal").mailbox.bound = 0
    with pytest.raises(MailboxFull):
        actor.handle(Decide((TWO,)))
    assert actor.known == [ONE]


def test_two_decisions_stand_in_the_order_they_were_made(room: Room) -> None:
    scribe(room)
    decide(room, TWO)
    decide(room, THREE)
    room.run()
    assert room.events(AlertAccepted) == [ONE, TWO, THREE]


# --- what does not become durable ---------------------------------------------------------------


def test_what_was_not_committed_is_forgotten_under_a_new_epoch(room: Room) -> None:
    actor = scribe(room)
    former = actor._epoch
    room.store.refusal = "disk full"
    decide(room, TWO)
    room.run()
    assert actor.lost_events == [TWO]
    room.store.refusal = None
    room.advance(5)
    assert actor.known == [ONE]
    assert actor._epoch is not None
    assert former is not None
    assert actor._epoch > former


def test_it_goes_on_deciding_after_a_loss(room: Room) -> None:
    actor = scribe(room)
    room.store.refusal = "disk full"
    decide(room, TWO)
    room.run()
    decide(room, THREE)
    room.run()
    room.store.refusal = None
    room.advance(5)
    assert (actor.known, actor.acts) == ([ONE, THREE], [THREE])


def test_a_taken_key_leads_to_a_fresh_fold(room: Room) -> None:
    actor = scribe(room)
    decide(room, TWO, key="k")
    decide(room, THREE, key="k")
    room.run()
    assert actor.known == [ONE, TWO]
    assert actor.steps.count("recovered") == 2


@pytest.mark.parametrize("kind", [NotCommitted, Taken])
def test_an_answer_to_a_former_epoch_is_no_concern(room: Room, kind: type[Any]) -> None:
    actor = scribe(room)
    draft = Draft(events=(TWO,), writer="scribe", epoch=1)
    (recorded,) = room.reader.events(limit=1)
    answer = NotCommitted(1, (draft,)) if kind is NotCommitted else Taken(draft, "k", recorded)
    actor.receive(answer)
    assert (actor.lost_events, actor.steps.count("recovered")) == ([], 1)


def test_it_waits_while_it_joins_again_and_then_goes_on(room: Room) -> None:
    scribe(room)
    decide(room, TWO, key="k")
    decide(room, THREE, key="k")
    room.run()
    told = [m for m in room.boss.told if getattr(m, "name", "") == "scribe"]
    assert told == [Started("scribe", 1), Waits("scribe", 1), Started("scribe", 1)]


def test_ordinary_messages_wait_while_it_folds_anew(room: Room) -> None:
    actor = scribe(room)
    states = [actor._port.is_open]
    actor._join()
    states.append(actor._port.is_open)
    room.run()
    states.append(actor._port.is_open)
    assert states == [True, False, True]


# --- gaps ---------------------------------------------------------------------------------------


def test_a_gap_is_read_from_the_store(room: Room) -> None:
    actor = scribe(room)
    room.commit(TWO, OPENED, THREE)
    actor.receive(Published(room.store.head - 1, room.store.head, ()))
    assert actor.known == [ONE, TWO, THREE]


def test_what_was_seen_already_changes_nothing(room: Room) -> None:
    actor = scribe(room)
    (first,) = room.reader.events(limit=1)
    actor.receive(Published(0, 1, (first,)))
    assert actor.known == [ONE]


def test_a_full_mailbox_loses_nothing(room: Room) -> None:
    actor = scribe(room)
    room.address("scribe").mailbox.bound = 0
    other = room.address("other")
    room.address("journal").tell(Join(other, ALERTS, 1))
    room.run()
    room.address("journal").tell(append_of("other", room.store.head, TWO))
    room.run()
    assert actor.known == [ONE]
    room.address("scribe").mailbox.bound = 10
    room.advance(1)  # nothing more happens: the checkpoint's tick tells it
    assert actor.known == [ONE, TWO]


def test_its_own_facts_are_acted_on_in_a_gap_too_whatever_its_interest(room: Room) -> None:
    actor = scribe(room, interest((AccountOpened,)))
    room.address("scribe").mailbox.bound = 0
    actor.receive(Decide((TWO,)))
    room.run()
    assert actor.acts == []
    room.address("scribe").mailbox.bound = 10
    room.advance(1)
    assert (actor.acts, actor.known) == ([TWO], [OPENED, TWO])


def test_publications_from_before_it_was_let_in_are_inside_the_fold(room: Room) -> None:
    actor = scribe(room)
    actor._join()
    actor.receive(Published(actor._seen, actor._seen + 1, ()))
    room.run()
    assert actor.known == [ONE]
    assert actor._seen == room.store.head


# --- facts and drafts that are beyond it --------------------------------------------------------


class Picky(Scribe):
    """Cannot take in what comes from a certain address."""

    def fold(self, event: Event) -> None:
        if isinstance(event, AlertAccepted) and event.address == "poison":
            raise ValueError("boom")
        super().fold(event)


POISON = alert("poison", address="poison")


def test_a_fact_of_the_past_that_it_cannot_fold_is_its_end_and_names_the_seq(room: Room) -> None:
    room.commit(POISON)
    with pytest.raises(Unfoldable, match=r"cannot fold seq 3 \(AlertAccepted\): .*boom"):
        room.begin(Picky(room.birth("scribe"), room, ALERTS))


def test_a_published_fact_that_it_cannot_fold_is_its_end_too(room: Room) -> None:
    actor = room.begin(Picky(room.birth("scribe"), room, ALERTS))
    with pytest.raises(Unfoldable, match="cannot fold seq 9"):
        actor.receive(Published(actor._seen, 9, (Recorded(9, POISON, "w", 1, 1, ""),)))


def test_a_row_that_nobody_can_decode_is_its_end_and_named(room: Room) -> None:
    def broken(**_: object) -> Iterator[Recorded]:
        yield from room.reader.events(upto=1)
        raise UnreadableEvent("AlertAccepted: no such field", 17)

    actor = Scribe(room.birth("scribe"), room, ALERTS)
    actor._reader = Mock(wraps=room.reader, events=broken)
    with pytest.raises(Unreadable, match="event 17: AlertAccepted"):
        room.begin(actor)


def test_both_are_ends_that_a_restart_would_repeat() -> None:
    assert issubclass(Unfoldable, Hopeless)
    assert issubclass(Unreadable, Hopeless)


def test_a_draft_that_cannot_be_written_ends_its_writer_with_its_cause_in_hand(room: Room) -> None:
    actor = scribe(room)
    draft = Draft(events=(TWO,), writer="scribe", epoch=actor._epoch or 0, cause="alert-1")
    with pytest.raises(DraftRefused, match="NaN"):
        actor.receive(CannotBeWritten(draft.epoch, (draft,), "NaN"))
    assert actor._port.in_hand == "alert-1"
    assert actor.lost_events == [TWO]


def test_what_a_former_epoch_could_not_write_is_no_concern_of_this_one(room: Room) -> None:
    actor = scribe(room)
    actor.receive(CannotBeWritten(0, (Draft(events=(TWO,), writer="scribe"),), "NaN"))
    assert actor.lost_events == []
