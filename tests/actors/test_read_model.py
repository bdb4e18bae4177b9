from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from actors.read_model import KEPT, new_model
from actors.views import AlertView, NeedsYou, Verdict, View
from tests.actors.facts import (
    AAPL,
    AT,
    CALENDAR,
    CALENDAR_APPLIED,
    DEMO,
    PAPER,
    READY,
    a_life,
    actor_started,
    alert,
    approved,
    at_venue,
    cancelled,
    difference_explained,
    difference_found,
    filled,
    halted,
    healed,
    held,
    later,
    of_order,
    order_id,
    planned,
    refused,
    resumed,
    started,
    tripped,
)
from trading.alert_events import AlertUnreadable
from trading.differences import DifferenceKind
from trading.event import Event
from trading.events import Scope, VenueFailed, VenueLost
from trading.order_events import (
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderRejected,
    SubmitStarted,
    SubmitUnknown,
)
from trading.positions import Book
from trading.statement import Statement
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BrokerOrderId,
    Code,
    ErrorKind,
    OrderId,
    Side,
)


OTHER = AccountName("other")
FILLED = filled("a")


def shown(*events: Event) -> View:
    model = new_model((PAPER, OTHER))
    for event in events:
        model.fold(event)
    return model.view(7, AT)


def the_alert(*events: Event) -> AlertView:
    (view,) = shown(*events).alerts
    return view


def unreadable(name: str) -> AlertUnreadable:
    return AlertUnreadable(
        at=AT, alert_id=AlertId(name), strategy=DEMO, faults=("ticker: is required", "b"), body=""
    )


# --- verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "verdict", "code"),
    [
        ((alert("a"),), Verdict.PENDING, ""),
        ((alert("a"), held("a", later(60))), Verdict.PENDING, "MARKET_CLOSED"),
        ((alert("a"), held("a", later(60)), approved("a"), planned("a")), Verdict.ORDERED, ""),
        ((alert("a"), approved("a"), planned("a")), Verdict.ORDERED, ""),
        ((alert("a"), refused("a", Code.CASH)), Verdict.REFUSED, "CASH"),
        ((alert("a"), refused("a", Code.STALE)), Verdict.EXPIRED, "STALE"),
        ((alert("a"), refused("a", Code.UNKNOWN_ORDER)), Verdict.EXPIRED, "UNKNOWN_ORDER"),
        ((alert("a"), refused("a", Code.BROKER_NOT_READY)), Verdict.EXPIRED, "BROKER_NOT_READY"),
        ((unreadable("a"),), Verdict.REJECTED, "INVALID_ALERT"),
        ((alert("a", routes=()),), Verdict.RECORDED, ""),
    ],
)
def test_each_way_an_alert_goes_has_its_verdict(
    events: tuple[Event, ...], verdict: Verdict, code: str
) -> None:
    view = the_alert(*events)
    assert (view.verdict, view.code) == (verdict, code)


def test_a_refusal_is_said_in_words_with_its_numbers() -> None:
    view = the_alert(alert("a"), refused("a", Code.CASH, inputs={"free_cash": "12"}))
    assert view.reason == "there is not enough free cash (free_cash 12)"


def test_every_fault_of_an_unreadable_alert_is_shown() -> None:
    assert the_alert(unreadable("a")).reason == "ticker: is required; b"


def test_an_alert_of_two_accounts_is_pending_until_both_have_decided() -> None:
    both = alert("a", routes=(PAPER, OTHER))
    assert the_alert(both, approved("a")).verdict is Verdict.PENDING
    view = the_alert(both, approved("a"), refused("a", Code.CASH, OTHER))
    assert (view.verdict, view.code) == (Verdict.REFUSED, "CASH")
    assert view.decisions[PAPER].verdict is Verdict.ORDERED


def test_a_decision_names_its_order() -> None:
    view = the_alert(alert("a"), approved("a"), planned("a"))
    assert view.decisions[PAPER].order_id == order_id("a")


# --- what is kept -------------------------------------------------------------------------------


def test_the_last_two_hundred_alerts_are_kept_newest_first() -> None:
    view = shown(*(unreadable(f"a{n}") for n in range(KEPT + 50)))
    assert [a.alert_id for a in view.alerts] == [f"a{n}" for n in range(KEPT + 49, 49, -1)]


def test_an_alert_that_waits_is_never_dropped() -> None:
    waiting = [alert(f"w{n}") for n in range(KEPT + 50)]
    view = shown(*waiting, *(unreadable(f"a{n}") for n in range(KEPT)))
    assert {a.alert_id for a in view.alerts} >= {a.alert_id for a in waiting}
    assert view.unfinished == KEPT + 50


def test_those_too_many_go_once_they_are_decided() -> None:
    waiting = [alert(f"w{n}") for n in range(KEPT + 50)]
    view = shown(
        *waiting, *(refused(f"w{n}", Code.CASH) for n in range(KEPT + 50)), unreadable("x")
    )
    assert len(view.alerts) == KEPT


def test_one_that_waits_does_not_keep_older_decided_ones_alive() -> None:
    view = shown(alert("w"), *(unreadable(f"a{n}") for n in range(KEPT + 50)))
    assert len(view.alerts) == KEPT
    assert view.alerts[-1].alert_id == "w"


def test_the_last_two_hundred_orders_are_kept_and_every_live_one() -> None:
    live = [e for n in range(3) for e in a_life(f"live{n}")[:5]]
    ended = [e for n in range(KEPT + 50) for e in a_life(f"a{n}")]
    view = shown(*live, *ended)
    assert len(view.orders) == KEPT
    assert {o.order.plan.alert_id for o in view.orders} >= {"live0", "live1", "live2"}


def test_an_alert_by_its_id() -> None:
    view = shown(alert("a"), alert("b"))
    found = view.alert("a")
    assert found is not None
    assert found.alert_id == "a"
    assert view.alert("nobody") is None


# --- orders and accounts ------------------------------------------------------------------------


def test_an_order_shows_its_life() -> None:
    (view,) = shown(*a_life("a")[:5], evolve(FILLED, at=later(3), label="INDICATIVE")).orders
    assert (view.planned_at, view.changed_at, view.label) == (AT, later(3), "INDICATIVE")
    assert (view.order.filled_quantity, view.order.average_fill_price) == (
        Decimal(10),
        Decimal(100),
    )


FAILED = VenueFailed(at=AT, account=PAPER, kind=ErrorKind.TRANSPORT, detail="no route")


@pytest.mark.parametrize(
    ("events", "is_ready", "reason"),
    [
        ((), False, "connecting"),
        ((READY,), True, ""),
        ((READY, VenueLost(at=AT, account=PAPER, reason="gone")), False, "gone"),
        ((READY, actor_started("broker:paper")), False, "connecting"),
        ((FAILED,), False, "no route"),
        ((READY, FAILED), True, ""),
        ((READY, actor_started("risk:paper")), True, ""),
        ((READY, actor_started("broker:nobody")), True, ""),
    ],
)
def test_an_account_shows_whether_its_venue_answers(
    events: tuple[Event, ...],
    is_ready: bool,  # noqa: FBT001 - a column of the table above
    reason: str,
) -> None:
    account = shown(*events).accounts[PAPER]
    assert (account.venue_ready, account.venue_reason) == (is_ready, reason)


def test_the_venues_own_cash_is_shown() -> None:
    assert shown(READY).accounts[PAPER].venue_cash == 25_000


def test_a_book_is_shown_as_it_was_told() -> None:
    model = new_model((PAPER,))
    statement = Statement(book=Book(account=PAPER, cash=Decimal(7)))
    model.show(statement)
    model.show(Statement(book=Book(account=OTHER)))
    assert {a: v.statement for a, v in model.view(0, AT).accounts.items()} == {PAPER: statement}


# --- needs you ----------------------------------------------------------------------------------


def items(*events: Event) -> list[str]:
    return [item.what for item in shown(*events).needs_you]


def test_a_stop_waits_for_a_person_until_someone_resumes() -> None:
    assert items(halted(1)) == ["HALTED for everything: OPERATOR (a test) by someone"]
    assert items(halted(1), resumed(2)) == []


def test_an_order_of_unknown_fate_is_named_until_it_is_found() -> None:
    unknown = (*a_life("a")[:4], of_order(SubmitUnknown, "a", reason="?"))
    assert items(*unknown) == ["order a.paper.1 was sent and its fate is not known"]
    assert items(*unknown, at_venue("a")) == []


def test_a_difference_is_named_until_it_is_explained() -> None:
    found = difference_found(venue=12, ours=10)
    assert items(found) == ["the venue holds 12 AAPL, the books 10 (difference 2) in account paper"]
    assert shown(found).differences == (found,)
    assert items(found, difference_explained()) == []
    assert shown(found, difference_explained()).differences == ()


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (DifferenceKind.CASH, "the venue has 12 $ of cash, the books 10 $ (difference 2)"),
        (DifferenceKind.ORDER, "the venue does not have order o1 of 10 AAPL (difference 2)"),
    ],
)
def test_a_difference_says_what_it_is_in(kind: DifferenceKind, what: str) -> None:
    found = evolve(difference_found(venue=12, ours=10), kind=kind, order_id=OrderId("o1"))
    assert items(found) == [f"{what} in account paper"]


def test_a_stop_that_healed_is_over() -> None:
    trip = evolve(tripped(1), scope=Scope(account=PAPER, symbol=AAPL))
    assert len(items(trip)) == 1
    assert items(trip, healed(1, trip.code)) == []


def test_an_exit_that_was_not_made_is_named() -> None:
    exit_alert = alert("a", Action.SELL)
    what = items(exit_alert, refused("a", Code.STALE, is_exit=True))
    assert what == ["an exit of demo in AAPL was not made (STALE)"]


@pytest.mark.parametrize("code", [Code.NOTHING_TO_DO, Code.REPEATED_SIGNAL])
def test_an_exit_with_nothing_to_leave_is_no_trouble(code: Code) -> None:
    assert items(alert("a", Action.SELL), refused("a", code, is_exit=True)) == []


def test_a_refused_entry_is_no_trouble() -> None:
    assert items(alert("a"), refused("a", Code.CASH)) == []


ENDS = [
    of_order(OrderRejected, "a", code=Code.VENUE_REJECTED, reason="no"),
    of_order(OrderAbandoned, "a", code=Code.SEND_DEADLINE),
    cancelled("a"),
]


@pytest.mark.parametrize("end", ENDS, ids=lambda e: type(e).__name__)
def test_an_exit_that_came_to_nothing_is_named(end: Event) -> None:
    (what,) = items(*a_life("a", Side.SELL)[:4], end)
    assert what.startswith("the exit a.paper.1 of AAPL ended")


@pytest.mark.parametrize("end", ENDS, ids=lambda e: type(e).__name__)
def test_an_entry_that_came_to_nothing_is_no_trouble(end: Event) -> None:
    assert items(*a_life("a")[:4], end) == []


def a_leg(end: Event | None = None) -> list[Event]:
    """A bracket's stop, sent for what an entry has bought; and what became of it."""
    leg = planned("a", Side.SELL, order_id=OrderId("a.paper.stop1"), parent_id=order_id("a"))
    return [*a_life("a"), leg, *([] if end is None else [end])]


def of_leg(kind: type[OrderEvent], **more: Any) -> Event:
    return of_order(kind, "a", order_id=OrderId("a.paper.stop1"), **more)


def test_a_leg_that_the_venue_refuses_needs_you_until_one_is_taken() -> None:
    refusal = of_leg(OrderRejected, code=Code.VENUE_REJECTED, reason="no")
    sent = of_leg(SubmitStarted, generation=0)
    (what,) = items(*a_leg(sent), refusal)
    assert what.startswith("the venue refused a.paper.stop1, which was to protect AAPL")
    taken = of_leg(OrderAccepted, broker_order_id=BrokerOrderId("V-9"))
    again = (*a_leg(sent), refusal, *a_leg()[-1:], sent, taken)
    assert items(*again) == []


def test_a_leg_that_was_cancelled_is_no_trouble() -> None:
    taken = of_leg(OrderAccepted, broker_order_id=BrokerOrderId("V-9"))
    sent = of_leg(SubmitStarted, generation=0)
    assert items(*a_leg(sent), taken, of_leg(OrderCancelled)) == []


def test_an_exit_that_was_filled_after_all_is_no_trouble_any_more() -> None:
    life = a_life("a", Side.SELL)
    absent = (of_order(SubmitUnknown, "a", reason="?"), of_order(OrderAbsent, "a", reason="gone"))
    assert len(items(*life[:4], *absent)) == 1
    assert items(*life[:4], *absent, life[5]) == []


def test_each_accounts_missed_exit_is_an_item() -> None:
    both = alert("a", Action.SELL, routes=(PAPER, OTHER))
    missed = [refused("a", Code.STALE, account, is_exit=True) for account in (PAPER, OTHER)]
    assert len(items(both, *missed)) == 2


def test_missed_exits_are_kept_to_the_last_two_hundred() -> None:
    lives = [a_life(f"a{n}", Side.SELL)[:4] for n in range(KEPT + 5)]
    ends = [cancelled(f"a{n}") for n in range(KEPT + 5)]
    needs = shown(*(e for life in lives for e in life), *ends).needs_you
    assert len(needs) == KEPT
    assert all(isinstance(item, NeedsYou) for item in needs)


# --- what a clean stop waits for ----------------------------------------------------------------


@pytest.mark.parametrize(("steps", "unfinished"), [(0, 0), (1, 1), (3, 1), (4, 1), (5, 0), (6, 0)])
def test_unfinished_counts_what_has_no_outcome_yet(steps: int, unfinished: int) -> None:
    assert shown(*a_life("a")[:steps]).unfinished == unfinished


def test_an_order_of_unknown_fate_does_not_hold_up_a_stop() -> None:
    events = (*a_life("a")[:3], started("a"), of_order(SubmitUnknown, "a", reason="?"))
    assert shown(*events).unfinished == 0


def test_whether_an_alert_ever_came_is_known() -> None:
    assert not shown().has_seen_alert
    assert shown(alert("a")).has_seen_alert
    assert shown(unreadable("a")).has_seen_alert


# --- the exchange's hours -----------------------------------------------------------------------


def test_an_alert_that_waits_for_the_open_says_until_when() -> None:
    view = the_alert(alert("a"), held("a", later(60)))
    assert view.reason == (
        "the market is closed, or about to close (waits_until 2026-01-05 09:31 New York)"
    )


def test_a_stop_does_not_wait_for_an_alert_that_waits_for_the_open() -> None:
    waiting = held("a", later(60))
    assert shown(alert("a")).unfinished == 1
    assert shown(alert("a"), waiting).unfinished == 0
    both = alert("a", routes=(PAPER, OTHER))
    assert shown(both, waiting).unfinished == 1
    assert shown(both, waiting, held("a", later(60), OTHER)).unfinished == 0


def test_the_calendar_is_shown() -> None:
    assert shown(CALENDAR_APPLIED).calendar == CALENDAR
