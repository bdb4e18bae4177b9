"""What a paper fill costs, by hand: honest rather than flattering."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.paper_rules import FillRules, limit_on_arrival, market_price, to_tick, trades_through
from trading.vocabulary import Side


BUY, SELL = Side.BUY, Side.SELL
PRICES = st.decimals("0.02", 5_000, places=2)
SIZES = st.integers(1, 5_000).map(Decimal)


@pytest.mark.parametrize(
    ("side", "quantity", "last", "price"),
    [
        (BUY, 10, "100", "100.07"),  # half of 10 bp, and 2 bp
        (SELL, 10, "100", "99.93"),
        (BUY, 10, "4", "4.02"),  # half of 30 bp is less than a tick: a tick each
        (BUY, 10, "4.99", "5.01"),
        (BUY, 10, "20", "20.02"),
        (SELL, 10, "0.02", "0.01"),  # never below one tick
        (BUY, 10, "33.33", "33.36"),  # rounded against the order
        (SELL, 10, "33.33", "33.30"),
    ],
)
def test_a_market_order_pays_half_the_spread_and_slippage(
    side: Side, quantity: int, last: str, price: str
) -> None:
    assert market_price(side, Decimal(quantity), Decimal(last)) == Decimal(price)


@pytest.mark.parametrize(
    ("quantity", "basis_points"), [(1, 0), (250, 0), (251, 1), (500, 1), (501, 2), (1_000, 3)]
)
def test_each_25000_dollars_beyond_the_first_cost_a_basis_point(
    quantity: int, basis_points: int
) -> None:
    price = market_price(BUY, Decimal(quantity), Decimal(100))
    assert price == Decimal("100.07") + Decimal("0.01") * basis_points


def test_a_venue_may_be_cheaper_by_its_rules() -> None:
    cheap = FillRules(spread_bp=Decimal(2), slippage_bp=Decimal(1))
    assert market_price(BUY, Decimal(1), Decimal(1_000), cheap) == Decimal("1000.20")


@given(st.sampled_from(Side), SIZES, PRICES)
def test_a_market_order_never_gets_a_better_price_than_the_last(
    side: Side, quantity: Decimal, last: Decimal
) -> None:
    price = market_price(side, quantity, last)
    assert (price - last) * side.sign >= 0 or price == Decimal("0.01")
    assert price == price.quantize(Decimal("0.01")) > 0


@given(st.sampled_from(Side), SIZES, PRICES)
def test_a_larger_order_never_gets_a_better_price(
    side: Side, quantity: Decimal, last: Decimal
) -> None:
    larger = market_price(side, quantity * 2, last)
    assert (larger - market_price(side, quantity, last)) * side.sign >= 0


def test_a_price_is_rounded_against_the_order() -> None:
    assert to_tick(BUY, Decimal("1.001")) == Decimal("1.01")
    assert to_tick(SELL, Decimal("1.009")) == Decimal("1.00")


@pytest.mark.parametrize(
    ("side", "limit", "price"),
    [
        (BUY, "101", "100.07"),  # the market's price is better than the limit
        (BUY, "100.07", "100.07"),
        (BUY, "100.03", "100.03"),  # marketable, but no worse than the limit
        (BUY, "100", "100"),
        (BUY, "99.99", None),
        (SELL, "99", "99.93"),
        (SELL, "99.98", "99.98"),
        (SELL, "100.01", None),
    ],
)
def test_a_limit_on_arrival_is_the_markets_price_capped_at_the_limit(
    side: Side, limit: str, price: str | None
) -> None:
    got = limit_on_arrival(side, Decimal(10), Decimal(limit), Decimal(100))
    assert got == (None if price is None else Decimal(price))


@given(st.sampled_from(Side), SIZES, PRICES, PRICES)
def test_a_limit_is_never_filled_beyond_itself(
    side: Side, quantity: Decimal, limit: Decimal, last: Decimal
) -> None:
    price = limit_on_arrival(side, quantity, limit, last)
    assert price is None or (limit - price) * side.sign >= 0


@pytest.mark.parametrize(
    ("side", "last", "fills"),
    [
        (BUY, "99.99", True),
        (BUY, "100", False),
        (BUY, "100.01", False),
        (SELL, "100.01", True),
        (SELL, "100", False),
        (SELL, "99.99", False),
    ],
)
def test_a_resting_limit_fills_when_the_price_goes_through_not_on_touch(
    side: Side,
    last: str,
    fills: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert trades_through(side, Decimal(100), Decimal(last)) is fills
