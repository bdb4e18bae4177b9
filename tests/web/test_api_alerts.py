from falcon import testing

from tests.web.house import DEMO, PAPER, House
from trading.alert_events import AlertUnreadable, SignalRefused
from trading.vocabulary import (
    AlertId,
    Code,
)


def test_alert_has_its_fixed_fields(house: House, api: testing.TestClient) -> None:
    alert = house.alert()
    house.record(
        alert,
        SignalRefused(
            at=alert.at,
            alert_id=alert.alert_id,
            account=PAPER,
            strategy=DEMO,
            symbol=alert.symbol,
            code=Code.CASH,
            inputs={"free_cash": "12"},
        ),
    )
    assert api.simulate_get("/api/alerts").json["items"] == [
        {
            "alert_id": "a1",
            "received_at": "2026-01-05T14:30:00Z",
            "strategy": "demo",
            "symbol": "AAPL",
            "action": "buy",
            "quantity": "2",
            "price": "150",
            "origin": "webhook",
            "verdict": "refused",
            "code": "CASH",
            "reason": "there is not enough free cash (free_cash 12)",
            "decisions": [
                {
                    "account": "paper",
                    "verdict": "refused",
                    "code": "CASH",
                    "inputs": {"free_cash": "12"},
                    "order_id": None,
                }
            ],
        }
    ]


def test_why_tells_each_step_with_its_numbers(house: House, api: testing.TestClient) -> None:
    house.record(*house.bought())
    told = api.simulate_get("/api/alerts/a1").json["steps"]
    assert [(s["seq"], s["elapsed_ms"], s["event"], s["sentence"]) for s in told] == [
        (1, 0, "AlertAccepted", "demo asked: buy 2 AAPL at 150 on paper"),
        (2, 3, "SignalApproved", "1 checks passed"),
        (3, 3, "OrderPlanned", "order planned: buy 2 AAPL market, entry"),
        (4, 3, "SubmitStarted", "sent to the venue"),
        (5, 20, "OrderAccepted", "the venue has the order as P-1"),
        (6, 20, "OrderFilled", "filled: buy 2 AAPL at 150.3, INDICATIVE"),
    ]
    assert told[1]["inputs"]["free_cash"] == "25000"
    assert told[1]["account"] == "paper"


def test_a_unique_beginning_of_an_alert_id_will_do(house: House, api: testing.TestClient) -> None:
    house.record(house.alert("20260105T143000-aa"), house.alert("20260105T143000-ab"))
    assert api.simulate_get("/api/alerts/20260105T143000-ab").json["alert_id"][-1] == "b"
    assert api.simulate_get("/api/alerts/20260105T143000-a").json["code"] == "AMBIGUOUS_ID"
    assert api.simulate_get("/api/alerts/2027").json["code"] == "UNKNOWN_ALERT"


def test_an_unreadable_alert_shows_its_faults(house: House, api: testing.TestClient) -> None:
    house.record(
        AlertUnreadable(
            at=house.clock.now(),
            alert_id=AlertId("bad"),
            strategy=None,
            faults=("action: is required",),
            body="{}",
        )
    )
    found = api.simulate_get("/api/alerts/bad").json
    assert (found["verdict"], found["reason"]) == ("rejected", "action: is required")
    assert found["steps"][0]["sentence"] == "the alert could not be read: action: is required"
