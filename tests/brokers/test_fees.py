"""What a sale costs, by the day it is made."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from brokers.fees import FEE_TABLE, fee_of, rates_on
from trading.vocabulary import Side


@pytest.mark.parametrize(
    ("day", "fee"),
    [
        (date(2025, 5, 13), "0.30"),  # 10,000 $ x 27.80/M = 0.278, 100 shares x 0.000166
        (date(2025, 5, 14), "0.02"),  # TAF alone
        (date(2026, 1, 2), "0.02"),  # no SEC fee, and 0.0195
        (date(2026, 4, 3), "0.02"),
        (date(2026, 4, 4), "0.23"),  # 0.206 and 0.0195
    ],
)
def test_a_sale_costs_what_the_day_asks(day: date, fee: str) -> None:
    at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    assert fee_of(Side.SELL, Decimal(100), Decimal(100), at) == Decimal(fee)


def test_a_buy_costs_nothing() -> None:
    at = datetime(2026, 5, 4, 15, tzinfo=UTC)
    assert fee_of(Side.BUY, Decimal(100), Decimal(100), at) == 0


def test_taf_has_a_cap() -> None:
    """At 1 $ a share: 2.06 for the SEC, and 9.79 where 19.50 would be due."""
    at = datetime(2026, 5, 4, 15, tzinfo=UTC)
    assert fee_of(Side.SELL, Decimal(100_000), Decimal(1), at) == Decimal("11.85")


def test_the_table_is_in_order_and_every_row_names_its_source() -> None:
    days = [rates.since for rates in FEE_TABLE]
    assert days == sorted(set(days))
    assert all(rates.source for rates in FEE_TABLE)
    assert rates_on(date(2000, 1, 1)) is FEE_TABLE[0]
