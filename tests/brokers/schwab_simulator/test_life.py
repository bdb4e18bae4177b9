"""The lives that an order may have at the simulator, by what it asks for and by the clock."""

from datetime import timedelta
from typing import Any

import pytest

from brokers.schwab.simulator.desk import Desk, read_quote
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_by_hand import done
from tests.brokers.schwab_simulator.test_one_way_through import (
    Client,
    bracket,
    got,
    log_in,
    order,
    over_http,
    placed,
)


LIMIT: dict[str, Any] = {"orderType": "LIMIT", "price": "180.00"}
TRAIL: dict[str, Any] = {
    "orderType": "TRAILING_STOP",
    "stopPriceLinkBasis": "LAST",
    "stopPriceLinkType": "PERCENT",
    "stopPriceOffset": 2,
}


def shows(desk: Desk, last: str) -> None:
    desk.show(read_quote("AAPL", {"bid": last, "ask": last, "last": last}, desk.now()))


@pytest.mark.parametrize(
    ("duration", "most", "filled", "status"),
    [
        ("IMMEDIATE_OR_CANCEL", 3, 3.0, "CANCELED"),
        ("IMMEDIATE_OR_CANCEL", 7, 7.0, "FILLED"),
        ("FILL_OR_KILL", 3, 0.0, "CANCELED"),
        ("FILL_OR_KILL", 7, 7.0, "FILLED"),
    ],
)
def test_what_is_for_now_does_not_rest(
    desk: Desk, duration: str, most: int, filled: float, status: str
) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "parts", most=most)
        body = order(orderType="LIMIT", price="188", duration=duration)
        seen = await got(client, await placed(client, account, body))
        assert (seen["filledQuantity"], seen["status"]) == (filled, status)
        off = await got(client, await placed(client, account, order(**LIMIT, duration=duration)))
        assert (off["filledQuantity"], off["status"]) == (0.0, "CANCELED")

    over_http(desk, act)


def test_a_trailing_stop_follows_and_does_not_go_back(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await placed(client, account, order())
        path = await placed(client, account, order("SELL", **TRAIL))
        seen = await got(client, path)
        assert (seen["status"], seen["stopPriceOffset"]) == ("AWAITING_STOP_CONDITION", 2.0)
        assert "stopPrice" not in seen
        for last in ("200", "197"):
            shows(desk, last)
        assert (await got(client, path))["status"] == "AWAITING_STOP_CONDITION"
        shows(desk, "196")
        assert (await got(client, path))["status"] == "FILLED"

    over_http(desk, act)


def test_a_trail_in_dollars_of_a_short_one(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await placed(client, account, order("SELL_SHORT"))
        dollars = TRAIL | {"stopPriceLinkType": "VALUE", "stopPriceLinkBasis": "ASK"}
        path = await placed(client, account, order("BUY_TO_COVER", **dollars))
        shows(desk, "150")
        assert (await got(client, path))["status"] == "AWAITING_STOP_CONDITION"
        shows(desk, "152")
        assert (await got(client, path))["status"] == "FILLED"

    over_http(desk, act)


@pytest.mark.parametrize(
    "more",
    [
        TRAIL | {"stopPriceOffset": 0},
        TRAIL | {"stopPriceLinkType": "TICK"},
        TRAIL | {"duration": "FILL_OR_KILL"},
        TRAIL | {"session": "AM"},
    ],
)
def test_a_trail_that_is_none(desk: Desk, more: dict[str, Any]) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        answer = await client.post(f"{account}/orders", json=order("SELL", **more))
        assert answer.status == 400

    over_http(desk, act)


# It is Monday, 11:50 in New York.
@pytest.mark.parametrize(
    ("more", "lives", "ends"),
    [
        ({}, timedelta(hours=4), timedelta(hours=5)),
        ({"session": "PM"}, timedelta(hours=8), timedelta(hours=9)),
        ({"session": "SEAMLESS"}, timedelta(hours=8), timedelta(hours=9)),
        ({"session": "AM"}, timedelta(hours=21), timedelta(hours=22)),
        ({"duration": "END_OF_WEEK"}, timedelta(days=4), timedelta(days=5)),
        ({"duration": "END_OF_MONTH"}, timedelta(days=22), timedelta(days=23)),
        ({"duration": "NEXT_END_OF_MONTH"}, timedelta(days=52), timedelta(days=53)),
        ({"duration": "GOOD_TILL_CANCEL"}, timedelta(days=170), None),
    ],
)
def test_how_long_an_order_stays(
    desk: Desk,
    clock: HandClock,
    more: dict[str, Any],
    lives: timedelta,
    ends: timedelta | None,
) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        number = (await placed(client, account, order(**LIMIT, **more))).rpartition("/")[2]
        began = clock.at
        for after, is_live in ((lives, True), (ends, False)):
            if after is None:
                return
            clock.at = began + after
            (kept,) = (await got(client, "/simulator/ledger"))["orders"]
            assert str(kept["orderId"]) == number
            assert (kept["status"] != "EXPIRED") is is_live

    over_http(desk, act)


@pytest.mark.parametrize(("session", "hours"), [("AM", 20), ("PM", 5), ("SEAMLESS", 5)])
def test_an_order_trades_in_its_session(
    desk: Desk, clock: HandClock, session: str, hours: int
) -> None:
    async def act(client: Client) -> None:
        if session == "SEAMLESS":
            clock.passes(timedelta(hours=16))
        account = (await log_in(client))["account"]
        body = order(orderType="LIMIT", price="190", session=session)
        made = await placed(client, account, body)
        number = int(made.rpartition("/")[2])
        assert desk.world.orders[number].status == "PENDING_ACTIVATION"
        clock.passes(timedelta(hours=hours))
        desk.advance()
        assert desk.world.orders[number].status == "FILLED"

    over_http(desk, act)


def test_schwab_may_take_its_time(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "pace", acknowledge=2, cancel=5)
        path = await placed(client, account, bracket())
        seen = []
        for _ in range(3):
            seen.append((await got(client, path))["status"])
            clock.passes(timedelta(seconds=2))
        assert seen == ["PENDING_ACKNOWLEDGEMENT", "QUEUED", "FILLED"]
        (oco,) = (await got(client, path))["childOrderStrategies"]
        leg = f"{account}/orders/{oco['childOrderStrategies'][0]['orderId']}"
        assert (await client.delete(leg)).status == 200
        assert (await got(client, leg))["status"] == "PENDING_CANCEL"
        # What is executed before the cancel is through, is executed.
        fills = f"orders/{leg.rpartition('/')[2]}/fills"
        await done(client, fills, quantity=2, price="190.00")
        clock.passes(timedelta(seconds=5))
        ended = await got(client, leg)
        assert (ended["status"], ended["filledQuantity"]) == ("CANCELED", 2.0)
        await done(client, "pace", 400, cancel=-1)
        await done(client, "pace", 400, nothing=1)

    over_http(desk, act)


def test_a_sibling_goes_at_the_first_part_and_a_bracket_cannot_be_replaced(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        path = await placed(client, account, bracket())
        (oco,) = (await got(client, path))["childOrderStrategies"]
        limit, stop = oco["childOrderStrategies"]
        await done(client, f"orders/{limit['orderId']}/fills", quantity=1, price="190")
        assert (await got(client, f"{account}/orders/{stop['orderId']}"))["status"] == "CANCELED"
        assert (await got(client, f"{account}/orders/{limit['orderId']}"))["status"] == "WORKING"
        waits = await placed(client, account, bracket() | LIMIT)
        assert (await client.put(waits, json=order(**LIMIT))).status == 400
        # Its children wait until it is filled to the last share.
        await done(client, f"orders/{waits.rpartition('/')[2]}/fills", quantity=6, price="180")
        (oco,) = (await got(client, waits))["childOrderStrategies"]
        assert oco["status"] == "AWAITING_PARENT_ORDER"
        assert (await client.delete(waits)).status == 200
        (oco,) = (await got(client, waits))["childOrderStrategies"]
        assert oco["status"] == "CANCELED"

    over_http(desk, act)


def test_the_market_meets_live_orders_only(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        rests = await placed(client, account, order(**LIMIT))
        gone = await placed(client, account, order(**LIMIT))
        await client.delete(gone)
        for body in (order(), bracket(), order(quantity=100_000)):
            await placed(client, account, body)
        lives = [key for key, each in desk.world.orders.items() if each.closed_at is None]
        assert list(desk.world.live) == lives
        assert str(lives[0]) == rests.rpartition("/")[2]
        assert len(lives) == 4  # the bracket's two exits, and what they stand under

    over_http(desk, act)
