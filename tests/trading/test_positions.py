"""What is held and what it earned, by hand arithmetic first and by properties after."""

from decimal import Decimal
from functools import reduce

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import seen
from trading.positions import FLAT, Position
from trading.vocabulary import Side


@frozen
class Fill:
    """One execution, as a position takes it."""

    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)


def bought(quantity: int, price: str, fee: str = "0") -> Fill:
    return Fill(Side.BUY, Decimal(quantity), Decimal(price), Decimal(fee))


def sold(quantity: int, price: str, fee: str = "0") -> Fill:
    return Fill(Side.SELL, Decimal(quantity), Decimal(price), Decimal(fee))


def after(*fills: Fill) -> Position:
    return reduce(lambda p, f: p.filled(f.side, f.quantity, f.price, f.fee), fills, FLAT)


FILLS = st.lists(
    st.builds(
        Fill,
        st.sampled_from(Side),
        st.integers(1, 10_000).map(Decimal),
        st.decimals("0.01", 5_000, places=4),
        st.decimals(0, 10, places=2),
    ),
    max_size=30,
)
MARKS = st.decimals("0.01", 5_000, places=4)


def test_fifty_at_150_and_fifty_at_151_are_a_hundred_at_150_50() -> None:
    held = after(bought(50, "150"), bought(50, "151"))
    assert seen(held.quantity, held.average_price) == (100, Decimal("150.5"))


def test_a_hundred_at_150_marked_at_155_are_500_ahead_which_is_3_33_percent() -> None:
    held = after(bought(100, "150"))
    assert held.unrealized(Decimal(155)) == 500
    assert round(held.unrealized_percent(Decimal(155)), 2) == Decimal("3.33")


def test_a_sale_of_half_realises_half_and_leaves_the_average() -> None:
    held = after(bought(100, "150"), sold(50, "155"))
    assert seen(held.quantity, held.average_price, held.realized) == (50, 150, 250)


def test_a_sale_through_zero_closes_first_and_opens_the_rest_at_its_own_price() -> None:
    held = after(bought(50, "150"), sold(100, "160"))
    assert seen(held.quantity, held.average_price) == (-50, 160)
    assert held.realized == 50 * 10


def test_a_short_earns_when_the_price_falls() -> None:
    held = after(sold(50, "160"))
    assert held.unrealized(Decimal(150)) == 500
    assert held.unrealized_percent(Decimal(150)) == Decimal("6.25")
    assert after(sold(50, "160"), bought(20, "150")).realized == 200


def test_a_short_bought_through_zero_is_long_the_rest() -> None:
    held = after(sold(50, "160"), bought(80, "150"))
    assert seen(held.quantity, held.average_price, held.realized) == (30, 150, 500)


def test_a_flat_position_has_no_average_no_percent_and_keeps_what_it_earned() -> None:
    held = after(bought(10, "100"), sold(10, "90"))
    assert seen(held.quantity, held.cost, held.realized) == (0, 0, -100)
    assert seen(held.average_price, held.unrealized_percent(Decimal(50))) == (0, 0)


def test_fees_stand_apart_from_cost_but_not_from_the_day() -> None:
    held = after(bought(10, "100", fee="1.25"), sold(10, "110", fee="0.75"))
    assert seen(held.realized, held.fees) == (100, 2)
    assert held.day_pnl(Decimal(110)) == 98


def test_thirds_of_a_cost_leave_nothing_behind() -> None:
    held = after(bought(3, "33.33"), sold(1, "40"), sold(1, "40"), sold(1, "40"))
    assert held.cost == 0
    assert held.realized == 3 * Decimal("6.67")


@given(FILLS, st.randoms())
def test_fills_in_any_order_give_the_same_quantity_fees_and_flow(
    fills: list[Fill], chance: st.DataObject
) -> None:
    shuffled = list(fills)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, whatever its strategy says
    one, other = after(*fills), after(*shuffled)
    assert one.quantity == other.quantity == sum(f.side.sign * f.quantity for f in fills)
    assert (one.fees, one.flow_today) == (other.fees, other.flow_today)


@given(FILLS, MARKS)
def test_realised_and_unrealised_are_cash_flow_and_value_to_the_last_digit(
    fills: list[Fill], mark: Decimal
) -> None:
    held = after(*fills)
    cash = sum((-f.side.sign * f.quantity * f.price for f in fills), Decimal(0))
    assert held.realized + held.unrealized(mark) == cash + held.quantity * mark


@given(FILLS)
def test_cost_has_the_sign_of_what_is_held_and_none_when_flat(fills: list[Fill]) -> None:
    held = after(*fills)
    assert held.cost * held.quantity > 0 or seen(held.cost, held.quantity) == (0, 0)


def test_a_fill_of_absurd_size_is_a_fact_too() -> None:
    huge = Fill(Side.BUY, Decimal("3E+20"), Decimal("7E+20"))
    assert after(huge, sold(1, "1")).quantity == Decimal("3E+20") - 1
