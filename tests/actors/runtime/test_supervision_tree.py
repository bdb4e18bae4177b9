"""Whole trees on real threads: what crashes, hangs and gives up, seen from outside."""

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from random import Random
from threading import Event

import pykka
import pytest

from actors.runtime import (
    Backoff,
    Child,
    Restarts,
    Started,
    State,
    SystemClock,
    Timers,
    Tree,
    TreeState,
    start_tree,
)
from actors.runtime.reminders import Shutdown
from tests.actors.runtime.witness import Diary, Gate, Script, Witness, die_of, nothing


BOOM = ValueError("boom")
FAST = Backoff(first_s=0.001, cap_s=0.01)


class Wood:
    """Where trees grow: one set of timers, and what they gave up for."""

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.given_up: SimpleQueue[tuple[str, BaseException | None]] = SimpleQueue()

    def grow(self, *children: Child, intensity: int = 10, probe_s: float = 5.0) -> Tree:
        return start_tree(
            children,
            clock=SystemClock(),
            timers=self.timers,
            random=Random(1),
            intensity=intensity,
            probe_s=probe_s,
            on_giving_up=lambda *cause: self.given_up.put(cause),
        )


@pytest.fixture
def wood() -> Iterator[Wood]:
    timers = Timers()
    yield Wood(timers)
    timers.close()


@pytest.fixture
def script(diary: Diary) -> Script:
    return Script(diary)


def child(
    name: str, script: Script, *, restarts: Restarts = Restarts.ALONE, shutdown_s: float = 5
) -> Child:
    return Child(
        name,
        lambda birth: Witness.start(birth, script),
        restarts=restarts,
        shutdown_s=shutdown_s,
        backoff=FAST,
    )


def is_ready(*incarnations: int) -> Callable[[TreeState], bool]:
    def holds(state: TreeState) -> bool:
        return state.ready and tuple(c.incarnation for c in state.children) == incarnations

    return holds


def test_a_tree_starts_in_order_and_stops_in_reverse(wood: Wood, script: Script) -> None:
    tree = wood.grow(*(child(name, script) for name in "abc"))
    assert tree.state.wait_for(is_ready(1, 1, 1), 5)
    assert tree.stop(5)
    assert [line[:2] for line in script.diary.lines] == ["c1", "b1", "a1"]
    assert {c.state for c in tree.state.current.children} == {State.STOPPED}


def test_messages_told_before_a_tree_stands_are_read_when_it_does(
    wood: Wood, script: Script
) -> None:
    early = child("a", script)
    early.address.tell("early")
    tree = wood.grow(early)
    assert script.diary.holds("a1:early")
    assert tree.stop(5)


def test_a_crash_restarts_the_child_and_the_queue_goes_on_where_it_was(
    wood: Wood, script: Script
) -> None:
    a, b = child("a", script), child("b", script)
    tree = wood.grow(a, b)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    for message in ("1", die_of(BOOM), "2", die_of(SystemExit(1)), "3"):
        a.address.tell(message)
    assert tree.state.wait_for(is_ready(3, 1), 5)
    assert script.diary.holds("a1:1", "a2:2", "a3:3")
    assert tree.stop(5)


def test_the_death_of_one_that_all_stand_on_restarts_all_and_keeps_every_queue(
    wood: Wood, script: Script
) -> None:
    gate = Gate()
    journal, risk = child("j", script, restarts=Restarts.ALL), child("r", script)
    tree = wood.grow(journal, risk)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    risk.address.tell(gate)
    risk.address.tell("kept")
    assert gate.reached.wait(5)
    journal.address.tell(die_of(BOOM))
    journal.address.tell("kept")
    assert tree.state.wait_for(lambda state: not state.ready, 5)
    gate.open()
    assert tree.state.wait_for(is_ready(2, 2), 5)
    assert script.diary.holds("j2:kept", "r2:kept")
    assert tree.stop(5)


def test_a_hung_child_is_abandoned_and_its_late_thread_touches_nothing(
    wood: Wood, script: Script
) -> None:
    gate = Gate()
    journal = child("j", script, restarts=Restarts.ALL)
    risk = child("r", script, shutdown_s=0.01)
    tree = wood.grow(journal, risk)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    risk.address.tell(gate)
    risk.address.tell("kept")
    assert gate.reached.wait(5)
    journal.address.tell(die_of(BOOM))
    assert tree.state.wait_for(is_ready(2, 2), 5)
    assert script.diary.holds("r2:kept")
    gate.open()
    assert script.diary.holds("r1 ends of None")
    risk.address.tell("more")
    assert script.diary.holds("r2:more")
    assert is_ready(2, 2)(tree.state.current)
    assert tree.stop(5)


def test_a_child_that_hangs_is_replaced_while_its_thread_still_hangs(
    wood: Wood, script: Script
) -> None:
    gate, hung = Gate(), child("h", script)
    tree = wood.grow(hung, child("a", script), probe_s=0.02)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    hung.address.tell(gate)
    hung.address.tell("kept")
    assert script.diary.holds("h2:kept")
    assert not any(line.startswith("h1 ends") for line in script.diary.lines)
    assert "hung" in str(tree.state.current.children[0].last_error)
    gate.open()
    assert script.diary.holds("h1 ends of None")
    hung.address.tell("more")
    assert script.diary.holds("h2:more")
    assert tree.stop(5)


def test_a_child_that_works_off_a_backlog_is_not_taken_for_hung(wood: Wood, script: Script) -> None:
    busy, idle = child("b", script), Event()

    def work(_: object) -> None:
        idle.wait(0.01)

    tree = wood.grow(busy, probe_s=0.02)
    for _ in range(40):
        busy.address.tell(work)
    busy.address.tell("done")
    assert tree.state.wait_for(lambda s: s.children[0].state is State.DEGRADED, 5)
    assert script.diary.holds("b1:done")
    assert tree.state.wait_for(lambda s: s.children[0].state is State.RUNNING, 5)
    assert tree.stop(5)


def test_a_stop_overtakes_ten_thousand_queued_messages(wood: Wood, script: Script) -> None:
    deep = child("d", script)
    gate = Gate()
    tree = wood.grow(deep)
    deep.address.tell(gate)
    for number in range(9_999):
        deep.address.tell(number)
    assert gate.reached.wait(5)
    tree.supervisor.tell(Shutdown(), control=True)
    gate.open()
    assert tree.has_ended.wait_for(bool, 5)
    assert len(script.diary.lines) < 5_000


def test_probes_of_a_living_tree_are_answered_round_after_round(wood: Wood, script: Script) -> None:
    tree = wood.grow(child("a", script), child("b", script), probe_s=0.02)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    first = tree.state.current.probed_at
    assert tree.state.wait_for(lambda state: state.probed_at > first + 0.03, 5)
    assert tree.stop(5)


def test_a_parked_group_leaves_the_others_at_work(wood: Wood, script: Script) -> None:
    fragile = Child("f", lambda b: Witness.start(b, script), group="g", backoff=FAST)
    steady = child("s", script)
    tree = wood.grow(fragile, steady, intensity=2)
    for _ in range(3):
        fragile.address.tell(die_of(BOOM))
    assert tree.state.wait_for(lambda s: s.ready and s.children[0].state is State.PARKED, 5)
    steady.address.tell("still here")
    assert script.diary.holds("s1:still here")
    assert tree.stop(5)


def test_what_a_child_dies_with_in_hand_is_counted_and_told_to_its_successors(
    wood: Wood, script: Script
) -> None:
    def die_with_it_in_hand(actor: object) -> None:
        assert isinstance(actor, Witness)
        if actor.is_deadly("stone"):
            script.diary.write(f"{actor.incarnation} leaves it alone")
            return
        actor.take_in_hand("stone")
        raise BOOM

    fragile = child("f", script)
    tree = wood.grow(fragile)
    for _ in range(4):
        fragile.address.tell(die_with_it_in_hand)
    assert script.diary.holds("4 leaves it alone")
    assert tree.stop(5)


def test_what_a_hung_child_has_in_hand_is_counted_too(wood: Wood, script: Script) -> None:
    gate = Gate()

    def hang(actor: object) -> None:
        assert isinstance(actor, Witness)
        actor.take_in_hand("stone")
        gate(actor)

    def tell_deaths(actor: object) -> None:
        assert isinstance(actor, Witness)
        script.diary.write(f"{actor.incarnation} knows {dict(actor._deaths)}")

    hung = child("h", script)
    tree = wood.grow(hung, probe_s=0.02)
    hung.address.tell(hang)
    hung.address.tell(tell_deaths)
    assert script.diary.holds("2 knows {'stone': 1}")
    gate.open()
    assert tree.stop(5)


def test_a_hung_child_holds_a_stop_up_no_longer_than_its_limit(wood: Wood, script: Script) -> None:
    gate = Gate()
    hung = child("h", script, shutdown_s=0.01)
    tree = wood.grow(child("a", script), hung)
    assert tree.state.wait_for(is_ready(1, 1), 5)
    hung.address.tell(gate)
    assert gate.reached.wait(5)
    assert tree.stop(5)
    assert script.diary.lines == ["a1 ends of None"]
    assert pykka.ActorRegistry.get_by_class(Witness) == []
    gate.open()


def test_a_stop_that_takes_too_long_says_so(wood: Wood, script: Script) -> None:
    gate = Gate()
    slow = child("s", script)
    tree = wood.grow(slow)
    slow.address.tell(gate)
    assert gate.reached.wait(5)
    assert not tree.stop(0)
    gate.open()
    assert tree.stop(5)


def test_a_child_that_never_starts_is_tried_then_given_up_with_its_cause_and_nothing_is_left(
    wood: Wood, diary: Diary
) -> None:
    hopeless = child("h", Script(diary, at_start=die_of(BOOM)))
    tree = wood.grow(child("a", Script(diary)), hopeless, intensity=3)
    assert wood.given_up.get(timeout=5) == ("h", BOOM)
    assert tree.has_ended.wait_for(bool, 5)
    assert tree.state.current.children[1].incarnation == 4
    assert diary.lines[-1] == "a1 ends of None"
    assert wood.given_up.empty()


def test_a_child_that_never_says_started_is_given_up_too(wood: Wood, diary: Diary) -> None:
    silent = Child(
        "s",
        lambda birth: Witness.start(birth, Script(diary, at_start=nothing)),
        start_deadline_s=0.005,
        backoff=FAST,
    )
    tree = wood.grow(silent, intensity=1)
    name, error = wood.given_up.get(timeout=5)
    assert (name, str(error)) == ("s", "not started within 0.005 s")
    assert tree.has_ended.wait_for(bool, 5)


def test_a_supervisor_that_crashes_takes_its_children_along_and_says_so(
    wood: Wood, script: Script
) -> None:
    tree = wood.grow(child("a", script))
    assert tree.state.wait_for(is_ready(1), 5)
    tree.supervisor.tell(Started("a child it does not have", 1), control=True)
    name, error = wood.given_up.get(timeout=5)
    assert (name, type(error)) == ("supervisor", KeyError)
    assert tree.has_ended.wait_for(bool, 5)
    assert script.diary.holds("a1 ends of None")


def test_two_trees_stand_side_by_side(wood: Wood, script: Script) -> None:
    one, other = wood.grow(child("a", script)), wood.grow(child("b", script))
    assert one.state.wait_for(is_ready(1), 5)
    assert one.stop(5)
    assert other.state.wait_for(is_ready(1), 5)
    assert other.stop(5)


def test_many_crashes_leave_no_thread_and_no_actor(wood: Wood, script: Script) -> None:
    fragile = child("f", script)
    tree = wood.grow(fragile, intensity=10_000)
    threads = threading.active_count()
    for _ in range(20):
        fragile.address.tell(die_of(BOOM))
    fragile.address.tell("survived")
    assert script.diary.holds("f21:survived", timeout_s=10)
    assert len(pykka.ActorRegistry.get_all()) <= 3
    assert threading.active_count() <= threads + 1
    assert tree.stop(5)
