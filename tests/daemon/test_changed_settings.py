"""What the daemon says of settings that its own journal speaks against."""

from contextlib import closing
from pathlib import Path

import pytest

from journal import Codec, Draft, SqliteReader, SqliteStore
from tests.actors.facts import APPLIED, alert, at_venue, of_order, planned, quarantined
from tests.actors.facts import started as submitted
from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon, started
from trading.event import Event
from trading.events import EVENT_TYPES, ActorStarted, SettingsApplied
from trading.in_force import AccountInForce
from trading.order_events import SubmitUnknown
from trading.vocabulary import AccountName


CODEC = Codec(EVENT_TYPES)
HEAD = SETTINGS.partition("accounts:")[0]
BACK = "put it back (with `retired: true` it may only leave what it has)"


def written(accounts: str = "paper", strategies: str = "demo", **more: str) -> str:
    """Settings with these accounts, and these strategies on them."""
    names = accounts.split()
    lines = [f"  {a}: {{broker: paper, hours: always{more.get(a, '')}}}" for a in names]
    routes = [
        f"  {s}: {{accounts: [{', '.join(names)}]{more.get(s, '')}}}" for s in strategies.split()
    ]
    return "\n".join([f"{HEAD}accounts:", *lines, "strategies:", *routes, ""])


def refused(folder: Path, settings: str) -> list[str]:
    """The lines that the daemon ends with, status 78, when it is started by these settings."""
    (folder / "settings.yaml").write_text(settings)
    process = started(folder / "settings.yaml")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 78, said
    return said.splitlines()


def applied(folder: Path) -> list[SettingsApplied]:
    with closing(SqliteReader(folder / "state/journal.db", CODEC)) as reader:
        found = [recorded.event for recorded in reader.events(types=(SettingsApplied,))]
    return [event for event in found if isinstance(event, SettingsApplied)]


def first_events(folder: Path) -> list[type[Event]]:
    """What each start wrote first: what stands before the actor that starts first."""
    with closing(SqliteReader(folder / "state/journal.db", CODEC)) as reader:
        events = [recorded.event for recorded in reader.events()]
    starts = [
        index
        for index, event in enumerate(events)
        if isinstance(event, ActorStarted) and event.actor == "breaker:*"
    ]
    return [type(events[index - 1]) for index in starts]


def add(folder: Path, *events: Event) -> None:
    """Write facts into the journal of a daemon that is down, or never was."""
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    with closing(SqliteStore(folder / "state/journal.db", CODEC)) as store:
        store.commit([Draft(events=events, writer="before")])


def bought(folder: Path, settings: str) -> None:
    """A life of the daemon in which demo buys 3 AAPL on the one account there is."""
    with Daemon(folder, settings) as daemon:
        daemon.order(daemon.post(action="buy", quantity=3, price=100)[1]["alert_id"])
        assert daemon.stop() == 0


def test_every_start_writes_down_what_it_goes_by(tmp_path: Path) -> None:
    with Daemon(tmp_path, written(demo=", risk: {max_order_value: 1000}")) as daemon:
        daemon.stop()
    with Daemon(tmp_path, written()) as daemon:
        daemon.stop()
    first, second = applied(tmp_path)
    assert first_events(tmp_path) == [SettingsApplied] * 2
    assert (first.accounts, first.mode) == (second.accounts, "paper")
    assert first.accounts[0].limits["max_order_value"] == "2500"
    assert first.strategies[0].limits == {"max_order_value": "1000"}
    assert first.digest != second.digest


def test_who_still_holds_or_waits_must_not_go(tmp_path: Path) -> None:
    bought(tmp_path, written())
    unknown = of_order(SubmitUnknown, "u", reason="no answer")
    add(tmp_path, alert("w"), planned("w"), submitted("w"), at_venue("w"))
    add(tmp_path, planned("u"), submitted("u"), unknown)
    ends = [
        "demo holds 3 AAPL on paper",
        "order w.paper.1 of demo on paper (buy 10 AAPL) is ACCEPTED",
        "order u.paper.1 of demo on paper (buy 10 AAPL) was sent and its fate is not known",
    ]
    alone = "alert w of demo (buy AAPL) is accepted and not yet decided on paper"
    assert refused(tmp_path, written("other", "new")) == [
        *(
            f"settings.yaml:4:1: accounts.paper: is gone, but {end}; {BACK}"
            for end in [*ends, alone]
        ),
        *(f"settings.yaml:6:1: strategies.demo: is gone, but {end}; {BACK}" for end in ends),
    ]
    assert len(applied(tmp_path)) == 1


def test_a_strategy_must_not_leave_an_account_where_it_holds(tmp_path: Path) -> None:
    bought(tmp_path, written())
    settings = written("paper").replace("accounts: [paper]", "accounts: []")
    (line,) = refused(tmp_path, settings)
    assert line == (
        "settings.yaml:7:10: strategies.demo.accounts: "
        "no longer names paper, but demo holds 3 AAPL on paper; name it again"
    )


def test_an_account_must_not_point_elsewhere_even_years_later(tmp_path: Path) -> None:
    known = AccountInForce(account=AccountName("paper"), broker="schwab", number="5e884898")
    was = SettingsApplied(
        at=APPLIED.at, version="9", mode=APPLIED.mode, digest="", accounts=(known,)
    )
    since = SettingsApplied(at=APPLIED.at, version="9", mode=APPLIED.mode, digest="")
    add(tmp_path, was, since)
    (line,) = refused(tmp_path, written())
    assert line == (
        "settings.yaml:5:11: accounts.paper.broker: "
        "paper was at schwab and its books are kept from there; "
        "write schwab again, or give the account at paper a name of its own"
    )


@pytest.mark.parametrize("who", ["demo", "paper"])
def test_what_is_retired_may_still_leave_and_nothing_else(tmp_path: Path, who: str) -> None:
    bought(tmp_path, written())
    with Daemon(tmp_path, written(**{who: ", retired: true"})) as daemon:
        entry = daemon.post(action="buy", quantity=1, price=100)[1]["alert_id"]
        # Decided before the exit comes: one that still waits for the venue would be superseded.
        assert daemon.decided(entry)["code"] == "STRATEGY_RETIRED"
        daemon.order(daemon.post(action="close_long", price=101)[1]["alert_id"])


def test_who_has_left_everything_may_go(tmp_path: Path) -> None:
    bought(tmp_path, written())
    with Daemon(tmp_path, written()) as daemon:
        daemon.order(daemon.post(action="close_long", price=101)[1]["alert_id"])
        daemon.stop()
    add(tmp_path, alert("q"), quarantined("q"))
    with Daemon(tmp_path, written("other", "new")) as daemon:
        assert daemon.get("/api/status")["accounts"] == ["other"]


def test_the_starting_cash_of_an_open_account_is_said_to_have_no_effect(tmp_path: Path) -> None:
    bought(tmp_path, written())
    with Daemon(tmp_path, written(paper=", starting_cash: 30000")) as daemon:
        daemon.stop()
    (line,) = [line for line in daemon.said if "has no effect" in line]
    assert (
        "settings.yaml:5:41: accounts.paper.starting_cash: 30000 has no effect: paper was opened "
        "with 25000; a paper account of another name starts anew"
    ) in line


def test_every_secret_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    open_file = tmp_path / "hook"
    open_file.write_text("hunter2")
    open_file.chmod(0o644)
    settings = written(strategies="one two", one=", secret: env:NOT_SET", two=", secret: file:hook")
    first, second = refused(tmp_path, settings)
    at = "settings.yaml:7:28: strategies.one.secret"
    assert first == f"{at}: env:NOT_SET: the environment variable is not set"
    at = "settings.yaml:8:28: strategies.two.secret"
    assert second == f"{at}: {open_file}: others can read it; chmod 600 {open_file}"
    assert not (tmp_path / "state").exists()
