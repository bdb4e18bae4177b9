import pytest
from attrs import evolve
from falcon import testing

from actors.messages import JournalHealth
from actors.runtime import State, TreeState
from settings.model import Account, Broker
from settings.secrets import StateSecrets
from tests.actors.facts import CALENDAR_APPLIED, parked
from tests.web.conftest import BEARER
from tests.web.house import PAPER, RUNNING, House, settings
from trading.events import ActorStarted, Scope, Tripped, VenueLost
from trading.vocabulary import AccountName, Code, TradingState
from web.dashboard import make_app


def state(api: testing.TestClient) -> tuple[str, str]:
    found = api.simulate_get("/api/status").json
    return found["state"], found["reason"]


def test_the_worst_state_that_holds_stands_first(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(house.alert())
    assert state(api)[0] == "healthy"
    house.health.publish(JournalHealth(commits=False, reason="disk full"))
    assert state(api) == ("degraded", "the journal cannot commit: disk full")
    house.record(VenueLost(at=house.clock.now(), account=PAPER, reason="no route"))
    assert state(api)[0] == "disconnected"
    house.record(
        Tripped(
            at=house.clock.now(),
            scope=Scope(account=PAPER),
            generation=1,
            state=TradingState.HALTED,
            code=Code.MAX_DAILY_LOSS,
            inputs={"day_pnl": "-501"},
        )
    )
    assert state(api)[0] == "tripped"
    house.record(house.halted())
    word, reason = state(api)
    assert word == "stopped"
    assert "MAX_DAILY_LOSS: day_pnl=-501" in reason
    assert reason.endswith("account paper: no route; the journal cannot commit: disk full")


def client(house: House) -> testing.TestClient:
    return testing.TestClient(make_app(house.edge()), headers=BEARER)


CLOSING_S = 6.5 * 3600
"""From the open, at which the clock stands, to the close."""


def test_with_the_exchanges_hours_the_market_is_closed_at_night(secrets: StateSecrets) -> None:
    exchange = {name: Account(broker=Broker.PAPER) for name in (PAPER, AccountName("b"))}
    house = House(secrets, evolve(settings(), accounts=exchange))
    api = client(house)
    house.record(CALENDAR_APPLIED)
    for account in exchange:
        house.connect(account)
    house.clock.advance(CLOSING_S - 1)
    assert state(api)[0] == "first_run"
    house.clock.advance(1)
    word, reason = state(api)
    assert word == "market_closed"
    assert reason.startswith("the market is closed and opens 2026-01-06 09:30 New York; alerts")
    house.record(house.halted())
    assert state(api)[0] == "stopped"


def test_where_an_account_trades_always_the_market_is_never_closed(secrets: StateSecrets) -> None:
    accounts = {PAPER: Account(broker=Broker.PAPER), **settings("b").accounts}
    house = House(secrets, evolve(settings(), accounts=accounts))
    for account in accounts:
        house.connect(account)
    house.clock.advance(CLOSING_S)
    assert state(client(house))[0] == "first_run"


def test_a_stop_file_counts_as_a_person(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(house.halted(Code.STOP_FILE))
    assert state(api)[0] == "stopped"


def test_an_actor_that_does_not_run_is_a_degraded_daemon(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(house.alert())
    state(api)
    broken = evolve(RUNNING.children[1], state=State.BACKING_OFF, last_error="ValueError: x")
    house.tree.publish(TreeState(ready=False, children=(RUNNING.children[0], broken)))
    assert state(api) == ("degraded", "webhook is backing_off, after ValueError: x")


def test_a_slow_disk_is_a_degraded_daemon(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(house.alert())
    house.health.publish(JournalHealth(commits=True, reason="", slow="the journal's disk is slow"))
    assert state(api) == ("degraded", "the journal's disk is slow")


# --- health and readiness -------------------------------------------------------------------------


def test_before_all_actors_run_nothing_is_ready(house: House, stranger: testing.TestClient) -> None:
    waiting = evolve(RUNNING.children[1], state=State.STARTING)
    house.tree.publish(TreeState(ready=False, children=(RUNNING.children[0], waiting)))
    assert stranger.simulate_get("/health").json["status"] == "starting"
    found = stranger.simulate_get("/ready")
    assert found.status_code == 503
    assert found.json == {"ready": False, "reason": "starting: waiting for webhook"}


def test_a_journal_that_cannot_be_used_is_the_reason_why_nothing_starts(
    house: House, api: testing.TestClient, stranger: testing.TestClient
) -> None:
    waiting = evolve(RUNNING.children[1], state=State.STARTING)
    house.tree.publish(TreeState(ready=False, children=(RUNNING.children[0], waiting)))
    house.health.publish(JournalHealth(has_failed=True, reason="journal.db: damaged"))
    assert stranger.simulate_get("/ready").json == {
        "ready": False,
        "reason": "starting: the journal cannot be used: journal.db: damaged",
    }
    assert state(api) == ("starting", "the journal cannot be used: journal.db: damaged")


def test_a_journal_that_cannot_commit_is_not_ready(
    house: House, stranger: testing.TestClient
) -> None:
    assert stranger.simulate_get("/ready").json == {"ready": True, "reason": None}
    house.health.publish(JournalHealth(commits=False, reason="disk full"))
    assert stranger.simulate_get("/ready").status_code == 503
    assert stranger.simulate_get("/health").json == {"status": "degraded", "service": "trading-bot"}


def test_a_halted_daemon_is_ready(house: House, stranger: testing.TestClient) -> None:
    house.record(house.halted())
    assert stranger.simulate_get("/ready").status_code == 200


def test_an_actor_being_restarted_keeps_its_mailbox_and_the_daemon_ready(
    house: House, stranger: testing.TestClient
) -> None:
    assert stranger.simulate_get("/ready").status_code == 200
    house.tree.publish(evolve(RUNNING, ready=False))
    assert stranger.simulate_get("/ready").status_code == 200
    assert stranger.simulate_get("/health").json["status"] == "degraded"


def test_a_draining_daemon_is_not_ready(house: House, stranger: testing.TestClient) -> None:
    house.readiness.drain()
    assert stranger.simulate_get("/ready").json["reason"] == "shutting down"


def standing_of(house: House, state: State, name: str = "webhook", missed: int = 0) -> None:
    """Publish a tree in which one actor stands so, and nothing else is the matter."""
    children = tuple(
        evolve(child, state=state, missed=missed) if child.name == name else child
        for child in RUNNING.children
    )
    house.tree.publish(TreeState(ready=True, children=children))


@pytest.mark.parametrize("bad", [State.PARKED, State.DEGRADED])
def test_a_parked_or_late_actor_is_a_degraded_daemon_that_takes_alerts(
    house: House, api: testing.TestClient, bad: State
) -> None:
    house.connect()
    house.record(house.alert())
    state(api)
    standing_of(house, bad)
    assert state(api) == ("degraded", f"webhook is {bad}")
    assert api.simulate_get("/health").json["status"] == "degraded"
    assert api.simulate_get("/ready").status_code == 200


def test_a_journal_that_hangs_in_the_disk_takes_no_alerts(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    state(api)
    standing_of(house, State.HUNG, name="journal", missed=3)
    found = api.simulate_get("/ready")
    assert found.status_code == 503
    assert "the disk has not answered" in found.json["reason"]


def test_a_daemon_with_a_parked_account_has_started(house: House, api: testing.TestClient) -> None:
    house.tree.publish(evolve(RUNNING, ready=False))
    standing_of(house, State.PARKED)
    assert state(api)[0] != "starting"


def test_who_has_not_started_is_named_and_who_is_parked_is_not(
    house: House, api: testing.TestClient
) -> None:
    given_up = evolve(RUNNING.children[0], state=State.PARKED)
    starting = evolve(RUNNING.children[1], state=State.STARTING)
    house.tree.publish(TreeState(ready=False, children=(given_up, starting)))
    assert api.simulate_get("/ready").json["reason"] == "starting: waiting for webhook"


def test_a_parked_account_is_tripped_and_waits_for_a_person(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(parked())
    assert state(api)[0] == "tripped"
    risk = api.simulate_get("/api/risk").json
    assert (risk["state"], risk["stops"][0]["code"]) == ("HALTED", "ACCOUNT_PARKED")
    (item,) = api.simulate_get("/api/status").json["needs_you"]
    assert "cannot fold seq 7" in item["what"]


def test_an_actors_queue_age_misses_and_history_are_told(
    house: House, api: testing.TestClient
) -> None:
    standing_of(house, State.DEGRADED, missed=2)
    at = house.clock.now()
    house.record(
        ActorStarted(at=at, actor="webhook", incarnation=1),
        ActorStarted(at=at, actor="webhook", incarnation=2, last_error="ValueError: x"),
        ActorStarted(at=at, actor="journal", incarnation=2, last_error="ValueError: y"),
    )
    found = api.simulate_get("/api/actors").json["items"][1]
    assert (found["missed_probes"], found["mailbox"]) == (2, 0)
    assert found["history"] == [
        {"at": "2026-01-05T14:30:00Z", "incarnation": 2, "last_error": "ValueError: x"}
    ]
