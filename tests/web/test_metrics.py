import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve
from falcon import testing
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from actors.histogram import Histogram
from actors.messages import JournalHealth
from actors.runtime import State, TreeState
from settings.secrets import StateSecrets
from tests.web.conftest import BEARER
from tests.web.house import PAPER, RUNNING, House
from trading.order_events import OrderRejected, SubmitUnknown
from trading.vocabulary import AlertId, Code, OrderId
from web.dashboard import make_app
from web.state import Word


PAGE = Path(__file__).parents[2] / "docs/monitoring.md"


def read(api: testing.TestClient) -> dict[str, float]:
    """Every sample by its line's beginning: `name{label="value",...}`."""
    lines = api.simulate_get("/metrics").text.splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def families(api: testing.TestClient) -> Iterable[Metric]:
    return text_string_to_metric_families(api.simulate_get("/metrics").text)


def test_the_line_from_alert_to_position_shows_in_every_fixed_name(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(*house.bought())
    found, labels = read(api), 'account="paper",strategy="demo"'
    assert found[f"tradingbot_orders_submitted_total{{{labels}}}"] == 1
    assert found[f"tradingbot_orders_filled_total{{{labels}}}"] == 1
    assert found['tradingbot_positions_open{account="paper"}'] == 1
    assert found['tradingbot_account_equity_dollars{account="paper"}'] == 24_999.4
    assert found['tradingbot_unrealized_pnl_dollars{account="paper"}'] == -0.6


def test_a_rejected_order_shows_with_its_code(house: House, api: testing.TestClient) -> None:
    of_order = {"order_id": OrderId("a1.paper.1"), "alert_id": AlertId("a1"), "account": PAPER}
    rejected = OrderRejected(
        at=house.clock.now(),
        code=Code.INSUFFICIENT_FUNDS,
        reason="no money",
        **of_order,  # type: ignore[arg-type]  # fields by name
    )
    house.record(*house.bought()[:4], rejected)
    labels = 'account="paper",code="INSUFFICIENT_FUNDS",strategy="demo"'
    assert read(api)[f"tradingbot_orders_rejected_total{{{labels}}}"] == 1


def test_an_order_of_unknown_fate_shows(house: House, api: testing.TestClient) -> None:
    of_order = {"order_id": OrderId("a1.paper.1"), "alert_id": AlertId("a1"), "account": PAPER}
    unknown = SubmitUnknown(at=house.clock.now(), reason="?", **of_order)  # type: ignore[arg-type]  # fields by name
    house.record(*house.bought()[:4], unknown)
    found = read(api)
    assert found['tradingbot_orders_unknown{account="paper"}'] == 1
    assert found['tradingbot_orders_working{account="paper"}'] == 1
    assert found["tradingbot_needs_you"] == 1


def test_orders_count_from_zero_before_there_is_any(api: testing.TestClient) -> None:
    found = read(api)
    assert found['tradingbot_orders_submitted_total{account="paper",strategy="demo"}'] == 0


def test_equity_is_left_out_until_the_venue_was_seen(api: testing.TestClient) -> None:
    assert 'tradingbot_account_equity_dollars{account="paper"}' not in read(api)


def test_the_latencies_are_spread_over_buckets(house: House, api: testing.TestClient) -> None:
    house.record(*house.bought())
    found, name = read(api), "tradingbot_alert_to_fill_seconds"
    assert found[f'{name}_bucket{{account="paper",le="0.01"}}'] == 0
    assert found[f'{name}_bucket{{account="paper",le="0.025"}}'] == 1
    assert found[f'{name}_bucket{{account="paper",le="+Inf"}}'] == 1
    assert found[f'{name}_sum{{account="paper"}}'] == 0.02


def test_exactly_one_state_holds(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(house.halted())
    found = read(api)
    holds = [w for w in Word if found[f'tradingbot_state{{state="{w}"}}']]
    assert holds == [Word.STOPPED]
    assert found['tradingbot_trading_state{account="paper",state="HALTED"}'] == 1
    assert found["tradingbot_stops_in_force"] == 1


def test_the_journals_health_shows(house: House, api: testing.TestClient) -> None:
    timed = Histogram().with_one(timedelta(milliseconds=4))
    house.health.publish(JournalHealth(commits=False, reason="full", head=7, commits_timed=timed))
    found = read(api)
    assert found["tradingbot_journal_commits_possible"] == found["tradingbot_ready"] == 0
    assert found["tradingbot_journal_head"] == 7
    assert found['tradingbot_journal_commit_seconds_bucket{le="0.005"}'] == 1


def test_actors_show_their_state_their_restarts_and_what_waits(
    house: House, api: testing.TestClient
) -> None:
    journal, webhook = RUNNING.children
    tired = evolve(webhook, state=State.BACKING_OFF, restarts=3)
    house.tree.publish(TreeState(ready=False, children=(journal, tired)))
    found = read(api)
    assert found['tradingbot_actor_state{actor="webhook",state="backing_off"}'] == 1
    assert found['tradingbot_actor_restarts_total{actor="webhook"}'] == 3
    assert found['tradingbot_actor_mailbox_messages{actor="webhook"}'] == 0


def test_what_waits_in_a_mailbox_shows_with_its_age(house: House) -> None:
    edge = house.edge()
    edge.mailboxes["webhook"].tell("hello")
    house.clock.advance(10**9)  # the mailbox's own clock began earlier than this
    api = testing.TestClient(make_app(edge), headers=BEARER)
    found = read(api)
    assert found['tradingbot_actor_mailbox_messages{actor="webhook"}'] == 1
    assert found['tradingbot_actor_oldest_message_seconds{actor="webhook"}'] > 1


def test_every_metric_says_what_it_is_and_has_one_type(api: testing.TestClient) -> None:
    found = list(families(api))
    assert len(found) > 30
    assert all(len(family.documentation) > 10 for family in found)
    assert all(family.type in ("counter", "gauge", "histogram") for family in found)
    assert all(f.name.startswith(("tradingbot_", "process_", "python_")) for f in found)


def test_openmetrics_is_spoken_to_those_who_ask(api: testing.TestClient) -> None:
    result = api.simulate_get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert result.headers["content-type"].startswith("application/openmetrics-text")
    assert "# UNIT tradingbot_account_equity_dollars dollars\n" in result.text
    assert result.text.endswith("# EOF\n")


def test_two_apps_in_one_process_share_no_registry(secrets: StateSecrets) -> None:
    first, second = House(secrets), House(secrets)
    first.record(*first.bought())
    clients = [testing.TestClient(make_app(h.edge()), headers=BEARER) for h in (first, second)]
    name = 'tradingbot_orders_filled_total{account="paper",strategy="demo"}'
    assert [read(client)[name] for client in clients] == [1, 0]


def test_the_page_about_monitoring_names_every_metric_and_no_other(
    api: testing.TestClient,
) -> None:
    listed = set(re.findall(r"^\| `(tradingbot_\w+)", PAGE.read_text(), re.MULTILINE))
    told = {f"{f.name}_total" if f.type == "counter" else f.name for f in families(api)}
    assert listed == {name for name in told if name.startswith("tradingbot_")}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_has_nothing_to_say(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought())
    text = api.simulate_get("/metrics").text
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
