"""Every test of the runtime must leave no thread and no registered actor behind."""

import threading
from collections.abc import Iterator

import pykka
import pytest

from actors.runtime import Address, Birth, SystemClock
from actors.runtime.testing import RecordingAddress
from tests.actors.runtime.stage import Cast
from tests.actors.runtime.witness import Diary


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), f"{thread.name} is left"
    assert pykka.ActorRegistry.get_all() == []


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def boss() -> RecordingAddress:
    return RecordingAddress("boss")


@pytest.fixture
def birth(boss: RecordingAddress) -> Birth:
    return Birth(Address("a"), boss, 1, SystemClock())


@pytest.fixture
def cast() -> Cast:
    return Cast()
