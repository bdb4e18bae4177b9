"""How a supervisor gives up, stops its children, and says how they stand."""

import pykka
import pytest

from actors.runtime import Address, Birth, Child, Port, Restarts, Started, State
from actors.runtime.reminders import Shutdown, StopIsLate
from actors.runtime.seat import BLAMED, Seat
from actors.runtime.testing import ManualClock
from tests.actors.runtime.stage import BOOM, STEADY, Cast, Stage, trio
from tests.actors.runtime.witness import Witness


# ---- giving up -------------------------------------------------------------------------


def test_one_restart_too_many_stops_all_in_reverse_and_is_told_once_with_its_cause(
    cast: Cast,
) -> None:
    stage = Stage(cast.child("a"), cast.child("b"), cast.child("c"), intensity=2).begin()
    stage.started("a", "b", "c").exited("b").advance(1).exited("b").advance(2)
    cast.take()
    last = OSError("no venue")
    stage.exited("b", last).exited("c", None)
    assert stage.given_up == []
    stage.exited("a", None)
    assert cast.take() == ["stop c", "stop a"]
    assert stage.given_up == [("b", last)]
    assert stage.states == "a:stopped b:stopped c:stopped"
    assert stage.is_ending()


def test_restarts_within_the_intensity_go_on_for_ever(cast: Cast) -> None:
    stage = Stage(cast.child("a"), intensity=2).begin()
    for _ in range(20):
        stage.exited("a").advance(30)
    assert stage.given_up == []
    assert stage.states == "a:starting"


def test_children_that_cannot_be_made_use_up_the_intensity(cast: Cast) -> None:
    def start(_: Birth) -> pykka.ActorRef[Witness]:
        raise BOOM

    stage = Stage(cast.child("z"), Child("a", start, backoff=STEADY), intensity=3).begin()
    stage.started("z").advance(1).advance(2).advance(4)
    stage.exited("z", None)
    assert stage.given_up == [("a", BOOM)]
    assert stage.incarnation("a") == 4


def test_a_shutdown_while_giving_up_ends_it_once(cast: Cast) -> None:
    stage = Stage(cast.child("a"), cast.child("b"), intensity=0).begin().started("a", "b")
    stage.exited("b")
    stage.supervisor.receive(Shutdown())
    stage.exited("a", None)
    assert stage.given_up == [("b", BOOM)]
    assert cast.take() == ["start a1", "start b1", "stop a"]


def test_a_supervisor_that_gave_up_does_not_tell_its_own_crash_as_a_second_one(cast: Cast) -> None:
    stage = Stage(cast.child("a"), intensity=0).begin().exited("a")
    stage.supervisor.on_end(BOOM)
    assert stage.given_up == [("a", BOOM)]
    assert stage.ended.current


def test_a_supervisor_that_crashes_leaves_no_child_and_is_told_as_giving_up(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor.on_end(BOOM)
    assert cast.take() == ["stop c", "stop b", "stop a"]
    assert stage.given_up == [("supervisor", BOOM)]
    assert not stage.state.current.ready
    assert stage.ended.current


# ---- stop ------------------------------------------------------------------------------


def test_a_shutdown_stops_each_child_when_the_one_after_it_has_ended(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor.receive(Shutdown())
    assert cast.take() == ["stop c"]
    stage.exited("c", None).exited("b", None)
    assert cast.take() == ["stop b", "stop a"]
    assert not stage.is_ending()
    stage.exited("a", None)
    assert stage.is_ending()
    assert stage.given_up == []


def test_a_child_that_does_not_end_in_time_is_abandoned_and_the_stop_goes_on(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    stage = trio(cast)
    stage.supervisor.receive(Shutdown())
    stage.advance(1.9)
    assert cast.take() == ["stop c"]
    stage.advance(0.1)
    assert cast.take() == ["stop c", "revoke c", "stop b"]
    assert caplog.messages == ["actor_stop_late"]
    assert vars(caplog.records[0])["actor"] == "c"
    assert stage.states == "a:running b:running c:stopped"


def test_the_late_end_of_an_abandoned_child_is_ignored(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor.receive(Shutdown())
    stage.advance(2)
    stage.exited("c", None)
    assert stage.states == "a:running b:running c:stopped"
    assert cast.take() == ["stop c", "stop c", "revoke c", "stop b"]


def test_a_limit_told_just_before_the_end_was_read_is_ignored(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor.receive(Shutdown())
    stage.timers.advance(2)
    stage.exited("c", None).advance(0)
    assert cast.take() == ["stop c", "stop b"]


def test_nobody_is_late_to_stop_who_was_not_asked_to(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor.receive(StopIsLate("b", 1))
    assert stage.states == "a:running b:running c:running"
    assert cast.take() == []


def test_a_child_that_dies_while_others_are_stopped_is_neither_restarted_nor_stopped(
    cast: Cast,
) -> None:
    stage = trio(cast)
    stage.supervisor.receive(Shutdown())
    stage.exited("b").exited("c", None)
    assert cast.take() == ["stop c", "stop a"]
    assert [c.last_error for c in stage.state.current.children] == [None, "ValueError: boom", None]


def test_a_shutdown_while_all_are_restarted_restarts_nothing(cast: Cast) -> None:
    stage = trio(cast, restarts=Restarts.ALL).exited("b")
    stage.supervisor.receive(Shutdown())
    stage.exited("c", None).exited("a", None).advance(60)
    assert cast.take() == ["stop c", "stop a"]
    assert stage.is_ending()


def test_a_shutdown_ends_a_backoff(cast: Cast) -> None:
    stage = trio(cast).exited("a")
    stage.supervisor.receive(Shutdown())
    assert stage.states == "a:stopped b:running c:running"
    stage.exited("c", None).exited("b", None).advance(60)
    assert cast.take() == ["stop c", "stop b"]


# ---- what is published -----------------------------------------------------------------


def test_the_state_says_what_each_child_died_of_how_often_and_since_when(cast: Cast) -> None:
    stage = trio(cast).advance(7).exited("b")
    child = stage.state.current.children[1]
    assert (child.state, child.incarnation, child.restarts) == (State.BACKING_OFF, 1, 1)
    assert child.last_error == "ValueError: boom"
    assert child.since == stage.timers.clock.now()


def test_a_state_that_did_not_change_is_not_published_again(cast: Cast) -> None:
    stage = trio(cast)
    before = stage.state.current
    stage.supervisor.receive(Started("b", 1))
    assert stage.state.current is before


def test_a_seat_that_nobody_holds_is_abandoned_without_effect(cast: Cast) -> None:
    seat = Seat(cast.child("a"), ManualClock().now())
    seat.abandon()
    assert cast.log == []


def test_a_seat_remembers_the_deaths_of_its_latest_things_in_hand(cast: Cast) -> None:
    seat = Seat(cast.child("a"), ManualClock().now())
    for thing in (*range(BLAMED + 1), 7):
        seat.ref = cast.start(seat.birth(Address("boss"), ManualClock()))
        assert isinstance(seat.ref.actor_inbox, Port)
        seat.ref.actor_inbox.in_hand = thing
        seat.vacate(has_failed=True)
    assert 0 not in seat.deaths
    assert seat.birth(Address("boss"), ManualClock()).deaths[7] == 2


@pytest.mark.parametrize(("in_hand", "has_failed"), [("stone", False), (None, True)])
def test_a_seat_blames_nothing_for_an_orderly_end_or_for_empty_hands(
    cast: Cast, in_hand: str | None, *, has_failed: bool
) -> None:
    seat = Seat(cast.child("a"), ManualClock().now())
    seat.ref = cast.start(seat.birth(Address("boss"), ManualClock()))
    assert isinstance(seat.ref.actor_inbox, Port)
    seat.ref.actor_inbox.in_hand = in_hand
    seat.vacate(has_failed=has_failed)
    seat.vacate(has_failed=has_failed)
    assert seat.deaths == {}
