"""When equity is marked, with what, and what moves the indices."""

from decimal import Decimal
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    after,
    alert,
    booking,
    fill,
    opened,
    quoted,
    seen,
)
from trading.bookings import Adopted, CashFlow, SharesTransferred
from trading.equity import is_mark_due
from trading.event import Event
from trading.marks import Mark
from trading.statement import Statement, evolve_statement, new_statement
from trading.vocabulary import FlowKind


def told(*events: Event) -> Statement:
    return reduce(evolve_statement, (opened(), *events), new_statement(ACCOUNT))


def marked(statement: Statement, seconds: float = 0) -> Statement:
    mark = statement.curve.mark_of(statement.book, after(seconds))
    return evolve_statement(statement, mark)


def is_due(statement: Statement, seconds: float = 0) -> bool:
    return is_mark_due(statement.curve, statement.book, after(seconds))


def test_a_mark_says_what_everything_is_worth_and_at_which_prices() -> None:
    statement = told(fill("x1", 10, 100), alert(price=110, at=after(5)))
    mark = statement.curve.mark_of(statement.book, after(6))
    assert seen(mark.at, mark.account, mark.equity) == (after(6), ACCOUNT, 25_100)
    assert seen(mark.index, mark.bot_index) == (Decimal("1.004"), Decimal("1.004"))
    assert mark.marks == {AAPL: Mark(Decimal(110), after(5))}


def test_an_account_nobody_has_seen_is_not_marked() -> None:
    nothing = new_statement(ACCOUNT)
    assert not is_due(nothing)
    assert not is_due(evolve_statement(nothing, alert()))


def test_equity_is_marked_at_once_after_a_trade_or_a_booking() -> None:
    statement = marked(told())
    assert not is_due(statement)
    traded = evolve_statement(statement, fill("x1", 10, 100))
    assert is_due(traded)
    assert not is_due(marked(traded))
    flow = booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(1))
    assert is_due(evolve_statement(statement, flow))


def test_while_something_is_held_equity_is_marked_each_minute_it_moved() -> None:
    held = marked(told(fill("x1", 10, 100)))
    moved = evolve_statement(held, alert(price=101, at=after(1)))
    assert not is_due(held, 60)
    assert not is_due(moved, 59)
    assert is_due(moved, 60)
    assert not is_due(evolve_statement(marked(told()), alert(price=101, at=after(1))), 60)


def test_equity_is_marked_at_the_boundary_held_or_not() -> None:
    statement = marked(told())
    assert statement.book.day_ends is not None
    seconds = (statement.book.day_ends - AT).total_seconds()
    assert not is_due(statement, seconds - 1)
    assert is_due(statement, seconds)
    assert not is_due(marked(statement, seconds), seconds + 60)


def test_adopting_moves_no_index() -> None:
    held = told(booking(SharesTransferred, symbol=AAPL, quantity=Decimal(10), price=Decimal(100)))
    adopted = evolve_statement(
        held, booking(Adopted, strategy=DEMO, symbol=AAPL, quantity=Decimal(10), price=Decimal(1))
    )
    assert adopted.curve.bot_index_of(adopted.book) == 1
    up = evolve_statement(adopted, quoted(AAPL, 126))
    assert up.curve.bot_index_of(up.book) == 1 + Decimal(260) / 26_000


def test_an_account_without_equity_has_an_index_that_stands_still() -> None:
    statement = reduce(
        evolve_statement, (opened(cash=0), fill("x1", 10, 100)), new_statement(ACCOUNT)
    )
    assert statement.curve.index_of(statement.book) == 1
    paid_in = booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(2_000))
    after_it = reduce(evolve_statement, (paid_in, alert(price=150)), statement)
    assert after_it.curve.index_of(after_it.book) == Decimal("1.25")


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 5_000)), max_size=12))
def test_flows_never_move_an_index(history: list[tuple[int, int]]) -> None:
    """With and without the deposits that came between the prices, where all is invested alike."""
    flowing = told(fill("x1", 100, 100))
    growth = Decimal(1)
    for price, deposit in history:
        priced = alert(price=price)
        before = flowing.book.equity()
        flowing = evolve_statement(flowing, priced)
        growth *= flowing.book.equity() / before
        flow = booking(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(deposit))
        flowing = evolve_statement(flowing, flow)
    index = flowing.curve.index_of(flowing.book)
    assert abs(index - growth) < Decimal("1E-15")
    assert abs(flowing.curve.bot_index_of(flowing.book) - growth) < Decimal("1E-15")
