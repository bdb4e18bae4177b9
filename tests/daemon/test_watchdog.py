"""Real actors and a real socket: the watchdog is fed while everybody answers, and only then."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pykka
import pytest
from attrs import evolve

from actors.runtime import Birth, Child, SystemClock, Timers, Tree, Worker, start_tree
from daemon.notify import Notify
from daemon.service import Service
from settings.secrets import StateSecrets
from tests.daemon.manager import Manager
from tests.daemon.process import SETTINGS, started
from tests.web.house import House


PROBE_S = 0.02
WATCHDOG_S = 1.0


class Sleeper(Worker):
    """Handles a message when the test lets it; one that it waits on hangs it."""

    def on_start(self) -> None:
        self.started()

    def receive(self, message: object) -> None:
        assert isinstance(message, threading.Event)
        message.wait()


def sleeper(name: str) -> Child:
    """One that is not replaced when it hangs, as the journal is not."""
    return Child(name, Sleeper.start, may_be_replaced=False)


@contextmanager
def running(*children: Child) -> Iterator[Tree]:
    clock = SystemClock()
    timers = Timers(clock.monotonic)
    tree = start_tree(
        children,
        clock=clock,
        timers=timers,
        random=Random(1),
        on_giving_up=lambda *_: None,
        probe_s=PROBE_S,
    )
    try:
        assert tree.state.wait_for(lambda t: t.ready, 5)
        yield tree
    finally:
        tree.stop(5)
        timers.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with Manager(tmp_path / "notify") as manager:
        yield manager


@contextmanager
def beating(tmp_path: Path, tree: Tree, manager: Manager) -> Iterator[None]:
    """The main thread's part, in a thread of its own."""
    edge = evolve(House(StateSecrets(tmp_path)).edge(), tree=tree.state, clock=SystemClock())
    service = Service(Notify({"NOTIFY_SOCKET": manager.address}), edge, WATCHDOG_S)
    ends = threading.Event()

    def beat() -> None:
        while not ends.wait(service.beat_s):
            service.beats()

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def is_fed(manager: Manager) -> bool:
    """Whether it is within the watchdog's patience, beginning now."""
    manager.waiting()
    end = time.monotonic() + WATCHDOG_S
    while (left := end - time.monotonic()) > 0:
        if "WATCHDOG" in (manager.hears(left) or {}):
            return True
    return False


def falls_silent(manager: Manager) -> bool:
    """Whether it is fed no more, after what was seen just before."""
    return any(not is_fed(manager) for _ in range(3))


def test_it_is_fed_while_everybody_answers_and_not_while_one_is_stuck(
    tmp_path: Path, manager: Manager
) -> None:
    first, second = sleeper("first"), sleeper("second")
    wakes = threading.Event()
    with running(first, second) as tree, beating(tmp_path, tree, manager):
        assert is_fed(manager)
        second.address.tell(wakes)
        assert tree.state.wait_for(lambda t: any(c.missed for c in t.children), 5)
        assert falls_silent(manager)
        wakes.set()
        assert tree.state.wait_for(lambda t: not any(c.missed for c in t.children), 5)
        assert is_fed(manager)


def test_it_is_not_fed_by_a_supervisor_that_is_stuck_itself(
    tmp_path: Path, manager: Manager
) -> None:
    began, wakes = threading.Event(), threading.Event()

    def start(birth: Birth) -> pykka.ActorRef[Any]:
        if birth.incarnation > 1:  # this runs in the supervisor's thread
            began.set()
            wakes.wait()
        return Sleeper.start(birth)

    child = Child("first", start)
    with running(child) as tree, beating(tmp_path, tree, manager):
        assert is_fed(manager)
        child.address.tell("no event: it dies of this")
        assert began.wait(5)
        assert falls_silent(manager)
        wakes.set()
        assert tree.state.wait_for(lambda t: t.ready, 5)
        assert is_fed(manager)


def test_a_daemon_whose_journal_hangs_is_silent_until_it_wakes(
    tmp_path: Path, manager: Manager
) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    environ = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6))}
    process = started(tmp_path / "settings.yaml", "-m", "tests.daemon.hanging", **environ)
    try:
        manager.until("READY")
        manager.until("WATCHDOG")
        process.send_signal(signal.SIGUSR2)
        assert falls_silent(manager)
        process.send_signal(signal.SIGUSR2)
        manager.until("WATCHDOG")
    finally:
        process.kill()
        process.communicate()
