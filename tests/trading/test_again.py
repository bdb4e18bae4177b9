"""Exits that are planned once more: at the market, or because their first order is not there."""

from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from attrs import evolve

from tests.trading.builders import (
    AAPL,
    AT,
    DEMO,
    MSFT,
    OTHER,
    about,
    acknowledged,
    after,
    alert,
    desk,
    fill,
    limits,
    planned,
    quoted,
    rules,
    started,
    unknown,
)
from trading.breaker import BreakerLimits, Watch, due_trips
from trading.decisions import decide
from trading.desk import Desk
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.exposure import exposure_of
from trading.last_gate import OPEN_GATE, before_submit
from trading.order_events import CancelRequested, OrderAbsent, OrderAccepted, OrderCancelled
from trading.outcomes import Refuse
from trading.planning import entry_ends
from trading.protection import Step, is_watched, see_to_protection
from trading.vocabulary import (
    AccountName,
    Action,
    BrokerOrderId,
    Code,
    OrderId,
    OrderType,
    Side,
    TradingState,
)


HELD = (planned("e", quantity=10), started("e"), fill("x0", 10, order_id="e"))
EXIT = planned("s", Side.SELL, 10)
SENT = (*HELD, EXIT, started("s"), unknown("s"))
GONE = about(OrderAbsent, "s", reason="not there")
PROVED = about(OrderAbsent, "s", reason="nor now", at=after(120))


def steps(here: Desk, seconds: float = 0) -> list[Step]:
    watched = [order for order in here.orders.values() if is_watched(order)]
    return list(see_to_protection(here, lambda _: rules(), watched, after(seconds)))


def onto(here: Desk, *events: Event) -> Desk:
    return reduce(evolve_desk, events, here)


def cancelled(name: str, code: Code) -> tuple[Event, ...]:
    return about(CancelRequested, name, code=code), about(OrderCancelled, name)


# --- absent -------------------------------------------------------------------------------------


def test_row_15_an_exit_is_looked_for_again_after_two_minutes_and_then_planned() -> None:
    here = desk(*SENT, GONE)
    assert steps(here, 119) == [Step(look_at=after(120))]
    assert steps(here, 120) == [Step(look_for=OrderId("s"))]
    (again,) = steps(onto(here, PROVED), 120)
    assert [(p.order_id, p.quantity, p.order_type) for p in again.plan] == [
        ("s.2", Decimal(10), OrderType.MARKET)
    ]


def test_row_15_what_was_planned_again_is_not_planned_a_third_time() -> None:
    here = desk(*SENT, GONE, PROVED)
    (again,) = steps(here, 120)
    second = again.plan[0]
    here = onto(here, second, started("s.2"), unknown("s.2"))
    assert (steps(here, 121), here.again) == ([], {})
    assert steps(onto(here, about(OrderAbsent, "s.2", reason="not there")), 900) == []


def test_row_15_an_exit_that_filled_after_all_is_not_planned_again() -> None:
    here = desk(*SENT, GONE, fill("x1", 10, side=Side.SELL, order_id="s"))
    assert (steps(here, 500), here.again) == ([], {})


def test_row_15_that_it_is_found_after_all_is_for_a_person() -> None:
    found = about(OrderAccepted, "s", broker_order_id=BrokerOrderId("B-9"))
    assert list(desk(*SENT, GONE, found).again) == ["s"]


@pytest.mark.parametrize("newer", [planned("n", Side.SELL, 3), planned("n", quantity=3)])
def test_a_newer_order_of_the_strategy_in_the_symbol_is_what_it_wants_now(newer: Event) -> None:
    assert desk(*SENT, GONE, newer).again == {}


@pytest.mark.parametrize(
    "other",
    [
        planned("n", Side.SELL, 3, symbol=MSFT),
        planned("n", Side.SELL, 3, strategy=OTHER),
        evolve(planned("n", Side.SELL, 3), parent_id=OrderId("e")),
        evolve(planned("n", Side.SELL, 3), account=AccountName("elsewhere")),
    ],
)
def test_an_order_of_another_or_a_leg_changes_nothing(other: Event) -> None:
    assert list(desk(*SENT, GONE, other).again) == ["s"]


def test_an_entry_or_a_leg_that_is_absent_is_never_planned_again() -> None:
    absent = about(OrderAbsent, "e", reason="not there")
    assert desk(planned("e"), started("e"), unknown("e"), absent).again == {}
    leg = evolve(EXIT, parent_id=OrderId("e"))
    assert desk(*HELD, leg, started("s"), unknown("s"), GONE).again == {}


def test_no_more_is_planned_again_than_is_left_of_the_share() -> None:
    here = desk(*SENT, GONE, PROVED, fill("x2", 7, side=Side.SELL, order_id="by hand"))
    assert steps(here, 120)[0].plan[0].quantity == 3
    here = onto(here, fill("x3", 3, side=Side.SELL, order_id="by hand"))
    assert steps(here, 120) == []


def test_what_rests_in_its_way_is_taken_off_first_and_a_fate_waited_for() -> None:
    limit = evolve(planned("r", Side.SELL, 2, limit=130), parent_id=OrderId("e"))
    here = desk(*SENT, GONE, PROVED, limit, started("r"))
    assert steps(here, 120) == []  # it is on its way
    here = onto(here, acknowledged("r"))
    assert steps(here, 120) == [Step(cancel=(OrderId("r"),), code=Code.CANCELLED_FIRST)]
    lost = desk(*SENT, GONE, PROVED, limit, started("r"), unknown("r"))
    assert steps(lost, 120) == []


# --- at the market ------------------------------------------------------------------------------


def test_row_24_what_was_to_fill_at_once_goes_to_the_market_after_a_minute() -> None:
    resting = evolve(planned("s", Side.SELL, 10, limit=99), ends_at=after(60))
    here = desk(*HELD, resting, started("s"), acknowledged("s"))
    assert steps(here, 59) == [Step(look_at=after(60))]
    assert steps(here, 60) == [Step(cancel=(OrderId("s"),), code=Code.EXIT_TO_MARKET)]
    sold = fill("x1", 4, side=Side.SELL, order_id="s")
    here = onto(here, sold, *cancelled("s", Code.EXIT_TO_MARKET))
    (again,) = steps(here, 61)
    (order,) = again.plan
    assert (order.order_id, order.quantity) == ("s.2", Decimal(6))
    assert (order.order_type, order.limit_price, order.ends_at) == (OrderType.MARKET, None, None)


def test_row_24_an_exit_that_was_cancelled_for_another_is_not_planned_again() -> None:
    resting = evolve(planned("s", Side.SELL, 10, limit=99), ends_at=after(60))
    here = desk(*HELD, resting, started("s"), acknowledged("s"))
    assert onto(here, *cancelled("s", Code.CANCELLED_FIRST)).again == {}


def test_row_24_an_entry_has_its_time_to_live() -> None:
    resting = evolve(planned("e", limit=90), ends_at=after(300))
    here = desk(resting, started("e"), acknowledged("e"))
    assert steps(here, 299) == [Step(look_at=after(300))]
    assert steps(here, 300) == [Step(cancel=(OrderId("e"),), code=Code.ENTRY_TTL)]
    assert onto(here, *cancelled("e", Code.ENTRY_TTL)).again == {}


# --- the last look ------------------------------------------------------------------------------


def bracketed(*events: Event) -> Desk:
    prices: dict[str, Any] = {"take_profit": Decimal(110), "stop_loss": Decimal(95)}
    here = desk(evolve(HELD[0], **prices), *HELD[1:])
    (dress,) = steps(here)
    for leg in dress.plan:
        here = onto(here, leg, started(leg.order_id), acknowledged(leg.order_id))
    return onto(here, *events)


def test_row_08_an_exit_that_was_overtaken_by_the_target_ends_as_filled_already() -> None:
    here = bracketed(
        fill("x1", 10, side=Side.SELL, order_id="a1.paper.target1"),
        about(OrderCancelled, "a1.paper.stop1"),
        EXIT,
    )
    turned = before_submit(here, here.orders[OrderId("s")], OPEN_GATE, rules(limits()), AT)
    assert turned is not None
    assert turned.code is Code.EXIT_ALREADY_FILLED
    assert turned.inputs["closed_by"] == "a1.paper.target1"


def test_legs_pass_the_last_look_whatever_their_age_as_long_as_they_fit() -> None:
    aged = rules(limits(max_exit_age_seconds=900))
    here = bracketed()
    for leg in here.live(AAPL, DEMO, Side.SELL):
        assert before_submit(here, leg, OPEN_GATE, aged, after(5_000)) is None
    here = onto(here, fill("x1", 5, side=Side.SELL, order_id="by hand"))
    for leg in here.live(AAPL, DEMO, Side.SELL):
        turned = before_submit(here, leg, OPEN_GATE, aged, AT)
        assert turned is not None
        assert turned.code is Code.NOTHING_TO_DO


# --- beside the legs ----------------------------------------------------------------------------


def test_row_15_legs_stay_away_while_an_exit_is_planned_again() -> None:
    legs = ("a1.paper.target1", "a1.paper.stop1")
    here = bracketed(EXIT, started("s"), unknown("s"), GONE, PROVED)
    (taking_off,) = [it for it in steps(here, 120) if it.code is Code.CANCELLED_FIRST]
    assert set(taking_off.cancel) == set(legs)
    one = cancelled(legs[0], Code.CANCELLED_FIRST)
    here = onto(here, *one, *cancelled(legs[1], Code.CANCELLED_FIRST))
    planned_now, legs_later = steps(here, 10_000)[0], steps(here, 1)[-1]
    assert [order.order_id for order in planned_now.plan] == ["s.2"]
    assert legs_later == Step(look_at=after(15))


def test_row_08_a_chart_that_sells_what_the_target_has_sold_is_told_so() -> None:
    sold = fill("x1", 10, side=Side.SELL, order_id="a1.paper.target1")
    signal = alert("out", Action.SELL, 10)
    here = bracketed(sold, about(OrderCancelled, "a1.paper.stop1"), signal)
    decision = decide(here, signal, rules(), AT)
    assert isinstance(decision, Refuse)
    assert decision.refused.code is Code.EXIT_ALREADY_FILLED
    assert decision.refused.inputs["closed_by"] == "a1.paper.target1"


def test_a_pair_of_legs_is_one_close_in_every_count() -> None:
    here = bracketed(quoted(AAPL, 100))
    assert here.remaining(AAPL, Side.SELL) == 10
    assert exposure_of(here).total == 1000


def test_row_24_only_what_rests_has_a_time_to_live() -> None:
    lives = rules(entry_ttl=Decimal(300))
    resting = evolve(alert(), order_type=OrderType.LIMIT, limit_price=Decimal(90))
    assert entry_ends(resting, lives, AT) == after(300)
    assert entry_ends(resting, rules(), AT) is None
    assert entry_ends(alert(), lives, AT) is None


def test_row_08_a_share_carried_through_zero_lets_exits_through_only() -> None:
    book = desk(fill("x1", 3, side=Side.SELL, order_id="by hand")).book
    off = BreakerLimits(
        max_consecutive_errors=None, max_daily_loss=None, max_daily_loss_percent=None
    )
    (trip,) = due_trips(Watch(book=book), off, {})
    assert (trip.state, trip.code) == (TradingState.REDUCING, Code.SHARE_REVERSED)
    assert trip.inputs == {"demo AAPL": "-3"}
