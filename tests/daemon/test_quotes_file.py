"""A daemon whose paper account trades by a file of quotes that grows."""

import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon, begun


HEADER = "at,symbol,bid,ask,last,volume"
BY_FILE = SETTINGS.replace(
    "hours: always", "hours: always, quotes: {source: file, file: quotes.csv}"
)


def line(bid: str, ask: str) -> str:
    """What is quoted half a second from now, for as long as it may take to be read."""
    at = datetime.now(UTC) + timedelta(seconds=0.5)
    return f"{at.isoformat()},AAPL,{bid},{ask},,\n"


class Feed:
    """Appends the same quote to a file again and again, while the `with` lasts."""

    def __init__(self, file: Path, bid: str, ask: str) -> None:
        self._file, self._bid, self._ask = file, bid, ask
        self._is_over = Event()
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        cents = 0
        while not self._is_over.wait(0.2):
            cents = 1 - cents  # the same quote once more would be no news
            with self._file.open("a") as file:
                file.write(line(self._bid, f"{self._ask}{cents}"))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


def test_an_order_is_filled_by_the_file_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    file.write_text(f"{HEADER}\n{datetime.now(UTC).isoformat()},AAPL,50,51,,\n")
    with Daemon(tmp_path, BY_FILE) as daemon, Feed(file, "60.00", "60.1"):
        _, answer = daemon.post(action="buy", quantity=1, price=50)
        until(lambda: daemon.get("/api/positions")["items"] != [])
        order = daemon.order(answer["alert_id"])
        assert order["average_fill_price"] in ("60.12", "60.13")  # the ask and 2 basis points
        assert order["label"] is None
        until(lambda: daemon.get("/api/positions")["items"][0]["current_price"][:4] == "60.0")
        bars = daemon.get("/api/history?symbol=AAPL&interval=1d")["items"]
        assert {bar["open"] for bar in bars} <= {"50.5", "60.05", "60.055"}  # midnight may pass
        assert (bars[-1]["close"][:4], bars[-1]["source"]) == ("60.0", "file")


def until(wanted: Callable[[], bool]) -> None:
    """Ask until something holds; what the file shows next takes a second to be seen."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not wanted():
        assert time.monotonic() < give_up_at


def test_what_the_file_does_not_know_is_refused_by_the_venue(tmp_path: Path) -> None:
    (tmp_path / "quotes.csv").write_text(f"{HEADER}\n")
    with Daemon(tmp_path, BY_FILE) as daemon:
        _, answer = daemon.post(action="buy", quantity=1, price=50)
        order = daemon.order(answer["alert_id"], "REJECTED")
        assert "AAPL is unknown" in order["error_message"]


AT, BID = "2:1: accounts.paper.quotes.file: at: ", "2:16: accounts.paper.quotes.file: bid: "
FAULTY = [
    f"quotes.csv:{AT}must be an instant with its zone, like 2026-11-23T14:30:00Z",
    f"quotes.csv:{BID}must be a price above 0, like 187.50",
]
MISSING = [
    "settings.yaml:5:64: accounts.paper.quotes.file: cannot be read: No such file or directory"
]


@pytest.mark.parametrize(
    ("written", "said"), [(f"{HEADER}\nyesterday,AAPL,0,2,,\n", FAULTY), (None, MISSING)]
)
def test_every_fault_of_the_file_is_named_and_nothing_is_started(
    tmp_path: Path, written: str | None, said: list[str]
) -> None:
    if written is not None:
        (tmp_path / "quotes.csv").write_text(written)
    settings = tmp_path / "settings.yaml"
    settings.write_text(BY_FILE)
    process = begun(settings, subprocess.STDOUT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 78
    assert [each for each in out.splitlines() if "quotes.file" in each] == said
