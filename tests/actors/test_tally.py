from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from actors.read_model import KEPT, new_model
from actors.tally import Tally
from tests.actors.facts import (
    AT,
    PAPER,
    a_life,
    alert,
    approved,
    at_venue,
    filled,
    later,
    of_order,
    planned,
    refused,
    started,
)
from trading.alert_events import AlertUnreadable
from trading.event import Event
from trading.order_events import OrderAbandoned, OrderAbsent, OrderRejected, SubmitUnknown
from trading.vocabulary import AccountName, AlertId, Code, ExecutionId, StrategyName


OTHER = AccountName("other")


def tallied(*events: Event) -> Tally:
    model = new_model((PAPER, OTHER))
    for event in events:
        model.fold(event)
    return model.view(1, AT).tally


def sent(name: str) -> tuple[Event, ...]:
    return (alert(name), approved(name), planned(name), started(name))


def test_an_alert_that_became_a_fill_is_counted_once_everywhere() -> None:
    found = tallied(*a_life("a"))
    assert found.alerts == {("demo", "ordered"): 1}
    assert found.submitted == found.filled == {("paper", "demo"): 1}
    assert found.refused == found.rejected == found.abandoned == {}


def test_a_refusal_is_counted_by_account_strategy_and_code() -> None:
    found = tallied(alert("a"), refused("a", Code.CASH))
    assert found.refused == {("paper", "demo", "CASH"): 1}
    assert found.alerts == {("demo", "refused"): 1}


def test_labels_are_plain_text_whatever_word_they_come_from() -> None:
    found = tallied(alert("a"), refused("a", Code.CASH))
    labels = [*found.refused, *found.alerts]
    assert {type(word) for label in labels for word in label} == {str}


def test_an_alert_of_two_accounts_is_counted_when_both_have_decided() -> None:
    first = (alert("a", routes=(PAPER, OTHER)), approved("a"), planned("a"))
    assert tallied(*first).alerts == {}
    assert tallied(*first, refused("a", Code.CASH, OTHER)).alerts == {("demo", "refused"): 1}


def test_an_unreadable_alert_is_counted_under_no_strategy_whatever_it_calls_itself() -> None:
    unreadable = AlertUnreadable(
        at=AT, alert_id=AlertId("u"), strategy=StrategyName("any text"), faults=("x",), body=""
    )
    assert tallied(unreadable).alerts == {("", "rejected"): 1}


def test_an_alert_that_nobody_was_to_decide_is_recorded() -> None:
    assert tallied(alert("a", routes=())).alerts == {("demo", "recorded"): 1}


def test_a_rejection_and_an_abandonment_are_counted_by_code() -> None:
    rejected = of_order(OrderRejected, "a", code=Code.VENUE_REJECTED, reason="no")
    abandoned = of_order(OrderAbandoned, "b", code=Code.GATE_CLOSED)
    found = tallied(*sent("a"), rejected, *sent("b"), abandoned)
    assert found.rejected == {("paper", "demo", "VENUE_REJECTED"): 1}
    assert found.abandoned == {("paper", "demo", "GATE_CLOSED"): 1}
    assert found.submitted == {("paper", "demo"): 2}


def test_an_order_filled_in_parts_is_one_filled_order() -> None:
    halves = (
        filled("a", quantity=5),
        evolve(filled("a", quantity=5), execution_id=ExecutionId("X-2")),
    )
    found = tallied(*sent("a"), at_venue("a"), *halves)
    assert found.filled == {("paper", "demo"): 1}


def test_an_execution_told_twice_counts_once() -> None:
    assert tallied(*a_life("a"), filled("a")).filled == {("paper", "demo"): 1}


def test_an_order_that_was_absent_and_fills_after_all_is_filled() -> None:
    lost = (of_order(SubmitUnknown, "a", reason="?"), of_order(OrderAbsent, "a", reason="?"))
    assert tallied(*sent("a"), *lost, filled("a")).filled == {("paper", "demo"): 1}


def test_the_way_is_timed_from_the_alert_to_the_sending_and_to_the_last_fill() -> None:
    found = tallied(
        alert("a"),
        approved("a"),
        planned("a"),
        started("a", later(0.004)),
        at_venue("a"),
        evolve(filled("a"), at=later(0.25)),
    )
    assert found.to_order[PAPER].total_us == 4_000
    assert found.to_fill[PAPER].total_us == 250_000


def test_what_was_dropped_from_the_pages_stays_counted() -> None:
    many = [event for n in range(KEPT + 50) for event in a_life(f"a{n}")]
    found = tallied(*many)
    assert found.alerts == {("demo", "ordered"): KEPT + 50}
    assert found.filled == {("paper", "demo"): KEPT + 50}
    assert sum(found.to_fill[PAPER].counts) == KEPT + 50


def test_the_last_alert_is_remembered() -> None:
    newer = evolve(alert("b"), at=AT + timedelta(hours=1), quantity=Decimal(1))
    assert tallied(alert("a"), newer).last_alert_at == AT + timedelta(hours=1)


def test_what_was_shown_changes_no_more() -> None:
    model = new_model((PAPER,))
    shown = model.view(0, AT).tally
    for event in a_life("a"):
        model.fold(event)
    assert shown == Tally()
