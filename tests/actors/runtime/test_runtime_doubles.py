import threading
from datetime import UTC, datetime, timedelta

import pytest

from actors.runtime import MailboxFull
from actors.runtime.testing import ManualClock, RecordingAddress, Told


def test_a_manual_clock_moves_both_its_times_together() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    clock = ManualClock(start)
    clock.advance(1.5)
    clock.advance(2)
    assert (clock.now(), clock.monotonic()) == (start + timedelta(seconds=3.5), 3.5)


def test_a_recording_address_keeps_what_it_is_told_and_how() -> None:
    address = RecordingAddress()
    address.tell(1)
    address.tell(2, control=True)
    address.tell(3, reserved=True)
    assert address.letters == [
        Told(1, control=False, reserved=False),
        Told(2, control=True, reserved=False),
        Told(3, control=False, reserved=True),
    ]
    assert len(address) == 3


def test_a_recording_address_is_taken_from_once() -> None:
    address = RecordingAddress()
    address.tell(1)
    assert address.take() == [1]
    assert address.take() == []


def test_a_recording_address_refuses_as_a_real_one_does() -> None:
    address = RecordingAddress("risk", bound=1)
    address.tell("control", control=True)
    address.tell(1)
    with pytest.raises(MailboxFull, match="risk"):
        address.tell(2)
    address.tell("reserved", reserved=True)
    assert address.told == ["control", 1, "reserved"]


def test_a_recording_address_can_be_waited_at() -> None:
    address = RecordingAddress()
    threading.Timer(0, address.tell, ["late"]).start()
    assert address.hears("late")
    assert not address.hears("never", timeout_s=0)
