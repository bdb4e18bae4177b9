"""The stream's troubles, set from outside: activities twice, late, out of order, a line cut."""

from typing import Any

import aiohttp
import pytest

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.test_one_way_through import Client, order, placed
from tests.brokers.schwab_simulator.test_streamer import Socket, streaming, watched


async def sequence(socket: Socket, count: int) -> list[int]:
    """The next activities' numbers, heartbeats passed over."""
    told: list[int] = []
    while len(told) < count:
        frame = await socket.receive_json()
        told += [item["seq"] for data in frame.get("data", ()) for item in data["content"]]
    return told


@pytest.mark.parametrize(
    ("trouble", "numbers"),
    [
        ({"kind": "duplicate", "times": 2}, [2, 2, 3, 3, 4]),
        ({"kind": "out_of_order", "times": 3}, [4, 3, 2]),
        ({"kind": "late", "times": 2, "beats": 2}, [4, 5, 6, 7, 8, 2, 3]),
    ],
)
def test_activities_come_twice_late_and_in_the_wrong_order(
    desk: Desk, trouble: dict[str, Any], numbers: list[int]
) -> None:
    async def act(client: Client) -> None:
        socket, account = await watched(client)
        assert (await client.post("/simulator/stream/trouble", json=trouble)).status == 200
        await placed(client, account, order())
        assert await sequence(socket, len(numbers)) == numbers

    streaming(desk, act, heartbeat_s=0.05)


def test_the_line_is_cut_without_a_word(desk: Desk) -> None:
    async def act(client: Client) -> None:
        socket, _ = await watched(client)
        for wrong in ({"kind": "other"}, {"kind": "late", "times": 0}, {"times": 1}, [1]):
            assert (await client.post("/simulator/stream/trouble", json=wrong)).status == 400
        assert await (await client.post("/simulator/stream/cut")).json() == {"cut": 1}
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSED
        again, _ = await watched(client)
        await again.close()

    streaming(desk, act)
