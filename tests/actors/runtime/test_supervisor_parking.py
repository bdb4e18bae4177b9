"""How a group whose child cannot be kept alive is parked, while all others go on."""

import pykka
import pytest

from actors.runtime import Birth, Hopeless, Restarts
from actors.runtime.reminders import BackoffIsOver, Shutdown, Unpark
from tests.actors.runtime.stage import BOOM, Cast, Stage
from tests.actors.runtime.witness import Witness


def accounts(cast: Cast, intensity: int = 0) -> Stage:
    """A journal, two accounts of two actors each, and an edge; all running."""

    def stand_in(birth: Birth) -> pykka.ActorRef[Witness]:
        cast.write("stand in")
        return cast.start(birth)

    stage = Stage(
        cast.child("j", restarts=Restarts.ALL),
        cast.child("a1", group="a"),
        cast.child("a2", group="a", stand_in=stand_in),
        cast.child("b1", group="b"),
        cast.child("b2", group="b"),
        cast.child("e"),
        intensity=intensity,
    )
    stage.begin().started("j", "a1", "a2", "b1", "b2", "e")
    cast.take()
    return stage


def parked(cast: Cast) -> Stage:
    stage = accounts(cast).exited("a1").exited("a2", None)
    cast.take()
    return stage


def test_one_death_too_many_stops_the_group_and_nobody_else(cast: Cast) -> None:
    stage = accounts(cast).exited("a1")
    assert cast.take() == ["stop a2"]
    stage.exited("a2", None)
    assert stage.states == "j:running a1:parked a2:parked b1:running b2:running e:running"
    assert stage.parked == [("a", "a1", "ValueError: boom")]
    assert stage.given_up == []


def test_a_tree_with_a_parked_group_is_ready(cast: Cast) -> None:
    assert parked(cast).state.current.ready


def test_the_stand_in_begins_when_all_of_the_group_have_ended(cast: Cast) -> None:
    stage = accounts(cast).exited("a1")
    assert "stand in" not in cast.take()
    stage.exited("a2", None)
    assert cast.take() == ["stand in", "start a22"]


def test_a_group_is_stopped_in_reverse_one_after_the_other(cast: Cast) -> None:
    stage = Stage(*(cast.child(name, group="g") for name in "abc"), intensity=0).begin()
    stage.started("a", "b", "c").exited("a")
    cast.take()
    stage.exited("c", None)
    assert cast.take() == ["stop b"]


def test_who_does_not_stop_for_a_parking_is_abandoned(cast: Cast) -> None:
    stage = accounts(cast).exited("a1").advance(2)
    assert cast.take() == ["stop a2", "stop a2", "revoke a2", "stand in", "start a22"]
    assert "a1:parked a2:parked" in stage.states


def test_an_end_that_a_new_start_would_repeat_parks_at_once(cast: Cast) -> None:
    stage = accounts(cast, intensity=10).exited("b1", Hopeless("cannot fold seq 7"))
    assert stage.parked == [("b", "b1", "Hopeless: cannot fold seq 7")]
    assert "b1:parked" in stage.states


def test_a_hopeless_end_of_no_group_ends_the_tree_at_once(cast: Cast) -> None:
    stage = Stage(cast.child("a"), intensity=10).begin().started("a")
    stage.exited("a", Hopeless("cannot fold seq 7"))
    assert [name for name, _ in stage.given_up] == ["a"]


def test_each_group_has_patience_of_its_own(cast: Cast) -> None:
    stage = accounts(cast, intensity=1).exited("a1").exited("b1").exited("e")
    assert stage.parked == []
    stage.exited("a2")
    assert [group for group, _, _ in stage.parked] == ["a"]


def test_a_stand_in_that_dies_is_tried_again_later(cast: Cast) -> None:
    stage = parked(cast).exited("a2")
    assert "a2:parked" in stage.states
    assert cast.take() == []
    stage.advance(8)
    assert cast.take() == ["stand in", "start a23"]


def test_a_stand_in_that_lives_is_not_doubled(cast: Cast) -> None:
    stage = parked(cast)
    stage.supervisor.receive(BackoffIsOver("a2", stage.incarnation("a2")))
    assert cast.take() == []


def test_a_stand_in_that_cannot_be_made_harms_nobody(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    def cannot(_: Birth) -> pykka.ActorRef[Witness]:
        raise BOOM

    stage = Stage(cast.child("a", group="g", stand_in=cannot), cast.child("b"), intensity=0)
    stage.begin().started("a", "b").exited("a")
    assert stage.states == "a:parked b:running"
    assert "stand_in_not_made" in caplog.messages


def test_what_a_stand_in_says_of_its_start_changes_nothing(cast: Cast) -> None:
    assert "a2:parked" in parked(cast).started("a2").states


def test_an_unparked_group_starts_in_order_with_new_patience(cast: Cast) -> None:
    stage = parked(cast)
    stage.supervisor.receive(Unpark("a"))
    assert cast.take() == ["stop a2", "revoke a2", "start a12"]
    stage.started("a1").started("a2")
    assert cast.take() == ["start a23"]
    assert "a1:running a2:running" in stage.states
    assert stage.state.current.ready


def test_a_group_that_is_not_parked_cannot_be_unparked(cast: Cast) -> None:
    stage = accounts(cast)
    stage.supervisor.receive(Unpark("a"))
    stage.supervisor.receive(Unpark("no such group"))
    assert cast.take() == []


def test_a_group_that_is_parked_again_says_so_again(cast: Cast) -> None:
    stage = parked(cast)
    stage.supervisor.receive(Unpark("a"))
    stage.exited("a1", OSError("again"))
    assert [error for _, _, error in stage.parked] == ["ValueError: boom", "OSError: again"]


def test_the_late_end_of_a_former_stand_in_is_ignored(cast: Cast) -> None:
    stage = parked(cast)
    stage.supervisor.receive(Unpark("a"))
    stage.started("a1").exited("a2")
    assert stage.parked[1:] == [("a", "a2", "ValueError: boom")]


def test_a_parked_group_stays_parked_when_all_are_restarted(cast: Cast) -> None:
    stage = accounts(cast, intensity=1).exited("a1").exited("a2").exited("j")
    cast.take()
    for name in ("e", "b2", "b1", "a2"):
        stage.exited(name, None)
    stage.advance(1)
    stage.started("j")
    assert "a1:parked a2:parked" in stage.states
    assert cast.take() == [
        "stop b2",
        "stop b1",
        "stop a2",
        "start j2",
        "stand in",
        "start a23",
        "start b12",
    ]


def test_a_shutdown_stops_stand_ins_too(cast: Cast) -> None:
    stage = parked(cast)
    stage.supervisor.receive(Shutdown())
    for name in ("e", "b2", "b1", "a2", "j"):
        stage.exited(name, None)
    assert cast.take() == ["stop e", "stop b2", "stop b1", "stop a2", "stop j"]
    assert stage.is_ending()


def test_a_shutdown_while_a_group_is_being_parked_goes_on_to_the_end(cast: Cast) -> None:
    stage = accounts(cast).exited("a1")
    stage.supervisor.receive(Shutdown())
    for name in ("e", "b2", "b1", "a2", "j"):
        stage.exited(name, None)
    assert stage.is_ending()


def test_a_child_that_is_tried_again_holds_up_its_own_group_only(cast: Cast) -> None:
    stage = Stage(
        cast.child("a1", group="a"),
        cast.child("a2", group="a"),
        cast.child("b1", group="b"),
        cast.child("e"),
    ).begin()
    stage.exited("a1")
    assert cast.take() == ["start a11", "start b11"]
    stage.started("b1").started("e")
    assert stage.states == "a1:backing_off a2:stopped b1:running e:running"
    stage.advance(1).started("a1")
    assert cast.take() == ["start e1", "start a12", "start a21"]


def test_a_group_parked_while_it_starts_lets_the_others_start(cast: Cast) -> None:
    stage = Stage(cast.child("a", group="a"), cast.child("e"), intensity=0).begin().exited("a")
    assert stage.states == "a:parked e:starting"
