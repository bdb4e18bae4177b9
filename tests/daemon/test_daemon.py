import signal
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon, started


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path) as daemon:
        yield daemon


def test_an_alert_becomes_a_fill_and_a_position(daemon: Daemon) -> None:
    status, answer = daemon.post(action="buy", quantity=2, price=100)
    assert (status, answer["status"]) == (200, "accepted")
    order = daemon.order(answer["alert_id"])
    assert (order["side"], order["filled_quantity"], order["strategy"]) == ("buy", "2", "demo")
    assert held(daemon, "AAPL", "2")


def test_why_tells_every_step_with_its_time(daemon: Daemon) -> None:
    _, answer = daemon.post(action="buy", quantity=1, price=100)
    daemon.order(answer["alert_id"])
    steps = daemon.get(f"/api/alerts/{answer['alert_id']}")["steps"]
    assert [step["event"] for step in steps] == [
        "AlertAccepted",
        "SignalApproved",
        "OrderPlanned",
        "SubmitStarted",
        "OrderAccepted",
        "OrderFilled",
    ]
    assert all(step["at"].endswith("Z") for step in steps)


def test_what_was_filled_survives_kill_9(tmp_path: Path) -> None:
    with Daemon(tmp_path) as first:
        _, answer = first.post(action="buy", quantity=3, price=50)
        before = first.order(answer["alert_id"])
    with Daemon(tmp_path) as second:
        assert second.order(answer["alert_id"]) == before
        assert held(second, "AAPL", "3")
        assert second.post(action="sell", quantity=3, price=51)[0] == 200


def test_sigterm_ends_it_cleanly_and_soon(daemon: Daemon) -> None:
    _, answer = daemon.post(action="buy", quantity=1, price=100)
    daemon.order(answer["alert_id"])
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 10


def test_a_second_daemon_on_the_same_journal_is_refused_in_one_line(daemon: Daemon) -> None:
    second = started(daemon.path)
    said, _ = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 1
    assert said.count("\n") == 1
    assert f"process {daemon.process.pid}" in said


def test_wrong_settings_start_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS + "mode: papr\nrisk: {max_order_valu: 1}\n")
    process = started(tmp_path / "settings.yaml")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 78
    assert len(said.splitlines()) == 2
    assert not (tmp_path / "state").exists()


def test_a_halt_outlives_kill_9_and_lets_exits_pass(tmp_path: Path) -> None:
    with Daemon(tmp_path) as daemon:
        _, bought = daemon.post(action="buy", quantity=1, price=100)
        daemon.order(bought["alert_id"])
        assert daemon.tell("/api/halt", reason="test")[1]["status"] == "halted"
    with Daemon(tmp_path) as daemon:
        assert daemon.get("/api/status")["state"] == "stopped"
        _, entry = daemon.post(action="buy", quantity=1, price=100)
        # Decided before the exit comes: one that still waits for the venue would be superseded.
        assert daemon.decided(entry["alert_id"])["code"] == "HALTED"
        _, leaving = daemon.post(action="close_long", price=101)
        daemon.order(leaving["alert_id"])


def test_a_stop_file_found_at_start_halts_before_anyone_trades(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/STOP").touch()
    with Daemon(tmp_path) as daemon:
        _, entry = daemon.post(action="buy", quantity=1, price=100)
        assert daemon.decided(entry["alert_id"])["code"] == "HALTED"
        status, problem = daemon.tell("/api/resume", reason="test", password="wrong")
        assert (status, problem["code"]) == (403, "WRONG_PASSWORD")


def test_ctrl_c_is_a_clean_end_too(daemon: Daemon) -> None:
    assert daemon.stop(signal.SIGINT) == 0


def test_an_answer_lost_after_acceptance_is_read_back_and_never_sent_again(tmp_path: Path) -> None:
    faulty = SETTINGS.replace(
        "hours: always",
        "hours: always, faults: {timeout_after_accept: 1, answer_timeout_s: 0.1}",
    )
    with Daemon(tmp_path, faulty) as daemon:
        _, answer = daemon.post(action="buy", quantity=4, price=25)
        order = daemon.order(answer["alert_id"])
        steps = [s["event"] for s in daemon.get(f"/api/alerts/{answer['alert_id']}")["steps"]]
    assert steps.count("SubmitStarted") == 1
    assert "SubmitUnknown" in steps
    assert Decimal(order["filled_quantity"]) == 4


def held(daemon: Daemon, symbol: str, quantity: str) -> bool:
    """Whether the account comes to hold this; its book may be shown a moment after the order."""
    for _ in range(1_000):
        positions = {p["symbol"]: p["quantity"] for p in daemon.get("/api/positions")["items"]}
        if positions.get(symbol) == quantity:
            return True
    return False
