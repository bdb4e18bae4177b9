"""Row 2: from short to long by one order, which opens once what it reverses is closed."""

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
)
from trading.alert_events import AlertAccepted, SignalHeld
from trading.decisions import decide
from trading.event import Event
from trading.money import ZERO
from trading.outcomes import Decision, Plan, Refuse, Wait
from trading.signals import read
from trading.vocabulary import Action, Code, Side, Sides


LIMITED = limits(max_alert_age_seconds=30, reversal_wait_seconds=120)
HELD = (planned(quantity=10), started(), fill("x0", 10))
CLOSING = (planned("o2", Side.SELL, 10), started("o2"), acknowledged("o2"))
REVERSAL = evolve(
    alert("r", quantity=20), prev_position_size=Decimal(-10), position_size=Decimal(10)
)
WAITS = SignalHeld(
    at=AT,
    alert_id=REVERSAL.alert_id,
    account=ACCOUNT,
    strategy=DEMO,
    symbol=AAPL,
    code=Code.REVERSAL_NOT_FLAT,
    until=after(120),
)
CLOSED = evolve(fill("x9", 10, side=Side.SELL, order_id="o2"), at=after(60))


def decided(
    *history: Event, now: datetime = AT, asked: AlertAccepted = REVERSAL, **more: Any
) -> Decision:
    return decide(desk(*history), asked, rules(more.pop("limited", LIMITED), **more), now)


def code(decision: Decision) -> Code:
    assert isinstance(decision, Refuse), decision
    return decision.refused.code


@pytest.mark.parametrize(
    ("before", "action", "after_", "reverses"),
    [
        (-10, Action.BUY, 10, True),
        (0, Action.BUY, 10, False),
        (-10, Action.BUY, 0, False),
        (10, Action.SELL, -10, False),
        (None, Action.BUY, 10, False),
    ],
)
def test_what_a_reversal_is(
    before: int | None, action: Action, after_: int, *, reverses: bool
) -> None:
    sizes = {"prev_position_size": before, "position_size": after_}
    numbers: dict[str, Any] = {k: None if v is None else Decimal(v) for k, v in sizes.items()}
    reading = read(evolve(alert(action=action), **numbers), Sides.LONG_ONLY, ZERO)
    assert reading.is_reversal is reverses


def test_row_02_a_reversal_writes_down_its_deadline_and_waits() -> None:
    waits = decided(*HELD, *CLOSING, REVERSAL)
    assert isinstance(waits, Wait)
    assert waits.held is not None
    assert (waits.held.code, waits.until) == (Code.REVERSAL_NOT_FLAT, after(120))
    assert decided(*HELD, *CLOSING, REVERSAL, WAITS) == Wait(after(120))


def test_row_02_it_opens_what_is_held_after_it_once_the_close_is_done() -> None:
    plan = decided(*HELD, *CLOSING, REVERSAL, WAITS, CLOSED, now=after(60))
    assert isinstance(plan, Plan)
    assert (plan.order.side, plan.order.quantity) == (Side.BUY, Decimal(10))


def test_row_02_at_the_deadline_it_is_dropped_with_both_numbers() -> None:
    half = fill("x9", 5, side=Side.SELL, order_id="o2")
    dropped = decided(*HELD, *CLOSING, REVERSAL, WAITS, half, now=after(121))
    assert code(dropped) is Code.REVERSAL_NOT_FLAT
    assert isinstance(dropped, Refuse)
    assert dropped.refused.inputs["own_share"] == "5"
    assert dropped.refused.inputs["closes_in_flight"] == "5"


def test_row_02_it_is_judged_anew_when_it_opens() -> None:
    moved = quoted(AAPL, 102, after(59))
    anew = decided(*HELD, *CLOSING, REVERSAL, WAITS, CLOSED, moved, now=after(60))
    assert code(anew) is Code.ENTRY_DRIFT


def test_row_02_what_came_too_late_does_not_begin_to_wait() -> None:
    assert code(decided(*HELD, *CLOSING, REVERSAL, now=after(32))) is Code.STALE


def test_row_02_flat_in_time_and_decided_too_late_it_is_stale() -> None:
    late = decided(*HELD, *CLOSING, REVERSAL, WAITS, CLOSED, now=after(121))
    assert code(late) is Code.STALE


def test_row_02_an_exit_behind_it_means_out() -> None:
    out = alert("out", Action.CLOSE_LONG, None)
    assert code(decided(*HELD, *CLOSING, REVERSAL, out)) is Code.SUPERSEDED


def test_row_02_without_a_wait_it_is_any_other_buy() -> None:
    no_wait = limits(max_alert_age_seconds=30)
    assert code(decided(*HELD, REVERSAL, limited=no_wait)) is Code.ALREADY_LONG
