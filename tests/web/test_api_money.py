"""What the API tells of money: what is external, what was earned and by whom, the equity curve."""

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from falcon import testing

from settings.secrets import StateSecrets
from tests.web.conftest import BEARER
from tests.web.house import DEMO, PAPER, House, settings
from trading.bookings import (
    Booking,
    CashFlow,
    EquityMarked,
    ExternalTraded,
    SharesTransferred,
)
from trading.order_events import OrderFilled
from trading.vocabulary import (
    AccountName,
    BookingId,
    ExecutionId,
    FlowKind,
    Side,
    StrategyName,
    Symbol,
)
from web.dashboard import make_app


AAPL = Symbol("AAPL")
OTHER = StrategyName("other")


def booked(house: House, kind: type[Booking], name: str = "t1", /, **more: Any) -> Booking:
    return kind(at=house.clock.now(), account=PAPER, booking_id=BookingId(name), **more)


def came(house: House, quantity: int, price: int = 140) -> Booking:
    return booked(
        house, SharesTransferred, symbol=AAPL, quantity=Decimal(quantity), price=Decimal(price)
    )


# --- positions ------------------------------------------------------------------------------------


def test_the_accounts_net_counts_what_is_external(house: House, api: testing.TestClient) -> None:
    """2 of ours at 150.30 and 3 external at 140: 5, which cost 720.60 together."""
    house.connect()
    house.record(*house.bought(), came(house, 3))
    (net,) = api.simulate_get("/api/positions").json["items"]
    assert (net["strategy"], net["quantity"], net["avg_price"]) == (None, "5", "144.12")


def test_by_strategy_external_is_a_row_of_its_own(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(*house.bought(), *house.bought("a2", strategy=OTHER), came(house, 3))
    rows = api.simulate_get("/api/positions?by=strategy").json["items"]
    assert [(r["strategy"], r["quantity"]) for r in rows] == [
        ("demo", "2"),
        ("other", "2"),
        ("external", "3"),
    ]


def test_what_is_external_alone_is_named_so(house: House, api: testing.TestClient) -> None:
    house.connect()
    house.record(came(house, 3))
    (net,) = api.simulate_get("/api/positions").json["items"]
    assert (net["strategy"], net["quantity"]) == ("external", "3")
    assert api.simulate_get("/api/status").json["symbols"] == ["AAPL"]


def test_a_position_names_its_price_with_source_and_instant(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    house.record(*house.bought())
    (row,) = api.simulate_get("/api/positions").json["items"]
    assert (row["price_source"], row["price_at"]) == ("alert", "2026-01-05T14:30:00Z")


def test_a_positions_fees_and_its_day_stand_beside_it(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    *before, fill = house.bought()
    assert isinstance(fill, OrderFilled)
    house.record(*before, evolve(fill, fee=Decimal("0.05"), is_fee_estimated=True))
    (row,) = api.simulate_get("/api/positions").json["items"]
    names = ("fees", "fees_estimated", "realized_pnl", "realized_pnl_net", "day_pnl", "carry")
    assert [row[n] for n in names] == ["0.05", "0.05", "0", "-0.05", "-0.65", "0"]


# --- the account ----------------------------------------------------------------------------------


def test_an_account_tells_what_was_earned_and_by_whom(
    house: House, api: testing.TestClient
) -> None:
    """DEMO sells 2 of 150.30 at 151.30: +2. By hand 3 external of 140 go at 139: -3.

    cash      25,000 - 300.60 + 302.60 + 417 = 25,419; in came shares worth 420
    """
    house.connect()
    *_, fill = house.bought()
    assert isinstance(fill, OrderFilled)
    sold = evolve(fill, side=Side.SELL, execution_id=ExecutionId("X-2"), price=Decimal("151.30"))
    by_hand = booked(
        house,
        ExternalTraded,
        "t2",
        execution_id=ExecutionId("F1"),
        symbol=AAPL,
        side=Side.SELL,
        quantity=Decimal(3),
        price=Decimal(139),
        executed_at=house.clock.now(),
    )
    house.record(came(house, 3), fill, sold, by_hand)
    found = api.simulate_get("/api/account").json
    assert (found["cash"], found["equity"]) == ("25419", "25419")
    assert (found["day_pnl"], found["day_realized_pnl"], found["account_day_pnl"]) == (
        "2",
        "2",
        "-1",
    )
    assert (found["realized_pnl"], found["unrealized_pnl"], found["flows_today"]) == (
        "-1",
        "0",
        "420",
    )
    (demo,) = found["strategies"]
    assert (demo["strategy"], demo["realized_pnl"], demo["losing_streak"]) == ("demo", "2", 0)
    assert found["external"]["realized_pnl"] == "-3"


def test_an_accounts_indices_leave_flows_out(house: House, api: testing.TestClient) -> None:
    """10 AAPL bought at 150 and worth 200: 25,500, an index of 1.02. Then money comes."""
    house.connect()
    house.record(*house.bought(quantity=Decimal(10), price=Decimal(150)))
    house.record(house.alert("a2", price=Decimal("175.30")))
    deposit = booked(house, CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(10_000))
    house.record(deposit)
    found = api.simulate_get("/api/account").json
    assert (found["equity"], found["index"], found["bot_index"]) == ("35250", "1.01", "1.01")
    house.clock.advance(86_400)
    house.record(house.alert("a3", price=Decimal(150)))
    found = api.simulate_get("/api/account").json
    assert found["opening_equity"] == "35250"
    assert found["drawdown_percent"] == "0.72"


def test_before_its_venue_was_seen_an_account_has_earned_nothing(api: testing.TestClient) -> None:
    found = api.simulate_get("/api/account").json
    assert (found["realized_pnl"], found["index"], found["strategies"]) == ("0", "1", [])


# --- the equity curve -----------------------------------------------------------------------------


def mark(house: House, equity: int, account: AccountName = PAPER) -> EquityMarked:
    house.clock.advance(60)
    return EquityMarked(
        at=house.clock.now(),
        account=account,
        equity=Decimal(equity),
        index=Decimal("1.5"),
        bot_index=Decimal("1.25"),
    )


def test_the_equity_curve_is_told_newest_first(house: House, api: testing.TestClient) -> None:
    house.record(mark(house, 25_000), mark(house, 25_100))
    found = api.simulate_get("/api/equity").json
    assert found["next"] is None
    assert [m["equity"] for m in found["items"]] == ["25100", "25000"]
    assert found["items"][1] == {
        "account": "paper",
        "at": "2026-01-05T14:31:00Z",
        "equity": "25000",
        "index": "1.5",
        "bot_index": "1.25",
    }


def test_the_equity_curve_is_told_in_pages(house: House, api: testing.TestClient) -> None:
    house.record(*(mark(house, n) for n in range(5)))
    first = api.simulate_get("/api/equity?limit=3").json
    rest = api.simulate_get(f"/api/equity?limit=3&cursor={first['next']}").json
    assert [m["equity"] for m in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]


def test_the_equity_curve_of_one_account(secrets: StateSecrets) -> None:
    house = House(secrets, settings("paper", "second"))
    api = testing.TestClient(make_app(house.edge()), headers=BEARER)
    house.record(mark(house, 1), mark(house, 2, AccountName("second")))
    found = api.simulate_get("/api/equity?account=second").json["items"]
    assert [m["equity"] for m in found] == ["2"]
    assert api.simulate_get("/api/equity?account=nobody").status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "cursor=!"])
def test_a_page_that_means_nothing_is_refused(query: str, api: testing.TestClient) -> None:
    assert api.simulate_get(f"/api/equity?{query}").status_code == 400


def test_the_page_shows_what_is_external_and_what_was_earned(browser: Any, house: House) -> None:
    house.connect()
    house.record(*house.bought(), came(house, 3))
    browser.sign_in()
    page = browser.get("/").text
    assert 'data-label="Strategy">external<' in page
    assert "Realised, net" in page
    assert DEMO in page
