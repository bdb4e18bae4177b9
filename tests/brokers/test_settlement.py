"""A cash account at the paper venue: the money of a sale buys nothing before the next trading day.

The sales are made on Friday 20 November 2026; Monday begins at 05:00 UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from brokers.base import Change, InsufficientFundsError, RejectedError
from brokers.ledger import evolve_ledger
from brokers.ledger_events import PaperFilled
from brokers.paper import PaperVenue
from brokers.paper_rules import MarketRules
from brokers.settlement import next_day
from tests.brokers.market_house import Market, order
from tests.brokers.paper_house import House, Mail, MemoryDisk, ticket
from tests.trading.builders import AAPL
from trading.sessions import Calendar
from trading.vocabulary import OrderType, Side


FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BUY, SELL = Side.BUY, Side.SELL
LIMIT = OrderType.LIMIT


@pytest.mark.parametrize(
    ("sold", "settled"),
    [
        (FRIDAY, MONDAY),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 5, 0, tzinfo=UTC)),
        # Thursday 26 November is Thanksgiving.
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), datetime(2026, 11, 27, 5, 0, tzinfo=UTC)),
        # A sale of a Saturday, where somebody trades at all hours, is one of Monday.
        (datetime(2026, 11, 21, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 5, 0, tzinfo=UTC)),
        # By New York's clock, which in summer is an hour nearer.
        (datetime(2026, 7, 6, 15, 0, tzinfo=UTC), datetime(2026, 7, 7, 4, 0, tzinfo=UTC)),
    ],
)
def test_a_sale_settles_on_the_next_trading_day(sold: datetime, settled: datetime) -> None:
    calendar = Calendar(closed=frozenset({date(2026, 11, 26)}))
    assert next_day(calendar, sold) == settled


def sold_ten() -> Market:
    """Ten sold at 99.98 on Friday, of an account with 500 $ besides; the fee is a cent each."""
    market = Market.opened(cash=500, AAPL=10)
    market.now = FRIDAY
    market.rules = MarketRules(days=Calendar())
    market.shows(100, 101)
    market.take(order(side=SELL))
    market.shows(100, 101, after_s=2)
    return market


def test_what_a_sale_brought_is_cash_at_once_and_settled_a_day_later() -> None:
    """10 x 99.98 = 999.80, less 0.03 SEC (999.80 x 20.60 / 1,000,000) and 0.01 TAF."""
    ledger = sold_ten().ledger
    assert ledger.cash == Decimal("1499.76")
    assert ledger.unsettled_at(MONDAY - TICK) == Decimal("999.76")
    assert ledger.unsettled_at(MONDAY) == 0


def test_an_order_for_unsettled_money_is_refused_and_its_numbers_are_named() -> None:
    market = sold_ten()
    with pytest.raises(
        RejectedError, match=re.escape("600 $ needed, 1499.76 $ free, 999.76 $ of it")
    ):
        market.take(order(LIMIT, limit=100, quantity=6, name="o2"))
    market.take(order(LIMIT, limit=100, quantity=5, name="o3"))


def test_what_is_not_there_at_all_is_missing_and_not_unsettled() -> None:
    with pytest.raises(InsufficientFundsError, match=re.escape("1600 $ needed, 1499.76 $ free")):
        sold_ten().take(order(LIMIT, limit=100, quantity=16, name="o2"))


def test_the_next_trading_day_buys_with_it() -> None:
    market = sold_ten()
    market.now = MONDAY
    market.take(order(LIMIT, limit=100, quantity=14, name="o2"))


def test_a_gap_is_not_paid_with_unsettled_money() -> None:
    """500 $ pay for four at 101.03 as it stood, for three at 131.03 as it came."""
    market = sold_ten()
    market.take(order(quantity=4, name="o2"))
    market.shows(130, 131, after_s=2)
    assert market.ledger.held(AAPL) == 3
    assert market.ledger.cash == Decimal("1499.76") - 3 * Decimal("131.03")


def test_the_sales_of_one_day_settle_as_one_and_those_that_have_are_forgotten() -> None:
    market = sold_ten()
    first = next(event for event in market.told if isinstance(event, PaperFilled))
    again = evolve_ledger(market.ledger, first)
    assert [one.amount for one in again.unsettled] == [Decimal("1999.52")]
    tuesday = MONDAY + timedelta(days=1)
    later = evolve_ledger(again, evolve(first, at=MONDAY, settles_at=tuesday))
    assert [one.settles_at for one in later.unsettled] == [tuesday]


def test_an_order_replaced_is_held_to_settled_money_too() -> None:
    market = sold_ten()
    its_id = market.take(order(LIMIT, limit=90, quantity=5, name="o2"))
    with pytest.raises(RejectedError, match=re.escape("540 $ needed")):
        market.replace(its_id, Change(quantity=Decimal(6), limit_price=Decimal(90)))


@pytest.mark.parametrize("tells_days", [False, True])
def test_by_alerts_alone_a_cash_account_waits_just_as_long(*, tells_days: bool) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        if tells_days:
            venue.keep_hours(Calendar())
        await venue.submit(ticket())
        await mail.execution()
        await venue.submit(ticket(SELL, order_id="o2"))
        await mail.execution()
        balances = await venue.balances()
        assert balances.buying_power is not None
        assert balances.cash - balances.buying_power > 0

    house = House(MemoryDisk(), rules=MarketRules(days=Calendar()))
    house.run(scenario)
    sale = [event for event in house.facts() if isinstance(event, PaperFilled)][-1]
    assert sale.settles_at is not None


def test_an_account_that_is_like_cash_spends_a_sale_at_once() -> None:
    market = Market.opened(cash=0, AAPL=10)
    market.shows(100, 101)
    market.take(order(side=SELL))
    market.shows(100, 101, after_s=2)
    market.take(order(LIMIT, limit=99, quantity=10, name="o2"))
    assert market.ledger.unsettled == ()
