"""Orders of every type from the alert to the venue's own ledger, on paper and at a local Schwab."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.situations.floor import NewFloor, floors
from tests.trading.builders import seen
from trading.order_events import OrderExpired, OrderFilled
from trading.vocabulary import OrderType


CLOSED = datetime(2026, 1, 5, 21, 0, 10, tzinfo=UTC)


@pytest.fixture(params=["paper", "schwab"])
def opened(request: pytest.FixtureRequest) -> Iterator[NewFloor]:
    yield from floors(at=request.param)


def test_an_exit_that_trails_follows_the_price_and_never_goes_back(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10)
    terms = {"order_type": "trailing_stop", "trail_percent": "3", "time_in_force": "gtc"}
    floor.alert("sell", 10, **terms)
    for price in ("110", "107"):  # up, and not three per cent down
        floor.moves(price)
        assert floor.at_venue() == 10
    floor.moves("106.69")
    floor.moves("106.69")
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (0, 0, {})
    sold = floor.events(OrderFilled)[-1]
    assert 106 < sold.price < 107


def test_an_entry_at_a_stop_waits_for_it(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="stop", stop_price="105", stop_loss="95")
    floor.moves("104")
    assert floor.at_venue() == 0
    floor.moves("105.50")
    floor.moves("105.50")
    assert seen(floor.share(), floor.at_venue()) == (10, 10)
    (leg,) = floor.live().values()
    assert seen(leg.plan.order_type, leg.plan.stop_price) == (OrderType.STOP, 95)


def test_a_stop_limit_that_is_jumped_over_rests_at_its_limit(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="stop_limit", stop_price="105", limit_price="106")
    floor.moves("108")
    floor.moves("108")
    assert floor.at_venue() == 0
    floor.moves("105.50")
    floor.moves("105.50")
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (10, 10, {})


@pytest.mark.parametrize("at_once", ["ioc", "fok"])
def test_what_cannot_be_had_at_once_is_given_up(opened: NewFloor, at_once: str) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="limit", limit_price="90", time_in_force=at_once)
    floor.moves(100)
    assert seen(len(floor.plans), floor.live(), floor.at_venue()) == (1, {}, 0)
    floor.alert("buy", 5, order_type="limit", limit_price="101", time_in_force=at_once)
    floor.moves(100)
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (5, 5, {})


def test_a_day_order_ends_with_its_day(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    floor.wait_until(CLOSED)
    floor.looks()
    assert floor.live() == {}
    assert len(floor.events(OrderExpired)) == 1
