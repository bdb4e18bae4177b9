"""A rehearsal at a simulator of Schwab, from the sign-in to the position, as a new user has it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from brokers.schwab.simulator.grants import Grants
from tests.daemon.process import PATIENCE_S, Daemon
from tests.daemon.simulated import ENVIRON, NUMBER, Simulated, rehearsal, sign_in, simulated
from tests.daemon.test_people import app


LEFT = 'tradingbot_sign_in_seconds_left{account="main"}'
WEEK_S = 7 * 86_400


@pytest.fixture
def simulator() -> Iterator[Simulated]:
    with simulated() as simulator:
        yield simulator


def daemon_at(simulator: Simulated, folder: Path) -> Daemon:
    settings = rehearsal(folder, simulator).read_text()
    return Daemon(folder, settings, **ENVIRON)


def asked(daemon: Daemon, path: str, holds: Callable[[Any], bool]) -> Any:
    """What the API answers, once it is as wanted; asks until then, patiently."""
    patience = monotonic() + PATIENCE_S
    while not holds(found := daemon.get(path)):
        assert monotonic() < patience, found
    return found


def status(daemon: Daemon, holds: Callable[[Any], bool]) -> Any:
    return asked(daemon, "/api/status", holds)


def order_of(daemon: Daemon, alert: Any, side: str, status: str) -> Any:
    """The alert's order to buy or to sell, once it has this status."""

    def of_it(orders: Any) -> list[Any]:
        wanted = (alert["alert_id"], side, status)
        return [o for o in orders["items"] if (o["alert_id"], o["side"], o["status"]) == wanted]

    return of_it(asked(daemon, "/api/orders", lambda orders: bool(of_it(orders))))[0]


def filled(daemon: Daemon, alert: Any) -> Any:
    return order_of(daemon, alert, "buy", "FILLED")


def auth_status(daemon: Daemon) -> str:
    """What `auth status` says beside the running daemon."""
    listen = f"127.0.0.1:{daemon.ports['dashboard']}"
    where = {"TRADING_BOT__WEB__DASHBOARD__LISTEN": listen}
    return app(daemon, "auth", "status", **ENVIRON, **where).stdout


def held(simulator: Simulated) -> dict[str, Any]:
    positions: dict[str, Any] = simulator.desk.ledger()["accounts"][NUMBER]["positions"]
    return positions


def test_from_the_sign_in_to_the_position(tmp_path: Path, simulator: Simulated) -> None:
    sign_in(rehearsal(tmp_path, simulator))
    with daemon_at(simulator, tmp_path) as daemon:
        assert "REHEARSAL" in "".join(daemon.said)
        _, answer = daemon.post(action="buy", quantity=1, price=187.5)
        order = filled(daemon, answer)
        assert order["average_fill_price"] == "187.51"
        assert held(simulator) == {"AAPL": 1}
        assert "signed_in" in auth_status(daemon)
        (position,) = asked(daemon, "/api/positions", lambda told: told["items"])["items"]
        assert (position["account"], position["quantity"]) == ("main", "1")
        told = daemon.get("/api/status")
        assert (told["mode"], told["rehearsal"]) == ("paper", ["main"])
        (signed,) = told["sign_ins"]
        assert (signed["account"], signed["state"]) == ("main", "signed_in")
        assert WEEK_S - 300 < signed["seconds_left"] <= WEEK_S
        assert WEEK_S - 300 < daemon.metrics()[LEFT] <= WEEK_S
        assert daemon.stop() == 0


def test_who_signs_in_later_is_not_waited_for(tmp_path: Path, simulator: Simulated) -> None:
    with daemon_at(simulator, tmp_path) as daemon:
        told = status(daemon, lambda told: told["needs_you"])
        assert told["state"] == "disconnected"
        assert told["needs_you"][0]["what"].startswith("account main: ")
        assert daemon.metrics()[LEFT] == 0
        _, answer = daemon.post(action="buy", quantity=1, price=187.5)
        assert answer["status"] == "accepted"
        sign_in(daemon.path)
        filled(daemon, answer)
        assert held(simulator) == {"AAPL": 1}


def test_what_rests_is_named_when_the_sign_in_dies_and_a_new_one_goes_on(
    tmp_path: Path, simulator: Simulated
) -> None:
    sign_in(rehearsal(tmp_path, simulator))
    with daemon_at(simulator, tmp_path) as daemon:
        _, answer = daemon.post(action="buy", quantity=1, price=187.5, stop_loss=180)
        filled(daemon, answer)
        order_of(daemon, answer, "sell", "ACCEPTED")  # the stop has been seen at the venue
        simulator.desk.grants = Grants()
        told = status(daemon, lambda told: told["needs_you"])
        (need,) = told["needs_you"]
        assert need["what"].startswith("account main: ")
        assert "at the venue rest, and work without us: sell 1 AAPL stop 180" in need["meaning"]
        assert "signed_out" in auth_status(daemon)
        sign_in(daemon.path)
        assert not status(daemon, lambda told: told["state"] == "healthy")["needs_you"]
        _, again = daemon.post(action="buy", quantity=1, price=187.5)
        filled(daemon, again)
        assert held(simulator) == {"AAPL": 2}
