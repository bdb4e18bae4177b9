"""GET /api/history: what is asked of an account's venue, and what it says."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from falcon import testing

import web.api_market
from actors.market_messages import History, ShowHistory
from actors.runtime import Address, MailboxFull
from brokers.market import Candle
from tests.trading.builders import AAPL, AT
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


class Broker(Address):
    """Answers at once."""

    def __init__(self, answer: Callable[[ShowHistory], History | None]) -> None:
        super().__init__("broker:paper")
        self.answer = answer
        self.asked: list[ShowHistory] = []

    def tell(self, message: object, **_: bool) -> None:
        assert isinstance(message, ShowHistory)
        self.asked.append(message)
        found = self.answer(message)
        if found is not None:
            message.reply.set(found)


def stands(house: House, answer: Callable[[ShowHistory], History | None]) -> Broker:
    broker = Broker(answer)
    house.mailboxes["broker:paper"] = broker
    return broker


def test_bars_are_texts_oldest_first_and_before_the_end(
    house: House, api: testing.TestClient
) -> None:
    broker = stands(house, lambda _: History(bars=(BAR,)))
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
    (message,) = broker.asked
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
    monkeypatch.setattr(web.api_market, "ANSWER_WITHIN_S", 0.01)
    stands(house, lambda _: answer)
    found = api.simulate_get("/api/history?symbol=AAPL")
    assert (found.status_code, found.json["code"]) == told


def test_a_broker_that_is_swamped_is_asked_again_later(
    house: House, api: testing.TestClient
) -> None:
    def full(_: ShowHistory) -> None:
        raise MailboxFull("broker:paper", 1)

    stands(house, full)
    assert api.simulate_get("/api/history?symbol=AAPL").json["code"] == "NO_ANSWER"
