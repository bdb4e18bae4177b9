"""Whatever comes: the books close, no fill is better than the rules allow, all is repeatable."""

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.base import Change, RejectedError
from brokers.ledger_events import PaperAccepted, PaperFilled, PaperReplaced
from brokers.paper_rules import DEFAULT_MARKET
from tests.brokers.market_house import LIMIT, STOP, STOP_LIMIT, TRAILING, Market, open_market, order
from trading.money import TICK, ZERO
from trading.vocabulary import OrderId, OrderType, Side, Symbol, TimeInForce


CENTS = st.integers(9_000, 11_000).map(lambda cents: Decimal(cents) / 100)
MAYBE = st.none() | CENTS

Step = tuple[str, dict[str, Any]]


@st.composite
def orders(draw: st.DrawFn) -> Step:
    kind = draw(st.sampled_from(OrderType))
    of_parent = draw(st.sampled_from((None, None, OrderId("o0"), OrderId("o3"))))
    terms = {
        "kind": kind,
        "side": draw(st.sampled_from(Side)),
        "quantity": draw(st.integers(1, 120)),
        "limit": draw(CENTS) if kind in (LIMIT, STOP_LIMIT) else None,
        "stop": draw(CENTS) if kind in (STOP, STOP_LIMIT) else None,
        "trail": draw(st.integers(1, 20)) if kind is TRAILING else None,
        "time_in_force": draw(st.sampled_from(TimeInForce)),
        "oco_id": draw(st.sampled_from((None, None, "x", "y"))),
        "parent_id": of_parent,
    }
    return "order", terms


@st.composite
def shown(draw: st.DrawFn) -> Step:
    bid = draw(MAYBE)
    ask = None if bid is None else bid + draw(st.integers(0, 50)) / Decimal(100)
    return "quote", {
        "bid": bid,
        "ask": ask,
        "last": draw(MAYBE),
        "volume": draw(st.none() | st.integers(0, 2_000)),
        "after_s": draw(st.sampled_from((0.1, 0.25, 1, 30, 61))),
        "late_s": draw(st.sampled_from((0, 0, 0.5, 61))),
    }


CHANGES = st.tuples(
    st.just("replace"),
    st.fixed_dictionaries({"nth": st.integers(0, 3), "limit": CENTS, "more": st.integers(1, 50)}),
)
CANCELS = st.tuples(st.just("cancel"), st.fixed_dictionaries({"nth": st.integers(0, 3)}))
FLOWS = st.lists(st.one_of(orders(), shown(), shown(), CHANGES, CANCELS), max_size=40)


def played(flow: list[Step]) -> Market:
    market = open_market(AAPL=50)
    for number, (what, how) in enumerate(flow):
        there = list(market.ledger.resting.values())
        with suppress(RejectedError):
            if what == "order":
                market.take(order(name=f"o{number}", **how))
            elif what == "quote":
                market.shows(**how)
            elif there:
                one = there[how["nth"] % len(there)]
                if what == "cancel":
                    market.cancel(one.terms.broker_order_id)
                else:
                    stop = one.stop_price
                    limit = None if one.limit_price is None else how["limit"]
                    change = Change(
                        quantity=Decimal(how["more"]), limit_price=limit, stop_price=stop
                    )
                    market.replace(one.terms.broker_order_id, change)
    return market


def fills_of(market: Market) -> list[PaperFilled]:
    return [event for event in market.told if isinstance(event, PaperFilled)]


@settings(max_examples=300)
@given(FLOWS)
def test_cash_and_shares_are_what_the_fills_make_them_and_never_negative(flow: list[Step]) -> None:
    market = played(flow)
    cash, held = Decimal(25_000), Decimal(50)
    for fill in fills_of(market):
        cash -= fill.side.sign * fill.quantity * fill.price + fill.fee
        held += fill.side.sign * fill.quantity
        assert held >= 0
        assert cash >= 0
    assert market.ledger.cash == cash
    assert market.ledger.held(Symbol("AAPL")) == held


@settings(max_examples=300)
@given(FLOWS)
def test_no_fill_is_better_than_the_rules_allow(flow: list[Step]) -> None:
    market = played(flow)
    for fill in fills_of(market):
        quote, sign = fill.quote, fill.side.sign
        assert quote is not None
        assert fill.price == fill.price.quantize(TICK) > 0
        against = quote.against(fill.side) if quote.has_both_sides else quote.price
        assert against is not None
        if fill.rule == "market":
            assert (fill.price - against) * sign >= TICK
        elif fill.rule == "limit on arrival":
            assert (fill.price - against) * sign >= 0
        else:
            # At the limit; and the market went beyond it by a tick at least.
            beyond = [p for p in (quote.against(fill.side), quote.last) if p is not None]
            assert max((fill.price - price) * sign for price in beyond) >= TICK


@settings(max_examples=300)
@given(FLOWS)
def test_no_order_fills_before_its_latency_nor_beyond_its_quantity(flow: list[Step]) -> None:
    market = played(flow)
    accepted = {e.order_id: e for e in market.told if isinstance(e, PaperAccepted)}
    filled: dict[OrderId, Decimal] = defaultdict(lambda: ZERO)
    for fill in fills_of(market):
        filled[fill.order_id] += fill.quantity
        assert fill.quote is not None
        assert fill.quote.at >= accepted[fill.order_id].at + DEFAULT_MARKET.latency
        assert fill.age_ms is not None
        assert timedelta(milliseconds=fill.age_ms) <= DEFAULT_MARKET.max_age
    replaced = {e.order_id for e in market.told if isinstance(e, PaperReplaced)}
    assert all(filled[o] <= accepted[o].quantity for o in filled if o not in replaced)
    ids = [fill.execution_id for fill in fills_of(market)]
    assert len(ids) == len(set(ids))


@settings(max_examples=300)
@given(FLOWS)
def test_no_minute_gives_more_than_its_share(flow: list[Step]) -> None:
    """Each quote says the minute's volume anew, so the largest bounds what was had."""
    market = played(flow)
    had: dict[datetime, Decimal] = defaultdict(lambda: ZERO)
    most: dict[datetime, Decimal] = defaultdict(lambda: ZERO)
    unknown: set[datetime] = set()
    for fill in fills_of(market):
        assert fill.quote is not None
        minute = fill.quote.minute
        had[minute] += fill.quantity
        most[minute] = max(most[minute], fill.quote.volume or ZERO)
        if fill.quote.volume is None:
            unknown.add(minute)
    assert all(had[m] * 10 <= most[m] for m in had.keys() - unknown)


@settings(max_examples=100)
@given(FLOWS)
def test_the_same_orders_and_quotes_make_the_same_ledger(flow: list[Step]) -> None:
    first, second = played(flow), played(flow)
    assert first.told == second.told
    assert first.ledger == second.ledger
