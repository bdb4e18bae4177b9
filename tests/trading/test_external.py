"""What was not ours: foreign trades, what is paid on shares, dust, and what nobody explains."""

from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    Number,
    booking,
    fill,
    opened,
    seen,
)
from trading.apportion import apportioned
from trading.bookings import DustMoved, ExternallyClosed, ExternalTraded, SharesTransferred
from trading.bookkeeping import evolve_book
from trading.event import Event
from trading.external import cash_residual, dust, portions, residuals, taken_from_shares
from trading.positions import Book
from trading.vocabulary import BookingId, ExecutionId, Side, StrategyName


def book(*events: Event) -> Book:
    return reduce(evolve_book, (opened(), *events), Book(account=ACCOUNT))


def outside(quantity: Number, price: Number = 100) -> SharesTransferred:
    return booking(SharesTransferred, symbol=AAPL, quantity=Decimal(quantity), price=Decimal(price))


def foreign(side: Side, quantity: Number, price: Number = 110) -> ExternalTraded:
    return booking(
        ExternalTraded,
        booking_id=BookingId("F1"),
        execution_id=ExecutionId("F1"),
        symbol=AAPL,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        executed_at=AT,
    )


def after_trade(before: Book, trade: ExternalTraded) -> Book:
    return reduce(evolve_book, (trade, *taken_from_shares(before, trade)), before)


# --- foreign trades -------------------------------------------------------------------------------


def test_a_foreign_sale_takes_from_external_first() -> None:
    """4 external from 100 and 10 of ours at 100: 6 sold at 110 take the 4 and 2 of ours.

    external   4 x 10 = 40 realised; ours 2 x 10 = 20
    cash       25,000 - 1,000 + 660 = 24,660
    """
    before = book(outside(4), fill("x1", 10, 100))
    trade = foreign(Side.SELL, 6)
    assert taken_from_shares(before, trade) == (
        ExternallyClosed(
            at=AT,
            account=ACCOUNT,
            booking_id=BookingId("F1/demo"),
            execution_id=ExecutionId("F1"),
            strategy=DEMO,
            symbol=AAPL,
            side=Side.SELL,
            quantity=Decimal(2),
            price=Decimal(110),
        ),
    )
    now = after_trade(before, trade)
    ours, rest = now.position(DEMO, AAPL), now.outside(AAPL)
    assert seen(ours.quantity, ours.realized, rest.quantity, rest.realized) == (8, 20, 0, 40)
    assert now.cash == 24_660


def test_a_foreign_trade_of_our_sign_is_external() -> None:
    before = book(fill("x1", 10, 100))
    assert taken_from_shares(before, foreign(Side.BUY, 5)) == ()
    assert after_trade(before, foreign(Side.BUY, 5)).outside(AAPL).quantity == 5


def test_the_only_owner_gives_all_and_the_rest_is_external() -> None:
    """10 of ours, 30 sold: all of ours, and 20 are short and external."""
    now = after_trade(book(fill("x1", 10, 100)), foreign(Side.SELL, 30))
    assert seen(now.position(DEMO, AAPL).quantity, now.outside(AAPL).quantity) == (0, -20)
    assert now.outside(AAPL).average_price == 110


def test_several_owners_give_by_their_shares_in_whole_ones() -> None:
    """10 and 5, 7 sold: 4.67 and 2.33, which is 5 and 2."""
    before = book(fill("x1", 10, 100), fill("x2", 5, 100, strategy=OTHER))
    closings = taken_from_shares(before, foreign(Side.SELL, 7))
    assert {c.strategy: c.quantity for c in closings} == {DEMO: 5, OTHER: 2}
    assert after_trade(before, foreign(Side.SELL, 7)).net(AAPL) == 8


def test_a_foreign_purchase_covers_external_shorts_and_then_ours() -> None:
    before = book(outside(-4), fill("x1", 10, 100, side=Side.SELL))
    now = after_trade(before, foreign(Side.BUY, 6, 90))
    assert seen(now.position(DEMO, AAPL).quantity, now.outside(AAPL).quantity) == (-8, 0)
    assert now.position(DEMO, AAPL).realized == 2 * 10


@given(
    st.lists(st.integers(0, 40).map(Decimal), min_size=2, max_size=4),
    st.integers(-40, 40).map(Decimal),
    st.integers(1, 200).map(Decimal),
    st.sampled_from(Side),
)
def test_external_never_opposes_the_shares_and_nobody_gives_more_than_he_has(
    shares: list[Decimal], around: Decimal, quantity: Decimal, side: Side
) -> None:
    before = book(
        outside(abs(around)),
        *(fill(f"x{n}", q, 100, strategy=StrategyName(f"s{n}")) for n, q in enumerate(shares)),
    )
    trade = foreign(side, quantity)
    now = after_trade(before, trade)
    held = {s: now.position(s, AAPL).quantity for s in now.strategies}
    assert all(0 <= held[s] <= before.position(s, AAPL).quantity for s in held)
    assert not any(held.values()) or now.outside(AAPL).quantity >= 0
    assert now.net(AAPL) == before.net(AAPL) + side.sign * quantity


# --- what is paid on shares -----------------------------------------------------------------------


def test_what_nobody_holds_is_externals() -> None:
    (portion,) = portions(book(), AAPL, Decimal("1.23"))
    assert seen(portion.strategy, portion.amount) == (None, Decimal("1.23"))


@given(
    st.decimals("-1000", 1000, places=2),
    st.dictionaries(st.text(max_size=2), st.integers(1, 999).map(Decimal), min_size=1, max_size=5),
    st.sampled_from((Decimal(1), Decimal("0.01"))),
)
def test_parts_sum_to_the_amount_and_lie_within_a_step_of_the_exact_ones(
    amount: Decimal, weights: dict[str, Decimal], step: Decimal
) -> None:
    parts = apportioned(amount, weights, step)
    assert sum(parts.values()) == amount
    total = sum(weights.values())
    assert all(abs(parts[key] - amount * weights[key] / total) < 2 * step for key in weights)


def test_of_equal_remainders_the_first_gets_the_step() -> None:
    weights = dict.fromkeys("abc", Decimal(1))
    assert apportioned(Decimal(2), weights, Decimal(1)) == {"a": 1, "b": 1, "c": 0}
    assert apportioned(Decimal(-2), weights, Decimal(1)) == {"a": -1, "b": -1, "c": 0}


# --- dust -----------------------------------------------------------------------------------------


def test_less_than_one_share_is_dust_and_goes_to_external_with_its_cost() -> None:
    """10.37 at 100 less 10 sold at 101: 0.37 stay, 37 $ of cost; the strategy is flat."""
    before = book(fill("x1", "10.37", 100), fill("x2", 10, 101, side=Side.SELL))
    assert dust(before) == {(DEMO, AAPL): Decimal("0.37")}
    now = evolve_book(
        before, booking(DustMoved, strategy=DEMO, symbol=AAPL, quantity=Decimal("0.37"))
    )
    assert dust(now) == {}
    assert seen(now.position(DEMO, AAPL).quantity, now.position(DEMO, AAPL).realized) == (0, 10)
    assert seen(now.outside(AAPL).quantity, now.outside(AAPL).cost) == (Decimal("0.37"), 37)
    assert dust(book(fill("x1", 1, 100))) == {}


def test_a_dust_that_is_gone_meanwhile_moves_nothing() -> None:
    flat = book(fill("x1", 10, 100), fill("x2", 10, 101, side=Side.SELL))
    moved = booking(DustMoved, strategy=DEMO, symbol=AAPL, quantity=Decimal("0.37"))
    assert evolve_book(flat, moved).net(AAPL) == 0


# --- what is unexplained --------------------------------------------------------------------------


def test_the_residual_is_what_the_venue_has_beyond_shares_and_external() -> None:
    """The venue has 18; 10 are ours and 5 external: 3 are nobody's."""
    held = book(outside(5), fill("x1", 10, 100))
    (residual,) = residuals(held, {AAPL: Decimal(18)})
    assert seen(residual.venue, residual.shares, residual.external) == (18, 10, 5)
    assert residual.quantity == 3


def test_a_symbol_the_venue_does_not_name_is_flat_there() -> None:
    (residual,) = residuals(book(fill("x1", 10, 100)), {})
    assert residual.quantity == -10


def test_a_symbol_only_the_venue_holds_is_unexplained() -> None:
    (residual,) = residuals(book(), {MSFT: Decimal(2)})
    assert seen(residual.symbol, residual.quantity) == (MSFT, 2)


def test_books_that_are_right_have_no_residual() -> None:
    held = book(outside(5), fill("x1", 10, 100))
    assert residuals(held, {AAPL: Decimal(15)}) == ()
    assert cash_residual(held, Decimal(24_000)) == 0
    assert cash_residual(held, Decimal("24000.05")) == Decimal("0.05")


@pytest.mark.parametrize("cash", ["-1", "0"])
def test_an_account_never_opened_has_no_cash_of_ours(cash: str) -> None:
    assert cash_residual(Book(account=ACCOUNT), Decimal(cash)) == Decimal(cash)
