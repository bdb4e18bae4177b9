"""How a supervisor finds out who lives, and what it does about an actor that hangs."""

from typing import Self

import pytest

from actors.runtime import Alive, Child, Probe, State, Waits
from tests.actors.runtime.stage import BOOM, Cast, Stage


PROBE_S = 5.0


class Clinic(Stage):
    """A stage whose children answer probes where the test says so."""

    def __init__(self, *children: Child) -> None:
        super().__init__(*children, probe_s=PROBE_S)
        self.children = {child.name: child for child in children}

    def probes(self, name: str) -> list[tuple[object, bool]]:
        """The probes that wait at a child, and whether each overtakes what waits."""
        mailbox = self.children[name].address.mailbox
        return [
            (letter[2], letter[1] is mailbox._control)
            for lane in (mailbox._control, mailbox._ordinary)
            for letter in lane
            if isinstance(letter[2], Probe)
        ]

    def answer(self, *names: str) -> Self:
        """Read all that waits, and answer the probes among it."""
        for name in names:
            mailbox = self.children[name].address.mailbox
            while (letter := mailbox.take(ordinary=True)) is not None:
                if isinstance(letter[2], Probe):
                    self.supervisor.receive(Alive(name, self.incarnation(name), letter[2].round))
        return self

    def rounds(self, number: int, *answering: str) -> Self:
        for _ in range(number):
            self.advance(PROBE_S)
            self.answer(*answering)
        return self

    @property
    def probed_at(self) -> float:
        return self.state.current.probed_at


@pytest.fixture
def clinic(cast: Cast) -> Clinic:
    clinic = Clinic(cast.child("a"), cast.child("b"))
    clinic.begin().started("a", "b")
    cast.take()
    return clinic


def test_every_running_child_is_probed_behind_all_that_waits(clinic: Clinic) -> None:
    clinic.advance(PROBE_S)
    assert clinic.probes("a") == clinic.probes("b") == [(Probe(1), False)]


def test_a_probe_finds_room_in_a_full_mailbox(cast: Cast) -> None:
    clinic = Clinic(cast.child("a", bound=1))
    clinic.begin().started("a")
    clinic.children["a"].address.tell("full")
    clinic.advance(PROBE_S)
    assert clinic.probes("a") == [(Probe(1), False)]


def test_who_answers_stays_running(clinic: Clinic) -> None:
    assert clinic.rounds(10, "a", "b").states == "a:running b:running"


def test_one_missed_probe_is_degraded_and_an_answer_ends_it(clinic: Clinic) -> None:
    clinic.rounds(2, "a")
    assert clinic.states == "a:running b:degraded"
    assert clinic.state.current.ready
    assert clinic.state.current.children[1].missed == 1
    clinic.answer("b")
    assert clinic.states == "a:running b:running"


def test_a_child_that_hangs_is_revoked_and_started_again_without_waiting_for_it(
    clinic: Clinic, cast: Cast
) -> None:
    clinic.rounds(4, "a")
    assert cast.take() == ["stop b", "revoke b"]
    assert clinic.states == "a:running b:backing_off"
    error = clinic.state.current.children[1].last_error
    assert error == "TimeoutError: hung: it has read nothing for 15 s"
    clinic.advance(1)
    assert cast.take() == ["start b2"]


def test_a_new_incarnation_has_missed_nothing(clinic: Clinic) -> None:
    clinic.rounds(4, "a").advance(1).started("b")
    assert clinic.states == "a:running b:running"


def test_who_works_off_a_backlog_is_degraded_and_never_replaced(clinic: Clinic, cast: Cast) -> None:
    mailbox = clinic.children["b"].address.mailbox
    for number in range(50):
        mailbox.put(number)
    for _ in range(10):
        clinic.rounds(1, "a")
        mailbox.take(ordinary=True)
    assert clinic.states == "a:running b:degraded"
    assert cast.take() == []


def test_a_child_that_may_not_be_replaced_is_shown_hung_and_left_alone(cast: Cast) -> None:
    clinic = Clinic(cast.child("a", may_be_replaced=False), cast.child("b"))
    clinic.begin().started("a", "b")
    cast.take()
    assert clinic.rounds(9, "b").states == "a:hung b:running"
    assert cast.take() == []
    assert not clinic.state.current.ready
    assert clinic.answer("a").states == "a:running b:running"


def test_who_waits_for_another_is_probed_on_the_lane_it_reads(clinic: Clinic) -> None:
    clinic.supervisor.receive(Waits("b", 1))
    clinic.advance(PROBE_S)
    assert clinic.probes("b") == [(Probe(1), True)]
    assert clinic.states == "a:running b:waiting"
    assert clinic.state.current.ready
    clinic.started("b").advance(PROBE_S)
    assert (Probe(2), False) in clinic.probes("b")
    assert clinic.started("b").answer("a", "b").states == "a:running b:running"


@pytest.mark.parametrize("message", [Waits("b", 1), Alive("b", 1, 1)])
def test_what_a_former_incarnation_says_of_itself_is_ignored(
    clinic: Clinic, message: object
) -> None:
    clinic.exited("b").advance(1)
    clinic.started("b").advance(PROBE_S)
    clinic.supervisor.receive(message)
    clinic.answer("a").advance(PROBE_S)
    assert clinic.states == "a:running b:degraded"


def test_a_child_that_waits_before_it_has_started_is_starting_all_the_same(cast: Cast) -> None:
    clinic = Clinic(cast.child("a"))
    clinic.begin()
    clinic.supervisor.receive(Waits("a", 1))
    assert clinic.states == "a:starting"


def test_nobody_is_probed_who_does_not_run(cast: Cast) -> None:
    clinic = Clinic(cast.child("a"), cast.child("b"))
    clinic.begin().started("a").exited("b").rounds(1, "a")
    assert clinic.probes("b") == []


def test_a_hung_child_of_no_group_that_hangs_again_and_again_ends_the_tree(cast: Cast) -> None:
    clinic = Clinic(cast.child("a"))
    clinic.supervisor._patience.intensity = 1
    clinic.begin().started("a").rounds(4).advance(1)
    clinic.started("a").rounds(4)
    assert [name for name, _ in clinic.given_up] == ["a"]


# ---- what a watchdog goes by -----------------------------------------------------------


def test_a_round_in_which_all_answer_is_noted(clinic: Clinic) -> None:
    clinic.rounds(3, "a", "b")
    assert clinic.probed_at == 3 * PROBE_S


def test_a_round_in_which_one_is_stuck_is_not(clinic: Clinic) -> None:
    clinic.rounds(1, "a", "b").rounds(3, "a")
    assert clinic.probed_at == 2 * PROBE_S


def test_replacing_who_was_stuck_lets_rounds_be_full_again(clinic: Clinic) -> None:
    clinic.rounds(4, "a").advance(1).started("b").rounds(1, "a", "b")
    assert clinic.probed_at == clinic.timers.clock.monotonic()


def test_a_journal_that_hangs_holds_the_rounds_up_for_as_long_as_it_does(cast: Cast) -> None:
    clinic = Clinic(cast.child("a", may_be_replaced=False))
    clinic.begin().started("a").rounds(20)
    assert clinic.probed_at == PROBE_S
    clinic.answer("a").rounds(1, "a")
    assert clinic.probed_at == clinic.timers.clock.monotonic()


def test_an_actor_that_is_late_but_reads_does_not_hold_them_up(clinic: Clinic) -> None:
    mailbox = clinic.children["b"].address.mailbox
    for _ in range(8):
        mailbox.put("work")
    for _ in range(6):
        clinic.rounds(1, "a")
        mailbox.take(ordinary=True)
    assert clinic.probed_at == 6 * PROBE_S


def test_no_round_passes_while_all_children_are_stopped_for_another(cast: Cast) -> None:
    clinic = Clinic(cast.child("a"), cast.child("b"))
    clinic.begin().started("a", "b").exited("a", BOOM)
    assert clinic.state.current.child("a") == clinic.state.current.children[0]
    assert clinic.state.current.child("nobody") is None
    assert clinic.state.current.children[0].state is State.BACKING_OFF


def test_a_child_that_hangs_once_too_often_stops_all_and_nobody_is_probed_then(cast: Cast) -> None:
    clinic = Clinic(cast.child("a"), cast.child("b"))
    clinic.supervisor._patience.intensity = 0
    clinic.begin().started("a", "b").rounds(4, "b")
    cast.take()
    clinic.advance(PROBE_S)
    assert clinic.probes("b") == []
    clinic.exited("b", None)
    assert [name for name, _ in clinic.given_up] == ["a"]
