"""The situations of the trading rules that have to do with the venue's side of the books.

Each is named after its row, on the paper venue, by the real actors.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from brokers.paper_outside import traded_outside
from tests.actors.facts import AAPL
from tests.stateful.house import Account, rules_named
from tests.trading.builders import seen
from trading.alert_events import SignalRefused
from trading.bookings import (
    CashFlow,
    CorporateAction,
    DividendPaid,
    DustMoved,
    ExternallyClosed,
    ExternalTraded,
    FeeCharged,
)
from trading.by_hand import Adjust
from trading.differences import DifferenceExplained, DifferenceFound
from trading.event import Event
from trading.events import AccountOpened, Healed, Tripped, VenueReady
from trading.order_events import CancelRequested, OrderFilled
from trading.vocabulary import Action, Code, OrderType, Side, StrategyName, Symbol


MSFT = Symbol("MSFT")


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account(rules_named("alpha"), rules_named("beta"))
    yield account
    account.end()


def codes(account: Account) -> list[Code]:
    """Of the stops in force."""
    return [stop.code for stop in account.desk.stops.in_force]


def refusals(account: Account) -> list[Code]:
    return [event.code for event in account.room.events(SignalRefused)]


# --- row 9: splits and dividends ------------------------------------------------------------------


def held_with_a_price(account: Account, quantity: int = 10, price: int = 100) -> None:
    account.buy(quantity, price=Decimal(price))
    account.quoted(AAPL, Decimal(price))
    account.looked()


def test_row_9_a_split_is_found_by_its_ratio_and_the_price(account: Account) -> None:
    held_with_a_price(account)
    cost = account.books.position(StrategyName("alpha"), AAPL).cost
    account.split(3, 1)
    account.quoted(AAPL, Decimal("33.90"))
    account.looked()
    account.looked()
    (action,) = account.room.events(CorporateAction)
    assert seen(action.new, action.old) == (3, 1)
    assert account.held() == 30
    assert account.books.position(StrategyName("alpha"), AAPL).cost == cost
    assert account.desk.differences == {}


def test_row_9_what_is_external_is_split_too(account: Account) -> None:
    held_with_a_price(account)
    account.traded_outside(Side.BUY, 5)
    account.looked()
    account.split(2, 1)
    account.quoted(AAPL, Decimal(50))
    account.looked()
    account.looked()
    assert seen(account.held(), account.books.outside(AAPL).quantity) == (20, 10)


def test_row_9_without_the_price_it_is_nobodys(account: Account) -> None:
    """Twice as many shares at the same price: a transfer perhaps, but no split."""
    held_with_a_price(account)
    account.split(2, 1)
    account.looked()
    account.advance(35)
    assert account.room.events(CorporateAction) == []
    assert codes(account) == [Code.POSITION_DIFFERENCE]


def test_row_9_what_is_no_simple_ratio_is_booked_by_a_person(account: Account) -> None:
    held_with_a_price(account)
    account.split(107, 10)
    account.quoted(AAPL, Decimal("9.35"))
    account.looked()
    account.advance(35)
    assert codes(account) == [Code.POSITION_DIFFERENCE]
    account.by_hand(Adjust(symbol=AAPL, quantity=Decimal(97), price=Decimal("9.35")))
    account.looked()
    assert codes(account) == []


def test_row_9_a_dividend_goes_to_each_by_what_he_holds(account: Account) -> None:
    account.buy(10, "alpha")
    account.buy(30, "beta")
    account.moved("dividend", Decimal(8), symbol=AAPL)
    account.looked()
    (paid,) = account.room.events(DividendPaid)
    assert {p.strategy: p.amount for p in paid.portions} == {"alpha": 2, "beta": 6}
    assert account.books.cash == account.ledger.cash


# --- row 10: trades by hand -----------------------------------------------------------------------


def test_row_10_a_manual_trade_takes_from_external_first(account: Account) -> None:
    account.buy(10)
    account.traded_outside(Side.BUY, 5)
    account.looked()
    account.traded_outside(Side.SELL, 4)
    account.looked()
    assert seen(account.held(), account.books.outside(AAPL).quantity) == (10, 1)
    assert account.room.events(ExternallyClosed) == []


def test_row_10_then_it_closes_the_only_owners_share_at_its_price(account: Account) -> None:
    account.buy(10)
    account.traded_outside(Side.SELL, 4, Decimal(110))
    account.looked()
    (closed,) = account.room.events(ExternallyClosed)
    assert seen(closed.strategy, closed.quantity, closed.price) == ("alpha", 4, 110)
    bought = account.room.events(OrderFilled)[0].price
    share = account.books.position(StrategyName("alpha"), AAPL)
    assert seen(share.quantity, share.realized) == (6, 4 * (110 - bought))
    assert account.books.outside(AAPL).quantity == 0


def test_row_10_else_all_shares_pro_rata(account: Account) -> None:
    account.buy(10, "alpha")
    account.buy(20, "beta")
    account.traded_outside(Side.SELL, 6)
    account.looked()
    assert seen(account.held("alpha"), account.held("beta")) == (8, 16)


def test_row_10_what_own_orders_are_closing_is_taken_last(account: Account) -> None:
    """Beta's sale is at the venue already when the other is heard of; alpha gives."""
    account.buy(10, "alpha")
    account.buy(10, "beta")
    account.quoted(AAPL, Decimal(100))
    account.venue.is_deaf = True
    account.traded_outside(Side.SELL, 5)
    account.sell(10, "beta")
    account.looked()
    assert seen(account.held("alpha"), account.held("beta")) == (5, 10)
    account.quoted(AAPL, Decimal(100))
    account.venue.is_deaf = False
    account.looked()
    assert seen(account.held("alpha"), account.held("beta")) == (5, 0)


def test_row_10_what_would_close_more_than_is_left_is_cancelled(account: Account) -> None:
    account.buy(10)
    account.quoted(AAPL, Decimal(100))
    account.sell(4, order_type=OrderType.LIMIT, limit_price=Decimal(120))
    account.traded_outside(Side.SELL, 5)
    account.looked()
    assert [o.plan.quantity for o in account.desk.live(AAPL)] == [4]
    account.traded_outside(Side.SELL, 1)
    account.looked()
    assert [o.plan.quantity for o in account.desk.live(AAPL)] == [4]
    account.at_venue(*sold_under_the_order(account))
    account.looked()
    assert account.desk.live(AAPL) == []
    (asked,) = account.room.events(CancelRequested)
    assert asked.code is Code.EXTERNALLY_CLOSED


def sold_under_the_order(account: Account) -> list[Event]:
    """A venue that does not hold back what an order offers."""
    now = account.room.clock.now()
    price = Decimal(100)
    return [traded_outside(AAPL, Side.SELL, Decimal(2), price, now, number="under")]


def test_row_10_it_is_booked_once_however_often_it_is_seen(account: Account) -> None:
    account.traded_outside(Side.BUY, 5)
    account.looked()
    account.looked()
    account.restart()
    account.looked()
    assert len(account.room.events(ExternalTraded)) == 1


def test_row_10_it_is_found_at_the_next_start(account: Account) -> None:
    account.buy(10)
    account.venue.is_deaf = True
    account.traded_outside(Side.SELL, 3)
    account.restart()
    assert account.held() == 7
    kinds = [type(r.event) for r in account.room.history()]
    last_ready = len(kinds) - 1 - kinds[::-1].index(VenueReady)
    assert kinds.index(ExternallyClosed) < last_ready


# --- row 14: alerts that may have been missed -----------------------------------------------------


def test_row_14_who_holds_over_a_gap_comes_up_exits_only(account: Account) -> None:
    account.buy(10)
    account.looked()
    account.restart(after_s=120)
    (trip,) = account.room.events(Tripped)
    assert seen(trip.code, trip.scope.strategy) == (Code.MISSED_ALERTS, "alpha")
    account.buy(5)
    assert refusals(account) == [Code.REDUCING]
    account.alert(Action.CLOSE_LONG, "alpha")
    assert account.held() == 0


def test_row_14_an_alert_that_knows_the_share_arms_it_again(account: Account) -> None:
    account.buy(10)
    account.looked()
    account.restart(after_s=120)
    account.buy(5, prev_position_size=Decimal(12))
    assert account.held() == 10
    account.buy(5, prev_position_size=Decimal(10))
    assert seen(account.held(), codes(account)) == (15, [])
    assert len(account.room.events(Healed)) == 1


def test_row_14_or_a_person_does(account: Account) -> None:
    account.buy(10)
    account.looked()
    account.restart(after_s=120)
    account.resume()
    account.buy(5)
    assert account.held() == 15


@pytest.mark.parametrize("after_s", [5, 25])
def test_row_14_a_short_absence_is_no_gap(account: Account, after_s: int) -> None:
    account.buy(10)
    account.looked()
    account.restart(after_s)
    assert codes(account) == []


def test_row_14_nor_one_in_which_nothing_is_held(account: Account) -> None:
    account.restart(after_s=500)
    assert codes(account) == []


# --- row 16: dust ---------------------------------------------------------------------------------


def test_row_16_dust_goes_to_external_and_the_books_agree(account: Account) -> None:
    account.buy(10)
    account.traded_outside(Side.SELL, Decimal("9.63"))
    account.looked()
    account.advance(3)
    (moved,) = account.room.events(DustMoved)
    assert seen(moved.strategy, moved.quantity) == ("alpha", Decimal("0.37"))
    assert seen(account.held(), account.books.outside(AAPL).quantity) == (0, Decimal("0.37"))
    account.looked()
    account.advance(35)
    assert account.desk.differences == {}


# --- row 23: what was held before -----------------------------------------------------------------


def test_row_23_what_an_account_held_at_first_sight_is_external(account: Account) -> None:
    account.buy(10)
    account.moved("deposit", Decimal(500))
    account.without_its_journal()
    (opened,) = account.room.events(AccountOpened)
    assert {held.symbol: held.quantity for held in opened.positions} == {AAPL: 10}
    assert opened.cash == account.ledger.cash
    account.looked()
    assert account.room.events(ExternalTraded) == []
    assert account.room.events(CashFlow) == []
    assert seen(account.held(), account.books.outside(AAPL).quantity) == (0, 10)


def test_row_23_at_what_it_is_quoted_then(account: Account) -> None:
    account.traded_outside(Side.BUY, 10)
    account.quoted(AAPL, Decimal(120))
    account.without_its_journal()
    assert account.books.equity() == account.ledger.cash  # nobody quotes before the market does


# --- what nothing explains ------------------------------------------------------------------------


def wrong(account: Account, symbol: Symbol = AAPL, quantity: int = 3) -> None:
    """The books believe in shares that the venue does not hold."""
    account.by_hand(Adjust(symbol=symbol, quantity=Decimal(quantity), price=Decimal(100)))


def test_a_difference_is_a_fact_after_30_seconds_and_stops_its_symbol(account: Account) -> None:
    account.buy(10)
    wrong(account)
    account.looked()
    assert account.room.events(DifferenceFound) == []
    account.advance(35)
    (found,) = account.room.events(DifferenceFound)
    assert seen(found.ours, found.venue, found.residual) == (13, 10, -3)
    account.buy(1)
    account.buy(1, symbol=MSFT)
    assert refusals(account) == [Code.REDUCING]
    assert account.held(symbol=MSFT) == 1


def test_in_two_symbols_it_stops_the_account(account: Account) -> None:
    wrong(account)
    wrong(account, MSFT)
    account.looked()
    account.advance(35)
    account.buy(1, symbol=Symbol("F"))
    assert refusals(account) == [Code.REDUCING]
    wrong(account, MSFT, -3)
    account.looked()
    account.buy(1, symbol=Symbol("F"))
    assert account.held(symbol=Symbol("F")) == 1
    assert len(codes(account)) == 1


def test_it_heals_once_it_is_explained(account: Account) -> None:
    wrong(account)
    account.looked()
    account.advance(35)
    wrong(account, quantity=-3)
    account.looked()
    assert len(account.room.events(DifferenceExplained)) == 1
    assert seen(codes(account), account.desk.differences) == ([], {})


def test_a_person_cannot_resume_what_is_not_explained(account: Account) -> None:
    wrong(account)
    account.looked()
    account.advance(35)
    account.resume()
    account.advance(35)
    assert codes(account) == [Code.POSITION_DIFFERENCE]


def test_it_outlives_a_restart(account: Account) -> None:
    wrong(account)
    account.looked()
    account.advance(35)
    account.restart()
    account.buy(1)
    assert refusals(account) == [Code.REDUCING]


def test_newer_numbers_replace_it(account: Account) -> None:
    wrong(account)
    account.looked()
    account.advance(35)
    wrong(account, quantity=1)
    account.looked()
    assert [f.residual for f in account.room.events(DifferenceFound)] == [-3, -4]
    assert [f.residual for f in account.desk.differences.values()] == [-4]


def test_cash_that_nothing_explains_is_named_and_stops_nothing(account: Account) -> None:
    account.moved("riddle", Decimal(7))
    account.looked()
    account.advance(35)
    (found,) = account.room.events(DifferenceFound)
    assert seen(found.kind, found.residual, codes(account)) == ("cash", 7, [])
    account.by_hand(Adjust(cash=Decimal(7)))
    account.looked()
    assert account.desk.differences == {}


def test_a_failed_look_is_never_flat(account: Account) -> None:
    account.buy(10)
    account.venue.fails_looks = 1_000
    account.advance(300)
    assert account.held() == 10
    assert account.room.events(DifferenceFound) == []


def test_at_a_start_nothing_is_decided_before_a_look_has_succeeded(account: Account) -> None:
    account.buy(10)
    before = len(account.room.events(VenueReady))
    account.fails_looks = 3
    account.restart()
    assert len(account.room.events(VenueReady)) == before
    account.buy(5)
    assert account.held() == 10
    for _ in range(8):
        account.advance(2)
    assert account.held() == 15


# --- money that moves without an order ------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("deposit", 100), ("withdrawal", -100), ("interest", 3), ("fee", -2), ("transfer", 50)],
)
def test_a_transaction_is_booked_and_cash_agrees(account: Account, kind: str, amount: int) -> None:
    account.moved(kind, Decimal(amount))
    account.looked()
    assert account.books.cash == account.ledger.cash == 25_000 + amount
    account.looked()
    account.restart()
    assert account.books.cash == account.ledger.cash


def test_a_fee_is_no_flow_and_a_deposit_no_profit(account: Account) -> None:
    account.moved("fee", Decimal(-2), text="wire")
    account.moved("deposit", Decimal(100))
    account.looked()
    (fee,) = account.room.events(FeeCharged)
    assert seen(fee.amount, fee.what) == (2, "wire")
    assert seen(account.books.carry, account.books.flows) == (-2, 25_100)


# --- reports that were lost -----------------------------------------------------------------------


def test_a_fill_whose_report_was_lost_is_found_at_the_next_look(account: Account) -> None:
    account.venue.is_deaf = True
    account.buy(10)
    assert account.held() == 0
    account.looked()
    assert account.held() == 10
    assert account.desk.orders == {}
