"""A daemon whose account keeps the exchange's hours, on days that its settings close."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal import Codec, SqliteReader
from tests.daemon.process import SETTINGS, Daemon
from trading.events import EVENT_TYPES, CalendarApplied
from trading.sessions import SATURDAY, Calendar


def closed(**on_closed: str) -> str:
    """Settings by which the exchange stays closed all these days, weekends aside."""
    now = datetime.now(UTC)
    around = [(now + timedelta(days=n)).date() for n in range(-3, 4)]
    days = ", ".join(str(day) for day in around if day.weekday() < SATURDAY)
    wanted = ", ".join(f"{kind}: {word}" for kind, word in on_closed.items())
    text = SETTINGS.replace("hours: always", "hours: exchange")
    text = text.replace("allow_add: true", f"allow_add: true, on_closed: {{{wanted}}}")
    return f"{text}calendar: {{closed: [{days}]}}\n"


def calendars(folder: Path) -> list[Calendar]:
    with closing(SqliteReader(folder / "state/journal.db", Codec(EVENT_TYPES))) as reader:
        found = [recorded.event for recorded in reader.events(types=(CalendarApplied,))]
    return [event.calendar for event in found if isinstance(event, CalendarApplied)]


def test_on_a_closed_day_it_says_so_and_refuses_entries(tmp_path: Path) -> None:
    with Daemon(tmp_path, closed()) as daemon:
        assert connected(daemon) == "market_closed"
        _, answer = daemon.post(action="buy", quantity=1, price=100)
        refused = daemon.decided(answer["alert_id"])
        assert (refused["verdict"], refused["code"]) == ("refused", "MARKET_CLOSED")


def test_what_waits_for_the_open_says_so_and_holds_up_no_stop(tmp_path: Path) -> None:
    with Daemon(tmp_path, closed(entry="next_open")) as daemon:
        _, answer = daemon.post(action="buy", quantity=1, price=100)
        assert waiting(daemon, answer["alert_id"]) == ("pending", "MARKET_CLOSED")
        began = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - began < 4  # what is in hand would be waited for longer
    with Daemon(tmp_path, closed(entry="next_open")) as daemon:
        assert waiting(daemon, answer["alert_id"]) == ("pending", "MARKET_CLOSED")


@pytest.mark.parametrize("same", [True, False])
def test_a_calendar_is_written_down_when_it_is_another(tmp_path: Path, same: bool) -> None:  # noqa: FBT001 - a case
    for settings in (closed(), closed() if same else SETTINGS):
        with Daemon(tmp_path, settings) as daemon:
            daemon.stop()
    first, *more = calendars(tmp_path)
    assert len(first.half_days) > 4
    assert len(more) == (0 if same else 1)


def connected(daemon: Daemon) -> str:
    """The state once the account is connected."""
    for _ in range(1_000):
        state: str = daemon.get("/api/status")["state"]
        if state != "disconnected":
            break
    return state


def waiting(daemon: Daemon, alert_id: str) -> tuple[str, str]:
    """The verdict and code of an alert, once it says why it waits."""
    for _ in range(1_000):
        alert = daemon.get(f"/api/alerts/{alert_id}")
        if alert["code"]:
            break
    return alert["verdict"], alert["code"]
