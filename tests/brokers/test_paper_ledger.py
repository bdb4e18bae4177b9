"""The paper venue's own books, by hand arithmetic."""

from datetime import datetime
from decimal import Decimal
from functools import reduce

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from brokers.base import InsufficientFundsError, RejectedError, Ticket
from brokers.ledger import Ledger, evolve_ledger
from brokers.ledger_events import (
    INDICATIVE,
    LedgerOpened,
    PaperAccepted,
    PaperCancelled,
    PaperFilled,
    RehearsalMarked,
)
from brokers.market import FROM_ALERT, Quote
from brokers.matching import match
from brokers.paper_orders import take
from tests.brokers.paper_house import ticket
from tests.trading.builders import AAPL, AT, MSFT, Number, alert, seen
from trading.event import Event
from trading.vocabulary import BrokerOrderId, OrderId, Side, Symbol


BUY, SELL = Side.BUY, Side.SELL


def on_price(ledger: Ledger, symbol: Symbol, price: Decimal, at: datetime) -> tuple[Event, ...]:
    """What a later alert's price does to the orders that rest."""
    said = Quote(symbol=symbol, at=at, source=FROM_ALERT, last=price)
    return match(ledger, said, before=None, now=at)


def opened(cash: Number = 25_000) -> Ledger:
    return evolve_ledger(Ledger(), LedgerOpened(at=AT, account="paper", cash=Decimal(cash)))


def told(ledger: Ledger, *events: Event) -> Ledger:
    return reduce(evolve_ledger, events, ledger)


def after(*tickets: Ticket, cash: Number = 25_000) -> Ledger:
    """The ledger after these orders, each alone."""
    ledger = opened(cash)
    for each in tickets:
        ledger = told(ledger, *take(ledger, each, None, AT))
    return ledger


# --- the fold -------------------------------------------------------------------------------------


def test_a_market_buy_costs_its_fill_and_a_sale_brings_it() -> None:
    """Ten bought at 100.07 and four sold at 99.93."""
    bought = after(ticket(BUY, 10))
    assert seen(bought.cash, bought.holdings) == (Decimal("23999.30"), {AAPL: 10})
    sold = after(ticket(BUY, 10), ticket(SELL, 4))
    assert sold.cash == Decimal("23999.30") + 4 * Decimal("99.93")
    assert seen(sold.holdings) == ({AAPL: 6},)


def test_what_is_sold_out_is_no_holding() -> None:
    assert after(ticket(BUY, 10), ticket(SELL, 10)).holdings == {}


def test_a_fee_leaves_the_cash() -> None:
    (accepted, filled) = take(opened(), ticket(), None, AT)
    assert isinstance(filled, PaperFilled)
    assert filled.label == INDICATIVE
    charged = told(opened(), accepted, evolve(filled, fee=Decimal(1)))
    assert charged.cash == after(ticket()).cash - 1


def test_orders_are_numbered_and_no_number_is_given_twice() -> None:
    ledger = after(ticket(BUY, 1), ticket(BUY, 1))
    assert ledger.next_id() == BrokerOrderId("P260302150000-3")
    assert Ledger().next_id() == BrokerOrderId("P0-1")


def test_faults_once_switched_on_mark_the_ledger_for_ever() -> None:
    marked = told(opened(), RehearsalMarked(at=AT, reason="faults are on"))
    assert marked.rehearsal
    assert not opened().rehearsal


def test_facts_of_others_change_nothing() -> None:
    ledger = opened()
    assert evolve_ledger(ledger, alert()) is ledger


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", ["0.5", "10.5", "0", "-1"])
def test_only_whole_shares_are_traded(quantity: str) -> None:
    with pytest.raises(RejectedError, match=f"quantity {quantity} is not a number of whole"):
        take(opened(), ticket(quantity=quantity), None, AT)


def test_more_than_is_held_is_not_sold() -> None:
    with pytest.raises(RejectedError, match="oversold: 11 AAPL asked, 10 free to sell"):
        after(ticket(BUY, 10), ticket(SELL, 11))


def test_shares_that_a_resting_sale_waits_for_are_not_sold_again() -> None:
    resting = ticket(SELL, 6, limit=200)
    assert after(ticket(BUY, 10), resting, ticket(SELL, 4)).holdings == {AAPL: Decimal(6)}
    with pytest.raises(RejectedError, match="oversold: 5 AAPL asked, 4 free to sell"):
        after(ticket(BUY, 10), resting, ticket(SELL, 5))


def test_another_symbol_covers_no_sale() -> None:
    with pytest.raises(RejectedError, match="oversold: 1 MSFT asked, 0 free"):
        after(ticket(BUY, 10), ticket(SELL, 1, symbol=MSFT))


def test_a_buy_needs_its_money_to_the_cent() -> None:
    assert after(ticket(BUY, 10), cash="1000.70").cash == 0
    with pytest.raises(InsufficientFundsError, match=r"1000\.7 \$ needed, 1000\.69 \$ free"):
        after(ticket(BUY, 10), cash="1000.69")


def test_money_that_a_resting_buy_waits_for_is_not_spent_again() -> None:
    resting = ticket(BUY, 10, limit=90)
    assert after(resting, ticket(BUY, 10), cash="1900.70").cash == 900
    with pytest.raises(InsufficientFundsError, match=r"1000\.7 \$ needed, 1000\.69 \$ free"):
        after(resting, ticket(BUY, 10), cash="1900.69")


def test_a_market_order_needs_a_price_from_somewhere() -> None:
    with pytest.raises(RejectedError, match="no price is known for AAPL"):
        take(opened(), ticket(price=None), None, AT)
    assert len(take(opened(), ticket(price=None), Decimal(100), AT)) == 2


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_order_needs_a_limit(limit: str) -> None:
    with pytest.raises(RejectedError, match="needs a limit price above 0"):
        take(opened(), ticket(limit=limit), None, AT)


# --- limits ---------------------------------------------------------------------------------------


def filled_at(ledger: Ledger, price: Number) -> list[Decimal]:
    events = on_price(ledger, AAPL, Decimal(price), AT)
    return [fill.price for fill in events if isinstance(fill, PaperFilled)]


def test_a_marketable_limit_fills_on_arrival() -> None:
    accepted, filled = take(opened(), ticket(limit=101), None, AT)
    assert isinstance(accepted, PaperAccepted)
    assert isinstance(filled, PaperFilled)
    assert filled.price == Decimal("100.07")


def test_a_limit_away_from_the_price_or_without_one_rests() -> None:
    assert len(take(opened(), ticket(limit=99), None, AT)) == 1
    assert len(take(opened(), ticket(limit=99, price=None), None, AT)) == 1


def test_a_resting_buy_fills_at_its_limit_once_the_price_goes_through() -> None:
    resting = after(ticket(BUY, 10, limit=99))
    assert filled_at(resting, 99) == []
    assert filled_at(resting, "98.50") == [99]
    done = told(resting, *on_price(resting, AAPL, Decimal(98), AT))
    assert seen(done.cash, done.holdings, done.resting) == (24_010, {AAPL: 10}, {})


def test_a_resting_sale_fills_above_its_limit_only() -> None:
    resting = after(ticket(BUY, 10), ticket(SELL, 10, limit=110))
    assert filled_at(resting, 110) == []
    assert filled_at(resting, "110.01") == [110]


def test_the_price_of_another_symbol_fills_nothing() -> None:
    resting = after(ticket(BUY, 10, limit=99))
    assert list(on_price(resting, MSFT, Decimal(1), AT)) == []


def test_a_cancelled_order_rests_no_longer_and_frees_its_money() -> None:
    resting = after(ticket(BUY, 10, limit=99))
    (broker_order_id,) = resting.resting
    gone = PaperCancelled(at=AT, broker_order_id=broker_order_id, order_id=OrderId("o1"))
    assert seen(told(resting, gone).resting, told(resting, gone).cash) == ({}, 25_000)


# --- whatever comes -------------------------------------------------------------------------------

TICKETS = st.builds(
    ticket,
    st.sampled_from(Side),
    st.integers(1, 200),
    limit=st.none() | st.integers(80, 120),
    price=st.integers(80, 120),
    symbol=st.sampled_from((AAPL, MSFT)),
)


@given(st.lists(st.tuples(TICKETS, st.integers(70, 130)), max_size=25))
def test_no_order_flow_makes_cash_or_a_holding_negative(flow: list[tuple[Ticket, int]]) -> None:
    ledger = opened()
    for each, price in flow:
        try:
            ledger = told(ledger, *take(ledger, each, None, AT))
        except RejectedError:
            continue
        finally:
            ledger = told(ledger, *on_price(ledger, each.symbol, Decimal(price), AT))
        assert ledger.cash >= 0
        assert all(quantity > 0 for quantity in ledger.holdings.values())
