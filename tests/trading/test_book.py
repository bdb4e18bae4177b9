"""An account's cash, positions and day, as a fold of its events."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

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
    alert,
    fill,
    opened,
    seen,
)
from trading.alert_events import AlertAccepted
from trading.bookkeeping import evolve_book
from trading.event import Event
from trading.marks import Mark
from trading.order_events import OrderFilled
from trading.position import FLAT
from trading.positions import Book, roll
from trading.vocabulary import AccountName, Side


TOMORROW = AT + timedelta(days=1)


def book(*events: Event) -> Book:
    return reduce(evolve_book, (opened(), *events), Book(account=ACCOUNT))


def priced(price: Number, at: datetime = AT) -> AlertAccepted:
    return alert(price=price, at=at)


def test_an_opened_account_has_its_cash_as_equity() -> None:
    assert seen(book().cash, book().opening_equity, book().equity()) == (25_000, 25_000, 25_000)


def test_a_fill_moves_cash_by_its_value_and_its_fee() -> None:
    after = book(fill("x1", 10, 100, fee=1), fill("x2", 4, 110, side=Side.SELL, fee=1))
    assert after.cash == 25_000 - 1_000 - 1 + 440 - 1
    assert after.position(DEMO, AAPL).quantity == 6


def test_fills_of_another_account_change_nothing() -> None:
    assert book(fill(account=AccountName("else"))) == book()


def test_strategies_keep_their_own_shares_and_the_account_nets_them() -> None:
    after = book(fill("x1", 10), fill("x2", 5, strategy=OTHER), fill("x3", 9, symbol=MSFT))
    assert after.position(OTHER, AAPL).quantity == 5
    assert seen(after.net(AAPL), after.net(MSFT)) == (15, 9)
    assert after.position(OTHER, MSFT) is FLAT


def test_realised_is_each_strategys_own_and_not_the_accounts_average() -> None:
    after = book(
        fill("x1", 10, 100),
        fill("x2", 10, 120, strategy=OTHER),
        fill("x3", 10, 115, strategy=OTHER, side=Side.SELL),
    )
    assert after.position(OTHER, AAPL).realized == -50


def test_an_alerts_price_is_a_mark_and_one_without_changes_none() -> None:
    after = book(priced(101), alert(price=None))
    assert after.marks == {AAPL: Mark(Decimal(101), AT)}


def test_the_first_fill_marks_a_symbol_that_has_no_price_yet() -> None:
    assert book(fill("x1", 10, 99)).mark(AAPL) == 99
    assert book(priced(101), fill("x1", 10, 99)).mark(AAPL) == 101
    assert book().mark(AAPL) is None


def test_open_profit_counts_every_position_at_its_mark() -> None:
    after = book(fill("x1", 10, 100), fill("x2", 5, 50, symbol=MSFT), priced(103))
    assert seen(after.unrealized(), after.equity()) == (30, 25_030)


def test_the_day_counts_what_was_held_from_its_value_at_the_boundary() -> None:
    """Ten at 100, 104 at the boundary; sold four at 107 for a fee of 1, six left at 106."""
    evening = [fill("x1", 10, 100), priced(104)]
    today = [
        fill("x2", 4, 107, side=Side.SELL, fee=1, at=TOMORROW),
        priced(106, at=TOMORROW),
    ]
    assert book(*evening).day_pnl() == 40
    assert book(*evening, *today).day_pnl() == 4 * 3 - 1 + 6 * 2


def test_the_day_counts_what_was_bought_today_from_its_entry() -> None:
    today = [fill("x2", 10, 50, fee=2, at=TOMORROW), priced(49, at=TOMORROW)]
    assert book(*today).day_pnl() == -10 - 2


def test_an_overnight_gap_belongs_to_the_new_day() -> None:
    after = book(fill("x1", 10, 100), priced(90, at=TOMORROW))
    assert seen(after.day_pnl(), after.opening_equity) == (-100, 25_000)


def test_past_the_boundary_the_day_starts_anew_at_the_marks() -> None:
    rolled = roll(book(fill("x1", 10, 100), priced(104)), TOMORROW)
    assert seen(rolled.day_pnl(), rolled.opening_equity) == (0, 25_040)
    assert roll(rolled, TOMORROW) is rolled


def test_the_last_instant_before_the_boundary_is_still_today() -> None:
    today = book(fill("x1", 10, 100), priced(104))
    assert today.day_ends is not None
    assert roll(today, today.day_ends - timedelta(microseconds=1)).day_pnl() == 40
    assert roll(today, today.day_ends).day_pnl() == 0


def test_a_gap_of_many_days_is_one_new_day() -> None:
    rolled = roll(book(fill("x1", 10, 100), priced(104)), AT + timedelta(days=9))
    assert rolled.day_ends is not None
    assert seen(rolled.day_pnl(), rolled.day_ends > AT + timedelta(days=9)) == (0, True)


FILLS = st.lists(
    st.builds(
        lambda n, side, quantity, price, symbol, fee: fill(
            f"x{n}", quantity, price, side=side, symbol=symbol, fee=fee
        ),
        st.integers(),
        st.sampled_from(Side),
        st.integers(1, 500),
        st.decimals("0.01", 900, places=2),
        st.sampled_from((AAPL, MSFT)),
        st.decimals(0, 5, places=2),
    ),
    max_size=20,
)


@given(FILLS, st.randoms())
def test_fills_in_any_order_give_the_same_cash_and_quantities(
    fills: list[OrderFilled], chance: st.DataObject
) -> None:
    shuffled = list(fills)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random, whatever its strategy says
    one, other = book(*fills), book(*shuffled)
    assert one.cash == other.cash
    assert (one.net(AAPL), one.net(MSFT)) == (other.net(AAPL), other.net(MSFT))


@given(FILLS)
def test_on_the_first_day_the_days_profit_is_the_change_of_equity(
    fills: list[OrderFilled],
) -> None:
    after = book(*fills)
    assert after.day_pnl() == after.equity() - 25_000
