from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from tests.journal.samples import CODEC
from trading.alert_events import AlertAccepted, AlertQuarantined, SignalHeld, SignalRead
from trading.event import Event
from trading.events import VenueLost
from trading.order_events import (
    CancelRequested,
    OrderAbandoned,
    OrderAbsent,
    OrderCancelled,
    OrderEvent,
    OrderRejected,
    SubmitUnknown,
)
from trading.vocabulary import AccountName, Action, AlertId, Code, OrderId, StrategyName, Symbol
from web.steps import inputs, sentence


AT = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
ORDER = {
    "at": AT,
    "order_id": OrderId("a1.paper.1"),
    "alert_id": AlertId("a1"),
    "account": AccountName("paper"),
}


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            OrderRejected(code=Code.VENUE_REJECTED, reason="no such symbol", **ORDER),  # type: ignore[arg-type]  # fields by name, here and below
            "the venue refused it, VENUE_REJECTED: no such symbol",
        ),
        (
            SubmitUnknown(reason="no answer in 2 s", **ORDER),  # type: ignore[arg-type]
            "no answer tells its fate; it is read back, never sent again: no answer in 2 s",
        ),
        (
            OrderAbsent(reason="the venue does not know it", **ORDER),  # type: ignore[arg-type]
            "looked for at the venue and not there: the venue does not know it",
        ),
        (
            OrderAbandoned(code=Code.SEND_DEADLINE, **ORDER),  # type: ignore[arg-type]
            "never sent, SEND_DEADLINE: the time to send it was over",
        ),
        (
            CancelRequested(code=Code.CANCELLED_FIRST, **ORDER),  # type: ignore[arg-type]
            "asked the venue to cancel it, CANCELLED_FIRST: cancelled for a newer signal",
        ),
        (OrderCancelled(**ORDER), "the venue cancelled it"),  # type: ignore[arg-type]
        (
            AlertQuarantined(
                at=AT,
                alert_id=AlertId("a1"),
                account=AccountName("paper"),
                strategy=StrategyName("demo"),
                symbol=Symbol("AAPL"),
            ),
            "quarantined: it brought down whoever decided it three times",
        ),
        (
            SignalHeld(
                at=AT,
                alert_id=AlertId("a1"),
                account=AccountName("paper"),
                strategy=StrategyName("demo"),
                symbol=Symbol("AAPL"),
                code=Code.MARKET_CLOSED,
                until=AT,
            ),
            (
                "held until 2026-01-05 09:30 New York, MARKET_CLOSED: "
                "the market is closed, or about to close"
            ),
        ),
        (
            SignalHeld(
                at=AT,
                alert_id=AlertId("a1"),
                account=AccountName("paper"),
                strategy=StrategyName("demo"),
                symbol=Symbol("AAPL"),
                code=Code.REVERSAL_NOT_FLAT,
                until=AT,
            ),
            "what it reverses is closed first; it opens then, until 2026-01-05 09:30 New York",
        ),
        (
            SignalRead(
                at=AT,
                alert_id=AlertId("a1"),
                account=AccountName("paper"),
                strategy=StrategyName("demo"),
                symbol=Symbol("AAPL"),
                before=Decimal("10.0"),
            ),
            "read by what demo held then: 10 AAPL",
        ),
        (VenueLost(at=AT, account=AccountName("paper"), reason="x"), "VenueLost"),
    ],
)
def test_every_fact_has_its_words(event: Event, words: str) -> None:
    assert sentence(event) == words


def test_an_alert_without_routes_or_quantity_is_told_as_it_was() -> None:
    alert = AlertAccepted(
        at=AT,
        alert_id=AlertId("a1"),
        strategy=StrategyName("demo"),
        routes=(),
        symbol=Symbol("AAPL"),
        action=Action.CLOSE_LONG,
    )
    assert sentence(alert) == "demo asked: close_long all AAPL, to be recorded only"


def test_the_numbers_of_a_fact_are_its_own_and_its_checks() -> None:
    gone = OrderAbandoned(code=Code.STALE, inputs={"limit": "30"}, **ORDER)  # type: ignore[arg-type]
    assert inputs(gone) == {"order_id": "a1.paper.1", "code": "STALE", "limit": "30"}


def test_numbers_are_plain_and_times_are_utc() -> None:
    alert = AlertAccepted(
        at=AT,
        alert_id=AlertId("a1"),
        strategy=StrategyName("demo"),
        routes=(AccountName("a"), AccountName("b")),
        symbol=Symbol("AAPL"),
        action=Action.BUY,
        quantity=Decimal("1E+2"),
        price=Decimal("1.50"),
        fired_at=AT,
    )
    assert inputs(alert) == {
        "strategy": "demo",
        "routes": "a, b",
        "symbol": "AAPL",
        "action": "buy",
        "quantity": "100",
        "price": "1.5",
        "order_type": "market",
        "time_in_force": "day",
        "session": "regular",
        "fired_at": "2026-01-05T14:30:00Z",
    }


GOLDEN = Path(__file__).parents[1] / "journal" / "golden_events.jsonl"


@pytest.mark.parametrize("line", GOLDEN.read_text().splitlines(), ids=lambda it: it[9:30])
def test_every_fact_of_an_orders_life_has_words(line: str) -> None:
    stored = orjson.loads(line)
    event = CODEC.decode(stored["type"], orjson.dumps(stored["body"]).decode())
    if isinstance(event, OrderEvent):
        assert sentence(event) != type(event).__name__
