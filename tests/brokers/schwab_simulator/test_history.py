"""Price history: every combination that there is, the refusal of the others, and its prices."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk, read_quote
from brokers.schwab.simulator.history_asked import FREQUENCIES, FREQUENCY_TYPES, PERIODS
from brokers.schwab.simulator.server import application
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_one_way_through import log_in


COMBINATIONS = [
    (period_type, period, frequency_type, frequency)
    for period_type, periods in PERIODS.items()
    for period in periods
    for frequency_type in FREQUENCY_TYPES[period_type]
    for frequency in FREQUENCIES[frequency_type]
]


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def histories(desk: Desk, *asked: dict[str, Any]) -> list[tuple[int, Any]]:
    async def run() -> list[tuple[int, Any]]:
        async with TestClient(TestServer(application(desk))) as client:
            await log_in(client)
            told = []
            for query in asked:
                got = await client.get(
                    "/marketdata/v1/pricehistory", params={"symbol": "AAPL"} | query
                )
                told.append((got.status, await got.json()))
            return told

    return asyncio.run(run())


def history(desk: Desk, **asked: Any) -> Any:
    ((status, body),) = histories(desk, asked)
    assert status == 200
    return body


def test_every_combination_is_answered(desk: Desk) -> None:
    names = ("periodType", "period", "frequencyType", "frequency")
    queries = [dict(zip(names, each, strict=True)) for each in COMBINATIONS]
    assert len(queries) == 30 + 8 + 21 + 2
    for status, body in histories(desk, *queries):
        assert (status, body["symbol"], body["empty"]) == (200, "AAPL", False)
        times = [bar["datetime"] for bar in body["candles"]]
        assert times == sorted(set(times))
        for bar in body["candles"]:
            assert 0 < bar["low"] <= min(bar["open"], bar["close"])
            assert max(bar["open"], bar["close"]) <= bar["high"]
            assert isinstance(bar["volume"], int)


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"symbol": ""}, "symbol"),
        ({"periodType": "week"}, "periodType"),
        ({"periodType": "day", "period": "6"}, "period"),
        ({"periodType": "month", "period": "x"}, "period"),
        ({"periodType": "ytd", "period": "2"}, "period"),
        ({"periodType": "day", "frequencyType": "daily"}, "frequencyType"),
        ({"periodType": "month", "frequencyType": "monthly"}, "frequencyType"),
        ({"periodType": "year", "frequencyType": "minute"}, "frequencyType"),
        ({"periodType": "day", "frequency": "3"}, "frequency"),
        ({"periodType": "year", "frequency": "5"}, "frequency"),
        ({"startDate": "2026-03-01"}, "startDate"),
        ({"endDate": "99999999999999999"}, "endDate"),
        ({"startDate": "2000", "endDate": "1000"}, "startDate"),
        ({"needPreviousClose": "yes"}, "needPreviousClose"),
    ],
)
def test_what_there_is_not_is_refused(desk: Desk, asked: dict[str, str], parameter: str) -> None:
    ((status, body),) = histories(desk, asked)
    (error,) = body["errors"]
    assert (status, error["status"], error["title"]) == (400, "400", "Bad Request")
    assert error["source"] == {"parameter": parameter}


def test_without_more_it_is_ten_days_of_minutes_up_to_the_last_close(desk: Desk) -> None:
    body = history(desk)
    assert len(body["candles"]) == 10 * 390
    assert body["candles"][-1]["datetime"] == ms(2026, 3, 6, 20, 59)
    # The quote's previous close is where the invented prices end.
    assert body["candles"][-1]["close"] == 186.9
    assert history(desk) == body


def test_days_are_stamped_with_midnight_in_chicago(desk: Desk) -> None:
    asked = {"periodType": "month", "frequencyType": "daily", "needPreviousClose": "True"}
    body = history(desk, **asked)
    assert body["candles"][-1]["datetime"] == ms(2026, 3, 6, 6)
    assert body["candles"][-1]["close"] == 186.9
    assert body["previousCloseDate"] < body["candles"][0]["datetime"]
    weekly = history(desk, periodType="month")["candles"]
    assert {datetime.fromtimestamp(b["datetime"] / 1000, UTC).weekday() for b in weekly} == {0}
    monthly = history(desk, periodType="year")["candles"]
    assert len(monthly) == 12


def test_longer_bars_are_made_of_shorter_ones(desk: Desk) -> None:
    span = {"startDate": ms(2026, 3, 5, 14, 30), "endDate": ms(2026, 3, 5, 20, 59)}
    minutes = history(desk, **span)["candles"]
    halves = history(desk, frequency=30, **span)["candles"]
    assert (len(minutes), len(halves)) == (390, 13)
    assert halves[0]["high"] == max(bar["high"] for bar in minutes[:30])
    assert halves[0]["volume"] == sum(bar["volume"] for bar in minutes[:30])
    day = {"startDate": ms(2026, 3, 5), "endDate": ms(2026, 3, 5, 23, 59)}
    (daily,) = history(desk, periodType="month", frequencyType="daily", **day)["candles"]
    assert daily["high"] == max(bar["high"] for bar in minutes)
    assert daily["volume"] == sum(bar["volume"] for bar in minutes)
    extended = history(desk, needExtendedHoursData="true", **day)["candles"]
    assert len(extended) == 13 * 60 - 1 + 1


def test_what_was_shown_is_history(desk: Desk, clock: HandClock) -> None:
    for last in ("200.00", "210.00", "205.00"):
        desk.show(read_quote("AAPL", {"last": last, "previous_close": "186.90"}, desk.now()))
    clock.passes(timedelta(minutes=2))
    span = {"startDate": ms(2026, 3, 9, 15, 50), "endDate": ms(2026, 3, 9, 15, 51)}
    shown, after = history(desk, **span)["candles"]
    assert [Decimal(str(shown[n])) for n in ("open", "high", "low", "close")] == [
        200, 210, 200, 205
    ]  # fmt: skip
    assert after["close"] < 200
    today = {"startDate": ms(2026, 3, 9), "endDate": ms(2026, 3, 9, 23)}
    (day,) = history(desk, periodType="month", frequencyType="daily", **today)["candles"]
    assert day["high"] == 210


def test_of_closed_days_and_unknown_symbols_there_is_nothing(desk: Desk) -> None:
    saturday = {"startDate": ms(2026, 3, 7, 5), "endDate": ms(2026, 3, 8, 3)}
    assert history(desk, **saturday) == {"candles": [], "symbol": "AAPL", "empty": True}
    assert history(desk, symbol="NONE")["empty"] is True
    ahead = {"startDate": ms(2027, 1, 1), "endDate": ms(2027, 2, 1)}
    assert history(desk, **ahead)["empty"] is True
