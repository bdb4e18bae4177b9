"""Strategies that sell short: what is opened, turned round, protected and refused.

The rows are those of the rules; everything here is real but the clock and the disk.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from attrs import evolve

from settings.model import Risk
from settings.paper import Funds, PaperShorts
from tests.situations.floor import LONG, Floor, NewFloor, floors
from tests.trading.builders import AAPL, MSFT, seen
from trading.alert_events import SignalApproved, SignalHeld, SignalRefused
from trading.order_events import OrderPlanned
from trading.vocabulary import Code, Intent, OrderType, Side, Sides


BOTH = evolve(LONG, sides=Sides.LONG_SHORT)
SHORT = evolve(LONG, sides=Sides.SHORT_ONLY)
ROOMY = Risk(
    max_position_value=Decimal(10_000),
    max_position_value_percent=None,
    max_order_value_percent=None,
    allow_short=True,
)
STOP = {"stop_loss": "105"}


@pytest.fixture(params=["paper", "schwab"])
def opened(request: pytest.FixtureRequest) -> Iterator[NewFloor]:
    """On an account with margin that lends AAPL and MSFT."""
    yield from floors(
        at=request.param,
        strategies={"demo": BOTH},
        limits=ROOMY,
        funds=Funds.MARGIN,
        shorts=PaperShorts(borrowable=(AAPL, MSFT)),
    )


def intents(floor: Floor) -> list[tuple[str, Decimal, Intent]]:
    return [(p.side.value, p.quantity, p.intent) for p in floor.events(OrderPlanned)]


def held(floor: Floor) -> tuple[object, ...]:
    """By the books, and by the venue's own ledger."""
    return seen(floor.share(), floor.at_venue())


# --- open and close -------------------------------------------------------------------------------


def test_a_short_is_opened_and_bought_back(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 10, **STOP)
    assert held(floor) == (-10, -10)
    floor.alert("close_short", price="90")
    assert held(floor) == (0, 0)
    assert floor.refusals == []


def test_a_short_only_strategy_never_buys_more_than_it_is_short(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": SHORT})
    floor.alert("buy", 10)
    assert floor.refusals == [Code.NOTHING_TO_DO]
    floor.alert("sell", 10, **STOP)
    floor.alert("buy", 25)
    assert held(floor) == (0, 0)
    assert [q for side, q, _ in intents(floor) if side == "buy"][-1] == 10


def test_a_second_sale_adds_only_where_the_strategy_says_so(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 5, **STOP)
    floor.wait(60)
    floor.alert("sell", 5, **STOP)
    assert seen(floor.refusals, *held(floor)) == ([Code.ALREADY_SHORT], -5, -5)


# --- 2: one order turns a position round ----------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "sizes", "after"),
    [
        ("buy", "sell", {}, -10),
        ("sell", "buy", {}, 10),
        ("buy", "sell", {"prev_position_size": "10", "position_size": "-5"}, -5),
        ("sell", "buy", {"prev_position_size": "-10", "position_size": "5"}, 5),
    ],
)
def test_row_02_a_reversal_closes_waits_and_opens(
    opened: NewFloor, first: str, second: str, sizes: dict[str, str], after: int
) -> None:
    floor = opened()
    stops = {"buy": "95", "sell": "105"}
    floor.alert(first, 10, stop_loss=stops[first])
    alert = floor.alert(second, 20, stop_loss=stops[second], **sizes)
    floor.looks()
    assert held(floor) == (after, after)
    mine = [plan for plan in floor.events(OrderPlanned) if plan.alert_id == alert]
    assert [seen(p.side, p.quantity, p.intent) for p in mine[:2]] == [
        (second, 10, Intent.EXIT),
        (second, abs(after), Intent.ENTRY),
    ]
    assert [str(e.alert_id) for e in floor.events(SignalApproved)].count(alert) == 1
    assert floor.refusals == []


def test_row_02_what_is_not_closed_in_time_is_not_reversed(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10)
    alert = floor.alert("sell", 20, order_type="limit", limit_price="110", stop_loss="115")
    floor.wait(121)
    (refused,) = floor.events(SignalRefused)
    assert (refused.alert_id, refused.code) == (alert, Code.REVERSAL_NOT_FLAT)
    assert refused.inputs["own_share"] == refused.inputs["closes_in_flight"] == "10"
    assert [o.plan.intent for o in floor.live().values()] == [Intent.EXIT]  # it works on
    floor.moves(111)
    assert held(floor) == (0, 0)


def test_row_02_a_number_is_read_by_what_the_chart_holds_by_then(opened: NewFloor) -> None:
    """A buy that still works counts: what takes just that back is an exit and opens nothing."""
    floor = opened()
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    floor.alert("sell", 10)
    assert seen(held(floor), len(floor.live()), floor.refusals) == (
        (0, 0),
        0,
        [Code.NOTHING_TO_DO],
    )


def test_row_02_a_reversal_survives_whoever_decides_it(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("buy", 10)
    alert = floor.alert("sell", 20, order_type="limit", limit_price="101", stop_loss="106")
    (waiting,) = floor.events(SignalHeld)
    assert (waiting.alert_id, waiting.code) == (alert, Code.REVERSAL_NOT_FLAT)
    floor.restart()
    floor.moves("101.50")  # it is closed
    floor.moves("101.50")  # and opened
    assert held(floor) == (-10, -10)
    plans = [plan for plan in floor.events(OrderPlanned) if plan.alert_id == alert]
    assert [plan.intent for plan in plans[:2]] == [Intent.EXIT, Intent.ENTRY]


# --- 6: one sign per symbol and account -----------------------------------------------------------


def test_row_06_nobody_sells_short_what_another_holds(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": LONG, "other": SHORT})
    floor.alert("buy", 10)
    floor.alert("sell", 10, strategy="other", **STOP)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs["demo holds"]) == (Code.OPPOSING_POSITION, "10")
    assert seen(floor.share("demo"), floor.share("other"), floor.at_venue()) == (10, 0, 10)


def test_row_06_nor_what_another_may_still_buy(opened: NewFloor) -> None:
    floor = opened(strategies={"demo": LONG, "other": SHORT})
    floor.alert("buy", 10, order_type="limit", limit_price="90")
    floor.alert("sell", 10, strategy="other", **STOP)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs["demo may buy"]) == (Code.OPPOSING_POSITION, "10")


# --- 21: what a short sale needs ------------------------------------------------------------------


@pytest.mark.parametrize("stop", [None, "110.10"])
def test_row_21_a_short_needs_a_stop_within_a_tenth(opened: NewFloor, stop: str | None) -> None:
    floor = opened()
    floor.alert("sell", 10, stop_loss=stop)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs["farthest"]) == (Code.SHORT_NEEDS_STOP, "110")


def test_row_21_a_short_is_half_as_large_as_a_long_position(opened: NewFloor) -> None:
    floor = opened(limits=evolve(ROOMY, max_position_size=Decimal(20)))
    floor.alert("sell", 11, **STOP)
    (refused,) = floor.events(SignalRefused)
    assert (refused.code, refused.inputs["max_position_size"]) == (Code.MAX_POSITION_SIZE, "10")


def test_row_21_where_shorts_are_not_allowed_nothing_is_sold_short(opened: NewFloor) -> None:
    floor = opened(limits=evolve(ROOMY, allow_short=False))
    floor.alert("sell", 10, **STOP)
    assert seen(floor.refusals, floor.at_venue()) == ([Code.SHORT_NOT_ALLOWED], 0)


def test_row_21_what_cannot_be_borrowed_is_refused(opened: NewFloor) -> None:
    floor = opened(shorts=PaperShorts(borrowable=(MSFT,)))
    floor.alert("sell", 10, **STOP)
    assert seen(floor.refusals, floor.at_venue()) == ([Code.NOT_BORROWABLE], 0)


# --- protection -----------------------------------------------------------------------------------


def test_a_short_is_protected_by_what_buys_it_back(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 10, stop_loss="105.001", take_profit="90.009")
    legs = [o.plan for o in floor.live().values()]
    prices = [(p.side, p.order_type, p.limit_price or p.stop_price) for p in legs]
    assert prices == [
        (Side.BUY, OrderType.LIMIT, Decimal(90)),
        (Side.BUY, OrderType.STOP, Decimal("105.01")),
    ]
    floor.moves(106)
    floor.moves(106)
    assert seen(*held(floor), floor.live()) == (0, 0, {})


def test_an_exit_of_a_short_takes_its_protection_off_first(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 10, stop_loss="105")
    floor.alert("buy", 4)
    assert held(floor) == (-6, -6)
    (leg,) = floor.live().values()
    assert seen(leg.plan.side, leg.remaining_quantity) == (Side.BUY, 6)


def test_nothing_is_doubled_when_everybody_dies_while_short(opened: NewFloor) -> None:
    floor = opened()
    floor.alert("sell", 10, stop_loss="105")
    floor.restart(30)
    assert held(floor) == (-10, -10)
    (leg,) = floor.live().values()
    assert seen(leg.plan.side, leg.remaining_quantity) == (Side.BUY, 10)
