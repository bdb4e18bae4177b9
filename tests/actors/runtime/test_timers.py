import logging
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.runtime import Address, Alarms, Timers
from actors.runtime.testing import ManualClock, ManualTimers, RecordingAddress
from actors.runtime.timers import RETRY_S, Alarm


class Pass(Protocol):
    """Lets the message come that is due within a second."""

    def __call__(self, where: RecordingAddress, wanted: object) -> bool: ...


@pytest.fixture(params=["thread", "by hand"])
def alarms_and_pass(request: pytest.FixtureRequest) -> Iterator[tuple[Alarms, Pass]]:
    if request.param == "thread":
        timers = Timers()
        yield timers, lambda where, wanted: where.hears(wanted)
        timers.close()
    else:
        manual = ManualTimers()

        def comes(where: RecordingAddress, wanted: object) -> bool:
            manual.advance(1)
            return wanted in where.told

        yield manual, comes
        manual.close()


def test_an_alarm_tells_on_the_control_lane_once(alarms_and_pass: tuple[Alarms, Pass]) -> None:
    alarms, comes = alarms_and_pass
    address = RecordingAddress()
    alarms.after(0.001, address, "ring")
    assert comes(address, "ring")
    assert [letter.control for letter in address.letters] == [True]


def test_alarms_of_one_instant_ring_in_the_order_set(alarms_and_pass: tuple[Alarms, Pass]) -> None:
    alarms, comes = alarms_and_pass
    address = RecordingAddress()
    alarms.after(0.25, address, "last")  # late enough for a busy machine to set the others first
    for number in range(10):
        alarms.after(0, address, number)
    assert comes(address, "last")
    assert address.told == [*range(10), "last"]


def test_a_cancelled_alarm_stays_silent(alarms_and_pass: tuple[Alarms, Pass]) -> None:
    alarms, comes = alarms_and_pass
    address = RecordingAddress()
    silent = alarms.after(0.2, address, "silent")
    silent.cancel()
    silent.cancel()
    alarms.after(0.25, address, "after")
    assert comes(address, "after")
    assert address.told == ["after"]


def test_a_repeated_alarm_rings_until_it_is_cancelled(alarms_and_pass: tuple[Alarms, Pass]) -> None:
    alarms, comes = alarms_and_pass
    address = RecordingAddress()
    ticking = alarms.every(0.3, address, "tick")
    assert comes(address, "tick")
    ticking.cancel()
    rung = len(address)
    alarms.after(0.35, address, "after")
    assert comes(address, "after")
    assert address.told == ["tick"] * rung + ["after"]


def test_a_message_that_finds_its_lane_full_is_told_later_and_never_lost(
    alarms_and_pass: tuple[Alarms, Pass],
) -> None:
    alarms, comes = alarms_and_pass
    full, other = RecordingAddress("full", bound=1), RecordingAddress()
    full.tell("in the way")
    alarms.after(0, full, "ring", control=False)
    alarms.after(RETRY_S * 1.5, other, "others ring")
    assert comes(other, "others ring")
    assert full.take() == ["in the way"]
    assert comes(full, "ring")
    assert [letter.control for letter in full.letters] == [False]


class Calling(Address):
    """An address that calls what the test wants called when it is told something."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__("calling")
        self._call = call

    def tell(self, *_: object, **__: object) -> None:
        self._call()


def break_down() -> None:
    raise OSError("broken")


def test_an_alarm_that_cannot_be_told_is_logged_and_harms_no_other(
    alarms_and_pass: tuple[Alarms, Pass], caplog: pytest.LogCaptureFixture
) -> None:
    alarms, comes = alarms_and_pass
    address = RecordingAddress()
    alarms.after(0, Calling(break_down), "lost")
    alarms.after(0.001, address, "ring")
    assert comes(address, "ring")
    assert [record.getMessage() for record in caplog.records] == ["alarm_lost"]
    assert caplog.records[0].levelno == logging.ERROR


def test_an_alarm_set_from_another_thread_rings_before_a_later_one() -> None:
    timers, address = Timers(), RecordingAddress()
    timers.after(60, address, "much later")
    threading.Timer(0, lambda: timers.after(0, address, "now")).start()
    assert address.hears("now")
    timers.close()
    assert address.told == ["now"]


def test_closed_timers_ring_no_more() -> None:
    timers, address = Timers(), RecordingAddress()
    timers.close()
    timers.after(0, address, "too late")
    timers.close()
    assert address.told == []


def test_an_alarm_cancelled_just_before_it_rings_tells_nothing() -> None:
    address = RecordingAddress()
    alarm = Alarm(address, "ring", control=True, due=0, period_s=None)
    alarm.cancel()
    assert alarm.ring(0) is None
    assert address.told == []


def test_a_repeated_alarm_cancelled_by_its_neighbour_rings_no_more() -> None:
    timers, address = ManualTimers(), RecordingAddress()
    ticking = timers.every(1, address, "tick")

    timers.after(1, Calling(ticking.cancel), "cancel")
    timers.advance(5)
    assert address.told == ["tick"]


def test_periods_slept_through_are_left_out() -> None:
    clock = ManualClock()
    timers, address = ManualTimers(clock), RecordingAddress()
    timers.every(1, address, "tick")
    clock.advance(10.5)
    timers.advance(0)
    assert address.take() == ["tick"]
    timers.advance(0.9)
    assert address.told == []
    timers.advance(0.1)
    assert address.told == ["tick"]


def test_a_period_must_be_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="period_s"):
        ManualTimers().every(0, RecordingAddress(), "tick")


def test_a_repeated_alarm_does_not_drift() -> None:
    timers, address = ManualTimers(), RecordingAddress()
    timers.every(0.5, address, "tick")
    timers.advance(100)
    assert len(address) == 200


def test_another_thread_can_be_waited_for_until_it_has_set_its_alarms() -> None:
    timers, address = ManualTimers(), RecordingAddress()
    threading.Timer(0, lambda: timers.after(1, address, "ring")).start()
    assert timers.wait_for_alarms(1)
    assert len(timers) == 1


@given(st.lists(st.floats(0, 100), max_size=20), st.lists(st.floats(0, 50), max_size=5))
def test_whatever_is_due_rings_in_order_however_time_is_cut(
    delays: list[float], steps: list[float]
) -> None:
    timers, address = ManualTimers(), RecordingAddress()
    for delay in delays:
        timers.after(delay, address, delay)
    for step in steps:
        timers.advance(step)
    timers.advance(0)
    reached = timers.clock.monotonic()
    assert address.told == sorted(delay for delay in delays if delay <= reached)


def test_the_time_of_ringing_is_the_time_set() -> None:
    timers = ManualTimers()
    seen: list[float] = []
    note = Calling(lambda: seen.append(timers.clock.monotonic()))
    timers.after(2, note, "ring")
    timers.after(1, note, "ring")
    timers.advance(5)
    assert seen == [1, 2]
