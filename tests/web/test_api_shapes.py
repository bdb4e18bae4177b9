from decimal import Decimal

import pytest
from attrs import evolve
from falcon import testing

from actors.views import View
from settings.secrets import StateSecrets
from tests.actors.facts import difference_found
from tests.web.conftest import BEARER
from tests.web.house import PAPER, House, settings
from trading.events import Scope
from trading.order_events import OrderFilled
from trading.vocabulary import AccountName, ExecutionId, Side, StrategyName, Symbol
from web.dashboard import make_app


def test_account_has_its_fixed_fields(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought())
    earned = {
        "realized_pnl": "0",
        "realized_pnl_net": "0",
        "unrealized_pnl": "-0.6",
        "fees": "0",
        "fees_estimated": "0",
        "carry": "0",
    }
    assert api.simulate_get("/api/account").json == {
        "account_id": "paper",
        "cash": "24699.4",
        "buying_power": "24699.4",
        "equity": "24999.4",
        "margin_used": "0",
        "timestamp": "2026-01-05T14:30:00Z",
        "opening_equity": "25000",
        "flows_today": "0",
        "day_pnl": "-0.6",
        "day_realized_pnl": "0",
        "account_day_pnl": "-0.6",
        **earned,
        "rehearsal": False,
        "index": "0.999976",
        "bot_index": "0.999976",
        "drawdown_percent": "0",
        "strategies": [{"strategy": "demo", "day_pnl": "-0.6", **earned, "losing_streak": 0}],
        "external": earned | {"unrealized_pnl": "0"},
    }


def test_buying_power_is_cash_less_what_live_buys_may_take(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(*house.bought()[:3])
    found = api.simulate_get("/api/account").json
    assert (found["cash"], found["buying_power"]) == ("25000", "24694")


def test_what_is_short_keeps_what_it_brought_in_and_half_as_much(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    sold = [evolve(e, side=Side.SELL) for e in house.bought() if isinstance(e, OrderFilled)]
    house.record(*sold)
    found = api.simulate_get("/api/account").json
    worth = sold[0].quantity * sold[0].price
    assert Decimal(found["cash"]) == 25_000 + worth
    assert Decimal(found["margin_used"]) == worth / 2
    assert Decimal(found["buying_power"]) == 25_000 - worth / 2


def test_position_has_its_fixed_fields(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought())
    assert api.simulate_get("/api/positions").json == {
        "items": [
            {
                "account": "paper",
                "strategy": "demo",
                "symbol": "AAPL",
                "quantity": "2",
                "avg_price": "150.3",
                "current_price": "150",
                "unrealized_pnl": "-0.6",
                "unrealized_pnl_percent": "-0.2",
                "realized_pnl": "0",
                "realized_pnl_net": "0",
                "fees": "0",
                "fees_estimated": "0",
                "carry": "0",
                "day_pnl": "-0.6",
                "price_at": "2026-01-05T14:30:00Z",
                "price_source": "alert",
            }
        ],
        "next": None,
    }


def test_positions_net_by_account_and_split_by_strategy(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(*house.bought("a1"), *house.bought("a2", strategy=StrategyName("other")))
    (net,) = api.simulate_get("/api/positions").json["items"]
    assert (net["strategy"], net["quantity"]) == (None, "4")
    split = api.simulate_get("/api/positions?by=strategy").json["items"]
    assert [(p["strategy"], p["quantity"]) for p in split] == [("demo", "2"), ("other", "2")]


def test_order_has_its_fixed_fields(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought())
    expected = {
        "order_id": "a1.paper.1",
        "broker_order_id": "P-1",
        "alert_id": "a1",
        "account": "paper",
        "strategy": "demo",
        "symbol": "AAPL",
        "side": "buy",
        "quantity": "2",
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "status": "FILLED",
        "filled_quantity": "2",
        "remaining_quantity": "0",
        "average_fill_price": "150.3",
        "error_message": None,
        "created_at": "2026-01-05T14:30:00.003000Z",
        "updated_at": "2026-01-05T14:30:00.020000Z",
        "label": "INDICATIVE",
    }
    assert api.simulate_get("/api/orders").json == {"items": [expected], "next": None}
    assert api.simulate_get("/api/orders/a1.paper.1").json == expected


def test_open_orders_are_those_that_may_still_fill(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought("done"), *house.bought("open")[:3])
    (found,) = api.simulate_get("/api/orders?open=true").json["items"]
    assert found["order_id"] == "open.paper.1"


def test_status_has_its_fields(house: House, api: testing.TestClient) -> None:
    house.connect()
    assert api.simulate_get("/api/status").json == {
        "running": True,
        "mode": "paper",
        "state": "first_run",
        "reason": "ready; no alert has ever come in",
        "symbols": [],
        "strategies": ["demo"],
        "accounts": ["paper"],
        "rehearsal": [],
        "started_at": "2026-01-05T14:30:00Z",
        "version": "0.1.0",
        "sqlite_version": "3.51.3",
        "sign_ins": [],
        "needs_you": [],
    }


def test_risk_shows_what_venue_and_books_say_differently(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(difference_found(venue=12, ours=10))
    (account,) = api.simulate_get("/api/risk").json["accounts"]
    assert account["differences"] == [
        {
            "kind": "position",
            "symbol": "AAPL",
            "order_id": None,
            "ours": "10",
            "venue": "12",
            "residual": "2",
            "since": "2026-01-05T14:29:30Z",
        }
    ]


def test_risk_shows_limits_and_what_is_used_of_them(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought(), house.halted(scope=Scope(symbol=Symbol("TSLA"))))
    found = api.simulate_get("/api/risk").json
    assert found["state"] == "HALTED"
    assert found["stops"] == [
        {
            "scope": "symbol TSLA",
            "account": None,
            "strategy": None,
            "symbol": "TSLA",
            "state": "HALTED",
            "code": "OPERATOR",
            "reason": "lunch",
            "by": "me",
            "at": "2026-01-05T14:30:00Z",
            "generation": 1,
        }
    ]
    assert found["accounts"] == [
        {
            "account": "paper",
            "state": "ACTIVE",
            "day_pnl": "-0.6",
            "differences": [],
            "limits": [
                {"name": "max_daily_loss", "limit": "500", "used": "0.6", "scope": "account"},
                {"name": "max_total_exposure", "limit": "12500", "used": "300", "scope": "account"},
                {"name": "max_order_value", "limit": "2500", "used": None, "scope": "order"},
                {"name": "max_position_value", "limit": "5000", "used": "300", "scope": "AAPL"},
                {"name": "max_position_size", "limit": "500", "used": "2", "scope": "AAPL"},
            ],
        }
    ]


def test_actors_are_listed_in_start_order(api: testing.TestClient) -> None:
    items = api.simulate_get("/api/actors").json["items"]
    assert [item["name"] for item in items] == ["journal", "webhook"]
    assert items[0] == {
        "name": "journal",
        "state": "running",
        "incarnation": 1,
        "restarts": 0,
        "last_error": None,
        "since": "2026-01-05T14:30:00Z",
        "missed_probes": 0,
        "mailbox": 0,
        "oldest_message_s": 0.0,
        "history": [],
    }


# --- several accounts -----------------------------------------------------------------------------


@pytest.fixture
def two(secrets: StateSecrets) -> tuple[House, testing.TestClient]:
    house = House(secrets, settings("paper", "second"))
    house.connect()
    house.connect(AccountName("second"))
    return house, testing.TestClient(make_app(house.edge()), headers=BEARER)


def test_with_several_accounts_the_answer_is_a_list_until_one_is_named(
    two: tuple[House, testing.TestClient],
) -> None:
    _, api = two
    both = api.simulate_get("/api/account").json
    assert [a["account_id"] for a in both["items"]] == ["paper", "second"]
    assert both["next"] is None
    assert api.simulate_get("/api/account?account=second").json["account_id"] == "second"


@pytest.mark.parametrize("path", ["account", "positions", "orders", "alerts", "risk"])
def test_an_unknown_account_is_not_found(path: str, api: testing.TestClient) -> None:
    found = api.simulate_get(f"/api/{path}?account=nobody")
    assert (found.status_code, found.json["code"]) == (404, "UNKNOWN_ACCOUNT")


def test_lists_can_be_narrowed_to_an_account(two: tuple[House, testing.TestClient]) -> None:
    house, api = two
    house.record(*house.bought(), house.alert("other", routes=(AccountName("second"),)))
    alerts = api.simulate_get("/api/alerts?account=second").json["items"]
    assert [a["alert_id"] for a in alerts] == ["other", "a1"]
    house.record(house.alert("first only", routes=(PAPER,)))
    assert api.simulate_get("/api/alerts?account=second").json["items"] == alerts
    assert api.simulate_get("/api/orders?account=second").json["items"] == []
    assert len(api.simulate_get("/api/orders?account=paper").json["items"]) == 1


def test_before_the_accounts_are_read_there_is_no_money_to_tell(
    house: House, api: testing.TestClient
) -> None:
    house.view.publish(View())
    found = api.simulate_get("/api/account")
    assert (found.status_code, found.json["code"]) == (503, "STARTING")


def test_an_account_never_seen_by_its_venue_has_unknown_money(api: testing.TestClient) -> None:
    found = api.simulate_get("/api/account").json
    assert (found["cash"], found["buying_power"], found["equity"]) == (None, None, None)


def test_a_closed_position_is_none(house: House, api: testing.TestClient) -> None:
    house.connect()
    *_, fill = house.bought()
    assert isinstance(fill, OrderFilled)
    back = evolve(fill, side=Side.SELL, execution_id=ExecutionId("X-2"), price=Decimal(151))
    house.record(fill, back)
    assert api.simulate_get("/api/positions").json["items"] == []
    assert api.simulate_get("/api/account").json["cash"] == "25001.4"


@pytest.mark.parametrize("query", ["positions?by=symbol", "orders?open=maybe", "alerts?limit=201"])
def test_a_parameter_that_means_nothing_is_refused(query: str, api: testing.TestClient) -> None:
    found = api.simulate_get(f"/api/{query}")
    assert (found.status_code, found.json["code"]) == (400, "INVALID_PARAMETER")


def test_a_short_position_is_counted_as_one(house: House, api: testing.TestClient) -> None:
    house.connect()
    *_, fill = house.bought()
    assert isinstance(fill, OrderFilled)
    house.record(evolve(fill, side=Side.SELL))
    (short,) = api.simulate_get("/api/positions").json["items"]
    assert (short["quantity"], short["avg_price"], short["unrealized_pnl"]) == ("-2", "150.3", "0")
    limits = api.simulate_get("/api/risk").json["accounts"][0]["limits"]
    assert limits[-1] == {
        "name": "max_position_size",
        "limit": "500",
        "used": "2",
        "scope": "AAPL",
    }
