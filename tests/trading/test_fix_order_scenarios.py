"""The order state scenarios of the FIX protocol, all of them, step by step.

The scenarios stand beside the checkout; the rules they rest on are tested without them as well.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.trading.builders import (
    SHARED,
    about,
    acknowledged,
    busted,
    corrected,
    fill,
    order,
    replace,
    replaced,
    started,
    unknown,
)
from trading.order_events import (
    CancelRejected,
    CancelRequested,
    OrderAbsent,
    OrderCancelled,
    OrderDoneForDay,
    OrderEvent,
    OrderExpired,
    OrderReinstated,
    OrderRejected,
    OrderStopped,
    OrderSuspended,
    ReplaceRejected,
)
from trading.orders import Order, evolve_order
from trading.vocabulary import Code, OrderStatus, TimeInForce


SCENARIOS = SHARED / "fix_order_scenarios.json"
HOW_MANY = 44
Step = dict[str, Any]
Fact = Callable[[Order, Step], OrderEvent]

IN_THEIR_WORDS = {
    OrderStatus.PLANNED: "Rejected",  # an order the venue was never told of
    OrderStatus.SUBMITTED: "Pending New",
    OrderStatus.ACCEPTED: "New",
    OrderStatus.PARTIALLY_FILLED: "Partially Filled",
    OrderStatus.FILLED: "Filled",
    OrderStatus.PENDING_CANCEL: "Pending Cancel",
    OrderStatus.PENDING_REPLACE: "Pending Replace",
    OrderStatus.DONE_FOR_DAY: "Done for Day",
    OrderStatus.SUSPENDED: "Suspended",
    OrderStatus.STOPPED: "Stopped",
    OrderStatus.CANCELLED: "Canceled",
    OrderStatus.EXPIRED: "Expired",
    OrderStatus.REJECTED: "Rejected",
    OrderStatus.UNKNOWN: "Unknown",
    OrderStatus.ABSENT: "Rejected",
}


def _fill(_: Order, step: Step) -> OrderEvent:
    return fill(step["exec_id"], step["last_qty"], step["last_px"])


def _bust(lived: Order, step: Step) -> OrderEvent:
    was = next(f for i, f in lived.executions.items() if i == step["exec_ref_id"])
    return busted(step["exec_ref_id"], was.quantity, was.price)


def _correct(lived: Order, step: Step) -> OrderEvent:
    was = next(f for i, f in lived.executions.items() if i == step["exec_ref_id"])
    now = (step["exec_ref_id"], step["last_qty"], step["last_px"])
    return corrected(*now, was=was.quantity, was_price=was.price)


def _simply(event: OrderEvent) -> Fact:
    return lambda _, __: event


OURS: dict[str, Fact] = {
    "new": _simply(started()),
    "ack": _simply(acknowledged()),
    "partial_fill": _fill,
    "fill": _fill,
    "bust": _bust,
    "correct": _correct,
    "reject": _simply(about(OrderRejected, code=Code.VENUE_REJECTED, reason="no")),
    "cancel_request": _simply(about(CancelRequested, code=Code.OPERATOR)),
    "cancel_reject": _simply(about(CancelRejected, reason="no")),
    "canceled": _simply(about(OrderCancelled)),
    "unsolicited_canceled": _simply(about(OrderCancelled)),
    "replace_request": lambda _, step: replace(step["cl_ord_id"], quantity=step["order_qty"]),
    # The venue says under which terms it works: less than is filled already it cannot take.
    "replaced": lambda _, step: replaced(
        step["cl_ord_id"], quantity=step["expect"]["order_qty"], broker_order_id=step["cl_ord_id"]
    ),
    "replace_reject": lambda _, step: about(
        ReplaceRejected, replace_id=step["cl_ord_id"], reason="no"
    ),
    "done_for_day": _simply(about(OrderDoneForDay)),
    "restated": _simply(about(OrderReinstated)),
    "suspended": _simply(about(OrderSuspended)),
    "reinstated": _simply(about(OrderReinstated)),
    "stopped": _simply(about(OrderStopped)),
    "expired": _simply(about(OrderExpired)),
    "submit_timeout": _simply(unknown()),
    "reconcile_found": _simply(acknowledged()),
    "reconcile_absent_n_times": _simply(about(OrderAbsent, reason="not there")),
}
SAID_BY_THE_REQUEST = {"pending_cancel", "pending_replace", "status_request", "order_status"}
"""What the venue says of a request that we have noted when we made it, and what changes nothing."""

OUR_PENDING = {OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}


def scenarios() -> Iterator[Any]:
    if not SCENARIOS.exists():
        reason = f"{SCENARIOS} is not here"
        yield pytest.param({}, id="none", marks=pytest.mark.skip(reason=reason))
        return
    for scenario in json.loads(SCENARIOS.read_text())["scenarios"]:
        yield pytest.param(scenario, id=scenario["id"])


def first(scenario: Step) -> Order:
    step = scenario["steps"][0]
    planned = order(quantity=step["order_qty"])
    tif = TimeInForce(scenario["tif"].lower())
    return evolve(planned, plan=evolve(planned.plan, time_in_force=tif))


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_every_step_leaves_the_order_as_the_protocol_says(scenario: Step) -> None:
    lived = first(scenario)
    asked = False  # a request of ours under way that the venue has not said to be pending
    for step in scenario["steps"]:
        before = lived
        if step["event"] not in SAID_BY_THE_REQUEST:
            lived = evolve_order(lived, OURS[step["event"]](lived, step))
        asked = step["event"].endswith("_request") or (asked and "pending" not in step["event"])
        if step.get("duplicate"):
            assert lived is before
            said = fill(step["exec_id"], step["last_qty"], step["last_px"])
            assert lived.contradicts(said) is (step.get("flag") == "data_mismatch")
        if expect := step.get("expect"):
            status = IN_THEIR_WORDS[lived.status]
            # Our own word for a request stands from when we make it, before they have read it.
            ours = lived.status in OUR_PENDING and (asked or lived.replaces)
            assert status == expect["ord_status"] or ours, step
            check_numbers(lived, expect)


def check_numbers(lived: Order, expect: Step) -> None:
    average = round(lived.average_fill_price or Decimal(0), 7)
    assert average == Decimal(expect["avg_px"])
    if "cum_qty" in expect:  # the refusal of a request tells none
        numbers = (lived.quantity, lived.filled_quantity, lived.remaining_quantity)
        assert numbers == (expect["order_qty"], expect["cum_qty"], expect["leaves_qty"])


def test_every_scenario_is_there() -> None:
    if not SCENARIOS.exists():
        pytest.skip(f"{SCENARIOS} is not here")
    assert len(list(scenarios())) == HOW_MANY
