"""Row 10: what becomes of protection that a person takes off in thinkorswim."""

from collections.abc import Iterator

import pytest
from attrs import evolve

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.life import cancel
from tests.situations.floor import LONG, Floor, NewFloor, floors
from tests.situations.simulated_market import SimulatedMarket
from tests.trading.builders import seen
from trading.alert_events import ProtectionRemoved
from trading.order_events import OrderPlanned
from trading.vocabulary import OrderStatus


@pytest.fixture
def opened() -> Iterator[NewFloor]:
    yield from floors(at="schwab")


def taken_off(floor: Floor) -> None:
    """Ten bought with a stop at 90, which a person cancels."""
    floor.alert("buy", 10, stop_loss="90")
    floor.looks()
    (stop,) = floor.live().values()
    assert stop.broker_order_id is not None
    number = int(stop.broker_order_id)

    def by_hand(desk: Desk) -> None:
        desk.world = cancel(desk.world, number, desk.now())

    assert isinstance(floor.market, SimulatedMarket)
    floor.market.on_desk(by_hand)
    floor.looks()


def test_row_10_a_stop_that_a_person_cancelled_is_told_and_stays_away(opened: NewFloor) -> None:
    floor = opened()
    taken_off(floor)
    floor.looks(40)
    (told,) = floor.events(ProtectionRemoved)
    assert seen(told.symbol, told.quantity, floor.live(), floor.share()) == ("AAPL", 10, {}, 10)


def test_row_10_where_it_is_wanted_it_comes_back(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": evolve(LONG, restore_protection=True)})
    taken_off(floor)
    assert len(floor.events(ProtectionRemoved)) == 1
    (stop,) = floor.live().values()
    assert seen(stop.status, stop.plan.stop_price, stop.quantity) == (OrderStatus.ACCEPTED, 90, 10)
    assert len(floor.events(OrderPlanned)) == 3


def test_row_10_an_exit_closes_what_is_bare(opened: NewFloor) -> None:
    floor = opened()
    taken_off(floor)
    floor.alert("close_long")
    floor.looks()
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (0, 0, {})
