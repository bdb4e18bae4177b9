"""A split is found by its ratio and its price, or not at all."""

from datetime import date
from decimal import Decimal

import pytest

from tests.trading.builders import AAPL, ACCOUNT, AT, Number, seen
from trading.differences import DifferenceKind
from trading.reconcile import Difference
from trading.splits import ratio_of, split_explaining


@pytest.mark.parametrize(
    ("quantity", "now", "price", "price_now", "ratio"),
    [
        (10, 20, 100, 50, (2, 1)),
        (10, 20, 100, 54, (2, 1)),
        (10, 20, 100, 56, None),
        (10, 20, 100, 44, None),
        (10, 20, 100, 100, None),
        (10, 15, 90, 60, (3, 2)),
        (40, 4, 5, 51, (1, 10)),
        (45, 4, 5, 50, None),  # the fraction went for money
        (10, 23, 100, 43, None),
        (-10, -20, 100, 50, (2, 1)),
        (10, -20, 100, 50, None),
        (0, 20, 100, 50, None),
        (10, 20, 0, 50, None),
        (10, 20, 100, 0, None),
        (10, 10, 100, 100, None),
    ],
)
def test_a_ratio_is_exact_in_shares_and_within_a_tenth_in_price(
    quantity: Number, now: Number, price: Number, price_now: Number, ratio: tuple[int, int] | None
) -> None:
    found = ratio_of(*map(Decimal, (quantity, now, price, price_now)))
    assert seen(found) == (ratio,)


def difference(kind: DifferenceKind = DifferenceKind.POSITION) -> Difference:
    symbol = None if kind is DifferenceKind.CASH else AAPL
    return Difference(kind=kind, symbol=symbol, ours=Decimal(10), venue=Decimal(30))


PRICES = (Decimal(90), Decimal(30))
DAY = date(2026, 3, 2)


def test_it_is_booked_under_symbol_and_day() -> None:
    split = split_explaining(ACCOUNT, difference(), PRICES, now=AT, day=DAY)
    assert split is not None
    assert seen(split.booking_id, split.new, split.old) == ("split/AAPL/2026-03-02", 3, 1)


@pytest.mark.parametrize("kind", [DifferenceKind.CASH, DifferenceKind.ORDER])
def test_only_shares_are_split(kind: DifferenceKind) -> None:
    assert split_explaining(ACCOUNT, difference(kind), PRICES, now=AT, day=DAY) is None


def test_what_fits_no_ratio_is_none() -> None:
    prices = (Decimal(90), Decimal(90))
    assert split_explaining(ACCOUNT, difference(), prices, now=AT, day=DAY) is None
