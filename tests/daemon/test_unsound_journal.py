"""The daemon beside a journal that it must not use: it lives, takes nothing, and says why."""

import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from journal import Codec, verify
from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon, started
from tests.journal.test_migration import SCHEMAS, write_old
from tests.journal.test_unsound_files import flip, place_of
from trading.events import EVENT_TYPES


class Life(Daemon):
    """A daemon on ports that are known before it is ready."""

    def __init__(self, folder: Path, *, until: str = "ready in") -> None:
        ports = {name: free_port() for name in ("webhook", "dashboard")}
        settings = SETTINGS
        for port in ports.values():
            settings = settings.replace("127.0.0.1:0", f"127.0.0.1:{port}", 1)
        super().__init__(folder, settings, until=until)
        self.ports = ports
        self.state = folder / "state"

    def refusal(self) -> str:
        """Why it takes nothing: 503, told by both listeners."""
        status, _ = patiently(lambda: self.post(action="buy", quantity=1, price=100))
        assert status == 503
        patiently(lambda: self.get("/ready"))
        assert self.get("/ready")["ready"] is False
        found = self.get("/api/status")
        assert found["state"] == "starting"
        return str(found["reason"])

    def takes_alerts(self, ticker: str = "AAPL") -> bool:
        status, answer = self.post(action="buy", quantity=1, price=100, ticker=ticker)
        self.order(answer["alert_id"])
        return status == 200


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def patiently(asked: Callable[[], Any]) -> Any:
    """What is answered as soon as somebody listens."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return asked()
        except ConnectionRefusedError:
            assert time.monotonic() < end
            threading.Event().wait(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A house whose daemon has traded and ended."""
    with Life(tmp_path) as life:
        _, answer = life.post(action="buy", quantity=2, price=100)
        life.order(answer["alert_id"])
        assert life.stop() == 0
    return tmp_path


def test_a_damaged_journal_is_kept_aside_and_a_sound_copy_heals_it(folder: Path) -> None:
    journal = folder / "state" / "journal.db"
    shutil.copy(journal, folder / "backup.db")
    flip(journal, place_of(journal, b'"price":"100'))
    with Life(folder, until="damaged") as life:
        assert "journal.db: missing, but there was one" in life.refusal()
        (kept,) = [it for it in life.state.glob("journal.db.damaged-*") if it.name.endswith("Z")]
        assert not verify(kept, Codec(EVENT_TYPES)).is_sound
        shutil.copy(folder / "backup.db", life.state / "incoming.db")
        (life.state / "incoming.db").rename(journal)
        life.wait_for("ready in")
        assert life.takes_alerts()
        assert len(life.get("/api/orders")["items"]) == 2


def test_an_old_copy_is_refused_until_a_person_says_so(folder: Path) -> None:
    journal = folder / "state" / "journal.db"
    shutil.copy(journal, folder / "old.db")
    with Life(folder) as life:
        assert life.takes_alerts()
        assert life.stop() == 0
    shutil.copy(folder / "old.db", journal)
    with Life(folder, until="had been committed") as life:
        assert "an older copy was put in its place" in life.refusal()
        assert life.stop() == 0
    (folder / "state" / "journal.head").unlink()
    with Life(folder) as life:
        assert life.takes_alerts("MSFT")  # what this copy never knew of AAPL is external now


@pytest.mark.parametrize("left", [("journal.head",), ("paper-paper.db",)])
def test_a_journal_that_is_gone_is_not_begun_anew(folder: Path, left: tuple[str, ...]) -> None:
    for file in (folder / "state").iterdir():
        if file.is_file() and file.name not in left:
            file.unlink()
    with Life(folder, until="missing") as life:
        assert f"({left[0]} tells)" in life.refusal()
        assert not (life.state / "journal.db").exists()


def test_a_state_folder_moved_away_is_a_new_beginning(folder: Path) -> None:
    (folder / "state").rename(folder / "state-of-before")
    with Life(folder) as life:
        assert life.takes_alerts()
        assert len(life.get("/api/orders")["items"]) == 1


def test_a_ledger_that_is_gone_is_not_begun_anew(folder: Path) -> None:
    (folder / "state" / "paper-paper.db").unlink()
    with Life(folder) as life:
        reason = life.get("/api/status")["reason"]
        while "connecting" in reason:  # the test's own timeout ends it
            reason = life.get("/api/status")["reason"]
        assert "paper-paper.db: missing, but there was one" in reason


def test_a_newer_journal_ends_the_daemon_with_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    newer = tmp_path / "newer.sql"
    newer.write_text(SCHEMAS[0].read_text().replace("'schema_version',1)", "'schema_version',99)"))
    write_old(tmp_path / "state" / "journal.db", newer)
    said, status = ended(tmp_path)
    assert status == 1
    assert "journal.db: written with schema 99, this version knows up to" in said


def test_an_event_of_a_newer_version_ends_the_daemon_with_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    newer = tmp_path / "newer.sql"
    newer.write_text(SCHEMAS[0].read_text().replace("'AlertUnreadable'", "'OrderTeleported'"))
    write_old(tmp_path / "state" / "journal.db", newer)
    said, status = ended(tmp_path)
    assert status == 1
    assert "event 3: OrderTeleported is not an event this version knows" in said


def ended(folder: Path) -> tuple[str, int]:
    process = started(folder / "settings.yaml")
    said, _ = process.communicate(timeout=PATIENCE_S)
    return said, process.returncode
