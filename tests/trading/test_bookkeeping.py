"""What bookings do to an account's books."""

from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    Number,
    about,
    alert,
    booking,
    fill,
    opened,
    quoted,
    seen,
)
from trading.bookings import (
    Adjusted,
    Adopted,
    CashFlow,
    CashInLieuPaid,
    CorporateAction,
    DividendPaid,
    FeeCharged,
    Held,
    Portion,
    SharesTransferred,
    Transferred,
)
from trading.bookkeeping import BOOK_FACTS, FOLDS, evolve_book
from trading.event import Event
from trading.events import EVENT_TYPES, AccountOpened
from trading.marks import Mark
from trading.order_events import ExecutionBusted, ExecutionCorrected
from trading.positions import Book
from trading.profit import in_all, of_strategy, outside, unexplained
from trading.vocabulary import AccountName, ExecutionId, FlowKind, MarkSource, Side


def book(*events: Event) -> Book:
    return reduce(evolve_book, (opened(), *events), Book(account=ACCOUNT))


def came(quantity: Number, price: Number = 100) -> SharesTransferred:
    return booking(SharesTransferred, symbol=AAPL, quantity=Decimal(quantity), price=Decimal(price))


def split(new: Number, old: Number, cash: Number = 0) -> CorporateAction:
    return booking(
        CorporateAction, symbol=AAPL, new=Decimal(new), old=Decimal(old), cash=Decimal(cash)
    )


# --- the beginning --------------------------------------------------------------------------------


def test_what_an_account_held_already_is_external_and_no_profit() -> None:
    held = (Held(symbol=AAPL, quantity=Decimal(-3), price=Decimal(50)),)
    begun = evolve_book(
        Book(account=ACCOUNT),
        AccountOpened(at=AT, account=ACCOUNT, cash=Decimal(1_000), positions=held),
    )
    assert seen(begun.net(AAPL), begun.own(AAPL), begun.outside(AAPL).quantity) == (-3, 0, -3)
    assert seen(begun.equity(), begun.opening_equity, begun.flows) == (850, 850, 850)
    assert begun.marks[AAPL] == Mark(Decimal(50), AT, MarkSource.QUOTE)
    assert in_all(begun).profit == 0


def test_bookings_of_another_account_change_nothing() -> None:
    deposit = booking(
        CashFlow, account=AccountName("else"), kind=FlowKind.DEPOSIT, amount=Decimal(5)
    )
    assert book(deposit) == book()


@pytest.mark.parametrize("kind", FOLDS, ids=lambda kind: kind.__name__)
def test_every_fact_that_changes_books_is_an_event(kind: type[Event]) -> None:
    assert kind in EVENT_TYPES
    assert kind in BOOK_FACTS


# --- executions taken back ------------------------------------------------------------------------


def test_a_busted_execution_gives_its_money_back() -> None:
    bought: dict[str, Any] = {
        "strategy": DEMO,
        "symbol": AAPL,
        "side": Side.BUY,
        "execution_id": ExecutionId("x1"),
    }
    gone = about(ExecutionBusted, quantity=Decimal(10), price=Decimal(100), **bought)
    now = book(fill("x1", 10, 100), gone)
    assert seen(now.cash, now.net(AAPL), now.day_pnl()) == (25_000, 0, 0)
    mended = about(
        ExecutionCorrected,
        quantity=Decimal(9),
        price=Decimal(101),
        was_quantity=Decimal(10),
        was_price=Decimal(100),
        **bought,
    )
    now = book(fill("x1", 10, 100), mended)
    assert seen(now.cash, now.net(AAPL)) == (25_000 - 909, 9)
    assert now.position(DEMO, AAPL).average_price == 101


# --- companies ------------------------------------------------------------------------------------


def test_two_for_one_doubles_shares_and_external_and_halves_the_mark() -> None:
    before = book(came(6), fill("x1", 10, 90), quoted(AAPL, 100))
    now = evolve_book(before, split(2, 1))
    assert seen(now.position(DEMO, AAPL).quantity, now.outside(AAPL).quantity) == (20, 12)
    assert seen(now.position(DEMO, AAPL).average_price, now.mark(AAPL)) == (45, 50)
    assert seen(now.equity(), now.unrealized(), now.day_pnl()) == (
        before.equity(),
        before.unrealized(),
        before.day_pnl(),
    )


def test_fractions_of_a_split_go_to_external_with_their_cost() -> None:
    """1 for 10: 25 at 10 are 2.5, 18 at 20 are 1.8, 7 external at 30 are 0.7: 5 in all.

    external   5 - 2 - 1 = 2, which cost 7 x 30 + 50 + 160 = 420
    """
    now = book(came(7, 30), fill("x1", 25, 10), fill("x2", 18, 20, strategy=OTHER), split(1, 10))
    assert seen(now.position(DEMO, AAPL).quantity, now.position(OTHER, AAPL).quantity) == (2, 1)
    assert seen(now.position(DEMO, AAPL).cost, now.position(OTHER, AAPL).cost) == (200, 200)
    assert seen(now.outside(AAPL).quantity, now.outside(AAPL).cost) == (2, 420)
    assert now.mark(AAPL) == 300


def test_one_for_three_is_exact_in_all_though_no_part_of_it_is() -> None:
    now = book(fill("x1", 10, 30), fill("x2", 5, 30, strategy=OTHER), split(1, 3))
    assert seen(now.own(AAPL), now.outside(AAPL).quantity, now.net(AAPL)) == (4, 1, 5)
    assert unexplained(now) == 0


def test_cash_for_each_share_goes_to_whoever_holds_it() -> None:
    now = book(came(2), fill("x1", 10, 100), split(1, 1, "0.5"))
    assert seen(of_strategy(now, DEMO).carry, outside(now).carry) == (5, 1)
    assert now.cash == 25_000 - 1_000 + 6


def test_a_fraction_is_paid_for_and_gone() -> None:
    """0.5 that cost 20 for 22.50: 2.50 realised, and nobody's but external's."""
    paid = booking(CashInLieuPaid, symbol=AAPL, quantity=Decimal("0.5"), amount=Decimal("22.50"))
    now = book(came("0.5", 40), paid)
    assert seen(now.net(AAPL), outside(now).gross) == (0, Decimal("2.5"))
    assert now.cash == Decimal("25022.50")


@pytest.mark.parametrize(("new", "old"), [(0, 1), (1, 0), (-1, 1)])
def test_terms_that_mean_nothing_change_nothing(new: int, old: int) -> None:
    before = book(fill("x1", 10, 100))
    assert evolve_book(before, split(new, old)) == before


def test_a_split_of_what_nobody_holds_changes_the_mark_alone() -> None:
    now = book(alert(price=100), split(4, 1))
    assert seen(now.net(AAPL), now.mark(AAPL)) == (0, 25)


def test_a_dividend_on_a_short_is_owed() -> None:
    owed = booking(
        DividendPaid, symbol=AAPL, portions=(Portion(strategy=DEMO, amount=Decimal(-3)),)
    )
    now = book(fill("x1", 10, 100, side=Side.SELL), owed)
    assert seen(now.cash, of_strategy(now, DEMO).carry) == (25_997, -3)


# --- fees -----------------------------------------------------------------------------------------


def test_a_fee_is_somebodys_or_the_accounts() -> None:
    amount = Decimal("0.25")
    now = book(
        booking(FeeCharged, strategy=DEMO, symbol=AAPL, amount=amount),
        booking(FeeCharged, symbol=AAPL, amount=amount),
        booking(FeeCharged, amount=amount),
    )
    assert seen(of_strategy(now, DEMO).fees, outside(now).fees, now.carry) == (
        amount,
        amount,
        -amount,
    )
    assert seen(now.cash, now.day_pnl()) == (Decimal("24999.25"), -amount)


# --- by hand --------------------------------------------------------------------------------------


def test_adopted_shares_cost_what_was_said_and_trade_nothing() -> None:
    """6 of 10 external from 100, adopted at 80 while they are worth 90.

    strategy   6 at 80: 60 open; the day counts them from 90, so that it stays where it is
    external   6 x (80 - 100) = -120 realised, 4 left from 100
    """
    adopted = booking(Adopted, strategy=DEMO, symbol=AAPL, quantity=Decimal(6), price=Decimal(80))
    before = book(came(10), quoted(AAPL, 90))
    now = evolve_book(before, adopted)
    share = now.position(DEMO, AAPL)
    assert seen(share.quantity, share.average_price, share.unrealized(Decimal(90))) == (6, 80, 60)
    assert seen(now.day_pnl(), now.account_day_pnl()) == (0, before.account_day_pnl())
    assert seen(now.outside(AAPL).quantity, now.outside(AAPL).realized) == (4, -120)
    assert seen(now.cash, now.equity()) == (before.cash, before.equity())
    assert unexplained(now) == 0


def test_no_more_is_adopted_than_is_there() -> None:
    adopted = booking(Adopted, strategy=DEMO, symbol=AAPL, quantity=Decimal(6), price=Decimal(80))
    now = book(came(4), adopted)
    assert seen(now.own(AAPL), now.outside(AAPL).quantity) == (4, 0)
    assert book(came(-4), adopted).own(AAPL) == 0


def test_transferred_shares_take_cost_and_day_along() -> None:
    """10 at 100, worth 104: 4 go over with 400 of cost; each has his part of the day's 40."""
    over = booking(Transferred, strategy=DEMO, to=OTHER, symbol=AAPL, quantity=Decimal(4))
    now = book(fill("x1", 10, 100), alert(price=104), over)
    assert seen(now.position(DEMO, AAPL).quantity, now.position(OTHER, AAPL).quantity) == (6, 4)
    assert now.position(OTHER, AAPL).average_price == 100
    assert seen(of_strategy(now, DEMO).day_pnl, of_strategy(now, OTHER).day_pnl) == (24, 16)
    assert of_strategy(now, DEMO).gross == 0
    assert now.strategies == (DEMO, OTHER)


def test_an_adjustment_is_a_flow_and_nobodys_profit() -> None:
    """3 shares that were forgotten, at 50, and 2 $ too much: 148 flowed in."""
    found = booking(Adjusted, strategy=DEMO, symbol=MSFT, quantity=Decimal(3), price=Decimal(50))
    lost = booking(Adjusted, cash=Decimal(-2))
    now = book(found, lost)
    assert seen(now.position(DEMO, MSFT).quantity, now.cash, now.flows_today) == (3, 24_998, 148)
    assert seen(in_all(now).profit, now.mark(MSFT)) == (0, 50)
    gone = booking(Adjusted, symbol=AAPL, quantity=Decimal(-4), price=Decimal(100))
    assert book(came(4), gone).net(AAPL) == 0


# --- marks ----------------------------------------------------------------------------------------


def test_an_alerts_price_does_not_replace_what_the_market_said() -> None:
    now = book(quoted(AAPL, 100), alert(price=50))
    assert now.marks[AAPL] == Mark(Decimal(100), AT, MarkSource.QUOTE)


def test_the_boundary_is_valued_at_the_marks_that_come_with_it() -> None:
    before = book(fill("x1", 10, 100))
    assert before.day_ends is not None
    now = evolve_book(before, quoted(AAPL, 110, before.day_ends))
    assert seen(now.opening_equity, now.day_pnl()) == (25_100, 0)
