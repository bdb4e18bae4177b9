"""Short sales at the paper venue: who may, what they keep, what they cost over night."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from brokers.base import InsufficientFundsError, RejectedError
from brokers.ledger import evolve_ledger
from brokers.ledger_events import PaperMoved
from brokers.lent import borrowed
from brokers.market import MarketHours
from brokers.paper_outside import split
from brokers.paper_rules import Lending, MarketRules
from tests.brokers.market_house import LIMIT, MARKET, STOP, Market, order
from tests.trading.builders import AAPL, MSFT, seen
from trading.vocabulary import Side, Symbol, TimeInForce


BUY, SELL = Side.BUY, Side.SELL
LENDS = Lending(symbols=frozenset({AAPL}), fee_percent=Decimal(2))
FRIDAY_CLOSE = datetime(2026, 1, 9, 21, 0, tzinfo=UTC)
MONDAY = MarketHours(
    opens_at=datetime(2026, 1, 12, 14, 30, tzinfo=UTC),
    closes_at=datetime(2026, 1, 12, 21, 0, tzinfo=UTC),
)


def market(cash: int = 10_000, lends: Lending | None = LENDS, **held: int) -> Market:
    made = Market.opened(cash=cash, **held)
    made.rules = MarketRules(lends=lends)
    made.shows(100, 101)
    return made


def sold(cash: int = 10_000) -> Market:
    """Ten at 100 less two basis points: 99.98 each, and a cent or so of fees."""
    made = market(cash)
    made.take(order(side=SELL, short=True))
    made.shows(100, 101, after_s=2)
    return made


def test_what_is_sold_short_is_below_zero_and_its_money_stays() -> None:
    ledger = sold().ledger
    assert ledger.held(AAPL) == -10
    assert ledger.shorted == {AAPL: Decimal("999.80")}
    assert ledger.cash > Decimal(10999)
    assert ledger.free_at(FRIDAY_CLOSE) == ledger.cash - Decimal("1499.70")


@pytest.mark.parametrize(
    ("made", "symbol", "error"),
    [
        (market(lends=None), AAPL, "it has no margin"),
        (market(), MSFT, "MSFT cannot be borrowed"),
        (market(AAPL=5), AAPL, "5 AAPL are held: sell them first"),
    ],
    ids=["no margin", "not lent", "held"],
)
def test_who_may_not_sell_short_is_told_why(made: Market, symbol: Symbol, error: str) -> None:
    made.shows(100, 101, symbol=symbol)
    with pytest.raises(RejectedError, match=error):
        made.take(order(side=SELL, short=True, symbol=symbol))


def test_a_short_sale_needs_half_its_value() -> None:
    market(cash=500).take(order(side=SELL, short=True))
    with pytest.raises(InsufficientFundsError, match=r"499.9 \$ needed, 499 \$ free"):
        market(cash=499).take(order(side=SELL, short=True))


def test_one_that_rests_keeps_its_margin_and_gives_it_back() -> None:
    made = market()
    resting = made.take(order(LIMIT, SELL, limit=110, short=True))
    assert made.ledger.reserved == 550
    made.cancel(resting)
    assert made.ledger.reserved == 0


def test_no_more_is_bought_back_than_is_short_and_it_takes_no_money() -> None:
    made = sold(cash=500)
    made.take(order(STOP, BUY, 10, stop=105, name="s", short=True, time_in_force=TimeInForce.GTC))
    assert made.ledger.reserved == 0
    with pytest.raises(RejectedError, match="overbought: 1 AAPL asked, 0 free to buy back"):
        made.take(order(MARKET, BUY, 1, name="b", short=True))
    with pytest.raises(RejectedError, match="10 AAPL are short: buy back them first"):
        made.take(order(MARKET, BUY, 1, name="c"))
    made.shows(105, 106, after_s=4)
    made.shows(105, 106, after_s=6)
    assert seen(made.ledger.held(AAPL), made.ledger.shorted) == (0, {})
    assert made.ledger.free_at(made.now) == made.ledger.cash


def test_a_part_bought_back_frees_its_part() -> None:
    made = sold()
    made.take(order(MARKET, BUY, 4, name="b", short=True))
    made.shows(100, 101, after_s=4)
    assert made.ledger.shorted == {AAPL: Decimal("599.88")}


def test_a_sale_whose_shares_came_in_between_does_not_trade() -> None:
    made = market()
    made.take(order(side=SELL, short=True))
    made.ledger = evolve_ledger(
        made.ledger,
        PaperMoved(
            at=made.now, transaction_id="T1", kind="transfer", symbol=AAPL, quantity=Decimal(3)
        ),
    )
    made.shows(100, 101, after_s=2)
    assert seen(made.ledger.held(AAPL), made.ledger.resting) == (3, {})


def test_a_split_of_what_is_short_leaves_what_it_was_sold_for() -> None:
    ledger = sold().ledger
    after = evolve_ledger(ledger, split(ledger, AAPL, 2, 1, FRIDAY_CLOSE))
    assert seen(after.held(AAPL), after.shorted) == (-20, ledger.shorted)
    came = PaperMoved(
        at=FRIDAY_CLOSE, transaction_id="T", kind="transfer", symbol=AAPL, quantity=Decimal(20)
    )
    assert evolve_ledger(after, came).shorted == {}


# --- over night -----------------------------------------------------------------------------------


def test_each_night_until_the_next_session_is_paid_once() -> None:
    """Three nights of 10 x 102 $ at 2 % of 360 days: 0.17 $."""
    ledger = sold().ledger
    (fee,) = borrowed(ledger, LENDS, MONDAY, FRIDAY_CLOSE, lambda _: Decimal(102))
    assert seen(fee.kind, fee.amount, fee.until) == ("borrow", Decimal("-0.17"), MONDAY.opens_at)
    paid = evolve_ledger(ledger, fee)
    assert paid.cash == ledger.cash + fee.amount
    assert list(borrowed(paid, LENDS, MONDAY, FRIDAY_CLOSE, lambda _: None)) == []


def test_without_a_price_a_share_counts_at_what_it_was_sold_for() -> None:
    (fee,) = borrowed(sold().ledger, LENDS, MONDAY, FRIDAY_CLOSE, lambda _: None)
    assert fee.amount == Decimal("-0.17")  # 999.80 x 2 % x 3 / 360 = 0.1666


@pytest.mark.parametrize(
    ("made", "lends", "session", "now"),
    [
        (sold(), None, MONDAY, FRIDAY_CLOSE),
        (market(), LENDS, MONDAY, FRIDAY_CLOSE),
        (sold(), LENDS, None, FRIDAY_CLOSE),
        (sold(), LENDS, MONDAY, MONDAY.opens_at),
    ],
    ids=["lends nothing", "nothing is short", "no sessions", "in a session"],
)
def test_nothing_else_costs(
    made: Market, lends: Lending | None, session: MarketHours | None, now: datetime
) -> None:
    assert list(borrowed(made.ledger, lends, session, now, lambda _: None)) == []
