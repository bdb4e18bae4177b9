import os
import secrets
from pathlib import Path

import pytest

from daemon.notify import Notify, watchdog_s
from tests.daemon.manager import Manager


def test_it_tells_a_socket_in_the_file_system(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as manager:
        Notify({"NOTIFY_SOCKET": manager.address}).tell(READY=1, STATUS="healthy: paper")
        assert manager.waiting() == [{"READY": "1", "STATUS": "healthy: paper"}]


def test_it_tells_an_abstract_socket() -> None:
    with Manager(f"@trading-bot-{secrets.token_hex(8)}") as manager:
        Notify({"NOTIFY_SOCKET": manager.address}).tell(WATCHDOG=1)
        assert manager.waiting() == [{"WATCHDOG": "1"}]


def test_without_anybody_who_asked_it_tells_nobody() -> None:
    notify = Notify({})
    assert not notify.is_asked
    notify.tell(READY=1)


def test_a_status_of_several_lines_says_nothing_else(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as manager:
        Notify({"NOTIFY_SOCKET": manager.address}).tell(STATUS="disk full\nMAINPID=1")
        assert manager.waiting() == [{"STATUS": "disk full MAINPID=1"}]


def test_a_manager_that_is_gone_is_logged_once_and_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    for _ in range(3):
        notify.tell(WATCHDOG=1)
    assert len(caplog.records) == 1


def test_the_watchdogs_interval_comes_in_microseconds() -> None:
    assert watchdog_s({"WATCHDOG_USEC": "30000000"}, os.getpid()) == 30


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"},
    ],
)
def test_no_watchdog_waits_for_this_process(environ: dict[str, str]) -> None:
    assert watchdog_s(environ, 4711) is None


def test_a_watchdog_may_name_this_process() -> None:
    assert watchdog_s({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "4711"}, 4711) == 1
