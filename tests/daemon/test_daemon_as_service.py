import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.daemon.manager import Manager
from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon, started


HEALTHY = "healthy: paper, 1 account, 0 working orders"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with Manager(tmp_path / "notify") as manager:
        yield manager


@contextmanager
def beginning(settings: Path, manager: Manager) -> "Iterator[subprocess.Popen[str]]":
    """The daemon's process, ready or not; it is gone in the end."""
    process = started(settings, NOTIFY_SOCKET=manager.address)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_life_is_told_from_start_to_sigterm(tmp_path: Path, manager: Manager) -> None:
    with Daemon(tmp_path, NOTIFY_SOCKET=manager.address) as daemon:
        assert "paper, 1 account, 0 working orders" in manager.until("READY")[-1]["STATUS"]
        daemon.post(action="buy", quantity=1, price=100)
        while (told := manager.until("STATUS")[-1]["STATUS"]) != HEALTHY:
            assert told.startswith(("first_run: ", "healthy: "))
        assert daemon.stop() == 0
        assert manager.until("STOPPING")[-1]["STATUS"].startswith("stopping: 0")
        assert manager.waiting() == []


def test_a_halt_shows_in_the_status(tmp_path: Path, manager: Manager) -> None:
    with Daemon(tmp_path, NOTIFY_SOCKET=manager.address) as daemon:
        manager.until("READY")
        daemon.tell("/api/halt", reason="lunch")
        assert "OPERATOR: lunch" in manager.until("STATUS")[-1]["STATUS"]


def test_the_watchdogs_signal_leaves_in_the_log_what_every_thread_was_doing(
    tmp_path: Path,
) -> None:
    with Daemon(tmp_path) as daemon:
        daemon.process.send_signal(signal.SIGABRT)
        assert daemon.process.wait(PATIENCE_S) == -signal.SIGABRT
        daemon._pump.join(PATIENCE_S)
        said = "".join(daemon.said)
    assert said.count("most recent call first") > 5
    assert "actors/runtime/port.py" in said


def test_while_the_disk_refuses_it_asks_for_more_time_to_start(
    tmp_path: Path, manager: Manager
) -> None:
    with Daemon(tmp_path) as daemon:
        assert daemon.stop() == 0
    with closing(sqlite3.connect(tmp_path / "state/journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # nobody else can write until this ends
        with beginning(daemon.path, manager) as process:
            asked = [manager.until("EXTEND_TIMEOUT_USEC")[-1] for _ in range(2)]
            assert all(said["STATUS"].startswith("starting: ") for said in asked)
            other.execute("ROLLBACK")
            manager.until("READY")
            process.terminate()
            assert process.wait(PATIENCE_S) == 0


def test_wrong_settings_tell_nobody_that_they_are_ready(tmp_path: Path, manager: Manager) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS + "mode: papr\n")
    with beginning(tmp_path / "settings.yaml", manager) as process:
        assert process.wait(PATIENCE_S) == 78
    assert not any("READY" in said for said in manager.waiting())


def test_a_restart_counts_nothing_twice(tmp_path: Path) -> None:
    with Daemon(tmp_path) as first:
        first.post(action="buy", quantity=2, price=100)
        first.post(action="buy", quantity=10_000, price=100)
        before = counted(first, FILLED, REFUSED)
    assert (before[FILLED], before[REFUSED]) == (1, 1)
    with Daemon(tmp_path) as second:
        assert counted(second) == before


FILLED = 'tradingbot_orders_filled_total{account="paper",strategy="demo"}'
REFUSED = 'tradingbot_alerts_total{strategy="demo",verdict="refused"}'


def counted(daemon: Daemon, *awaited: str) -> dict[str, float]:
    """What is folded from the journal, as soon as it counts what is awaited."""
    begins = ("tradingbot_alert", "tradingbot_order", "tradingbot_signals", "tradingbot_last")
    for _ in range(1_000):
        metrics = daemon.metrics()
        if all(metrics.get(name) for name in awaited):
            return {name: value for name, value in metrics.items() if name.startswith(begins)}
    raise AssertionError(f"these are never counted: {awaited}")
