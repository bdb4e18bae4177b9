"""The order state scenarios of the FIX protocol, as far as this version's words reach.

The scenarios stand beside the checkout; the rules they rest on are tested without them as well.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import SHARED, about, acknowledged, fill, order, started, unknown
from trading.events import CancelRequested, OrderAbsent, OrderCancelled, OrderEvent, OrderRejected
from trading.orders import Order, evolve_order
from trading.vocabulary import Code, OrderStatus


SCENARIOS = SHARED / "fix_order_scenarios.json"
Step = dict[str, Any]

IN_THEIR_WORDS = {
    OrderStatus.SUBMITTED: "Pending New",
    OrderStatus.ACCEPTED: "New",
    OrderStatus.PARTIALLY_FILLED: "Partially Filled",
    OrderStatus.FILLED: "Filled",
    OrderStatus.PENDING_CANCEL: "Pending Cancel",
    OrderStatus.CANCELLED: "Canceled",
    OrderStatus.REJECTED: "Rejected",
    OrderStatus.UNKNOWN: "Unknown",
    OrderStatus.ABSENT: "Rejected",
}
OURS: dict[str, Callable[[Step], OrderEvent]] = {
    "new": lambda _: started(),
    "ack": lambda _: acknowledged(),
    "partial_fill": lambda step: fill(step["exec_id"], step["last_qty"], step["last_px"]),
    "fill": lambda step: fill(step["exec_id"], step["last_qty"], step["last_px"]),
    "reject": lambda _: about(OrderRejected, code=Code.VENUE_REJECTED, reason="no"),
    "cancel_request": lambda _: about(CancelRequested, code=Code.OPERATOR),
    "canceled": lambda _: about(OrderCancelled),
    "unsolicited_canceled": lambda _: about(OrderCancelled),
    "submit_timeout": lambda _: unknown(),
    "reconcile_found": lambda _: acknowledged(),
    "reconcile_absent_n_times": lambda _: about(OrderAbsent, reason="not there"),
}
SAID_BY_THE_REQUEST = {"pending_cancel"}
"""What the venue says of a request that we have noted when we made it."""

OTHERWISE = {
    "B.1.d": "a cancel is asked for only once an order is acknowledged",
    "B.1.f": "likewise: an order that is not known is not cancelled",
}


def reached() -> Iterator[Any]:
    if not SCENARIOS.exists():
        reason = f"{SCENARIOS} is not here"
        yield pytest.param({}, id="none", marks=pytest.mark.skip(reason=reason))
        return
    for scenario in json.loads(SCENARIOS.read_text())["scenarios"]:
        events = {step["event"] for step in scenario["steps"]}
        is_simple = not any(step.get("second_order") for step in scenario["steps"])
        if (
            is_simple
            and events <= {*OURS, *SAID_BY_THE_REQUEST}
            and scenario["id"] not in OTHERWISE
        ):
            yield pytest.param(scenario, id=scenario["id"])


def told(lived: Order) -> tuple[str, Decimal, Decimal]:
    return IN_THEIR_WORDS[lived.status], lived.filled_quantity, lived.remaining_quantity


def facts(step: Step) -> list[OrderEvent]:
    return [] if step["event"] in SAID_BY_THE_REQUEST else [OURS[step["event"]](step)]


@pytest.mark.parametrize("scenario", list(reached()))
def test_every_step_leaves_the_order_as_the_protocol_says(scenario: Step) -> None:
    lived = order(quantity=scenario["steps"][0]["order_qty"])
    for step in scenario["steps"]:
        for fact in facts(step):
            lived = evolve_order(lived, fact)
        if expect := step.get("expect"):
            assert told(lived) == (expect["ord_status"], expect["cum_qty"], expect["leaves_qty"])
            average = round(lived.average_fill_price or Decimal(0), 7)
            assert average == Decimal(expect["avg_px"]), step


def test_enough_of_the_scenarios_are_reached_to_say_something() -> None:
    if not SCENARIOS.exists():
        pytest.skip(f"{SCENARIOS} is not here")
    assert len(list(reached())) >= 8
