"""What becomes of a buy: an order, a refusal with its numbers, or a named wait."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
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
    started,
    unknown,
)
from trading.alert_events import AlertAccepted, SignalApproved
from trading.decisions import decide, undecided
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.events import VenueLost
from trading.order_events import OrderAbsent, OrderCancelled
from trading.outcomes import Decision, Plan, Refuse, Wait
from trading.sign_ins import VenueSignedIn
from trading.vocabulary import Action, AlertId, Code, Intent, OrderType, Side, TimestampMeaning


AGED = limits(max_alert_age_seconds=30)
LIMITED = limits(max_daily_loss=50)
LOST = VenueLost(at=AT, account=ACCOUNT, reason="gone")


def decided(
    signal: AlertAccepted, *history: Event, now: datetime = AT, cash: Number = 25_000, **more: Any
) -> Decision:
    """What is decided of a signal after this history, in which it may stand already."""
    known = history if signal in history else (*history, signal)
    return decide(desk(*known, cash=cash), signal, rules(more.pop("limited", AGED), **more), now)


def refused(decision: Decision) -> tuple[Code, dict[str, str]]:
    assert isinstance(decision, Refuse), decision
    return decision.refused.code, decision.refused.inputs


# --- orders -------------------------------------------------------------------------------------


def test_a_good_buy_becomes_one_market_order_with_its_checks() -> None:
    decision = decided(alert("a7", quantity=10, price=100), now=after(1))
    assert isinstance(decision, Plan)
    order = decision.order
    assert (order.order_id, order.alert_id, order.at) == ("a7.paper.1", "a7", after(1))
    assert (order.side, order.quantity, order.intent) == (Side.BUY, Decimal(10), Intent.ENTRY)
    assert (order.order_type, order.reference_price) == (OrderType.MARKET, Decimal(100))
    assert all(check.passed for check in decision.approved.checks)


def test_a_buy_without_a_price_is_valued_at_the_mark() -> None:
    decision = decided(alert("a7", price=None), alert("a6", price=55))
    assert isinstance(decision, Plan)
    assert decision.order.reference_price == 55


def test_two_buys_in_one_batch_do_not_pass_a_limit_meant_for_one() -> None:
    limited = limits(max_total_exposure=1_000)
    first, second = alert("a1", symbol=AAPL), alert("a2", symbol=MSFT)
    here = desk(first, second)
    plan = decide(here, first, rules(limited), AT)
    assert isinstance(plan, Plan)
    for fact in (plan.approved, plan.order):
        here = evolve_desk(here, fact)
    code, numbers = refused(decide(here, second, rules(limited), AT))
    assert (code, numbers["total_exposure"]) == (Code.MAX_TOTAL_EXPOSURE, "2000")
    assert list(undecided(here)) == [second]


# --- refusals -----------------------------------------------------------------------------------


def test_a_refusal_names_the_first_check_that_failed() -> None:
    decision = decided(alert(), cash=999)
    assert refused(decision) == (Code.CASH, {"order_value": "1000", "free_cash": "999"})
    assert isinstance(decision, Refuse)
    assert not decision.refused.is_exit


def test_yesterdays_loss_is_no_reason_today_for_an_alert_that_waited() -> None:
    lost = (fill("x1", 10, 100, symbol=MSFT), alert("a0", symbol=MSFT, price=90))
    assert refused(decided(alert(), *lost, limited=LIMITED))[0] is Code.MAX_DAILY_LOSS
    assert isinstance(decided(alert(), *lost, limited=LIMITED, now=after(86_400)), Plan)


def test_a_second_buy_is_already_long() -> None:
    numbers = {"own_share": "100", "buys_in_flight": "0", "allow_add": "false"}
    assert refused(decided(alert(), fill())) == (Code.ALREADY_LONG, numbers)


def test_a_second_buy_while_the_first_is_in_flight_is_already_long() -> None:
    numbers = {"own_share": "40", "buys_in_flight": "60", "allow_add": "false"}
    flying = (planned(), started(), fill("x1", 40))
    assert refused(decided(alert(), *flying)) == (Code.ALREADY_LONG, numbers)


def test_a_retired_strategy_opens_nothing() -> None:
    assert refused(decided(alert(), retired=True))[0] is Code.STRATEGY_RETIRED


def test_a_fire_time_in_the_future_opens_nothing() -> None:
    code, numbers = refused(decided(alert(fired_at=after(6))))
    assert (code, numbers["ahead_seconds"]) == (Code.TIMESTAMP_AHEAD, "6")


def applied(fired_at: datetime, action: Action = Action.BUY) -> tuple[Event, ...]:
    """A signal that was traded, by when it fired."""
    signal = alert("before", action, fired_at=fired_at)
    approved = SignalApproved(
        at=AT, alert_id=AlertId("before"), account=ACCOUNT, strategy=DEMO, symbol=AAPL
    )
    return signal, approved


def test_an_older_signal_than_the_last_applied_is_out_of_order() -> None:
    decision = decided(alert(fired_at=after(-3)), *applied(after(-2)))
    assert refused(decision) == (
        Code.OUT_OF_ORDER,
        {"fired_at": after(-3).isoformat(), "last_applied": after(-2).isoformat()},
    )


@pytest.mark.parametrize(
    "signal",
    [
        alert(fired_at=after(-2)),  # in the same second
        alert(fired_at=after(-1)),
        alert(fired_at=None),
        alert(fired_at=after(-9), symbol=MSFT),
        alert(fired_at=after(-9), strategy=OTHER),
    ],
)
def test_order_is_kept_per_strategy_and_symbol_where_the_fire_time_is_known(
    signal: AlertAccepted,
) -> None:
    assert isinstance(decided(signal, *applied(after(-2))), Plan)


# --- age ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fired", "late", "refusal"),
    [
        (None, 30, None),
        (None, 30.001, Code.STALE),
        (-10, 21, None),  # thirty seconds and the second that whole seconds may hide
        (-10, 21.001, Code.STALE),
        (3, 31, None),  # ahead of us it counts from receipt
        (3, 31.001, Code.STALE),
    ],
)
def test_an_entry_is_too_old_after_its_age_and_its_grace(
    fired: float | None, late: float, refusal: Code | None
) -> None:
    signal = alert(fired_at=None if fired is None else after(fired))
    decision = decided(signal, now=after(late))
    assert (refused(decision)[0] if refusal else type(decision)) == (refusal or Plan)


def test_a_stale_entry_tells_its_age_its_limit_and_how_its_time_was_read() -> None:
    code, numbers = refused(decided(alert(fired_at=after(-60)), now=after(5)))
    assert code is Code.STALE
    assert numbers == {
        "age_seconds": "65.0",
        "max_alert_age_seconds": "30",
        "waited_seconds": "5.0",
        "timestamp": "read as the fire time (strategy setting timestamp: timenow)",
    }


def test_a_stale_entry_without_a_fire_time_says_nothing_of_one() -> None:
    _, numbers = refused(decided(alert(), now=after(31), timestamp=TimestampMeaning.BAR))
    assert "timestamp" not in numbers


def test_with_no_limit_of_age_an_entry_is_never_stale() -> None:
    assert isinstance(decided(alert(), now=after(10**7), limited=limits()), Plan)


# --- waiting ------------------------------------------------------------------------------------

ELSEWHERE_UNKNOWN = (
    planned("o1", symbol=MSFT, strategy=OTHER, quantity=1),
    started("o1"),
    unknown("o1"),
)


def test_while_the_venue_is_away_an_entry_waits_until_its_age() -> None:
    assert decided(alert(), LOST) == Wait(after(30))
    assert decided(alert(fired_at=after(-5)), LOST) == Wait(after(26))
    assert decided(alert(), LOST, limited=limits()) == Wait(None)


def test_an_order_of_unknown_fate_anywhere_in_the_account_blocks_entries() -> None:
    assert decided(alert(), *ELSEWHERE_UNKNOWN) == Wait(after(30))
    known = (*ELSEWHERE_UNKNOWN, acknowledged("o1"))
    absent = (*ELSEWHERE_UNKNOWN, about(OrderAbsent, reason="not there"))
    assert isinstance(decided(alert(), *known), Plan)
    assert isinstance(decided(alert(), *absent), Plan)


@pytest.mark.parametrize(
    ("history", "code"), [((LOST,), Code.BROKER_NOT_READY), (ELSEWHERE_UNKNOWN, Code.UNKNOWN_ORDER)]
)
def test_an_entry_that_waited_too_long_says_for_what(
    history: tuple[Event, ...], code: Code
) -> None:
    found, numbers = refused(decided(alert(), *history, now=after(31)))
    assert (found, numbers["waited_seconds"]) == (code, "31.0")


def test_an_entry_waits_for_the_strategys_own_exits() -> None:
    leaving = (fill("x0", 10), planned("o2", Side.SELL, 10), started("o2"), acknowledged("o2"))
    assert decided(alert(), *leaving) == Wait(after(30))
    gone = fill("x2", 10, side=Side.SELL, order_id="o2")
    assert isinstance(decided(alert(), *leaving, gone), Plan)
    cancelled = about(OrderCancelled, "o2")
    assert refused(decided(alert(), *leaving, cancelled))[0] is Code.ALREADY_LONG


def test_an_entry_does_not_wait_for_the_exits_of_others() -> None:
    theirs = (fill("x0", 10, strategy=OTHER), planned("o2", Side.SELL, 10, strategy=OTHER))
    assert isinstance(decided(alert(), *theirs), Plan)


SELL = alert("a2", Action.SELL)


def test_an_entry_that_waits_is_given_up_when_an_exit_comes_behind_it() -> None:
    assert refused(decided(alert("a1"), LOST, alert("a1"), SELL)) == (
        Code.SUPERSEDED,
        {"by": "a2"},
    )


def test_an_entry_that_waits_for_an_exit_is_given_up_when_another_comes_behind_it() -> None:
    """Or the later exit would find nothing to do, and the entry would buy after all."""
    leaving = (fill("x0", 10), planned("o2", Side.SELL, 10), started("o2"))
    assert refused(decided(alert("a1"), *leaving, alert("a1"), SELL))[0] is Code.SUPERSEDED


@pytest.mark.parametrize(
    "behind",
    [
        alert("a2", Action.BUY),
        alert("a2", Action.SELL, symbol=MSFT),
        alert("a2", Action.SELL, strategy=OTHER),
    ],
)
def test_only_an_exit_of_the_same_strategy_and_symbol_gives_an_entry_up(
    behind: AlertAccepted,
) -> None:
    assert isinstance(decided(alert("a1"), LOST, alert("a1"), behind), Wait)


def test_an_exit_in_front_of_an_entry_does_not_give_it_up() -> None:
    assert isinstance(decided(alert("a1"), LOST, SELL, alert("a1")), Wait)


# --- where people sign in -----------------------------------------------------------------------


def test_in_the_last_hour_of_a_sign_in_nothing_is_entered() -> None:
    signed = VenueSignedIn(at=AT, account=ACCOUNT, until=after(30 * 60))
    told = refused(decided(alert("a"), signed))
    assert told == (Code.SIGN_IN_ENDS, {"minutes_left": "30"})


def test_an_alert_that_waited_into_the_last_hour_is_judged_by_the_clock() -> None:
    signed = VenueSignedIn(at=AT, account=ACCOUNT, until=after(61 * 60))
    waited = decided(alert("a"), signed, now=after(2 * 60), limited=limits())
    assert refused(waited) == (Code.SIGN_IN_ENDS, {"minutes_left": "59"})


def test_nothing_is_sent_where_the_mode_is_paper() -> None:
    code, inputs = refused(decided(alert("a"), leaves=False))
    assert (code, inputs["mode"]) == (Code.MODE_PAPER, "paper")
