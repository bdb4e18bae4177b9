"""What the optional fields of an alert make of it: limits, and what the chart holds."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    Number,
    about,
    acknowledged,
    after,
    alert,
    desk,
    fill,
    limits,
    planned,
    rules,
    seen,
    started,
)
from trading import document
from trading.alert_events import AlertAccepted, SignalApproved
from trading.alerts import Sender, Signal, interpret
from trading.decisions import decide
from trading.event import Event
from trading.order_events import CancelRequested, OrderCancelled
from trading.outcomes import Decision, Plan, Refuse, Wait
from trading.vocabulary import (
    Action,
    AlertId,
    Code,
    Intent,
    OrderId,
    OrderType,
    Side,
    TimeInForce,
)


HELD = (planned(quantity=10), started(), acknowledged(), fill("x0", 10))
RESTING_BUY = (planned("o2", limit=90), started("o2"), acknowledged("o2"))
RESTING_SELL = (
    *HELD,
    planned("o3", Side.SELL, 10, limit=130),
    started("o3"),
    acknowledged("o3"),
)


def signal(
    action: Action = Action.BUY, quantity: Number | None = 10, **fields: Any
) -> AlertAccepted:
    made = alert("s1", action, quantity)
    numbers: dict[str, Any] = {
        k: Decimal(v) if isinstance(v, int) else v for k, v in fields.items()
    }
    return evolve(made, **numbers)


def decided(asked: AlertAccepted, *history: Event, now: datetime = AT, **more: Any) -> Decision:
    return decide(desk(*history, asked), asked, rules(more.pop("limited", limits()), **more), now)


def code(decision: Decision) -> Code:
    assert isinstance(decision, Refuse), decision
    return decision.refused.code


def plan(decision: Decision) -> Plan:
    assert isinstance(decision, Plan), decision
    return decision


# --- reading ------------------------------------------------------------------------------------


def read(**fields: object) -> Signal | list[str]:
    body = {"ticker": "AAPL", "action": "buy", "quantity": 1, "strategy": DEMO} | fields
    read_as = interpret(document.read(json.dumps(body).encode()), {DEMO: Sender()})
    return read_as if isinstance(read_as, Signal) else [f"{f.place}: {f.problem}" for f in read_as]


def test_a_limit_order_is_one_that_says_so() -> None:
    asked = read(order_type="Limit", limit_price="99.5", time_in_force="GTC")
    assert isinstance(asked, Signal)
    assert (asked.order_type, asked.limit_price) == (OrderType.LIMIT, Decimal("99.5"))
    assert asked.time_in_force is TimeInForce.GTC


def test_a_price_alone_makes_no_limit_order() -> None:
    asked = read(price=99)
    assert isinstance(asked, Signal)
    assert (asked.order_type, asked.limit_price) == (OrderType.MARKET, None)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"order_type": "limit"}, ["limit_price: is required for order_type limit"]),
        (
            {"limit_price": 9},
            ["limit_price: is for order_type limit or stop_limit; the order is market"],
        ),
        (
            {"order_type": "iceberg", "time_in_force": "ever"},
            [
                f'order_type: must be one of {", ".join(OrderType)}; got "iceberg"',
                'time_in_force: must be one of day, gtc, ioc, fok; got "ever"',
            ],
        ),
        (
            {"order_type": "stop", "stop_price": 200, "time_in_force": "fok"},
            ["time_in_force: fok takes order_type market or limit; the order is stop"],
        ),
        (
            {"order_type": "limit", "limit_price": -1},
            ["limit_price: must be above 0; got -1"],
        ),
        ({"position_size": "long"}, ['position_size: must be a number; got "long"']),
    ],
)
def test_faults_name_the_field_and_what_to_do(fields: dict[str, object], faults: list[str]) -> None:
    assert read(**fields) == faults


def test_what_the_chart_holds_is_signed() -> None:
    asked = read(position_size="-10", prev_position_size=0)
    assert isinstance(asked, Signal)
    assert seen(asked.position_size, asked.prev_position_size) == (-10, 0)


# --- limit orders -------------------------------------------------------------------------------


def test_a_limit_entry_is_valued_at_its_limit_and_the_venue_hears_of_the_last_price() -> None:
    asked = signal(order_type=OrderType.LIMIT, limit_price=90, price=100)
    order = plan(decided(asked, limited=limits(max_order_value=900, price_collar_percent=2))).order
    assert (order.order_type, order.time_in_force) == (OrderType.LIMIT, TimeInForce.DAY)
    assert seen(order.limit_price, order.worst_price, order.reference_price) == (90, 90, 100)


def test_an_entry_does_not_stay_beyond_its_day() -> None:
    asked = signal(order_type=OrderType.LIMIT, limit_price=90, time_in_force=TimeInForce.GTC)
    assert code(decided(asked)) is Code.GTC_ENTRY


@pytest.mark.parametrize("at_once", [TimeInForce.IOC, TimeInForce.FOK])
def test_an_entry_may_end_at_once(at_once: TimeInForce) -> None:
    asked = signal(order_type=OrderType.LIMIT, limit_price=90, time_in_force=at_once)
    assert plan(decided(asked)).order.time_in_force is at_once


def test_an_exit_may_rest_at_its_limit_until_it_is_filled() -> None:
    asked = signal(
        Action.SELL,
        order_type=OrderType.LIMIT,
        limit_price=120,
        time_in_force=TimeInForce.GTC,
    )
    order = plan(decided(asked, *HELD)).order
    assert (order.side, order.intent) == (Side.SELL, Intent.EXIT)
    assert (order.order_type, order.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    assert order.limit_price == 120


def test_row_24_a_newer_entry_cancels_the_limit_entry_that_rests_and_waits_for_its_end() -> None:
    asked = signal()
    assert decided(asked, *RESTING_BUY) == Wait(None, (OrderId("o2"),))
    cancelled = (
        about(CancelRequested, "o2", code=Code.CANCELLED_FIRST),
        about(OrderCancelled, "o2"),
    )
    assert plan(decided(asked, *RESTING_BUY, *cancelled)).order.quantity == 10


def test_row_7_an_exit_cancels_the_exit_that_rests_and_then_closes() -> None:
    asked = signal(Action.CLOSE_LONG, None)
    assert decided(asked, *RESTING_SELL) == Wait(None, (OrderId("o3"),))
    assert plan(decided(asked, *RESTING_SELL, about(OrderCancelled, "o3"))).order.quantity == 10


def test_an_exit_that_rests_keeps_no_entry_waiting() -> None:
    assert code(decided(signal(), *RESTING_SELL)) is Code.ALREADY_LONG


# --- what the chart holds -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "held_after", "opens"),
    [(-10, 10, 10), (0, 20, 20), (10, 30, 20), (-5, 15, 15)],
)
def test_rule_11_a_reversal_opens_only_what_is_held_after_it(
    before: int, held_after: int, opens: int
) -> None:
    asked = signal(quantity=20, prev_position_size=before, position_size=held_after)
    assert plan(decided(asked)).order.quantity == opens


def test_a_buy_that_covers_a_short_of_the_chart_opens_nothing() -> None:
    asked = signal(quantity=10, prev_position_size=-20, position_size=-10)
    decision = decided(asked)
    assert code(decision) is Code.NOTHING_TO_DO
    assert isinstance(decision, Refuse)
    assert decision.refused.is_exit


def test_a_sell_that_reverses_closes_what_is_held() -> None:
    asked = signal(Action.SELL, 20, prev_position_size=10, position_size=-10)
    assert plan(decided(asked, *HELD)).order.quantity == 10


def test_row_4_the_same_signal_twice_is_one_unless_the_chart_says_they_follow() -> None:
    window = limits(repeat_window_seconds=10)
    first = evolve(signal(prev_position_size=0, position_size=10), alert_id=AlertId("s0"))
    approved = SignalApproved(
        at=AT, alert_id=first.alert_id, account=ACCOUNT, strategy=DEMO, symbol=AAPL
    )
    again = evolve(signal(prev_position_size=0, position_size=10), at=after(1))
    decision = decided(again, first, approved, now=after(1), limited=window, allow_add=True)
    assert code(decision) is Code.REPEATED_SIGNAL
    second = evolve(signal(prev_position_size=10, position_size=20), at=after(1))
    plan(decided(second, first, approved, now=after(1), limited=window, allow_add=True))
