"""The situations of a trader's life, each as its rule says it ends; the numbers are the rules' own.

Everything here is real but the clock and the disk: bodies as TradingView posts them, the actors of
an account, and the venue with its ledger: paper, or a local Schwab with its sign-in.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from settings.model import RiskOverrides
from tests.situations.floor import LONG, PAPER, Floor, NewFloor, floors
from tests.situations.simulated_market import SimulatedMarket
from tests.trading.builders import AAPL, booking, seen
from trading.alert_events import AlertAccepted, SignalHeld, SignalRefused, StillHeld
from trading.bookings import EquityMarked, ExternalTraded, SharesTransferred
from trading.hours import Hours, OnClosed, WhenClosed
from trading.order_events import (
    CancelRequested,
    OrderCancelled,
    OrderFilled,
    OrderPlanned,
    OrderRejected,
)
from trading.vocabulary import Action, Code, MarkSource, OrderStatus, Origin, Side


BEFORE_THE_CLOSE = datetime(2026, 1, 5, 20, 59, tzinfo=UTC)
SATURDAY = datetime(2026, 1, 3, 17, 0, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 1, 4, 23, 0, tzinfo=UTC)
MONDAY_OPEN = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)


@pytest.fixture(params=["paper", "schwab"])
def opened(request: pytest.FixtureRequest) -> Iterator[NewFloor]:
    yield from floors(at=request.param)


@pytest.fixture
def opened_at_schwab() -> Iterator[NewFloor]:
    yield from floors(at="schwab")


@pytest.fixture
def opened_on_paper() -> Iterator[NewFloor]:
    yield from floors(at="paper")


# --- 1: an exit with nothing held, or while the entry still works ---------------------------------


def test_row_01_a_sell_while_flat_has_nothing_to_do(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 10)
    (refused,) = floor.events(SignalRefused)
    assert seen(refused.code, refused.is_exit, floor.plans) == (Code.NOTHING_TO_DO, True, [])


def test_row_01_a_sell_cancels_the_buy_that_works_and_waits_for_its_end(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    floor.alert("sell", 10)
    (requested,) = floor.events(CancelRequested)
    assert len(floor.events(OrderCancelled)) == 1
    assert seen(requested.order_id in floor.live(), floor.at_venue()) == (False, 0)
    assert floor.plans == [("buy", Decimal(10))]


# --- 3: the last seconds of a session -------------------------------------------------------------


def test_row_03_no_entry_in_the_last_half_minute_exits_until_two_seconds(opened: NewFloor) -> None:
    floor = opened(off(BEFORE_THE_CLOSE, -600))
    floor.alert("buy", 10)
    floor.wait(600 + 29)
    floor.alert("buy", 5, ticker="MSFT")
    floor.wait(28)
    floor.alert("sell", 10)
    assert floor.refusals[0] in {Code.MARKET_CLOSED, Code.ENTRY_WINDOW}
    assert floor.plans == [("buy", Decimal(10)), ("sell", Decimal(10))]


def off(at: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(at.timestamp() + seconds, UTC)


# --- 4: the same alert twice ----------------------------------------------------------------------


def test_row_04_two_charts_fire_at_once_and_one_trades(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": evolve(LONG, allow_add=True)})
    floor.alert("buy", 10, timestamp="2026-01-05T17:00:00Z")
    floor.wait(1)
    floor.alert("buy", 10, timestamp="2026-01-05T17:00:01Z")
    assert seen(floor.refusals, floor.share()) == ([Code.REPEATED_SIGNAL], 10)
    floor.wait(10)
    floor.alert("buy", 10, timestamp="2026-01-05T17:00:11Z")
    assert floor.share() == 20


def test_row_04_positions_that_chain_are_two_trades(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": evolve(LONG, allow_add=True)})
    floor.alert("buy", 10, prev_position_size=0, position_size=10)
    floor.alert("buy", 10, prev_position_size=10, position_size=20)
    assert seen(floor.refusals, floor.share()) == ([], 20)


# --- 5: symbols -----------------------------------------------------------------------------------


def test_row_05_a_class_of_shares_keeps_its_one_name(opened: NewFloor) -> None:
    floor = opened()
    floor.price(100, "BRK.B")
    floor.alert("buy", 10, ticker="BRK.B")
    (filled,) = floor.events(OrderFilled)
    assert seen(filled.symbol, floor.share(symbol="BRK.B")) == ("BRK.B", 10)
    assert floor.at_venue("BRK.B") == 10


@pytest.mark.parametrize("symbol", ["NASDAQ:AAPL", "BRK-B!", "NQ1!", "BRK/B"])
def test_row_05_what_no_venue_would_know_is_never_stripped(opened: NewFloor, symbol: str) -> None:
    floor = opened()
    body = {"strategy": "demo", "ticker": symbol, "action": "buy", "quantity": 1}
    answer = floor.post(json.dumps(body))
    assert seen(answer.status, floor.events(OrderPlanned)) == (400, [])


# --- 6: opposite strategies in one symbol and account ---------------------------------------------


def test_row_06_the_sale_of_one_is_never_made_of_the_shares_of_another(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": LONG, "other": LONG})
    floor.alert("buy", 10)
    floor.alert("sell", 10, strategy="other")
    assert floor.refusals == [Code.NOTHING_TO_DO]
    assert seen(floor.share(), floor.share("other"), floor.at_venue()) == (10, 0, 10)


def test_row_06_an_entry_against_what_the_account_holds_is_refused(opened: NewFloor) -> None:
    floor = opened()
    elsewhere(floor, -10)
    floor.alert("buy", 10)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs) == (
        Code.OPPOSING_POSITION,
        {"account_holds": "-10", "external": "-10"},
    )
    assert floor.plans == []


# --- 19: paper without quotes ---------------------------------------------------------------------


def test_row_19_without_quotes_a_limit_rests_until_a_later_price(
    opened_on_paper: NewFloor,
) -> None:
    floor = opened_on_paper()
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    assert seen(floor.at_venue(), len(floor.live())) == (0, 1)
    floor.price("90")
    assert floor.at_venue() == 0  # touched is not filled
    floor.price("89.98")
    (filled,) = floor.events(OrderFilled)
    assert seen(filled.price, floor.share(), len(floor.live())) == (90, 10, 0)


# --- prices of a market that a venue sees itself --------------------------------------------------


def test_at_schwab_what_is_held_is_marked_by_its_quotes(opened_at_schwab: NewFloor) -> None:
    floor = opened_at_schwab()
    floor.alert("buy", 10)
    floor.market.price(Decimal(120), AAPL)
    for _ in range(70):
        floor.wait(1)
    mark = floor.events(EquityMarked)[-1].marks[AAPL]
    assert seen(mark.price, mark.source) == (120, MarkSource.QUOTE)


# --- 17: the market is closed ---------------------------------------------------------------------


def test_row_17_by_default_an_entry_is_refused_and_an_exit_waits(opened: NewFloor) -> None:
    floor = opened(off(BEFORE_THE_CLOSE, -600))
    floor.alert("buy", 10)
    floor.wait(600 + 65)
    floor.alert("buy", 5, ticker="MSFT")
    floor.alert("sell", 10)
    assert floor.refusals == [Code.MARKET_CLOSED]
    (held,) = floor.events(SignalHeld)
    assert seen(held.until, floor.share()) == (datetime(2026, 1, 6, 14, 30, tzinfo=UTC), 10)
    floor.wait_until(off(held.until, 1))
    assert seen(floor.share(), floor.at_venue()) == (0, 0)


def test_row_17_an_entry_that_waits_is_weighed_again_at_the_open(opened: NewFloor) -> None:
    waits = evolve(LONG, on_closed=OnClosed(entry=WhenClosed.NEXT_OPEN))
    floor = opened(SUNDAY_EVENING, strategies={"demo": waits})
    floor.alert("buy", 10)
    assert floor.plans == []
    floor.restart()
    floor.wait_until(off(MONDAY_OPEN, 61))
    assert seen(floor.share(), floor.refusals) == (10, [])


# --- 20: a market order without a price -----------------------------------------------------------


def test_row_20_an_entry_without_any_price_is_refused_an_exit_is_not(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, price=None)
    assert floor.refusals == [Code.NO_REFERENCE_PRICE]
    floor.alert("buy", 10)
    floor.alert("sell", 10, price=None)
    assert seen(floor.share(), floor.at_venue()) == (0, 0)


# --- 23: shares that are none of ours -------------------------------------------------------------


def elsewhere(floor: Floor, quantity: int) -> None:
    """Shares come to the account that no order of ours bought."""
    came = booking(
        SharesTransferred,
        at=floor.room.clock.now(),
        account=PAPER,
        symbol=AAPL,
        quantity=Decimal(quantity),
        price=Decimal(90),
    )
    floor.happens(came)


def test_row_23_a_symbol_that_others_hold_is_refused_and_its_shares_are_never_sold(
    opened: NewFloor,
) -> None:
    floor = opened()
    elsewhere(floor, 40)
    floor.alert("buy", 10)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs) == (
        Code.HELD_EXTERNALLY,
        {"held_externally": "40", "external": "0"},
    )
    floor.alert("sell", 40)
    assert floor.refusals[1:] == [Code.NOTHING_TO_DO]


def test_row_23_a_strategy_that_was_told_of_them_trades_beside_them(opened: NewFloor) -> None:
    told = evolve(LONG, external={AAPL: Decimal(40)})
    floor = opened(strategies={"demo": told})
    elsewhere(floor, 40)
    floor.alert("buy", 10)
    floor.alert("sell", 50)
    assert floor.plans == [("buy", Decimal(10)), ("sell", Decimal(10))]


# --- 24: a limit entry that never fills -----------------------------------------------------------


def test_row_24_a_newer_signal_takes_the_place_of_a_limit_that_rests(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    floor.alert("buy", 7, order_type="limit", limit_price="91")
    (cancelled,) = floor.events(OrderCancelled)
    (live,) = floor.live().values()
    assert cancelled.order_id != live.plan.order_id
    assert seen(live.plan.quantity, live.plan.limit_price) == (7, 91)


def test_nobody_trades_on_a_saturday(opened: NewFloor) -> None:
    floor = opened(SATURDAY)
    floor.alert("buy", 10)
    assert seen(floor.refusals, floor.plans) == ([Code.MARKET_CLOSED], [])


def test_the_floor_itself_keeps_what_is_written_through_a_restart(opened: NewFloor) -> None:
    floor = opened(hours=Hours.ALWAYS)
    floor.alert("buy", 10)
    floor.restart(60)
    assert seen(floor.share(), floor.at_venue(), floor.settings.accounts[PAPER].hours) == (
        10,
        10,
        Hours.ALWAYS,
    )


# --- 13: nothing is kept over night ---------------------------------------------------------------

NOTHING_KEPT = RiskOverrides({"flatten_before_close_minutes": Decimal(15)})
HALF_DAY = datetime(2026, 1, 6, 15, 0, tzinfo=UTC)
"""In the tests' calendar this day closes at 13:00 in New York."""
AN_HOUR_BEFORE = datetime(2026, 1, 5, 19, 59, tzinfo=UTC)


def holding(opened: NewFloor, at: datetime = AN_HOUR_BEFORE, **more: Any) -> Floor:
    floor = opened(at, risk=NOTHING_KEPT, **more)
    floor.alert("buy", 10)
    assert floor.share() == 10
    return floor


def test_row_13_a_quarter_of_an_hour_before_the_close_all_is_left(opened: NewFloor) -> None:
    floor = holding(opened)
    floor.wait_until(datetime(2026, 1, 5, 20, 44, 50, tzinfo=UTC))
    assert floor.share() == 10
    floor.wait_until(datetime(2026, 1, 5, 20, 45, 30, tzinfo=UTC))
    assert seen(floor.share(), floor.at_venue()) == (0, 0)
    asked = floor.events(AlertAccepted)[-1]
    assert (asked.origin, asked.action) == (Origin.SCHEDULE, Action.CLOSE_LONG)
    assert floor.events(StillHeld) == []


def test_row_13_a_half_day_is_left_earlier(opened: NewFloor) -> None:
    floor = holding(opened, HALF_DAY)
    floor.wait_until(datetime(2026, 1, 6, 17, 45, 30, tzinfo=UTC))
    assert seen(floor.share(), floor.at_venue()) == (0, 0)


def test_row_13_nothing_is_entered_while_all_is_being_left(opened: NewFloor) -> None:
    floor = opened(off(BEFORE_THE_CLOSE, -60 * 13), risk=NOTHING_KEPT)
    floor.alert("buy", 10)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs["cutoff_seconds"]) == (Code.MARKET_CLOSED, "900")


def test_row_13_a_limit_that_rests_is_cancelled_first(opened: NewFloor) -> None:
    floor = holding(opened)
    floor.alert("sell", 10, order_type="limit", limit_price="120")
    floor.wait_until(datetime(2026, 1, 5, 20, 45, 30, tzinfo=UTC))
    assert len(floor.events(OrderCancelled)) == 1
    assert seen(floor.share(), len(floor.live())) == (0, 0)


def test_row_13_whoever_cannot_leave_is_named_and_leaves_after_the_next_open(
    opened: NewFloor,
) -> None:
    floor = holding(opened)
    floor.away("no route to the venue")
    floor.restart()
    floor.wait_until(datetime(2026, 1, 5, 20, 55, 10, tzinfo=UTC))
    floor.wait_until(datetime(2026, 1, 5, 21, 0, 30, tzinfo=UTC))
    told = [(it.code, it.quantity) for it in floor.events(StillHeld)]
    assert told == [
        (Code.FLATTEN_LATE, Decimal(10)),
        (Code.HELD_OVERNIGHT_UNINTENDED, Decimal(10)),
    ]
    floor.away()
    floor.restart()
    floor.wait_until(datetime(2026, 1, 6, 14, 30, 50, tzinfo=UTC))
    assert floor.share() == 10
    floor.wait_until(datetime(2026, 1, 6, 14, 31, 30, tzinfo=UTC))
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (0, 0, {})


def test_row_13_an_exit_that_the_venue_refuses_is_asked_for_again(opened: NewFloor) -> None:
    floor = holding(opened)
    floor.refuses("not today")
    floor.restart()
    floor.wait_until(datetime(2026, 1, 5, 20, 45, 10, tzinfo=UTC))
    assert len(floor.events(OrderRejected)) == 1
    floor.refuses()
    floor.restart()
    floor.wait_until(datetime(2026, 1, 5, 20, 46, 50, tzinfo=UTC))
    assert floor.share() == 0


# --- a bracket at a venue that works it by itself -------------------------------------------------


def bracketed(floor: Floor, limit_price: str = "101") -> None:
    """Ten shares wanted at a limit, a target at 110 and a stop at 90."""
    floor.alert(
        "buy", 10, order_type="limit", limit_price=limit_price, take_profit="110", stop_loss="90"
    )
    for _ in range(3):
        floor.wait(1)


def at_schwab(floor: Floor) -> list[tuple[str, str]]:
    """Every order there that can trade, by kind and status, in the order in which they came."""
    assert isinstance(floor.market, SimulatedMarket)
    orders = floor.market.desk.world.orders.values()
    return [(o.terms.order_type, o.status.value) for o in orders if o.terms is not None]


def test_a_bracket_goes_to_schwab_with_its_entry_and_its_legs_are_ours(
    opened_at_schwab: NewFloor,
) -> None:
    floor = opened_at_schwab()
    bracketed(floor)
    assert at_schwab(floor) == [
        ("LIMIT", "FILLED"),
        ("LIMIT", "WORKING"),
        ("STOP", "AWAITING_STOP_CONDITION"),
    ]
    legs = [order for order in floor.live().values() if order.is_protective]
    assert [leg.status for leg in legs] == [OrderStatus.ACCEPTED] * 2
    floor.price("111")
    for _ in range(3):
        floor.wait(1)
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (0, 0, {})
    assert floor.events(ExternalTraded) == []


def test_legs_that_schwab_works_for_another_size_give_way(opened_at_schwab: NewFloor) -> None:
    floor = opened_at_schwab(strategies={"demo": evolve(LONG, allow_add=True)})
    floor.alert("buy", 5)
    bracketed(floor)
    wanted = [(o.plan.quantity, o.status) for o in floor.live().values()]
    assert seen(floor.share(), wanted) == (15, [(15, OrderStatus.ACCEPTED)] * 2)
    assert at_schwab(floor)[1:] == [
        ("LIMIT", "FILLED"),
        ("LIMIT", "CANCELED"),
        ("STOP", "CANCELED"),
        ("LIMIT", "WORKING"),
        ("STOP", "AWAITING_STOP_CONDITION"),
    ]


def test_an_entry_that_fills_while_nobody_is_there_is_protected_all_the_same(
    opened_at_schwab: NewFloor,
) -> None:
    floor = opened_at_schwab()
    bracketed(floor, limit_price="98")
    with floor.gone():
        floor.market.price(Decimal(97), AAPL)
        assert at_schwab(floor)[1:] == [
            ("LIMIT", "WORKING"),
            ("STOP", "AWAITING_STOP_CONDITION"),
        ]
    floor.wait(5)
    legs = [order.status for order in floor.live().values() if order.is_protective]
    assert seen(floor.share(), legs, len(at_schwab(floor))) == (10, [OrderStatus.ACCEPTED] * 2, 3)


def test_what_protection_did_while_nobody_was_there_closes_the_share(
    opened_at_schwab: NewFloor,
) -> None:
    floor = opened_at_schwab()
    bracketed(floor, limit_price="98")
    with floor.gone():
        floor.market.price(Decimal(97), AAPL)
        floor.market.price(Decimal(89), AAPL)
    floor.wait(5)
    assert seen(floor.share(), floor.at_venue(), floor.live()) == (0, 0, {})
    (sold,) = floor.events(ExternalTraded)
    assert seen(sold.side, sold.quantity) == (Side.SELL, 10)


def test_legs_whose_entry_is_long_over_are_found_by_their_terms(
    opened_at_schwab: NewFloor,
) -> None:
    """The daemon dies after it wrote down the fill and before it had planned the legs."""
    floor = opened_at_schwab()
    bracketed(floor, limit_price="98")
    floor.room.end("risk:paper")
    floor.market.price(Decimal(97), AAPL)
    for _ in range(3):
        floor.wait(1)
    assert seen(len(floor.events(OrderFilled)), len(floor.plans)) == (1, 1)
    floor.restart()
    floor.wait(5)
    legs = [order.status for order in floor.live().values() if order.is_protective]
    assert seen(legs, len(at_schwab(floor))) == ([OrderStatus.ACCEPTED] * 2, 3)
