"""GET /api/history: what is asked of an account's venue, and what it says."""

from datetime import timedelta
from decimal import Decimal

import pytest
from falcon import testing

import web.of_broker
from actors.market_messages import History, ShowHistory
from brokers.market import Candle
from tests.trading.builders import AAPL, AT
from tests.web.brokers import stands_in
from tests.web.house import House


BAR = Candle(
    symbol=AAPL,
    at=AT,
    length=timedelta(minutes=5),
    source="file",
    open=Decimal("10.50"),
    high=Decimal(12),
    low=Decimal(10),
    close=Decimal(11),
)


def test_bars_are_texts_oldest_first_and_before_the_end(
    house: House, api: testing.TestClient
) -> None:
    broker = stands_in(house, History(bars=(BAR,)))
    asked = "symbol=aapl&interval=5m&from=2026-03-02&to=2026-03-03T00:00:00-05:00"
    found = api.simulate_get(f"/api/history?{asked}").json
    assert found["items"] == [
        {
            "at": "2026-03-02T15:00:00Z",
            "symbol": "AAPL",
            "open": "10.5",
            "high": "12",
            "low": "10",
            "close": "11",
            "volume": None,
            "source": "file",
        }
    ]
    message = broker.asked[0]
    assert isinstance(message, ShowHistory)
    assert (message.symbol, message.length) == (AAPL, timedelta(minutes=5))
    assert message.since.isoformat() == "2026-03-02T00:00:00+00:00"
    assert api.simulate_get("/api/history?symbol=AAPL&to=2026-03-02").json["items"] == []


def test_every_fault_of_a_question_is_named(api: testing.TestClient) -> None:
    found = api.simulate_get("/api/history?symbol=1!&interval=2m&from=x&to=y")
    assert found.status_code == 400
    assert [error["place"] for error in found.json["errors"]] == [
        "symbol",
        "interval",
        "to",
        "from",
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (History(not_offered="no file"), (409, "NOT_OFFERED")),
        (History(failed="disk"), (503, "VENUE_FAILED")),
        (None, (503, "NO_ANSWER")),
    ],
)
def test_a_venue_without_an_answer_says_why(
    house: House,
    api: testing.TestClient,
    monkeypatch: pytest.MonkeyPatch,
    answer: History | None,
    told: tuple[int, str],
) -> None:
    monkeypatch.setattr(web.of_broker, "ANSWER_WITHIN_S", 0.01)
    stands_in(house, answer)
    found = api.simulate_get("/api/history?symbol=AAPL")
    assert (found.status_code, found.json["code"]) == told
