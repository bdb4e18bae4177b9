"""Where orders of one family go in one request: all or none, and each knows what became of it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors.jobs import Job
from actors.messages import Fate, Sent
from actors.runtime.testing import ManualClock, RecordingAddress
from actors.wire import Wire
from brokers.base import OutcomeUnknownError, TurnedAwayError
from tests.actors.broker_house import House
from tests.actors.facts import AT, a_life, alert, approved, order_id, planned
from tests.actors.room import append_of
from tests.actors.venues import ScriptedVenue
from trading.order_events import OrderAccepted, OrderPlanned
from trading.vocabulary import BrokerOrderId, Code, OrderType, Side, Symbol


TIED: dict[str, Any] = {"oco_id": "together"}
TARGET = planned("t", Side.SELL, order_type=OrderType.LIMIT, limit_price=Decimal(110), **TIED)
STOP = planned("s", Side.SELL, order_type=OrderType.STOP, stop_price=Decimal(95), **TIED)
OTHER = planned("o", symbol=Symbol("MSFT"))
BOTH = f"siblings {order_id('t')} {order_id('s')}"


class Line:
    """A wire to a venue that takes siblings together, and what became of each order."""

    def __init__(self) -> None:
        self.venue = ScriptedVenue()
        self.venue.siblings_go_together = True
        self.told = RecordingAddress()
        self.wire = Wire("w", self.venue, ManualClock(AT), self.told.tell)

    def send(self, *plans: OrderPlanned) -> list[Sent]:
        self.wire.submit([Job(plan, 0, AT) for plan in plans])
        assert self.told.wait_for(lambda _: len(self.sent()) == len(plans))
        return self.sent()

    def sent(self) -> list[Sent]:
        return [m for heard in self.told.told for m in getattr(heard, "messages", ())]


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.wire.close()


def test_siblings_go_in_one_request_and_others_by_themselves(line: Line) -> None:
    sent = line.send(TARGET, OTHER, STOP)
    assert sorted(line.venue.calls) == [BOTH, f"submit {order_id('o')}"]
    assert {(s.order_id, s.fate, s.broker_order_id) for s in sent} == {
        (order_id(name), Fate.ACCEPTED, BrokerOrderId(f"V-{order_id(name)}")) for name in "tso"
    }


def test_of_siblings_each_has_the_fate_of_their_request(line: Line) -> None:
    line.venue.submit_error = OutcomeUnknownError("silence")
    sent = line.send(TARGET, STOP)
    assert {(s.order_id, s.fate) for s in sent} == {(order_id(name), Fate.UNKNOWN) for name in "ts"}


def test_what_keeps_one_back_keeps_back_its_sibling(line: Line) -> None:
    line.wire.submit([Job(TARGET, 0, AT), Job(STOP, 0, AT - timedelta(minutes=5))])
    assert line.told.wait_for(lambda _: len(line.sent()) == 2)
    assert line.venue.calls == []
    assert {(s.order_id, s.fate, s.code) for s in line.sent()} == {
        (order_id(name), Fate.NOT_SENT, Code.SEND_DEADLINE) for name in "ts"
    }


def test_a_venue_that_turns_an_order_away_by_itself_leaves_its_fate_open(line: Line) -> None:
    line.venue.submit_error = TurnedAwayError("for reasons of its own")
    sent = line.send(TARGET, STOP)
    assert {(s.order_id, s.fate) for s in sent} == {(order_id(name), Fate.UNKNOWN) for name in "ts"}


def test_where_siblings_go_one_by_one_nothing_is_sent_together(line: Line) -> None:
    line.venue.siblings_go_together = False
    line.send(TARGET, STOP)
    assert line.venue.calls == [f"submit {order_id('t')}", f"submit {order_id('s')}"]


# --- the broker's part ----------------------------------------------------------------------------


@pytest.fixture
def house() -> Iterator[House]:
    house = House(*a_life("a"))
    house.venue.siblings_go_together = True
    yield house.ready()
    house.broker.on_end(None)


def test_siblings_that_are_planned_together_leave_together(house: House) -> None:
    house.happens(alert("t"), approved("t"), alert("s"), approved("s"))
    for plan in (TARGET, STOP):
        house.room.address("journal").tell(append_of("others", house.epoch, plan))
    house.until_there_is(OrderAccepted, 2)
    assert house.venue.calls.count(BOTH) == 1


def test_one_whose_sibling_is_not_durable_yet_waits_for_it(house: House) -> None:
    house.happens(alert("t"), approved("t"), alert("s"), approved("s"))
    for plan in (TARGET, STOP):
        house.room.address("journal").tell(append_of("others", house.epoch, plan))
    house.room.run("journal")
    house.room.run("broker:paper")
    starts = house.room.address("journal").letters
    late = starts.pop()
    house.room.run()
    assert "siblings" not in " ".join(house.venue.calls)
    starts.append(late)
    house.until_there_is(OrderAccepted, 2)
    assert house.venue.calls.count(BOTH) == 1
