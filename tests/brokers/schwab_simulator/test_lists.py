"""Lists of orders and transactions by their days, and previews that leave no trace."""

from datetime import timedelta
from typing import Any

import pytest

from brokers.schwab.simulator.desk import Desk
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_one_way_through import (
    TRADER,
    Client,
    bracket,
    got,
    log_in,
    order,
    over_http,
    placed,
)


TODAY = {"fromEnteredTime": "2026-03-09T00:00:00.000Z", "toEnteredTime": "2026-03-09T01:00:00Z"}
SPAN = {"startDate": "2026-03-09T00:00:00.000Z", "endDate": "2026-03-10T00:00:00.000Z"}


async def refused(client: Client, path: str, query: dict[str, str]) -> str:
    answer = await client.get(path, params=query)
    body = await answer.json()
    assert (answer.status, list(body)) == (400, ["message"])
    return str(body["message"])


def test_orders_of_all_accounts_come_newest_first(desk: Desk, clock: HandClock) -> None:
    async def act(client: Client) -> None:
        first = (await log_in(client))["account"]
        numbers = await got(client, f"{TRADER}/accounts/accountNumbers")
        second = f"{TRADER}/accounts/{numbers[1]['hashValue']}"
        for account, body in ((first, bracket()), (second, order()), (first, order())):
            await placed(client, account, body)
            clock.passes(timedelta(seconds=1))
        # Only the days are looked at: before 01:00, as it was asked, nothing was entered.
        every = await got(client, f"{TRADER}/orders", **TODAY)
        assert len(await got(client, f"{TRADER}/accounts/")) == 2
        assert [o["accountNumber"] for o in every] == [12345678, 12345679, 12345678]
        assert [o["orderStrategyType"] for o in every] == ["SINGLE", "SINGLE", "TRIGGER"]
        mine = await got(client, f"{first}/orders", **TODAY)
        assert [o["orderId"] for o in mine] == [every[0]["orderId"], every[2]["orderId"]]
        assert await got(client, f"{first}/orders", **TODAY, maxResults="1") == mine[:1]
        assert await got(client, f"{first}/orders", **TODAY, status="FILLED") == mine
        assert await got(client, f"{first}/orders", **TODAY, status="QUEUED") == []
        tomorrow = {key: at.replace("03-09", "03-10") for key, at in TODAY.items()}
        assert await got(client, f"{first}/orders", **tomorrow) == []

    over_http(desk, act)


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"fromEnteredTime": None}, "fromEnteredTime is required"),
    ({"toEnteredTime": None}, "toEnteredTime is required"),
    ({"fromEnteredTime": "2026-03-09"}, "Invalid value '2026-03-09'"),
    ({"toEnteredTime": "2026-03-09T00:00:00"}, "Invalid value '2026-03-09T00:00:00'"),
    ({"toEnteredTime": "tomorrow"}, "Invalid value 'tomorrow'"),
    ({"toEnteredTime": "2026-03-08T00:00:00Z"}, "fromEnteredTime must not be after toEnteredTime"),
    ({"toEnteredTime": "2027-03-11T00:00:00Z"}, "Date range must not be longer than one year"),
    ({"maxResults": "0"}, "Invalid value '0'"),
    ({"maxResults": "3001"}, "Invalid value '3001'"),
    ({"status": "PARTIALLY_FILLED"}, "Invalid value 'PARTIALLY_FILLED'"),
    ({"status": "FILLED,CANCELED"}, "Invalid value 'FILLED,CANCELED'"),
]


def test_a_list_asked_for_wrongly_is_refused(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        for path in (f"{account}/orders", f"{TRADER}/orders"):
            for change, message in WRONG:
                told = {**TODAY, **change}
                query = {name: value for name, value in told.items() if value is not None}
                assert await refused(client, path, query) == message
        old = {"fromEnteredTime": "2026-01-07T00:00:00Z", "toEnteredTime": "2026-03-09T00:00:00Z"}
        assert await got(client, f"{account}/orders", **old) == []
        assert "60 days" in await refused(client, f"{TRADER}/orders", old)
        edge = old | {"fromEnteredTime": "2026-01-08T00:00:00Z"}
        assert await got(client, f"{TRADER}/orders", **edge) == []
        assert "'all'" in await refused(client, account, {"fields": "all"})

    over_http(desk, act)


def test_transactions_are_found_by_day_type_and_symbol(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        await placed(client, account, order())
        (one,) = await got(client, f"{account}/transactions", types="TRADE", **SPAN)
        path = f"{account}/transactions/{one['activityId']}"
        assert await got(client, path) == [one]
        assert (await client.get(f"{account}/transactions/1")).status == 404
        both = await got(client, f"{account}/transactions", types="JOURNAL,TRADE", **SPAN)
        assert both == [one]
        others: list[dict[str, str]] = [
            {"types": "DIVIDEND_OR_INTEREST"},
            {"types": "TRADE", "symbol": "MSFT"},
            {"types": "TRADE", "startDate": "2026-03-10T00:00:00Z"},
        ]
        for each in others:
            assert await got(client, f"{account}/transactions", **(SPAN | each)) == []
        refusals: list[tuple[dict[str, str], str]] = [
            ({"types": "TRADES"}, "Invalid value 'TRADES'"),
            ({}, "Invalid value ''"),
            ({"types": "TRADE", "endDate": "2028-01-01T00:00:00Z"}, "Date range must not be"),
        ]
        for each, message in refusals:
            told = await refused(client, f"{account}/transactions", SPAN | each)
            assert told.startswith(message)

    over_http(desk, act)


@pytest.mark.parametrize(
    ("body", "status", "advanced", "value"),
    [
        (order(), "ACCEPTED", "NONE", 1312.57),
        (bracket(), "ACCEPTED", "OTOCO", 1312.57),
        (bracket()["childOrderStrategies"][0], "ACCEPTED", "OCO", 0.0),
        (order(quantity=100_000), "REJECTED", "NONE", 18_751_000.0),
        (order("SELL"), "REJECTED", "NONE", 1312.43),
    ],
)
def test_a_preview_says_what_would_become_of_an_order(
    desk: Desk, body: dict[str, Any], status: str, advanced: str, value: float
) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        before = desk.world
        answer = await client.post(f"{account}/previewOrder", json=body)
        seen = await answer.json()
        strategy = seen["orderStrategy"]
        assert (answer.status, seen["orderId"], strategy["status"]) == (200, 0, status)
        assert (strategy["advancedOrderType"], strategy["orderValue"]) == (advanced, value)
        assert ("closeTime" in strategy) == (status == "REJECTED")
        assert ("rejects" in seen["orderValidationResult"]) == (status == "REJECTED")
        assert desk.world is before

    over_http(desk, act)


def test_a_preview_of_what_is_no_order_is_refused(desk: Desk) -> None:
    async def act(client: Client) -> None:
        account = (await log_in(client))["account"]
        wrong = order(session="EXTO")
        answer = await client.post(f"{account}/previewOrder", json=wrong)
        assert (answer.status, await answer.json()) == (400, {"message": "Invalid value 'EXTO'"})

    over_http(desk, act)
