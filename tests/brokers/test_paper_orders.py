"""What the paper venue takes, refuses as a live one would, and changes."""

from decimal import Decimal

import pytest

from brokers.base import Change, InsufficientFundsError, RejectedError, Ticket
from brokers.ledger import Stage
from brokers.paper_orders import Conditions, take
from tests.brokers.market_house import (
    LIMIT,
    SESSION,
    STOP,
    STOP_LIMIT,
    TRAILING,
    Market,
    open_market,
    order,
)
from tests.trading.builders import AAPL
from trading.vocabulary import BrokerOrderId, Side


BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        (order(STOP, SELL), "needs a stop price above 0"),
        (order(STOP_LIMIT, SELL, stop=95), "needs a limit price above 0"),
        (order(STOP_LIMIT, SELL, limit=95), "needs a stop price above 0"),
        (order(LIMIT, limit="99.005"), "not a multiple of 0.01"),
        (order(STOP, SELL, stop="94.999"), "not a multiple of 0.01"),
        (order(STOP, SELL, stop=100), "a sell stop must be below the market: 100 at 100"),
        (order(STOP, BUY, stop=100), "a buy stop must be above the market: 100 at 100"),
        (order(TRAILING, SELL), "needs a trail above 0"),
        (order(TRAILING, SELL, trail=100), "needs a trail above 0 and below 100 %"),
        (order(LIMIT, SELL, 11, limit=110), "oversold: 11 AAPL asked, 10 free"),
        (order(quantity="0.5"), "not a number of whole shares"),
    ],
)
def test_what_a_live_venue_refuses_is_refused(ticket: Ticket, why: str) -> None:
    market = open_market(AAPL=10)
    with pytest.raises(RejectedError, match=why):
        market.take(ticket)
    assert market.told == []


def test_a_buy_stop_reserves_what_it_costs_at_its_trigger() -> None:
    """Ten at 110.08, by the assumed spread around the stop."""
    market = open_market(cash="1100.80")
    market.take(order(STOP, BUY, stop=110))
    with pytest.raises(InsufficientFundsError, match="0 \\$ free"):
        market.take(order(LIMIT, limit=1, quantity=1, name="o2"))


def test_siblings_reserve_their_shares_once() -> None:
    market = open_market(AAPL=10)
    market.take(order(LIMIT, SELL, limit=110, name="target", oco_id="x"))
    market.take(order(STOP, SELL, stop=95, name="stop", oco_id="x"))
    with pytest.raises(RejectedError, match="oversold: 1 AAPL asked, 0 free"):
        market.take(order(LIMIT, SELL, 1, limit=110, name="o3"))


def test_a_closed_market_without_quotes_takes_nothing() -> None:
    before = SESSION.opens_at.replace(hour=3)
    ticket = order(reference_price=Decimal(100))
    with pytest.raises(RejectedError, match="the market is closed"):
        take(Market.opened().ledger, ticket, None, before, Conditions(session=SESSION))


# --- replacing ------------------------------------------------------------------------------------


def test_a_replaced_order_has_another_id_and_goes_on() -> None:
    market = open_market()
    old = market.take(order(LIMIT, limit=90))
    new = market.replace(old, Change(quantity=Decimal(20), limit_price=Decimal(95)))
    assert list(market.ledger.resting) == [new]
    market.shows("99.00", "99.10", 99)
    market.shows("94.00", "94.10", 94)
    assert market.fills("o1") == [(Decimal(20), Decimal(95))]


def test_what_has_traded_counts_towards_the_new_quantity() -> None:
    market = open_market()
    old = market.take(order(LIMIT, limit=100))
    market.shows(99, 100, 100, volume=40)
    with pytest.raises(RejectedError, match="have traded already"):
        market.replace(old, Change(quantity=Decimal(4), limit_price=Decimal(100)))
    market.replace(old, Change(quantity=Decimal(6), limit_price=Decimal(101)))
    market.shows(99, 100, 100, after_s=60)
    assert [quantity for quantity, _ in market.fills()] == [4, 2]
    assert market.ledger.resting == {}


def test_a_replaced_order_loses_its_place_and_waits_out_the_latency() -> None:
    market = open_market()
    first = market.take(order(LIMIT, limit=90, name="o1"))
    market.take(order(LIMIT, limit=90, name="o2"))
    market.replace(first, Change(quantity=Decimal(10), limit_price=Decimal(90)))
    assert [o.terms.order_id for o in market.ledger.resting.values()] == ["o2", "o1"]
    market.shows(80, 81, 80, after_s=0.2)
    assert market.fills() == []


def test_a_stop_is_replaced_by_another_stop() -> None:
    market = open_market(AAPL=10)
    old = market.take(order(STOP, SELL, stop=90))
    market.replace(old, Change(quantity=Decimal(10), stop_price=Decimal(95)))
    resting = market.resting()
    assert resting is not None
    assert (resting.stage, resting.stop_price) == (Stage.WAITING, Decimal(95))
    with pytest.raises(RejectedError, match="must be below the market"):
        market.replace(
            resting.terms.broker_order_id, Change(quantity=Decimal(10), stop_price=Decimal(101))
        )


def test_other_terms_must_do_as_a_new_order_must() -> None:
    market = open_market(cash=1_000, AAPL=5)
    buy = market.take(order(LIMIT, limit=90))
    sell = market.take(order(LIMIT, SELL, 5, limit=110, name="o2"))
    with pytest.raises(InsufficientFundsError):
        market.replace(buy, Change(quantity=Decimal(12), limit_price=Decimal(90)))
    with pytest.raises(RejectedError, match="oversold"):
        market.replace(sell, Change(quantity=Decimal(6), limit_price=Decimal(110)))
    assert list(market.ledger.resting) == [buy, sell]


def test_an_order_that_works_no_longer_is_not_replaced() -> None:
    market = open_market()
    with pytest.raises(RejectedError, match="nobody's works no longer"):
        market.replace(BrokerOrderId("nobody's"), Change(quantity=Decimal(1)))


def test_the_children_of_a_replaced_parent_wait_on() -> None:
    market = open_market()
    old = market.take(order(LIMIT, limit=90, name="entry"))
    market.take(order(STOP, SELL, stop=80, name="stop", parent_id=order(name="entry").order_id))
    market.replace(old, Change(quantity=Decimal(10), limit_price=Decimal(91)))
    market.shows("99", "99.10", 99)
    market.shows(89, 90, 89)
    assert market.happened("stop") == ["Accepted", "Released"]
    assert market.ledger.held(AAPL) == 10
