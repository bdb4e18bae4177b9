"""How a supervisor starts its children, and starts again what dies."""

import pykka
import pytest

from actors.runtime import Birth, Child, Exited, Restarts, Started
from actors.runtime.reminders import BackoffIsOver, StartIsLate
from tests.actors.runtime.stage import BOOM, STEADY, Cast, Stage, trio
from tests.actors.runtime.witness import Witness


# ---- start -----------------------------------------------------------------------------


def test_each_child_starts_only_when_the_one_before_it_has_started(cast: Cast) -> None:
    stage = Stage(cast.child("a"), cast.child("b")).begin()
    assert cast.take() == ["start a1"]
    stage.started("a")
    assert cast.take() == ["start b1"]
    assert not stage.state.current.ready
    stage.started("b")
    assert stage.state.current.ready


def test_a_tree_without_children_is_ready_at_once() -> None:
    assert Stage().begin().state.current.ready


def test_a_child_that_tells_started_twice_changes_nothing(cast: Cast) -> None:
    stage = trio(cast).started("b")
    assert stage.states == "a:running b:running c:running"
    assert cast.log == []


def test_two_children_may_not_have_the_same_name(cast: Cast) -> None:
    with pytest.raises(ValueError, match="two children of supervisor have the same name"):
        Stage(cast.child("a"), cast.child("a"))


def test_a_child_that_never_starts_holds_back_those_after_it(cast: Cast) -> None:
    stage = Stage(cast.child("a"), cast.child("b")).begin().exited("a").advance(1)
    assert cast.take() == ["start a1", "start a2"]
    assert stage.states == "a:starting b:stopped"


def test_a_child_later_than_its_start_deadline_is_stopped_and_counts_as_dead(cast: Cast) -> None:
    stage = Stage(cast.child("a", start_deadline_s=10)).begin().advance(10)
    assert cast.take() == ["start a1", "stop a", "revoke a"]
    assert stage.states == "a:backing_off"
    assert stage.state.current.children[0].last_error == "TimeoutError: not started within 10 s"
    stage.advance(1)
    assert cast.take() == ["start a2"]


def test_a_child_that_is_late_again_and_again_is_tried_more_and_more_rarely(cast: Cast) -> None:
    stage = Stage(cast.child("a", start_deadline_s=10), intensity=3).begin()
    for delay_s in (1, 2, 4):
        stage.advance(10).advance(delay_s - 0.1)
        assert stage.states == "a:backing_off"
        stage.advance(0.1)
        assert stage.states == "a:starting"
    stage.advance(10)
    assert [name for name, _ in stage.given_up] == ["a"]


def test_a_child_that_starts_in_time_is_not_stopped_at_its_deadline(cast: Cast) -> None:
    stage = Stage(cast.child("a", start_deadline_s=10)).begin().started("a").advance(100)
    assert stage.states == "a:running"


def test_an_alarm_that_watched_over_a_former_state_is_taken_back(cast: Cast) -> None:
    stage = Stage(cast.child("a")).begin()  # one alarm more is for the next round of probes
    assert len(stage.timers) == 1 + 1
    assert len(stage.started("a").timers) == 0 + 1
    assert len(stage.exited("a").timers) == 1 + 1


def test_a_deadline_told_just_before_started_was_read_is_ignored(cast: Cast) -> None:
    stage = Stage(cast.child("a", start_deadline_s=10)).begin()
    stage.timers.advance(10)
    stage.started("a").advance(0)
    assert stage.states == "a:running"


@pytest.mark.parametrize("error", [BOOM, SystemExit(3)])
def test_a_child_that_cannot_be_made_counts_as_dead(cast: Cast, error: BaseException) -> None:
    def start(_: Birth) -> pykka.ActorRef[Witness]:
        raise error

    stage = Stage(Child("a", start, backoff=STEADY), cast.child("b")).begin()
    assert stage.states == "a:backing_off b:stopped"
    stage.advance(1)
    assert (stage.incarnation("a"), stage.state.current.children[0].restarts) == (2, 2)


# ---- restart ---------------------------------------------------------------------------


def test_a_child_that_dies_alone_is_started_again_alone_after_its_backoff(cast: Cast) -> None:
    stage = trio(cast).exited("b")
    assert stage.states == "a:running b:backing_off c:running"
    stage.advance(0.9)
    assert cast.take() == []
    stage.advance(0.1).started("b")
    assert cast.take() == ["start b2"]
    assert stage.state.current.ready


def test_a_child_that_ends_unasked_is_started_again_too(cast: Cast) -> None:
    stage = trio(cast).exited("b", None)
    assert stage.state.current.children[1].last_error == "ended unasked"
    stage.advance(1)
    assert cast.take() == ["start b2"]


def test_the_end_of_a_former_incarnation_is_ignored(cast: Cast) -> None:
    stage = trio(cast).exited("b").advance(1).started("b")
    stage.supervisor.receive(Exited("b", 1, BOOM))
    assert stage.states == "a:running b:running c:running"


def test_a_start_of_a_former_incarnation_is_ignored(cast: Cast) -> None:
    stage = trio(cast).exited("b").advance(1)
    stage.supervisor.receive(Started("b", 1))
    assert stage.states == "a:running b:starting c:running"


def test_a_deadline_of_a_former_start_is_ignored(cast: Cast) -> None:
    stage = Stage(cast.child("a")).begin().exited("a").advance(1)
    stage.supervisor.receive(StartIsLate("a", 1))
    assert stage.states == "a:starting"
    stage.supervisor.receive(StartIsLate("a", 2))
    assert stage.states == "a:backing_off"


def test_one_death_is_counted_once(cast: Cast) -> None:
    stage = trio(cast).exited("b").exited("b")
    assert stage.state.current.children[1].restarts == 1


def test_a_child_that_dies_for_all_stops_the_others_in_reverse_and_starts_all_in_order(
    cast: Cast,
) -> None:
    stage = trio(cast, restarts=Restarts.ALL).exited("b")
    assert cast.take() == ["stop c"]
    stage.exited("c", None)
    assert cast.take() == ["stop a"]
    stage.exited("a", None)
    assert stage.states == "a:stopped b:backing_off c:stopped"
    stage.advance(1).started("a").started("b").started("c")
    assert cast.take() == ["start a2", "start b2", "start c2"]
    assert stage.state.current.ready


def test_those_stopped_for_another_are_not_counted_as_dead(cast: Cast) -> None:
    stage = trio(cast, restarts=Restarts.ALL).exited("b").exited("c").exited("a")
    assert [child.restarts for child in stage.state.current.children] == [0, 1, 0]
    assert len(stage.supervisor._patience._deaths[None]) == 1


def test_a_child_that_backs_off_while_all_are_restarted_waits_for_its_turn(cast: Cast) -> None:
    stage = trio(cast, restarts=Restarts.ALL).exited("c").exited("b").exited("a", None)
    assert stage.states == "a:stopped b:backing_off c:stopped"
    stage.advance(1)
    assert cast.take() == ["stop a", "start a2"]
    stage.advance(5)
    assert stage.states == "a:starting b:stopped c:stopped"


def test_what_children_say_while_all_are_being_stopped_starts_nothing(cast: Cast) -> None:
    stage = Stage(cast.child("a", restarts=Restarts.ALL), cast.child("b")).begin().started("a")
    stage.exited("a").started("b")
    assert cast.take() == ["start a1", "start b1", "stop b"]
    assert stage.states == "a:stopped b:starting"


def test_a_backoff_over_that_was_overtaken_by_a_restart_of_all_is_ignored(cast: Cast) -> None:
    stage = trio(cast, restarts=Restarts.ALL).exited("c")
    stage.timers.advance(1)
    stage.exited("b").exited("a", None).advance(0)
    assert stage.states == "a:stopped b:backing_off c:stopped"
    assert cast.take() == ["stop a"]


def test_every_try_waits_longer_up_to_the_cap(cast: Cast) -> None:
    stage = Stage(cast.child("a")).begin()
    for delay_s in (1, 2, 4, 8, 8):
        stage.exited("a").advance(delay_s - 0.1)
        assert stage.states == "a:backing_off"
        stage.advance(0.1)
        assert stage.states == "a:starting"


def test_a_quiet_period_makes_the_next_death_the_first_again(cast: Cast) -> None:
    stage = Stage(cast.child("a")).begin().exited("a").advance(1).exited("a").advance(2)
    stage.started("a").advance(STEADY.quiet_s).exited("a").advance(1)
    assert stage.states == "a:starting"


def test_a_long_start_is_no_quiet_period(cast: Cast) -> None:
    stage = Stage(cast.child("a")).begin().exited("a").advance(1)
    stage.advance(STEADY.quiet_s + 1).exited("a").advance(1)
    assert stage.states == "a:backing_off"


def test_a_message_nobody_knows_is_logged_and_harms_nothing(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    stage = trio(cast)
    stage.supervisor.receive("hello")
    assert stage.state.current.ready
    assert caplog.messages == ["message_not_known"]


def test_the_end_of_a_former_backoff_is_ignored(cast: Cast) -> None:
    stage = trio(cast).exited("b").advance(1).exited("b")
    stage.supervisor.receive(BackoffIsOver("b", 1))
    assert stage.states == "a:running b:backing_off c:running"


def test_the_end_of_a_backoff_of_one_that_was_stopped_since_is_ignored(cast: Cast) -> None:
    stage = trio(cast)
    stage.supervisor._seats["b"].vacate(has_failed=False)
    cast.take()
    stage.supervisor.receive(BackoffIsOver("b", 1))
    assert cast.take() == []
