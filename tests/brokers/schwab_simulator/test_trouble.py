"""Each fault that can be set, and what of it is on the ledger."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_by_hand import done
from tests.brokers.schwab_simulator.test_lists import TODAY
from tests.brokers.schwab_simulator.test_one_way_through import (
    Client,
    got,
    log_in,
    order,
    over_http,
    placed,
)


SOON = aiohttp.ClientTimeout(total=0.2)


def test_a_line_cut_in_the_answer_leaves_the_order(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "faults", kind="drop_during")
        with pytest.raises(aiohttp.ClientError):
            await client.post(f"{account}/orders", json=order())
        assert len(desk.ledger()["orders"]) == 1

    over_http(desk, act)


@pytest.mark.parametrize(("kind", "taken"), [("stall_before", 0), ("stall_after", 1), ("slow", 1)])
def test_who_waits_no_longer_does_not_know(desk: Desk, kind: str, taken: int) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "faults", kind=kind, seconds=30)
        with pytest.raises(asyncio.TimeoutError):
            async with client.post(f"{account}/orders", json=order(), timeout=SOON) as answer:
                await answer.read()
        assert len(desk.ledger()["orders"]) == taken

    over_http(desk, act)


@pytest.mark.parametrize("kind", ["stall_before", "stall_after", "slow"])
def test_who_waits_long_enough_gets_the_whole_answer(desk: Desk, kind: str) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "faults", kind=kind, seconds=0.01)
        path = await placed(client, account, order())
        await done(client, "faults", kind=kind, method="GET", seconds=0.01)
        assert (await got(client, path))["status"] == "FILLED"

    over_http(desk, act)


def test_an_order_may_show_late(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "faults", kind="hidden", seconds=20)
        path = await placed(client, account, order())
        for seen, status in ((0, 404), (1, 200)):
            assert (await client.get(path)).status == status
            assert len(await got(client, f"{account}/orders", **TODAY)) == seen
            clock.passes(timedelta(seconds=20))
        assert len(desk.ledger()["orders"]) == 1

    over_http(desk, act)


def test_what_is_no_fault_is_refused(desk: Desk) -> None:
    async def act(client: Client) -> None:
        await done(client, "faults", 400, kind="earthquake")
        await done(client, "faults", 400, kind="status", times=0)
        assert (await client.post("/simulator/faults", json=[])).status == 400
        assert (await done(client, "faults", kind="duplicate"))["waiting"] == 1
        assert desk.troubles.ahead[0].kind == "duplicate"

    over_http(desk, act)
