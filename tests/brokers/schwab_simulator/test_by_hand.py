"""What happens in an account past the API: a person at the platform, the market, the company."""

from typing import Any

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.test_one_way_through import (
    Client,
    bracket,
    got,
    log_in,
    order,
    over_http,
    placed,
)


NUMBER = "12345678"


async def done(client: Client, path: str, status: int = 200, **body: Any) -> Any:
    answer = await client.post(f"/simulator/{path}", json=body)
    assert answer.status == status
    return await answer.json()


def test_an_order_by_hand_has_another_tag(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        made = await done(client, "orders", account=NUMBER, order=order())
        seen = await got(client, f"{account}/orders/{made['orderId']}")
        assert (seen["tag"], seen["status"]) == ("API_TOS:Simulator", "FILLED")
        limit = order(orderType="LIMIT", price="150")
        path = await placed(client, account, limit)
        assert (await got(client, path))["tag"].startswith("TA_")
        by_hand = f"/simulator/orders/{path.rpartition('/')[2]}"
        new = await (await client.put(by_hand, json={"order": limit})).json()
        assert (await got(client, path))["status"] == "REPLACED"
        gone = await (await client.delete(f"/simulator/orders/{new['orderId']}")).json()
        assert gone["status"] == "CANCELED"
        assert (await client.delete(f"/simulator/orders/{new['orderId']}")).status == 400
        await done(client, "orders", 404, account="1", order=order())
        await done(client, "orders", 400, account=NUMBER, order={})
        await done(client, "orders", 400, account=NUMBER)

    over_http(desk, act)


def test_an_order_is_filled_in_part_by_hand(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        path = await placed(client, account, order(orderType="LIMIT", price="150"))
        fills = f"orders/{path.rpartition('/')[2]}/fills"
        await done(client, fills, quantity=3, price="149.90")
        seen = await got(client, path)
        assert (seen["status"], seen["filledQuantity"], seen["remainingQuantity"]) == (
            "WORKING",
            3.0,
            4.0,
        )
        await done(client, fills, 400, quantity=5, price="149.90")
        assert (await client.delete(path)).status == 200
        seen = await got(client, path)
        assert [each["executionType"] for each in seen["orderActivityCollection"]] == [
            "FILL",
            "CANCELED",
        ]
        await done(client, fills, 400, quantity=1, price="149.90")
        ledger = await got(client, "/simulator/ledger")
        assert ledger["accounts"][NUMBER]["positions"] == {"AAPL": 3.0}
        assert [(each["quantity"], each["price"]) for each in ledger["fills"]] == [(3.0, 149.9)]

    over_http(desk, act)


def test_the_market_fills_in_parts_when_it_is_told_to(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await done(client, "parts", most=3)
        path = await placed(client, account, order())
        looks = [await got(client, path) for _ in range(3)]
        assert [each["filledQuantity"] for each in looks] == [6.0, 7.0, 7.0]
        assert looks[-1]["status"] == "FILLED"
        await done(client, "parts", most=None)
        await done(client, "parts", 400, most=0)

    over_http(desk, act)


def test_what_waits_for_its_parent_is_not_filled(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        waits = bracket() | {"orderType": "LIMIT", "price": "150"}
        path = await placed(client, account, waits)
        (oco,) = (await got(client, path))["childOrderStrategies"]
        (leg, _) = oco["childOrderStrategies"]
        await done(client, f"orders/{leg['orderId']}/fills", 400, quantity=1, price="190")

    over_http(desk, act)


def test_a_split_takes_resting_orders_away_and_pays_for_parts_of_shares(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await placed(client, account, order())
        rests = await placed(client, account, order("SELL", orderType="LIMIT", price="200"))
        before = (await got(client, "/simulator/ledger"))["accounts"][NUMBER]["cash"]
        after = (await done(client, "splits", symbol="AAPL", factor="1.5"))[NUMBER]
        assert after["positions"] == {"AAPL": 10.0}
        assert after["cash"] - before == 62.5
        assert (await got(client, rests))["status"] == "CANCELED"
        quote = await got(client, "/marketdata/v1/quotes", symbols="AAPL")
        assert quote["AAPL"]["quote"]["lastPrice"] == 125.0

    over_http(desk, act)


def test_a_dividend_is_paid_for_what_is_held(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await placed(client, account, order())
        before = (await got(client, "/simulator/ledger"))["accounts"][NUMBER]["cash"]
        after = (await done(client, "dividends", symbol="AAPL", amount="0.25"))[NUMBER]
        assert round(after["cash"] - before, 2) == 1.75
        (paid,) = (await got(client, "/simulator/ledger"))["occasions"]
        assert (paid["kind"], paid["amount"]) == ("dividend", 0.25)

    over_http(desk, act)
