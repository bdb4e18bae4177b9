import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_daemon import Asked, FakeDaemon


STATUS = {
    "running": True,
    "mode": "paper",
    "state": "stopped",
    "reason": "a person stopped everything",
    "symbols": ["AAPL", "SPY"],
    "strategies": ["demo", "quiet"],
    "accounts": ["paper"],
    "started_at": "2026-11-20T14:30:00.000000Z",
    "version": "0.1.0",
    "sqlite_version": "3.45.1",
    "sign_ins": [
        {
            "account": "main",
            "state": "signed_in",
            "until": "2026-11-27T14:30:00Z",
            "seconds_left": 603000,
            "reason": "",
        },
        {
            "account": "ira",
            "state": "signed_out",
            "until": None,
            "seconds_left": 0,
            "reason": "signed out",
        },
    ],
    "needs_you": [
        {"since": "2026-11-20T15:00:00Z", "what": "halted", "meaning": "resume to trade again"}
    ],
}
POSITIONS: list[dict[str, Any]] = [
    {
        "account": "paper",
        "symbol": "AAPL",
        "quantity": "10",
        "avg_price": "187.123456789",
        "current_price": "190",
        "unrealized_pnl": "28.76543211",
        "unrealized_pnl_percent": "1.537",
        "realized_pnl": "-1234.5",
    },
    {
        "account": "paper",
        "symbol": "F",
        "quantity": "-2.5",
        "avg_price": "12",
        "current_price": None,
        "unrealized_pnl": None,
        "unrealized_pnl_percent": None,
        "realized_pnl": "0",
    },
]


def order(number: int, status: str) -> dict[str, Any]:
    return {
        "order_id": f"20261120T143000-{number:08x}.paper.1",
        "broker_order_id": f"p-{number}",
        "alert_id": f"20261120T143000-{number:08x}",
        "account": "paper",
        "strategy": "demo",
        "symbol": "AAPL",
        "side": "buy",
        "quantity": "10",
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "status": status,
        "filled_quantity": "4",
        "remaining_quantity": "6",
        "average_fill_price": "187.5",
        "error_message": None,
        "created_at": "2026-11-20T14:30:00.123456Z",
        "updated_at": "2026-11-20T14:30:00.223456Z",
        "label": "INDICATIVE",
    }


def alert(number: int) -> dict[str, Any]:
    return {
        "alert_id": f"20261120T143000-{number:08x}",
        "received_at": "2026-11-20T14:30:00.123456Z",
        "strategy": "demo",
        "symbol": "AAPL",
        "action": "buy",
        "quantity": "10",
        "price": "187.5",
        "verdict": "refused",
        "code": "CASH",
        "reason": "there is not enough free cash (free_cash 12)",
    }


def page(items: list[Any]) -> Mapping[str, Any]:
    return {"items": items, "next": None}


def pages_of(items: list[dict[str, Any]]) -> Any:
    """Answers a list page by page, as the API does."""

    def answer(asked: Asked) -> tuple[int, Mapping[str, Any]]:
        start, size = int(asked.query.get("cursor", 0)), int(asked.query["limit"])
        assert 1 <= size <= 200
        end = start + size
        return 200, {
            "items": items[start:end],
            "next": str(end) if end < len(items) else None,
        }

    return answer


def test_status_says_the_state_and_its_reason_first(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/status", STATUS)
    assert run("status").stdout == (
        "stopped: a person stopped everything\n"
        "  mode        PAPER\n"
        "  accounts    paper\n"
        "  strategies  demo, quiet\n"
        "  symbols     AAPL, SPY\n"
        "  signed in   main: until 2026-11-27 09:30:00 New York (6 d 23 h left)\n"
        "  signed in   ira: no; sign in with: python app.py auth login\n"
        "  since       2026-11-20 09:30:00 New York\n"
        "  version     0.1.0\n"
        "  needs you   2026-11-20 10:00:00  halted: resume to trade again\n"
    )


def test_positions_are_a_table(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/positions", page(POSITIONS))
    assert run("positions").stdout == (
        "account  symbol  quantity   average   price  unrealized     %   realized\n"
        "paper    AAPL          10  187.1235  190.00       28.77  1.54  -1,234.50\n"
        "paper    F           -2.5     12.00       -           -     -       0.00\n"
    )


def test_positions_by_strategy_ask_for_and_show_the_strategies(
    run: Run, daemon: FakeDaemon
) -> None:
    daemon.answers("GET", "/api/positions", page([POSITIONS[0] | {"strategy": "demo"}]))
    lines = run("positions", "--by-strategy").stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["strategy", "demo"]
    assert daemon.asked[0].query["by"] == "strategy"


def test_orders_are_a_table(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/orders", page([order(1, "PARTIALLY_FILLED")]))
    assert run("orders").stdout == (
        "placed (New York)    order                             strategy  symbol  side  type"
        "    quantity  filled  limit  stop  average  label       status            error\n"
        "2026-11-20 09:30:00  20261120T143000-00000001.paper.1  demo      AAPL    buy   market"
        "        10       4      -     -   187.50  INDICATIVE  PARTIALLY_FILLED  -\n"
    )


def test_open_orders_are_all_asked_for_however_many(run: Run, daemon: FakeDaemon) -> None:
    found = [order(n, "ACCEPTED") for n in range(75)]
    daemon.answers("GET", "/api/orders", page(found))
    assert json.loads(run("orders", "--open", "--json").stdout)["items"] == found
    assert daemon.asked[0].query["open"] == "true"


@pytest.mark.parametrize("limit", [1, 200, 201, 450, 1000])
def test_a_limit_above_a_page_is_served_from_several(
    run: Run, daemon: FakeDaemon, limit: int
) -> None:
    found = [alert(n) for n in range(450)]
    daemon.script["GET", "/api/alerts"] = pages_of(found)
    items = json.loads(run("alerts", "--limit", str(limit), "--json").stdout)["items"]
    assert items == found[:limit]


def test_alerts_are_a_table(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/alerts", page([alert(1)]))
    assert run("alerts").stdout == (
        "received (New York)  alert                     strategy  action  symbol  verdict"
        "  code  reason\n"
        "2026-11-20 09:30:00  20261120T143000-00000001  demo      buy     AAPL    refused"
        "  CASH  there is not enough free cash (free_cash 12)\n"
    )


def test_a_hostile_strategy_name_cannot_steer_the_terminal(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/alerts", page([alert(1) | {"strategy": "\x1b]0;x\x07\nfake"}]))
    out = run("alerts").stdout
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize("command", ["positions", "orders", "alerts"])
def test_nothing_to_list_is_said_on_stderr(run: Run, daemon: FakeDaemon, command: str) -> None:
    daemon.answers("GET", f"/api/{command}", page([]))
    result = run(command)
    assert (result.stdout, result.exit_code) == ("", 0)
    assert result.stderr.startswith("no ")


@pytest.mark.parametrize("command", ["status", "positions", "orders", "alerts"])
def test_json_is_what_the_api_said(run: Run, daemon: FakeDaemon, command: str) -> None:
    said = STATUS if command == "status" else page([{"a": "日本 \x1b", "b": 1.25}])
    daemon.answers("GET", f"/api/{command}", said)
    result = run(command, "--json")
    assert json.loads(result.stdout) == said
    assert result.stderr == ""


STORY = alert(1) | {
    "steps": [
        {
            "seq": 12,
            "at": "2026-11-20T14:30:00.123456Z",
            "elapsed_ms": 0,
            "event": "AlertAccepted",
            "account": None,
            "sentence": "demo asked: buy 10 AAPL at 187.5 on paper",
            "inputs": {},
        },
        {
            "seq": 13,
            "at": "2026-11-20T14:30:00.131456Z",
            "elapsed_ms": 8,
            "event": "SignalRefused",
            "account": "paper",
            "sentence": "refused, CASH: there is not enough free cash",
            "inputs": {"free_cash": "12", "cost": "1875"},
        },
    ]
}


def test_why_tells_each_step_with_its_time_and_numbers(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/alerts/20261120", STORY)
    assert run("why", "20261120").stdout == (
        "alert 20261120T143000-00000001, buy AAPL for demo, 2026-11-20 09:30:00 New York\n"
        "refused: CASH: there is not enough free cash (free_cash 12)\n"
        "\n"
        "New York                 ms  seq  account  step           in words\n"
        "2026-11-20 09:30:00.123  +0   12  -        AlertAccepted  "
        "demo asked: buy 10 AAPL at 187.5 on paper\n"
        "2026-11-20 09:30:00.131  +8   13  paper    SignalRefused  "
        "refused, CASH: there is not enough free cash\n"
        "        free_cash 12, cost 1875\n"
    )


def test_why_in_json_is_what_the_api_said(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/alerts/20261120", STORY)
    assert json.loads(run("why", "20261120", "--json").stdout) == STORY


def test_why_of_an_unknown_alert_says_so_and_fails(run: Run, daemon: FakeDaemon) -> None:
    daemon.refuses("GET", "/api/alerts/x%2F..", 404, "UNKNOWN_ALERT", "no alert begins with x/..")
    result = run("why", "x/..")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "UNKNOWN_ALERT: no alert begins with x/..\n"


BARS = [
    {
        "at": "2026-11-20T14:30:00Z",
        "symbol": "AAPL",
        "open": "187.5",
        "high": "188",
        "low": "187",
        "close": "187.75",
        "volume": "15200",
        "source": "file",
    }
]


def test_history_is_a_table_of_bars(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/history", page(BARS))
    assert run("history", "aapl", "--interval", "5m", "--from", "2026-11-20").stdout == (
        "begins (New York)      open    high     low   close  volume  source\n"
        "2026-11-20 09:30:00  187.50  188.00  187.00  187.75   15200  file\n"
    )
    assert daemon.asked[0].query == {"symbol": "aapl", "interval": "5m", "from": "2026-11-20"}


def test_history_is_json_where_that_is_asked_for(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/history", page(BARS))
    assert json.loads(run("history", "AAPL", "--json").stdout) == {"items": BARS, "next": None}
