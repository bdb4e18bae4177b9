"""What a look at a venue brings that paper never does: ids unknown, orders gone, errors."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.reconciled_account import BUSY
from brokers.base import Execution, Transaction, UnreachableError, VenueStatus
from tests.actors.broker_house import House, at_the_venue, execution
from tests.actors.facts import AAPL, AT, order_id
from trading.bookings import CashFlow, ExternalTraded
from trading.differences import (
    AccountReconciled,
    DifferenceExplained,
    DifferenceFound,
    DifferenceKind,
)
from trading.events import AccountOpened, Healed, Tripped, VenueFailed, VenueReady
from trading.order_events import OrderAccepted, OrderCancelled, OrderFilled
from trading.vocabulary import BrokerOrderId, Code, ExecutionId, OrderStatus, Side, TradingState


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.broker.on_end(None)


def look(house: House, seconds: float = 31) -> None:
    """Time enough for a look, and all that it brings."""
    house.room.advance(seconds)
    house.quiet()
    house.quiet()


def foreign(number: str = "9", broker_order_id: str = "B-9") -> Execution:
    return Execution(
        execution_id=ExecutionId(f"E-{number}"),
        broker_order_id=BrokerOrderId(broker_order_id),
        order_id=None,
        symbol=AAPL,
        side=Side.BUY,
        quantity=Decimal(10),
        price=Decimal(100),
        executed_at=AT,
    )


def accepted(house: House, name: str = "a") -> None:
    """An order that works at the venue."""
    house.venue.orders[order_id(name)] = at_the_venue(name)
    house.plan(name)
    house.until_there_is(OrderAccepted)
    house.quiet()


# --- at the start ---------------------------------------------------------------------------------


def test_it_is_not_ready_before_a_look_has_succeeded(house: House) -> None:
    house.venue.look_errors = [UnreachableError("away"), UnreachableError("away")]
    house.begin()
    look(house, 0.1)
    look(house, 1.1)
    assert house.room.events(VenueReady) == []
    look(house, 2.1)
    house.until_there_is(VenueReady)
    assert len(house.room.events(AccountReconciled)) == 1
    assert house.room.events(VenueFailed) == []


def test_an_account_that_is_not_seen_for_half_a_minute_is_not_entered_until_it_is(
    house: House,
) -> None:
    house.ready()
    house.venue.look_errors = [UnreachableError("busy")] * 8
    look(house)
    look(house, 20)
    assert house.room.events(Tripped) == []
    for _ in range(5):
        look(house, 5)
    (tripped,) = house.room.events(Tripped)
    assert (tripped.code, tripped.state) == (Code.VENUE_SILENT, TradingState.REDUCING)
    assert tripped.inputs["because"] == "busy"
    assert int(tripped.inputs["seconds"]) >= 30
    house.venue.look_errors = []
    look(house)
    (healed,) = house.room.events(Healed)
    assert (healed.code, healed.generation) == (tripped.code, tripped.generation)
    look(house)
    assert len(house.room.events(Tripped)) == len(house.room.events(Healed)) == 1


def test_a_failed_look_concludes_nothing(house: House) -> None:
    house.ready()
    house.venue.held = {AAPL: Decimal(5)}
    house.venue.look_errors = [UnreachableError("away")]
    look(house)
    assert house.broker._doubts == {}


def test_an_account_that_is_seen_for_the_first_time_is_opened_with_what_it_holds() -> None:
    house = first_sight()
    house.venue.held = {AAPL: Decimal(7)}
    house.venue.foreign = [foreign()]
    house.ready()
    (opened,) = house.room.events(AccountOpened)
    assert {h.symbol: h.quantity for h in opened.positions} == {AAPL: 7}
    look(house)
    assert house.room.events(ExternalTraded) == []
    house.broker.on_end(None)


def first_sight() -> House:
    """Without an opening: nothing was ever known of the account."""
    house = House.__new__(House)
    house.start()
    return house


# --- whose it is ----------------------------------------------------------------------------------


def test_an_order_is_known_by_the_venues_id_too(house: House) -> None:
    house.venue.knows_our_ids = False
    house.ready()
    accepted(house)
    house.venue.held = {AAPL: Decimal(10)}
    house.venue.foreign = [foreign(broker_order_id=f"V-{order_id('a')}")]
    look(house)
    assert len(house.room.events(OrderFilled)) == 1
    look(house)
    assert house.room.events(ExternalTraded) == []


def test_what_may_be_ours_is_left_alone_until_it_is_known(house: House) -> None:
    house.venue.knows_our_ids = False
    house.venue.hang = True
    house.ready()
    house.plan("a")
    house.quiet()  # it has left, and within its time
    house.venue.foreign = [foreign()]
    look(house)
    assert house.room.events(ExternalTraded) == []


def test_an_execution_that_nobody_asked_for_is_looked_into_at_once(house: House) -> None:
    house.ready()
    house.venue.foreign = [foreign()]
    house.reported(foreign())
    look(house, 1.1)
    assert len(house.room.events(ExternalTraded)) == 1


def test_a_fill_of_an_order_that_has_ended_is_known(house: House) -> None:
    house.ready()
    accepted(house)
    house.reported(execution("a"))
    house.venue.orders[order_id("a")] = at_the_venue("a", VenueStatus.FILLED, execution("a"))
    house.venue.held, house.venue.cash = {AAPL: Decimal(10)}, Decimal(24_000)
    look(house)
    house.broker.on_end(None)
    house.ready(incarnation=2)
    look(house)
    assert len(house.room.events(OrderFilled)) == 1
    assert house.broker._doubts == {}


def test_a_busy_account_is_looked_at_in_calmer_times(house: House) -> None:
    house.ready()
    accepted(house)
    looks = len(house.venue.looks)
    for _ in range(BUSY + 1):
        house.reported(execution("a"))
    look(house)
    assert len(house.venue.looks) == looks
    look(house)
    assert len(house.venue.looks) > looks


# --- orders ---------------------------------------------------------------------------------------


def test_an_end_that_was_not_reported_is_found(house: House) -> None:
    house.ready()
    accepted(house)
    house.venue.orders[order_id("a")] = at_the_venue("a", VenueStatus.CANCELLED)
    look(house)
    assert len(house.room.events(OrderCancelled)) == 1


def test_an_order_that_is_gone_is_a_difference_and_no_verdict(house: House) -> None:
    house.ready()
    accepted(house)
    gone = house.venue.orders.pop(order_id("a"))
    for _ in range(14):
        look(house, 11)
    (found,) = house.room.events(DifferenceFound)
    assert (found.kind, found.order_id) == (DifferenceKind.ORDER, order_id("a"))
    assert house.order("a").status is OrderStatus.PENDING_CANCEL  # its symbol is stopped
    house.venue.orders[order_id("a")] = gone
    for _ in range(3):
        look(house, 11)
    assert len(house.room.events(DifferenceExplained)) == 1


# --- money ----------------------------------------------------------------------------------------


def test_a_transaction_is_booked_once(house: House) -> None:
    house.ready()
    house.venue.cash = Decimal(25_100)
    house.venue.transactions = [
        Transaction(transaction_id="T1", at=AT, kind="deposit", amount=Decimal(100))
    ]
    look(house)
    look(house)
    house.broker.on_end(None)
    house.ready(incarnation=2)
    look(house)
    assert len(house.room.events(CashFlow)) == 1
