"""Alarms that an incarnation sets are its own: they ring for it alone, and die with it."""

import pytest

from actors.runtime import Address, Birth
from actors.runtime.own_alarms import OwnAlarms, Rung
from actors.runtime.testing import ManualTimers, RecordingAddress
from tests.actors.runtime.witness import Diary, Script, Witness


@pytest.fixture
def timers() -> ManualTimers:
    return ManualTimers()


def witness(timers: ManualTimers, incarnation: int, diary: Diary) -> Witness:
    birth = Birth(Address("a"), RecordingAddress("boss"), incarnation, timers.clock)
    return Witness(birth, Script(diary))


def handle_all(actor: Witness) -> None:
    while (letter := actor.address.mailbox.take(ordinary=True)) is not None:
        actor.on_receive(letter[2])


def test_an_own_alarm_rings_for_its_actor(timers: ManualTimers, diary: Diary) -> None:
    actor = witness(timers, 1, diary)
    own = actor.own(timers)
    own.after(1, actor.address, "once")
    own.every(2, actor.address, "again")
    timers.advance(4)
    handle_all(actor)
    assert diary.lines == ["a1:once", "a1:again", "a1:again"]


def test_what_rang_for_a_former_incarnation_is_not_read_by_its_successor(
    timers: ManualTimers, diary: Diary
) -> None:
    former = witness(timers, 1, diary)
    former.own(timers).after(1, former.address, "stale")
    timers.advance(1)
    successor = Witness(
        Birth(former.address, RecordingAddress("boss"), 2, timers.clock), Script(diary)
    )
    former.address.tell("fresh", control=True)
    handle_all(successor)
    assert diary.lines == ["a2:fresh"]


@pytest.mark.parametrize("end", ["stop", "revoke"])
def test_the_alarms_of_an_incarnation_that_is_over_are_silent_and_gone(
    timers: ManualTimers, diary: Diary, end: str
) -> None:
    actor = witness(timers, 1, diary)
    own = actor.own(timers)
    own.after(1, actor.address, "once")
    own.every(1, actor.address, "again")
    if end == "stop":
        actor.stop()
    else:
        actor._port.end()
    timers.advance(5)
    assert len(actor.address) == 0
    assert len(timers) == 0


def test_an_alarm_taken_back_does_not_ring(timers: ManualTimers, diary: Diary) -> None:
    actor = witness(timers, 1, diary)
    actor.own(timers).after(1, actor.address, "once").cancel()
    timers.advance(1)
    assert len(actor.address) == 0


def test_an_alarm_for_another_address_is_told_as_it_is(timers: ManualTimers) -> None:
    other = RecordingAddress("other")
    OwnAlarms(timers, Address("a"), 1, lambda: False).after(1, other, "hello")
    timers.advance(1)
    assert other.told == ["hello"]


def test_a_rung_of_another_incarnation_means_nothing(timers: ManualTimers, diary: Diary) -> None:
    actor = witness(timers, 2, diary)
    actor.on_receive(Rung(1, "stale"))
    actor.on_receive(Rung(2, "mine"))
    assert diary.lines == ["a2:mine"]
