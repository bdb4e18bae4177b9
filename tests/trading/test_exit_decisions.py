"""What becomes of an exit: never more than the own share, never trapped by a stop."""

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
    halted,
    limits,
    planned,
    rules,
    started,
    tripped,
    unknown,
)
from trading.alert_events import AlertAccepted, SignalApproved
from trading.decisions import decide
from trading.event import Event
from trading.events import VenueLost
from trading.order_events import CancelRequested, OrderCancelled
from trading.outcomes import Decision, Plan, Refuse, Wait
from trading.signals import may_leave
from trading.vocabulary import Action, AlertId, Code, Intent, OrderId, Side, Symbol


AGED = limits(max_alert_age_seconds=30, max_exit_age_seconds=900)
TEN = fill("x0", 10, 100)
LOST = VenueLost(at=AT, account=ACCOUNT, reason="gone")


def sell(quantity: Number | None = 10, **more: Any) -> AlertAccepted:
    return alert("out", Action.SELL, quantity, **more)


def close(action: Action = Action.CLOSE_LONG) -> AlertAccepted:
    return alert("out", action, None)


def decided(signal: AlertAccepted, *history: Event, now: datetime = AT, **more: Any) -> Decision:
    here = desk(*history, signal)
    return decide(here, signal, rules(more.pop("limited", AGED), **more), now)


def sold(decision: Decision) -> Decimal:
    assert isinstance(decision, Plan), decision
    assert (decision.order.side, decision.order.intent) == (Side.SELL, Intent.EXIT)
    return decision.order.quantity


def refused(decision: Decision) -> tuple[Code, dict[str, str]]:
    assert isinstance(decision, Refuse), decision
    assert decision.refused.is_exit
    return decision.refused.code, decision.refused.inputs


def test_whatever_is_no_buy_is_an_exit() -> None:
    assert {action for action in Action if may_leave(alert(action=action))} == {
        Action.SELL,
        Action.CLOSE_LONG,
        Action.CLOSE_SHORT,
    }


# --- how much -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "quantity"), [(4, 4), (10, 10), (25, 10), (None, 10)])
def test_an_exit_sells_what_is_asked_but_no_more_than_the_own_share(
    asked: int | None, quantity: int
) -> None:
    assert sold(decided(sell(asked) if asked else close(), TEN)) == quantity


def test_an_exit_leaves_the_shares_of_others_alone() -> None:
    assert sold(decided(sell(50), TEN, fill("x1", 30, strategy=OTHER))) == 10


def test_an_exit_counts_the_closes_that_are_in_flight() -> None:
    flying = (
        planned("o2", Side.SELL, 7),
        started("o2"),
        fill("x2", 3, side=Side.SELL, order_id="o2"),
    )
    assert sold(decided(close(), TEN, *flying)) == 10 - 3 - 4


def test_an_exit_sells_no_more_than_the_account_holds_less_all_live_closes() -> None:
    """Another strategy has sold six of our ten, and is selling two more."""
    theirs = (
        fill("x1", 6, side=Side.SELL, strategy=OTHER),
        planned("o2", Side.SELL, 2, strategy=OTHER),
    )
    assert sold(decided(close(), TEN, *theirs)) == 2


def test_an_exit_says_why_it_is_as_large_as_it_is() -> None:
    decision = decided(sell(4), TEN)
    assert isinstance(decision, Plan)
    (check,) = decision.approved.checks
    assert check.inputs == {
        "asked": "4",
        "own_share": "10",
        "own_closes_in_flight": "0",
        "account_holds": "10",
    }


def test_a_short_is_closed_by_a_buy_which_is_an_exit() -> None:
    decision = decided(close(Action.CLOSE_SHORT), fill("x0", 10, side=Side.SELL))
    assert isinstance(decision, Plan)
    order = decision.order
    assert (order.side, order.quantity, order.intent) == (Side.BUY, Decimal(10), Intent.EXIT)


@pytest.mark.parametrize(
    ("signal", "history", "asked"),
    [
        (sell(5), (), "5"),
        (close(), (), "all"),
        (close(), (fill("x0", 10, symbol=MSFT),), "all"),
        (close(), (fill("x0", 10, strategy=OTHER),), "all"),
        (close(Action.CLOSE_SHORT), (TEN,), "all"),
        (close(), (TEN, planned("o2", Side.SELL, 10)), "all"),
    ],
)
def test_an_exit_of_nothing_has_nothing_to_do(
    signal: AlertAccepted, history: tuple[Event, ...], asked: str
) -> None:
    code, numbers = refused(decided(signal, *history))
    assert (code, numbers["asked"]) == (Code.NOTHING_TO_DO, asked)


def test_a_long_only_sell_while_flat_opens_no_short() -> None:
    assert refused(decided(sell())) == (
        Code.NOTHING_TO_DO,
        {"asked": "10", "own_share": "0", "own_closes_in_flight": "0", "account_holds": "0"},
    )


def test_part_of_a_share_is_not_sold() -> None:
    assert refused(decided(sell("0.5"), TEN))[0] is Code.WHOLE_SHARES_ONLY
    assert refused(decided(sell("2.5"), TEN))[0] is Code.WHOLE_SHARES_ONLY


def test_a_part_of_a_share_left_over_traps_nothing() -> None:
    assert sold(decided(close(), fill("x0", "10.37"))) == 10
    assert refused(decided(close(), fill("x0", "0.37")))[0] is Code.NOTHING_TO_DO


# --- always a way out ---------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [halted(), tripped()])
def test_no_stop_traps_a_position(stop: Event) -> None:
    assert sold(decided(close(), TEN, stop)) == 10


def test_a_retired_strategy_and_a_symbol_no_longer_traded_may_leave() -> None:
    strict: dict[str, Any] = {"retired": True, "symbols": frozenset({Symbol("F")})}
    assert sold(decided(close(), TEN, **strict)) == 10


def test_an_exit_needs_no_price_no_cash_and_no_clock_in_step() -> None:
    assert sold(decided(sell(price=None, fired_at=after(90)), fill("x0", 10, 2_500))) == 10


def test_limits_meant_for_entries_do_not_bind_an_exit() -> None:
    tight = limits(max_order_value=1, max_position_size=1, max_daily_loss=1)
    assert sold(decided(close(), TEN, alert(price=50), limited=tight)) == 10


# --- age, order, repetition ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fired", "late", "is_stale"),
    [(None, 900, False), (None, 900.1, True), (-800, 101, False), (-800, 101.1, True)],
)
def test_an_exit_may_be_much_older_than_an_entry(
    fired: float | None,
    late: float,
    is_stale: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    signal = sell(fired_at=None if fired is None else after(fired))
    decision = decided(signal, TEN, now=after(late))
    assert isinstance(decision, Refuse if is_stale else Plan)


def test_a_stale_exit_names_its_own_limit() -> None:
    code, numbers = refused(decided(sell(), TEN, now=after(901)))
    assert (code, numbers["max_exit_age_seconds"]) == (Code.STALE, "900")


def approved(signal: AlertAccepted) -> tuple[Event, ...]:
    return signal, SignalApproved(
        at=AT, alert_id=AlertId(signal.alert_id), account=ACCOUNT, strategy=DEMO, symbol=AAPL
    )


def test_an_exit_older_than_the_last_applied_signal_is_out_of_order() -> None:
    later = approved(alert("in", fired_at=after(-1)))
    assert refused(decided(sell(fired_at=after(-5)), TEN, *later))[0] is Code.OUT_OF_ORDER


def test_a_partial_exit_sent_twice_is_one_and_a_whole_one_cannot_hurt_twice() -> None:
    window = limits(repeat_window_seconds=10)
    half = approved(alert("before", Action.SELL, 4, at=after(-2)))
    code, numbers = refused(decided(sell(4), TEN, *half, limited=window))
    assert (code, numbers["seconds_ago"]) == (Code.REPEATED_SIGNAL, "2.0")
    whole = approved(alert("before", Action.CLOSE_LONG, None, at=after(-2)))
    assert sold(decided(close(), TEN, *whole, limited=window)) == 10


def test_two_partial_exits_that_waited_together_are_both_made() -> None:
    waited = approved(alert("before", Action.SELL, 4, at=after(-60)))
    assert sold(decided(sell(4), TEN, *waited, limited=limits(repeat_window_seconds=10))) == 4


# --- entries out of the way first ---------------------------------------------------------------

WORKING = (planned("in", quantity=5), started("in"), acknowledged("in"))


def test_an_exit_asks_for_the_end_of_working_entries_and_waits_for_it() -> None:
    assert decided(close(), TEN, *WORKING) == Wait(after(900), (OrderId("in"),))


def test_an_exit_waits_for_an_entry_that_cannot_be_cancelled_yet() -> None:
    assert decided(close(), TEN, *WORKING[:1]) == Wait(after(900))
    assert decided(close(), TEN, *WORKING[:2]) == Wait(after(900))


def test_an_exit_waits_while_the_cancel_is_under_way() -> None:
    asked = about(CancelRequested, "in", code=Code.CANCELLED_FIRST)
    assert isinstance(decided(close(), TEN, *WORKING, asked), Wait)


def test_an_exit_then_sells_what_the_entry_left() -> None:
    ended = (fill("x1", 2, order_id="in"), about(OrderCancelled, "in"))
    assert sold(decided(close(), TEN, *WORKING, *ended)) == 12


@pytest.mark.parametrize(
    "working",
    [planned("in", quantity=5, strategy=OTHER), planned("in", quantity=5, symbol=MSFT)],
)
def test_an_exit_leaves_entries_of_others_alone(working: Event) -> None:
    assert sold(decided(close(), TEN, working)) == 10


# --- waiting ------------------------------------------------------------------------------------


def lost_order(symbol: Symbol = AAPL, *terms: Any, **more: Any) -> tuple[Event, ...]:
    plan = planned("o9", *terms, **{"symbol": symbol, "strategy": OTHER, "quantity": 1, **more})
    return plan, started("o9"), unknown("o9")


def test_row_15_an_order_of_unknown_fate_lets_exits_of_other_symbols_pass() -> None:
    assert sold(decided(close(), TEN, *lost_order(MSFT))) == 10


def test_row_15_and_those_of_its_own_up_to_what_it_may_have_left() -> None:
    theirs = fill("x2", 5, strategy=OTHER)
    assert sold(decided(close(), TEN, *lost_order())) == 10  # a buy of another's takes nothing
    assert sold(decided(close(), TEN, theirs, *lost_order(AAPL, Side.SELL, quantity=5))) == 10
    gone = decided(close(), TEN, *lost_order(AAPL, Side.SELL, quantity=4))
    assert sold(gone) == 6  # should the venue have sold four of ours as another's
    mine = lost_order(AAPL, Side.SELL, quantity=4, strategy=DEMO)
    assert sold(decided(close(), TEN, *mine)) == 6
    all_of_it = lost_order(AAPL, Side.SELL, quantity=10, strategy=DEMO)
    assert decided(close(), TEN, *all_of_it) == Wait(after(900))


@pytest.mark.parametrize(
    "mine",
    [lost_order(strategy=DEMO), lost_order(AAPL, Side.SELL, limit=120, strategy=DEMO)],
    ids=["an entry", "an exit that may rest"],
)
def test_row_15_what_is_to_be_out_of_the_way_first_is_waited_for(mine: tuple[Event, ...]) -> None:
    assert decided(close(), TEN, *mine) == Wait(after(900))


def test_while_the_venue_is_away_an_exit_waits() -> None:
    assert decided(close(), TEN, LOST) == Wait(after(900))
    assert refused(decided(close(), TEN, LOST, now=after(901)))[0] is Code.BROKER_NOT_READY


def test_an_exit_is_never_given_up_for_another() -> None:
    here = desk(TEN, LOST, sell(), alert("later", Action.CLOSE_LONG, None))
    assert isinstance(decide(here, sell(), rules(AGED), AT), Wait)
