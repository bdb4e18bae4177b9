import logging
import threading
from collections.abc import Callable

import pykka
import pytest

from actors.runtime import Address, Birth, Exited, Started, SystemClock
from actors.runtime.testing import RecordingAddress
from actors.runtime.worker import HandlerEnded
from tests.actors.runtime.witness import Diary, Gate, Script, Witness, die_of, nothing


BOOM = ValueError("boom")


def is_exited(message: object) -> bool:
    return isinstance(message, Exited)


def born(birth: Birth, incarnation: int) -> Birth:
    return Birth(birth.address, birth.supervisor, incarnation, birth.clock)


def test_a_worker_tells_its_supervisor_when_it_is_ready_and_when_it_is_stopped(
    birth: Birth, boss: RecordingAddress
) -> None:
    ref = Witness.start(birth, Script())
    assert boss.hears(Started("a", 1))
    ref.stop()
    assert boss.hears(Exited("a", 1, None))
    assert boss.told == [Started("a", 1), Exited("a", 1, None)]
    assert all(letter.control for letter in boss.letters)


def test_a_worker_runs_on_a_daemon_thread_named_after_its_address(birth: Birth) -> None:
    gate = Gate()
    ref = Witness.start(birth, Script(at_start=gate))
    assert gate.reached.wait(5)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "a"]
    assert thread.daemon
    gate.open()
    ref.stop()


@pytest.mark.parametrize("error", [BOOM, SystemExit(3), KeyboardInterrupt()])
def test_a_handler_that_raises_ends_its_actor_and_tells_why(
    birth: Birth, boss: RecordingAddress, error: BaseException
) -> None:
    Witness.start(birth, Script())
    birth.address.tell(die_of(error))
    assert boss.hears(Exited("a", 1, error))


@pytest.mark.parametrize("error", [BOOM, SystemExit(3), KeyboardInterrupt()])
def test_an_on_start_that_raises_is_reported(
    birth: Birth, boss: RecordingAddress, error: BaseException
) -> None:
    Witness.start(birth, Script(at_start=die_of(error)))
    assert boss.hears(Exited("a", 1, error))
    assert boss.told == [Exited("a", 1, error)]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_a_base_exception_ends_one_actor_only(
    birth: Birth, boss: RecordingAddress, diary: Diary, error: BaseException
) -> None:
    neighbour = Address("b")
    other = Witness.start(Birth(neighbour, boss, 1, SystemClock()), Script(diary))
    Witness.start(birth, Script(diary))
    birth.address.tell(die_of(error))
    assert boss.hears(Exited("a", 1, error))
    neighbour.tell("still here")
    assert diary.holds("b1:still here")
    other.stop()


@pytest.mark.parametrize(
    ("error", "seen"), [(BOOM, type(BOOM)), (SystemExit(3), HandlerEnded)], ids=["error", "exit"]
)
def test_an_ask_does_not_hide_a_crash(
    birth: Birth, boss: RecordingAddress, error: BaseException, seen: type[Exception]
) -> None:
    ref = Witness.start(birth, Script())
    with pytest.raises(seen):
        ref.ask(die_of(error), timeout=5)
    assert boss.hears(Exited("a", 1, error))
    assert not ref.is_alive()


def test_on_end_runs_once_and_before_the_stopper_is_answered(birth: Birth, diary: Diary) -> None:
    Witness.start(birth, Script(diary)).stop()
    assert diary.lines == ["a1 ends of None"]


@pytest.mark.parametrize("at_start", [die_of(BOOM), nothing])
def test_on_end_runs_once_at_a_crash_and_is_told_the_error(
    birth: Birth, boss: RecordingAddress, diary: Diary, at_start: Callable[[object], None]
) -> None:
    birth.address.tell(die_of(BOOM), control=True)
    Witness.start(birth, Script(diary, at_start))
    assert boss.wait_for(is_exited)
    assert diary.lines == ["a1 ends of ValueError('boom')"]


@pytest.mark.parametrize("error", [BOOM, SystemExit(3)])
def test_an_on_end_that_raises_is_logged_and_hides_nothing(
    birth: Birth, boss: RecordingAddress, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    Witness.start(birth, Script(at_end=die_of(error))).stop()
    assert boss.hears(Exited("a", 1, None))
    (record,) = caplog.records
    assert record.getMessage() == "actor_failed_ending"
    assert record.exc_info is not None
    assert record.exc_info[1] is error


@pytest.mark.parametrize("ask", [False, True])
def test_a_crash_is_one_error_line_with_its_traceback(
    birth: Birth,
    boss: RecordingAddress,
    caplog: pytest.LogCaptureFixture,
    ask: bool,  # noqa: FBT001 - a case
) -> None:
    ref = Witness.start(birth, Script())
    if ask:
        ref.ask(die_of(BOOM), block=False)
    else:
        ref.tell(die_of(BOOM))
    assert boss.wait_for(is_exited)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.name == "trading_bot.runtime"
    assert record.getMessage() == "actor_crashed"
    assert (vars(record)["actor"], vars(record)["incarnation"]) == ("a", 1)
    assert record.exc_info is not None
    assert record.exc_info[1] is BOOM


def test_what_is_queued_survives_a_crash_and_is_handled_in_order_by_the_successor(
    birth: Birth, boss: RecordingAddress, diary: Diary
) -> None:
    for message in (1, die_of(BOOM), 2, 3):
        birth.address.tell(message)
    Witness.start(birth, Script(diary))
    assert boss.wait_for(is_exited)
    successor = Witness.start(born(birth, 2), Script(diary))
    assert diary.holds("a2:3")
    assert diary.lines == ["a1:1", "a1 ends of ValueError('boom')", "a2:2", "a2:3"]
    successor.stop()


def test_a_message_told_while_nobody_lives_waits_for_the_next_incarnation(
    birth: Birth, boss: RecordingAddress, diary: Diary
) -> None:
    Witness.start(birth, Script()).stop()
    assert boss.wait_for(is_exited)
    birth.address.tell("late")
    successor = Witness.start(born(birth, 2), Script(diary))
    assert diary.holds("a2:late")
    successor.stop()


def test_a_stop_overtakes_the_queue_and_leaves_it(
    birth: Birth, boss: RecordingAddress, diary: Diary
) -> None:
    gate = Gate()
    ref = Witness.start(birth, Script(diary))
    birth.address.tell(gate)
    birth.address.tell("queued")
    assert gate.reached.wait(5)
    ref.stop(block=False)
    gate.open()
    assert boss.wait_for(is_exited)
    assert len(birth.address) == 1
    assert diary.lines == ["a1 ends of None"]


def test_a_hung_actor_once_revoked_never_reads_another_message(
    birth: Birth, boss: RecordingAddress, diary: Diary
) -> None:
    gate = Gate()
    hung = Witness.start(birth, Script(diary))
    birth.address.tell(gate)
    birth.address.tell("queued")
    assert gate.reached.wait(5)
    hung.stop(block=False)
    successor = Witness.start(born(birth, 2), Script(diary))
    assert diary.holds("a2:queued")
    gate.open()
    assert boss.hears(Exited("a", 1, None))
    birth.address.tell("more")
    assert diary.holds("a2:more")
    assert diary.lines == ["a2:queued", "a1 ends of None", "a2:more"]
    successor.stop()


def test_stopping_a_hung_actor_twice_waits_for_nothing_the_second_time(birth: Birth) -> None:
    gate = Gate()
    hung = Witness.start(birth, Script())
    birth.address.tell(gate)
    assert gate.reached.wait(5)
    first = hung.stop(block=False)
    assert hung.stop(timeout=5)
    gate.open()
    assert first.get(timeout=5)


def test_a_stopper_is_answered_when_the_actor_crashes_instead(birth: Birth) -> None:
    gate = Gate()
    ref = Witness.start(birth, Script())

    def hang_and_die(actor: object) -> None:
        gate(actor)
        raise BOOM

    birth.address.tell(hang_and_die)
    assert gate.reached.wait(5)
    stopped = ref.stop(block=False)
    gate.open()
    assert stopped.get(timeout=5)


def test_an_actor_that_has_not_started_reads_control_messages_only(
    birth: Birth, diary: Diary
) -> None:
    birth.address.tell("order")
    ref = Witness.start(birth, Script(diary, at_start=nothing))
    birth.address.tell("folded 1", control=True)
    birth.address.tell("folded 2", control=True)
    birth.address.tell(Witness.started, control=True)
    assert diary.holds("a1:order")
    assert diary.lines == ["a1:folded 1", "a1:folded 2", "a1:order"]
    ref.stop()


def test_an_actor_can_pause_its_ordinary_messages_and_resume_them(
    birth: Birth, diary: Diary
) -> None:
    ref = Witness.start(birth, Script(diary))
    birth.address.tell(Witness.wait)
    birth.address.tell("order")
    birth.address.tell("folded", control=True)
    assert diary.holds("a1:folded")
    birth.address.tell("folded again", control=True)
    birth.address.tell(Witness.started, control=True)
    assert diary.holds("a1:order")
    assert diary.lines[-1] == "a1:order"
    ref.stop()


def test_an_actor_may_stop_itself(birth: Birth, boss: RecordingAddress) -> None:
    Witness.start(birth, Script())
    birth.address.tell(Witness.stop)
    assert boss.hears(Exited("a", 1, None))


def test_an_actor_whose_thread_cannot_be_made_is_not_registered(
    birth: Birth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_more_threads)
    with pytest.raises(RuntimeError, match="new thread"):
        Witness.start(birth, Script())
    assert pykka.ActorRegistry.get_all() == []


def test_a_worker_can_be_driven_without_a_thread(birth: Birth, boss: RecordingAddress) -> None:
    actor = Witness(birth, Script())
    actor.on_start()
    actor.receive("order")
    assert boss.told == [Started("a", 1)]
    assert actor.script.diary.lines == ["a1:order"]
