"""Our own reader of the stream, woken by the simulator's streamer."""

import asyncio

from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk, read_quote
from brokers.schwab.simulator.server import application
from brokers.schwab.stream import Stream
from tests.brokers.schwab.server import Badge, Hands, client_of
from tests.brokers.schwab_simulator.test_one_way_through import log_in, order, placed


WITHIN_S = 10.0
NUMBER = "12345678"


def test_orders_and_the_market_wake_who_listens(desk: Desk) -> None:
    async def run() -> None:
        async with TestClient(TestServer(application(desk))) as http:
            token = await log_in(http)
            hands, badge = Hands(), Badge(token=token["access_token"])
            client = client_of(str(http.make_url("/")).rstrip("/"), hands, badge)
            calls: asyncio.Queue[str] = asyncio.Queue()
            await client.open()
            stream = Stream(
                client=client,
                access_token=badge.give,
                token_refused=badge.take_back,
                happened=calls.put_nowait,
                sleep=hands.sleep,
            )
            stream.start()
            try:
                # Once for the sign-in, once because the subscription itself is told of.
                assert [await calls.get() for _ in range(2)] == ["", ""]
                await placed(http, token["account"], order(orderType="LIMIT", price="150.00"))
                assert [await calls.get() for _ in range(2)] == [NUMBER] * 2
                desk.show(read_quote("AAPL", {"bid": "149.00", "ask": "149.10"}, desk.now()))
                assert [await calls.get() for _ in range(5)] == [NUMBER] * 5
                assert calls.empty()
            finally:
                await stream.stop()
                await client.close()

    asyncio.run(asyncio.wait_for(run(), WITHIN_S))
