import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from actors.messages import JournalHealth
from actors.runtime import State, TreeState
from daemon.notify import Notify
from daemon.service import LONGEST_STATUS, Service, in_words
from settings.secrets import StateSecrets
from tests.daemon.manager import Manager
from tests.web.house import PAPER, RUNNING, House, settings


UNIT = Path(__file__).parents[2] / "deploy/trading-bot.service"
STARTING = TreeState(ready=False, children=(evolve(RUNNING.children[0], state=State.STARTING),))


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(StateSecrets(tmp_path), settings("paper", "other"))
    for account in house.settings.accounts:
        house.connect(account)
    return house


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with Manager(tmp_path / "notify") as manager:
        yield manager


def service(house: House, manager: Manager, watchdog_s: float | None = None) -> Service:
    return Service(Notify({"NOTIFY_SOCKET": manager.address}), house.edge(), watchdog_s)


# --- in words -----------------------------------------------------------------------------------


def test_a_healthy_daemon_says_what_it_trades_and_what_is_under_way(house: House) -> None:
    house.record(*house.bought()[:4])
    assert in_words(house.edge()) == "healthy: paper, 2 accounts, 1 working order"


def test_what_is_the_matter_stands_behind_it(house: House) -> None:
    house.record(*house.bought(), house.halted())
    assert in_words(house.edge()) == (
        "stopped: paper, 2 accounts, 0 working orders; no entries anywhere (OPERATOR: lunch), by me"
    )


def test_while_it_starts_it_says_whom_it_waits_for(house: House) -> None:
    house.tree.publish(STARTING)
    assert in_words(house.edge()) == "starting: waiting for journal"


def test_a_long_reason_is_cut(house: House, manager: Manager) -> None:
    house.record(house.halted())
    house.health.publish(JournalHealth(commits=False, reason="no" * 1_000))
    service(house, manager).is_ready()
    (said,) = manager.waiting()
    assert len(said["STATUS"]) == LONGEST_STATUS


# --- what is told when --------------------------------------------------------------------------


def test_while_it_starts_it_asks_for_more_time_once_a_second(
    house: House, manager: Manager
) -> None:
    house.tree.publish(STARTING)
    starting = service(house, manager)
    for _ in range(9):
        starting.starts()
        house.clock.advance(0.25)
    more = {"STATUS": "starting: waiting for journal", "EXTEND_TIMEOUT_USEC": "15000000"}
    assert manager.waiting() == [more, more, more]


def test_a_status_is_told_when_it_changes_and_once_a_second_at_most(
    house: House, manager: Manager
) -> None:
    told = service(house, manager)
    told.is_ready()
    house.record(*house.bought()[:4])
    told.beats()
    house.clock.advance(1)
    told.beats()
    house.clock.advance(1)
    told.beats()
    assert [said["STATUS"].partition(";")[0] for said in manager.waiting()] == [
        "first_run: paper, 2 accounts, 0 working orders",
        "healthy: paper, 2 accounts, 1 working order",
    ]


def test_each_new_sign_of_life_feeds_the_watchdog_once(house: House, manager: Manager) -> None:
    told = service(house, manager, watchdog_s=4)
    told.is_ready()
    manager.waiting()
    for instant in (5.0, 5.0, 10.0):
        house.tree.publish(evolve(house.tree.current, probed_at=instant))
        told.beats()
    assert manager.waiting() == [{"WATCHDOG": "1"}] * 2


def test_without_a_new_sign_of_life_the_watchdog_hears_nothing(
    house: House, manager: Manager
) -> None:
    told = service(house, manager, watchdog_s=4)
    house.tree.publish(evolve(house.tree.current, probed_at=5.0))
    for _ in range(20):
        house.clock.advance(1)
        told.beats()
    assert sum("WATCHDOG" in said for said in manager.waiting()) == 1


def test_without_a_watchdog_nobody_is_fed(house: House, manager: Manager) -> None:
    told = service(house, manager)
    told.is_ready()
    manager.waiting()
    house.clock.advance(10)
    told.beats()
    assert manager.waiting() == []


def test_the_end_says_what_is_still_in_hand(house: House, manager: Manager) -> None:
    house.record(*house.bought(routes=(PAPER,))[:4])
    service(house, manager).stops()
    assert manager.waiting() == [{"STOPPING": "1", "STATUS": "stopping: 1 alert or order in hand"}]


def test_where_nobody_asked_the_main_thread_rests_for_ever(house: House) -> None:
    assert Service(Notify({}), house.edge(), None).beat_s is None


def test_an_impatient_watchdog_makes_it_look_more_often(house: House, manager: Manager) -> None:
    assert service(house, manager, watchdog_s=30).beat_s == 1
    assert service(house, manager, watchdog_s=2).beat_s == 0.5


# --- the unit -----------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    here = UNIT.read_text().replace("/opt/trading-bot/.venv/bin/python", sys.executable)
    unit = tmp_path / UNIT.name
    unit.write_text(here)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
