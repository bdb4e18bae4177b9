"""How orders meet quotes, rule by rule, by hand: honest rather than flattering."""

from decimal import Decimal

import pytest
from attrs import evolve

from brokers.base import RejectedError
from brokers.ledger import Stage
from brokers.ledger_events import INDICATIVE, PaperFilled, SymbolFrozen, SymbolThawed
from brokers.market import FROM_ALERT, Quote
from tests.brokers.market_house import (
    FEED,
    LIMIT,
    MARKET,
    SESSION,
    STOP,
    STOP_LIMIT,
    TRAILING,
    Market,
    at,
    open_market,
    order,
    quote,
)
from tests.trading.builders import AAPL, AT, MSFT, seen
from trading.vocabulary import OrderId, Side, TimeInForce


BUY, SELL = Side.BUY, Side.SELL
DAY, IOC, FOK = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK


def fill(quantity: int, price: str) -> tuple[Decimal, Decimal]:
    return Decimal(quantity), Decimal(price)


# --- rule 1: where a price came from --------------------------------------------------------------


def test_a_fill_stores_source_quote_age_and_rule() -> None:
    market = open_market()
    market.take(order())
    (filled,) = market.shows(99, 101, 100, late_s=0.5)
    assert isinstance(filled, PaperFilled)
    assert (filled.source, filled.age_ms, filled.rule) == (FEED, 500, "market")
    assert filled.quote == market.quotes[AAPL]
    assert filled.label == ""


def test_what_an_alert_alone_said_fills_as_indicative() -> None:
    market = Market.opened()
    market.take(order(reference_price=Decimal(100)))
    (filled,) = [event for event in market.told if isinstance(event, PaperFilled)]
    assert (filled.label, filled.source, filled.price) == (
        INDICATIVE,
        FROM_ALERT,
        Decimal("100.07"),
    )


def test_where_quotes_exist_an_alerts_price_fills_nothing() -> None:
    market = open_market()
    market.take(order(reference_price=Decimal(100)))
    said = Quote(symbol=AAPL, at=at(5), source=FROM_ALERT, last=Decimal(50))
    assert market.meets(said) == []


# --- rule 2: latency ------------------------------------------------------------------------------


def test_an_order_never_meets_the_quote_that_was_there_when_it_came() -> None:
    market = open_market()
    market.take(order())
    assert market.fills() == []
    assert market.meets(market.quotes[AAPL]) == []


@pytest.mark.parametrize(("after_s", "fills"), [(0.249, 0), (0.25, 1), (3, 1)])
def test_the_first_quote_at_or_after_the_latency_fills(after_s: float, fills: int) -> None:
    market = open_market()
    market.take(order())
    market.shows(100, 101, 100, after_s=after_s)
    assert len(market.fills()) == fills


# --- rule 3: market orders ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "bid", "ask", "price"),
    [
        (BUY, "99.95", "100.05", "100.08"),  # 2 bp of 100.05 are 2.001 cents: rounded up
        (SELL, "99.95", "100.05", "99.93"),  # 2 bp of 99.95 are 1.999 cents: rounded down
        (BUY, "9.99", "10.00", "10.01"),  # 2 bp are less than a tick
        (SELL, "10.00", "10.01", "9.99"),
    ],
)
def test_a_market_order_pays_the_other_side_and_slippage(
    side: Side, bid: str, ask: str, price: str
) -> None:
    market = open_market(AAPL=10)
    market.take(order(side=side))
    market.shows(bid, ask, bid)
    assert market.fills() == [fill(10, price)]


def test_without_bid_and_ask_half_an_assumed_spread_is_paid() -> None:
    market = open_market()
    market.take(order())
    market.shows(last=100)
    assert market.fills() == [fill(10, "100.07")]


def test_the_assumed_spread_is_double_in_the_first_minute() -> None:
    market = open_market()
    market.session = evolve(SESSION, opens_at=AT)
    market.take(order())
    market.shows(last=100)
    assert market.fills() == [fill(10, "100.12")]


# --- rule 4: size ---------------------------------------------------------------------------------


def test_a_tenth_of_the_minutes_volume_is_all_there_is() -> None:
    market = open_market()
    market.take(order(quantity=100))
    market.shows(99, 100, 100, volume=405)
    market.shows(99, 100, 100, volume=550)
    market.shows(99, 100, 100, volume=550, after_s=60)
    assert [quantity for quantity, _ in market.fills()] == [40, 15, 45]
    assert market.resting() is None


def test_one_quotes_volume_is_used_once() -> None:
    market = open_market()
    market.take(order(quantity=30, name="o1"))
    market.take(order(quantity=30, name="o2"))
    market.shows(99, 100, 100, volume=400)
    assert (market.fills("o1"), market.fills("o2")) == ([fill(30, "100.02")], [fill(10, "100.02")])


def test_where_volume_is_unknown_the_second_order_by_one_quote_pays_for_the_first() -> None:
    """Each costs 20,002 $: the second goes beyond 25,000 $ by one step, a basis point."""
    market = open_market(cash=100_000)
    market.take(order(quantity=200, name="o1"))
    market.take(order(quantity=200, name="o2"))
    market.shows(99, 100, 100)
    assert market.fills() == [fill(200, "100.02"), fill(200, "100.03")]


# --- rule 5: limits -------------------------------------------------------------------------------


def test_a_limit_that_is_marketable_on_arrival_pays_the_market_capped_at_the_limit() -> None:
    market = open_market()
    market.take(order(LIMIT, limit="100.50", name="o1"))
    market.take(order(LIMIT, limit="100.01", name="o2"))
    market.shows(99, 100, 100)
    assert market.fills() == [fill(10, "100.02"), fill(10, "100.01")]


def test_a_resting_limit_fills_when_the_price_goes_through_at_the_limit_only() -> None:
    market = open_market()
    market.take(order(LIMIT, limit=99))
    market.shows("99.50", "99.60", "99.55")
    assert market.shows("98.90", "99.00", "99.00") == []  # a touch
    market.shows("97.00", "97.10", "97.05")
    assert market.fills() == [fill(10, "99")]


def test_an_old_trade_beyond_the_limit_is_not_a_price_that_went_through() -> None:
    market = open_market()
    market.shows("99.50", "99.60", "98.50")
    market.take(order(LIMIT, limit=99))
    market.shows("99.50", "99.60", "98.50")
    assert market.shows("99.51", "99.61", "98.50") == []
    market.shows("99.51", "99.61", "98.49")
    assert market.fills() == [fill(10, "99")]


def test_the_rest_of_a_limit_that_arrived_in_part_rests() -> None:
    market = open_market()
    market.take(order(LIMIT, limit=100))
    market.shows("99.90", 100, 100, volume=40)
    assert market.happened() == ["Accepted", "Filled", "Rested"]
    assert market.shows("99.90", 100, 100, volume=400) == []
    market.shows("99.90", "99.99", "99.99", volume=400)
    assert market.fills() == [fill(4, "100"), fill(6, "100")]


# --- rule 6: stops --------------------------------------------------------------------------------


def test_a_stop_triggers_at_its_price_and_fills_at_the_next() -> None:
    market = open_market(AAPL=10)
    market.take(order(STOP, SELL, stop=95))
    market.shows("95.00", "95.10", "95.01")
    market.shows("94.99", "95.10", "95.00")
    assert market.happened() == ["Accepted", "Triggered"]
    market.shows("94.50", "94.60", "94.55")
    assert market.fills() == [fill(10, "94.48")]


def test_a_gap_fills_beyond_the_stop_never_at_it() -> None:
    market = open_market(AAPL=10)
    market.take(order(STOP, SELL, stop=95))
    market.shows(79, 81, 80)
    market.shows(78, 80, 79)
    assert market.fills() == [fill(10, "77.98")]


@pytest.mark.parametrize(
    ("side", "stop", "bid", "ask", "triggers"),
    [
        (SELL, 95, "95.01", "95.10", False),
        (SELL, 95, "95.00", "95.10", True),
        (BUY, 105, "104.80", "104.99", False),
        (BUY, 105, "104.80", "105.00", True),
    ],
)
def test_without_trades_a_stop_is_tested_by_the_price_it_would_meet(
    side: Side,
    stop: int,
    bid: str,
    ask: str,
    triggers: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    market = open_market(AAPL=10)
    market.take(order(STOP, side, stop=stop))
    assert bool(market.shows(bid, ask)) is triggers


def test_a_stop_limit_may_stay_unfilled() -> None:
    market = open_market(AAPL=10)
    market.take(order(STOP_LIMIT, SELL, stop=95, limit=94))
    market.shows("94.90", "95.00", "94.95")
    market.shows("90.00", "90.10", "90.05")
    assert market.happened() == ["Accepted", "Triggered", "Rested"]
    market.shows("94.00", "94.05", "94.00")
    assert market.fills() == []
    market.shows("94.01", "94.05", "94.01")
    assert market.fills() == [fill(10, "94")]


def test_a_trailing_stop_is_tested_before_it_is_moved() -> None:
    market = open_market(AAPL=10)
    market.take(order(TRAILING, SELL, trail=5))
    resting = market.resting()
    assert resting is not None
    assert resting.stop_price == 95
    market.shows(109, 111, 110)  # 104.50
    market.shows(105, 106, 105)  # above it: and not lowered
    resting = market.resting()
    assert resting is not None
    assert resting.stop_price == Decimal("104.50")
    market.shows(104, 105, "104.50")
    market.shows("103.00", "103.10", "103.05")
    assert market.happened() == ["Accepted", "Trailed", "Triggered", "Filled"]
    assert market.fills() == [fill(10, "102.97")]


def test_a_stop_without_quotes_fills_at_the_alerts_price_that_triggers_it() -> None:
    market = Market.opened(AAPL=10)
    market.take(order(STOP, SELL, stop=95))
    market.meets(Quote(symbol=AAPL, at=at(60), source=FROM_ALERT, last=Decimal(90)))
    assert market.happened() == ["Accepted", "Triggered", "Filled"]
    assert market.fills() == [fill(10, "89.93")]


# --- IOC, FOK, DAY --------------------------------------------------------------------------------


def test_of_an_ioc_what_is_not_had_at_once_expires() -> None:
    market = open_market()
    market.take(order(LIMIT, limit=100, time_in_force=IOC, name="o1"))
    market.take(order(quantity=10, time_in_force=IOC, name="o2"))
    market.shows(100, 101, 100, volume=40)
    assert market.happened("o1") == ["Accepted", "Expired"]
    assert market.happened("o2") == ["Accepted", "Filled", "Expired"]
    assert market.fills() == [fill(4, "101.03")]


def test_a_fok_fills_whole_or_not_at_all() -> None:
    market = open_market()
    market.take(order(quantity=10, time_in_force=FOK, name="o1"))
    market.take(order(quantity=4, time_in_force=FOK, name="o2"))
    market.shows(100, 101, 100, volume=40)
    assert market.happened("o1") == ["Accepted", "Expired"]
    assert market.fills() == [fill(4, "101.03")]


def test_without_quotes_an_ioc_that_is_not_marketable_expires_at_once() -> None:
    market = Market.opened()
    market.take(order(LIMIT, limit=99, time_in_force=IOC, reference_price=Decimal(100)))
    assert market.happened() == ["Accepted", "Expired"]


def test_a_day_order_ends_at_the_close_and_a_gtc_order_does_not() -> None:
    market = open_market()
    market.session = SESSION
    market.take(order(LIMIT, limit=90, name="o1"))
    market.take(order(LIMIT, limit=90, name="o2", time_in_force=TimeInForce.GTC))
    assert len(market.closes()) == 1
    assert market.resting("o1") is None
    assert market.resting("o2") is not None


def test_a_quote_at_the_close_fills_no_day_order() -> None:
    market = open_market()
    market.take(order(LIMIT, limit=90))
    market.session = SESSION
    market.take(order(LIMIT, limit=90, name="o2"))
    market.session = None
    market.now = SESSION.closes_at
    market.shows(80, 81, 80, after_s=0)
    assert market.happened("o2") == ["Accepted", "Expired"]


# --- OCO, parents and children --------------------------------------------------------------------


def bracketed() -> Market:
    market = open_market(AAPL=10)
    market.take(order(LIMIT, SELL, limit=110, name="target", oco_id="x"))
    market.take(order(STOP, SELL, stop=95, name="stop", oco_id="x"))
    market.shows(99, 101, 100)
    return market


def test_a_sibling_is_cancelled_at_the_first_partial_already() -> None:
    market = bracketed()
    market.shows(111, 112, 111, volume=40)
    assert market.fills("target") == [fill(4, "110")]
    assert market.happened("stop") == ["Accepted", "Cancelled"]
    left = market.resting("target")
    assert left is not None
    assert left.remaining == 6


def test_siblings_never_sell_the_same_shares_twice() -> None:
    market = bracketed()
    market.shows("94.90", "95.00", 95)
    market.shows(111, 112, 111)  # both could fill by this quote: the target came first
    assert market.fills() == [fill(10, "110")]
    assert market.ledger.holdings == {}


def entered(**entry: int) -> Market:
    market = open_market()
    market.take(order(quantity=10, name="entry"))
    parent = OrderId("entry")
    market.take(order(LIMIT, SELL, limit=110, name="target", parent_id=parent, oco_id="x"))
    market.take(order(STOP, SELL, stop=95, name="stop", parent_id=parent, oco_id="x"))
    market.shows(99, 101, 100, **entry)
    return market


def test_a_child_waits_for_its_parents_completion() -> None:
    market = entered(volume=40)
    market.shows(111, 112, 111, volume=40)
    assert market.happened("target") == ["Accepted"]
    market.shows(111, 112, 111, volume=400)
    assert market.resting("entry") is None
    assert market.happened("target") == ["Accepted", "Released"]


def test_a_released_child_meets_the_next_quote() -> None:
    market = entered()
    assert market.happened("target") == market.happened("stop") == ["Accepted", "Released"]
    market.shows(94, 95, "94.50")
    market.shows(94, 95, "94.40")
    assert market.happened("stop") == ["Accepted", "Released", "Triggered", "Filled"]
    assert market.happened("target")[-1] == "Cancelled"


def test_the_end_of_an_incomplete_parent_is_the_end_of_its_children() -> None:
    market = entered(volume=40)
    parent = market.resting("entry")
    assert parent is not None
    market.cancel(parent.terms.broker_order_id)
    assert market.happened("target") == market.happened("stop") == ["Accepted", "Cancelled"]


def test_a_child_may_not_be_larger_than_its_parent_nor_on_its_side() -> None:
    market = open_market()
    market.take(order(LIMIT, limit=90, name="entry"))
    with pytest.raises(RejectedError, match="more than the 10 of its parent"):
        market.take(order(STOP, SELL, 11, stop=80, name="o2", parent_id="entry"))
    with pytest.raises(RejectedError, match="takes back"):
        market.take(order(STOP, BUY, stop=110, name="o2", parent_id="entry"))


# --- rule 8 and 9: hours, silence, halts ----------------------------------------------------------


def test_nothing_fills_outside_the_session() -> None:
    market = open_market()
    market.session = SESSION
    market.now = SESSION.opens_at.replace(hour=10)
    market.take(order())
    resting = market.resting()
    assert resting is not None
    assert resting.works_from == SESSION.opens_at
    market.quotes.clear()
    assert market.shows(99, 101, 100) == []
    market.now = SESSION.opens_at
    market.shows(99, 101, 100, after_s=0)
    assert len(market.fills()) == 1


@pytest.mark.parametrize(("late_s", "fills"), [(60, 1), (60.5, 0)])
def test_a_quote_of_a_minute_ago_fills_nothing(late_s: float, fills: int) -> None:
    market = open_market()
    market.take(order())
    market.shows(99, 101, 100, late_s=late_s)
    assert len(market.fills()) == fills


@pytest.mark.parametrize(
    "broken",
    [
        {"bid": 99, "ask": 101, "last": 100, "is_halted": True},
        {"bid": 102, "ask": 101},
        {"bid": 0, "ask": 101},
        {},
    ],
)
def test_a_halt_or_an_impossible_quote_fills_nothing(broken: dict[str, int]) -> None:
    market = open_market()
    market.take(order())
    assert market.shows(**broken) == []


def test_a_quote_from_before_the_last_one_fills_nothing() -> None:
    market = open_market()
    market.take(order())
    market.quotes[AAPL] = quote(99, 101, 100, when=at(10))
    assert market.shows(99, 101, 100, after_s=5) == []


def test_the_quote_of_another_symbol_fills_nothing() -> None:
    market = open_market()
    market.take(order())
    assert market.shows(99, 101, 100, symbol=MSFT) == []


# --- rule 7: bars ---------------------------------------------------------------------------------


def test_where_a_bar_holds_both_legs_the_stop_came_first() -> None:
    market = bracketed()
    market.bar(100, 112, 94, 111)
    assert market.fills("stop") == [fill(10, "94.93")]
    assert market.happened("target")[-1] == "Cancelled"


def test_a_bar_that_opens_beyond_a_stop_fills_beyond_it() -> None:
    market = bracketed()
    market.bar(90, 92, 89, 91)
    assert market.fills() == [fill(10, "89.93")]


def test_a_bar_fills_a_limit_only_when_it_goes_through() -> None:
    market = bracketed()
    market.bar(100, 110, 99, 105)
    assert market.fills() == []
    market.bar(105, "110.01", 104, 106)
    assert market.fills() == [fill(10, "110")]


def test_a_trailing_stop_is_moved_when_the_bar_is_over() -> None:
    """The bar's low is below where its high puts the stop: nobody knows what came first."""
    market = open_market(AAPL=10)
    market.take(order(TRAILING, SELL, trail=5))
    market.now = at(60)
    market.bar(100, 110, 100, 110)
    assert market.fills() == []
    market.bar(108, 108, 104, 105)
    assert market.fills() == [fill(10, "104.42")]


def test_a_market_order_fills_around_the_open_of_the_next_bar() -> None:
    market = open_market()
    market.take(order())
    market.bar(100, 120, 80, 90)  # began before the order could work
    assert market.fills() == []
    market.bar(90, 120, 80, 100)
    assert market.fills() == [fill(10, "90.07")]


# --- rule 10: fees --------------------------------------------------------------------------------


def test_a_sale_pays_what_its_day_asks_rounded_up_to_the_cent() -> None:
    """1,000 shares at 99.98 in March 2026: 0.195 of TAF, and nothing for the SEC."""
    market = open_market(cash=0, AAPL=1_000)
    market.take(order(side=SELL, quantity=1_000))
    (filled,) = market.shows(100, 101, 100, volume=10_000)
    assert isinstance(filled, PaperFilled)
    assert (filled.price, filled.fee) == (Decimal("99.98"), Decimal("0.20"))
    assert market.ledger.cash == Decimal("99979.80")


# --- rules 11 and 12: cash-like, no short ---------------------------------------------------------


def test_a_gap_never_makes_cash_negative() -> None:
    """Ten were paid for at 100.08; at 151.04 a share the money buys six."""
    market = open_market(cash=1_001)
    market.take(order())
    market.shows(150, 151, "100")
    assert market.happened() == ["Accepted", "Filled", "Cancelled"]
    assert market.fills() == [fill(6, "151.04")]


def test_a_child_never_sells_what_is_held_no_longer() -> None:
    market = entered(volume=40)
    market.take(order(side=SELL, quantity=4, name="o2"))
    market.shows(99, 101, 100, after_s=60, volume=400)
    market.shows(94, 95, 94, volume=400)
    market.shows(94, 95, 94, after_s=60, volume=400)
    assert sum(quantity for quantity, _ in market.fills("stop")) == 6
    assert market.ledger.holdings == {}


# --- rule 14: a jump over night -------------------------------------------------------------------


def test_a_day_that_begins_too_far_from_the_last_close_freezes_the_symbol() -> None:
    market = open_market(AAPL=10)
    market.take(order(STOP, SELL, stop=95))
    (frozen,) = market.shows(49, 51, 50, after_s=86_400)
    assert isinstance(frozen, SymbolFrozen)
    assert seen(frozen.previous_close, frozen.price) == (100, 50)
    assert market.shows(48, 50, 49) == []
    with pytest.raises(RejectedError, match="frozen"):
        market.take(order(name="o2"))
    market._tell((SymbolThawed(at=market.now, symbol=AAPL, reason="real"),))
    market.shows(48, 50, 49)
    market.shows("48.10", 50, 49)
    assert market.fills() == [fill(10, "48.09")]


@pytest.mark.parametrize("last", ["65", "135"])
def test_a_jump_of_35_percent_is_believed(last: str) -> None:
    market = open_market(AAPL=10)
    assert market.shows(last=last, after_s=86_400) == []


def test_a_fall_within_the_day_freezes_nothing() -> None:
    market = open_market()
    assert market.shows(49, 51, 50) == []
    assert market.ledger.frozen_symbols == {}


def test_the_close_that_a_quote_names_is_the_one_to_compare_with() -> None:
    market = Market.opened()
    (frozen,) = market.shows(49, 51, 50, previous_close=Decimal(100))
    assert isinstance(frozen, SymbolFrozen)


def test_an_order_that_rests_has_a_stage() -> None:
    market = open_market()
    market.take(order(MARKET))
    resting = market.resting()
    assert resting is not None
    assert resting.stage is Stage.ARRIVING
    assert resting.terms.time_in_force is DAY
