"""What brings its actor down three times is left alone from then on."""

from collections.abc import Hashable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from actors.broker import BrokerActor
from actors.messages import Answer, Receive
from actors.read_model import new_model
from actors.risk import RiskActor
from actors.runtime import Birth, ThreadReply
from actors.webhook import Desk, WebhookActor
from settings.secrets import Secret
from tests.actors.facts import AT, OPENED, PAPER, READY, alert, approved, order_id, planned
from tests.actors.room import DEMO, ORPHAN, Room
from tests.actors.venues import ScriptedVenue
from trading.alert_events import AlertAccepted, AlertQuarantined
from trading.alerts import Sender
from trading.decisions import decide
from trading.event import Event
from trading.events import CommandQuarantined, VenueReady
from trading.last_gate import before_submit
from trading.masking import Mask
from trading.order_events import OrderAbandoned, OrderPlanned, SubmitStarted
from trading.vocabulary import Action, Code, StrategyName


BODY = b'{"strategy": "demo", "ticker": "AAPL", "action": "buy", "quantity": 1}'
RULES = {StrategyName("demo"): DEMO}


def after_deaths(room: Room, name: str, thing: Hashable, deaths: int) -> Birth:
    return evolve(room.birth(name, deaths + 1), deaths={thing: deaths})


def journal(*past: Event) -> Room:
    room = Room()
    room.commit(OPENED, *past)
    room.journal()
    return room


# --- alerts -------------------------------------------------------------------------------------


def risk(room: Room, deaths: int) -> RiskActor:
    return RiskActor(
        after_deaths(room, "risk:paper", "bad", deaths),
        journal=room.address("journal"),
        reader=room.reader,
        account=PAPER,
        broker=room.address("broker:paper"),
        alarms=room.timers,
        rules=RULES,
        orphan=ORPHAN,
    )


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """One alert that nobody survives deciding."""

    def dies(desk: Any, alert: AlertAccepted, *rest: Any) -> Any:
        if alert.alert_id == "bad":
            raise ValueError("boom")
        return decide(desk, alert, *rest)

    monkeypatch.setattr("actors.risk.decide", dies)


@pytest.mark.usefixtures("poisoned")
def test_the_alert_in_hand_is_named_when_its_actor_dies() -> None:
    room = journal(READY, alert("good"), alert("bad"))
    actor = risk(room, deaths=2)
    with pytest.raises(ValueError, match="boom"):
        room.begin(actor)
    assert actor._port.in_hand == "bad"


@pytest.mark.usefixtures("poisoned")
def test_after_three_deaths_the_alert_is_quarantined_and_the_others_are_decided() -> None:
    room = journal(READY, alert("bad", Action.SELL), alert("good"))
    room.begin(risk(room, deaths=3))
    (fact,) = room.events(AlertQuarantined)
    assert (fact.alert_id, fact.is_exit) == ("bad", True)
    assert [plan.alert_id for plan in room.events(OrderPlanned)] == ["good"]


@pytest.mark.usefixtures("poisoned")
def test_a_quarantined_alert_is_not_taken_in_hand_again() -> None:
    room = journal(READY, alert("bad"))
    room.begin(risk(room, deaths=3))
    room.end("risk:paper")
    room.begin(risk(room, deaths=0))
    assert len(room.events(AlertQuarantined)) == 1


def test_nothing_is_in_hand_when_a_decision_is_made() -> None:
    room = journal(READY, alert("good"))
    actor = room.begin(risk(room, deaths=0))
    assert actor._port.in_hand is None


# --- orders -------------------------------------------------------------------------------------


@pytest.fixture
def broken_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """One order that nobody survives looking at."""

    def dies(desk: Any, order: Any, *rest: Any) -> Any:
        if order.plan.order_id == order_id("bad"):
            raise ValueError("boom")
        return before_submit(desk, order, *rest)

    monkeypatch.setattr("actors.broker.before_submit", dies)


@pytest.fixture
def sending() -> Iterator[Room]:
    past = (e for name in ("bad", "good") for e in (alert(name), approved(name), planned(name)))
    room = journal(*past)
    yield room
    if "broker:paper" in room.actors:
        room.end("broker:paper")


def broker(room: Room, deaths: int) -> None:
    room.begin(
        BrokerActor(
            after_deaths(room, "broker:paper", order_id("bad"), deaths),
            journal=room.address("journal"),
            reader=room.reader,
            account=PAPER,
            make_venue=ScriptedVenue,
            alarms=room.timers,
            rules=RULES,
            orphan=ORPHAN,
        )
    )


@pytest.mark.usefixtures("broken_gate")
def test_a_planned_order_that_kills_its_broker_is_abandoned_and_the_others_leave(
    sending: Room,
) -> None:
    broker(sending, deaths=3)
    sending.until(lambda: bool(sending.events(VenueReady)), "broker:paper")
    sending.until(lambda: bool(sending.events(SubmitStarted)), "broker:paper")
    (fact,) = sending.events(OrderAbandoned)
    assert (fact.order_id, fact.code) == (order_id("bad"), Code.QUARANTINED)
    assert [s.order_id for s in sending.events(SubmitStarted)] == [order_id("good")]


@pytest.mark.usefixtures("broken_gate")
def test_before_that_it_kills_its_broker_with_the_order_in_hand(sending: Room) -> None:
    def begin_and_connect() -> None:
        broker(sending, deaths=2)
        sending.until(lambda: False, "broker:paper")

    with pytest.raises(ValueError, match="boom"):
        begin_and_connect()
    assert sending.actors["broker:paper"]._port.in_hand == order_id("bad")


# --- requests -----------------------------------------------------------------------------------


def webhook(room: Room, deaths: int) -> WebhookActor:
    desk = Desk(accounts=(PAPER,), sender=Sender(), id_is_unique=False)
    return room.begin(
        WebhookActor(
            after_deaths(room, "webhook", BODY, deaths),
            journal=room.address("journal"),
            reader=room.reader,
            strategies={StrategyName("demo"): desk},
            secret=Secret("common-secret-0123456789"),
            mask=Mask(),
            rate_per_minute=None,
            dedup_window=timedelta(seconds=45),
        )
    )


def ask(room: Room, body: bytes = BODY) -> Answer:
    reply = ThreadReply[Answer]()
    request = Receive(
        id=f"alert-{room.clock.now()}-{len(body)}",
        at=AT,
        body=body,
        token="common-secret-0123456789",
        address="192.0.2.1",
        reply=reply,
    )
    room.address("webhook").tell(request)
    room.run()
    return reply.wait(0)


def test_a_request_is_in_hand_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_: bytes) -> Any:
        raise ValueError("boom")

    room = journal()
    actor = webhook(room, deaths=0)
    monkeypatch.setattr("actors.webhook.read", dies)
    with pytest.raises(ValueError, match="boom"):
        ask(room)
    assert actor._port.in_hand == BODY


def test_a_deadly_request_is_answered_unread_and_written_once() -> None:
    room = journal()
    webhook(room, deaths=3)
    for _ in range(2):
        answer = ask(room)
        assert (answer.status, answer.body["status"]) == (400, "quarantined")
    (fact,) = room.events(CommandQuarantined)
    assert fact.actor == "webhook"
    assert "70 bytes" in fact.what
    assert room.events(AlertAccepted) == []


def test_other_requests_pass() -> None:
    room = journal()
    actor = webhook(room, deaths=3)
    assert ask(room, BODY + b" ").status == 200
    assert actor._port.in_hand is None


def test_the_page_says_what_is_not_read_any_more() -> None:
    model = new_model((PAPER,))
    model.fold(CommandQuarantined(at=AT, actor="webhook", what="a request of 70 bytes"))
    (item,) = model.view(1, AT).needs_you
    assert item.what.startswith("webhook died three times of a request of 70 bytes")
