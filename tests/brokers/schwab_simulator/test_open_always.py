"""A simulator that is rehearsed on in the evening or on a Sunday."""

from datetime import UTC, datetime, timedelta

import pytest

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.open_always import OpenAlways
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_one_way_through import (
    Client,
    got,
    log_in,
    order,
    over_http,
    placed,
)
from trading.sessions import Session


SUNDAY = datetime(2026, 3, 15, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize("hour", range(24))
def test_any_hour_of_any_day_is_regular(hour: int) -> None:
    calendar, at = OpenAlways(), SUNDAY.replace(hour=hour)
    assert calendar.session(at) is Session.REGULAR
    assert calendar.session(at + timedelta(days=285)) is Session.REGULAR  # Christmas
    assert at < calendar.next_close(at) <= at + timedelta(days=1)


def test_an_order_is_filled_on_a_sunday(desk: Desk, clock: HandClock) -> None:
    desk.calendar, clock.at = OpenAlways(), SUNDAY

    async def act(client: Client) -> None:
        path = await placed(client, (await log_in(client))["account"], order())
        assert (await got(client, path))["status"] == "FILLED"
        told = await got(client, "/marketdata/v1/markets", markets="equity", date="2026-03-14")
        (hours,) = told["equity"]["EQ"]["sessionHours"]["regularMarket"]
        assert hours["start"] == "2026-03-14T00:00:00-04:00"

    over_http(desk, act)
