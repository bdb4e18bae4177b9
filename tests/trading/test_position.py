"""What is held and what it earned, by hand arithmetic first and by properties after."""

from decimal import Decimal
from functools import reduce

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import seen
from trading.position import FLAT, Position
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
def test_fills_in_any_order_give_the_same_quantity_fees_and_day(
    fills: list[Fill], chance: st.DataObject
) -> None:
    shuffled = list(fills)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, whatever its strategy says
    one, other = after(*fills), after(*shuffled)
    assert one.quantity == other.quantity == sum(f.side.sign * f.quantity for f in fills)
    assert one.fees == other.fees
    assert one.day_pnl(Decimal(7)) == other.day_pnl(Decimal(7))


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


# --- the day ------------------------------------------------------------------------------------


def test_the_day_counts_a_sale_from_the_mark_at_the_boundary() -> None:
    """Ten at 100, 104 at the boundary: four sold at 107 for a fee of 1 realise 4 x 3 - 1 today."""
    held = after(bought(10, "100")).begun(Decimal(104))
    held = held.filled(Side.SELL, Decimal(4), Decimal(107), Decimal(1))
    assert seen(held.realized, held.day_realized) == (4 * 7, 4 * 3 - 1)
    assert held.day_pnl(Decimal(106)) == 4 * 3 - 1 + 6 * 2


@given(FILLS, FILLS, MARKS, MARKS)
def test_a_day_is_the_change_from_its_boundary(
    before: list[Fill], today: list[Fill], boundary: Decimal, mark: Decimal
) -> None:
    evening = after(*before)
    held = reduce(
        lambda p, f: p.filled(f.side, f.quantity, f.price, f.fee), today, evening.begun(boundary)
    )
    assert held.day_pnl(mark) == held.profit(mark) - evening.profit(boundary)


# --- executions taken back ----------------------------------------------------------------------


def undone(position: Position, fill: Fill) -> Position:
    return position.undone(fill.side, fill.quantity, fill.price)


def test_a_purchase_taken_back_leaves_what_the_others_cost() -> None:
    """Ten at 100 and ten at 110: without the first, ten at 110 and nothing earned."""
    held = undone(after(bought(10, "100"), bought(10, "110")), bought(10, "100"))
    assert seen(held.quantity, held.average_price, held.realized) == (10, 110, 0)
    assert held.day_pnl(Decimal(115)) == 50


def test_the_only_purchase_taken_back_leaves_nothing() -> None:
    held = undone(after(bought(10, "100")), bought(10, "100"))
    assert seen(held.quantity, held.cost, held.realized) == (0, 0, 0)


def test_a_sale_taken_back_brings_the_shares_at_what_the_rest_cost() -> None:
    held = undone(after(bought(10, "100"), sold(4, "107")), sold(4, "107"))
    assert seen(held.quantity, held.cost, held.realized) == (10, 1_000, 0)
    assert seen(held.day_cost, held.day_realized) == (1_000, 0)


def test_the_sale_of_all_taken_back_brings_them_at_what_they_had_cost() -> None:
    held = undone(after(bought(10, "100"), sold(10, "50")), sold(10, "50"))
    assert seen(held.quantity, held.cost, held.realized, held.day_realized) == (10, 1_000, 0, 0)


def test_yesterdays_sale_taken_back_counts_today_from_its_own_price() -> None:
    """Sold at 120 yesterday, worth 110 when it comes back: the day is 10 a share worse."""
    yesterday = after(bought(10, "100"), sold(10, "120")).begun(Decimal(115))
    held = undone(yesterday, sold(10, "120"))
    assert seen(held.quantity, held.cost, held.realized) == (10, 1_000, 0)
    assert held.day_pnl(Decimal(110)) == 10 * (110 - 120)


def test_a_short_taken_back_is_no_different() -> None:
    held = undone(after(sold(10, "100"), bought(4, "90")), bought(4, "90"))
    assert seen(held.quantity, held.cost, held.realized) == (-10, -1_000, 0)
    held = undone(after(sold(10, "100"), bought(10, "90")), bought(10, "90"))
    assert seen(held.quantity, held.cost, held.realized) == (-10, -1_000, 0)


def test_more_taken_back_than_is_held_turns_the_position() -> None:
    """Ten at 100, six sold at 120: without the purchase six are short, sold at 120."""
    held = undone(after(bought(10, "100"), sold(6, "120")), bought(10, "100"))
    assert held.quantity == -6
    assert held.profit(Decimal(110)) == 6 * (120 - 110)


def test_a_cost_that_would_turn_its_sign_goes_at_the_average() -> None:
    """1 at 1 and 9 at 100, 5 sold: without one of the dear ones the rest would be worth less."""
    held = after(bought(1, "1"), bought(9, "100"), sold(8, "100"))
    left = undone(held, bought(1, "300"))
    assert left.cost > 0
    assert left.profit(Decimal(0)) == held.profit(Decimal(0)) + 300


@given(FILLS, FILLS, st.integers(0, 1_000), MARKS)
def test_whatever_is_taken_back_the_money_is_what_cash_and_shares_say(
    before: list[Fill], later: list[Fill], which: int, mark: Decimal
) -> None:
    fills = before + later
    held = after(*fills)
    if not fills:
        return
    gone = fills[which % len(fills)]
    left = undone(held, gone)
    signed = gone.side.sign * gone.quantity
    assert left.quantity == held.quantity - signed
    assert left.profit(mark) == held.profit(mark) + signed * gone.price - signed * mark
    assert left.day_pnl(mark) == held.day_pnl(mark) + signed * gone.price - signed * mark
    assert left.quantity or seen(left.cost, left.day_cost) == (0, 0)


@given(FILLS)
def test_purchases_and_sales_taken_back_one_after_the_other_leave_nothing(
    fills: list[Fill],
) -> None:
    held = reduce(undone, reversed(fills), after(*fills))
    assert seen(held.quantity, held.profit(Decimal(3)) + held.fees) == (0, 0)


# --- shares that change hands -------------------------------------------------------------------


def test_shares_given_away_take_their_cost_along_and_realise_nothing() -> None:
    left, parcel = after(bought(10, "100"), bought(10, "110")).given(Decimal(5))
    assert seen(left.quantity, left.cost, left.realized) == (15, 1_575, 0)
    assert seen(parcel.quantity, parcel.cost) == (5, 525)
    taken = FLAT.received(parcel)
    assert seen(taken.average_price, taken.realized) == (105, 0)


def test_no_more_is_given_than_is_held() -> None:
    held = after(bought(10, "100"))
    assert held.given(Decimal(12))[1].quantity == 10
    assert held.given(Decimal(-1)) == (held, held.given(Decimal(0))[1])
    assert FLAT.given(Decimal(1))[0] is FLAT


def test_a_parcel_of_the_other_sign_closes_first() -> None:
    """Five short at 100 get eight that cost 90 each: five close with 10 each, three stay."""
    _, parcel = after(bought(8, "90")).given(Decimal(8))
    held = after(sold(5, "100")).received(parcel)
    assert seen(held.quantity, held.cost, held.realized) == (3, 270, 50)


@given(FILLS, FILLS, st.integers(-20_000, 20_000).map(Decimal), MARKS)
def test_what_changes_hands_earns_and_loses_nothing_together(
    givers: list[Fill], takers: list[Fill], quantity: Decimal, mark: Decimal
) -> None:
    giver, taker = after(*givers), after(*takers)
    left, parcel = giver.given(quantity)
    with_it = taker.received(parcel)
    assert left.quantity + with_it.quantity == giver.quantity + taker.quantity
    assert left.profit(mark) + with_it.profit(mark) == giver.profit(mark) + taker.profit(mark)
    assert left.day_pnl(mark) + with_it.day_pnl(mark) == giver.day_pnl(mark) + taker.day_pnl(mark)
    assert left.realized == giver.realized


def test_a_split_in_whole_shares_and_a_fraction() -> None:
    """15 at 10 as one for ten: one and a half at 100, the half is the fraction."""
    whole, fraction = after(bought(15, "10")).split(Decimal(1), Decimal(10))
    assert seen(whole.quantity, whole.cost, whole.average_price) == (1, 100, 100)
    assert seen(fraction.quantity, fraction.cost) == (Decimal("0.5"), 50)


def test_three_for_two_of_an_even_number_leaves_no_fraction() -> None:
    whole, fraction = after(bought(10, "30")).split(Decimal(3), Decimal(2))
    assert seen(whole.quantity, whole.cost, fraction.quantity) == (15, 300, 0)


def test_a_fee_is_an_estimate_until_it_is_replaced() -> None:
    estimated = after(bought(10, "100", fee="0.50")).charged(Decimal(0), Decimal("0.50"))
    assert seen(estimated.fees, estimated.estimated_fees) == (Decimal("0.5"), Decimal("0.5"))
    final = estimated.charged(Decimal("0.07") - Decimal("0.50"), -Decimal("0.50"))
    assert seen(final.fees, final.estimated_fees) == (Decimal("0.07"), 0)
    assert final.day_pnl(Decimal(100)) == Decimal("-0.07")
