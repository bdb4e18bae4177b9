"""An order's life, fact by fact, in whatever order the facts arrive."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    about,
    acknowledged,
    after,
    fill,
    order,
    seen,
    started,
    unknown,
)
from trading.events import (
    CancelRequested,
    Event,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderFilled,
    OrderRejected,
    SubmitStarted,
    SubmitUnknown,
)
from trading.orders import TERMINAL, TRANSITIONS, Order, evolve_order, may_follow
from trading.vocabulary import BrokerOrderId, Code, ExecutionId, OrderStatus


S = OrderStatus
CANCEL = about(CancelRequested, code=Code.OPERATOR)
CANCELLED = about(OrderCancelled)
REJECTED = about(OrderRejected, code=Code.VENUE_REJECTED, reason="halted")
ABSENT = about(OrderAbsent, reason="the venue does not know it")
ABANDONED = about(OrderAbandoned, code=Code.STALE)
WORKING = (started(), acknowledged())

FACTS: dict[type[OrderEvent], OrderEvent] = {
    SubmitStarted: started(),
    OrderAbandoned: ABANDONED,
    SubmitUnknown: unknown(),
    OrderAccepted: acknowledged(),
    OrderRejected: REJECTED,
    OrderAbsent: ABSENT,
    CancelRequested: CANCEL,
    OrderCancelled: CANCELLED,
}
REACHED: dict[OrderStatus, tuple[Event, ...]] = {
    S.PLANNED: (),
    S.SUBMITTED: (started(),),
    S.ACCEPTED: WORKING,
    S.PARTIALLY_FILLED: (*WORKING, fill("x1", 50)),
    S.FILLED: (*WORKING, fill("x1", 100)),
    S.PENDING_CANCEL: (*WORKING, CANCEL),
    S.CANCELLED: (*WORKING, CANCEL, CANCELLED),
    S.REJECTED: (started(), REJECTED),
    S.ABANDONED: (ABANDONED,),
    S.UNKNOWN: (started(), unknown()),
    S.ABSENT: (started(), unknown(), ABSENT),
}
PAIRS = [(kind, status) for kind in FACTS for status in S]


# --- the table ------------------------------------------------------------------------------------


def test_the_table_speaks_of_every_fact_but_the_plan_and_the_fill() -> None:
    assert set(TRANSITIONS) == set(FACTS)
    assert set(REACHED) == set(S)


@pytest.mark.parametrize(("kind", "status"), PAIRS)
def test_a_fact_moves_the_status_by_the_table_and_otherwise_not_at_all(
    kind: type[OrderEvent], status: OrderStatus
) -> None:
    before = order(*REACHED[status])
    assert before.status is status
    assert evolve_order(before, FACTS[kind]).status is TRANSITIONS[kind].get(status, status)
    assert may_follow(before, FACTS[kind]) is (status in TRANSITIONS[kind])


@pytest.mark.parametrize("status", list(S))
def test_a_fill_counts_in_every_status(status: OrderStatus) -> None:
    before = order(*REACHED[status])
    late = evolve_order(before, fill("late", 7))
    assert may_follow(before, fill("late", 7))
    assert late.filled_quantity == before.filled_quantity + 7


@pytest.mark.parametrize("status", list(S))
def test_a_full_fill_ends_an_order_as_filled_wherever_it_stood(status: OrderStatus) -> None:
    assert order(*REACHED[status], fill("rest", 100)).status is S.FILLED


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_remains_of_an_order_that_has_ended(status: OrderStatus) -> None:
    ended = order(*REACHED[status])
    assert seen(ended.is_terminal, ended.remaining_quantity) == (True, 0)


def test_facts_that_are_not_about_an_orders_life_change_nothing() -> None:
    working = order(*WORKING)
    assert evolve_order(working, working.plan) is working


# --- the life -------------------------------------------------------------------------------------


def test_a_hundred_filled_in_two_halves_has_their_exact_average() -> None:
    half = order(*WORKING, fill("x1", 50, 150))
    assert seen(half.status, half.remaining_quantity) == (S.PARTIALLY_FILLED, 50)
    whole = evolve_order(half, fill("x2", 50, 151))
    assert seen(whole.status, whole.remaining_quantity) == (S.FILLED, 0)
    assert whole.average_fill_price == Decimal("150.5")


def test_an_order_before_its_first_fill_has_no_average() -> None:
    assert order(*WORKING).average_fill_price is None


def test_an_order_remembers_when_it_was_sent_and_the_venues_id() -> None:
    sent = order(about(SubmitStarted, at=after(3), generation=0), acknowledged())
    assert (sent.submitted_at, sent.broker_order_id) == (after(3), BrokerOrderId("B-o1"))


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ((started(), REJECTED), "VENUE_REJECTED: halted"),
        ((ABANDONED,), "STALE"),
        ((started(), unknown()), "no answer"),
        ((started(), unknown(), ABSENT), "the venue does not know it"),
    ],
)
def test_an_order_that_went_wrong_says_why(facts: tuple[Event, ...], error: str) -> None:
    assert order(*facts).error == error


def test_an_execution_told_twice_counts_once_whatever_else_it_says() -> None:
    once = order(*WORKING, fill("x1", 50, 150))
    assert evolve_order(once, fill("x1", 50, 150)) is once
    assert evolve_order(once, fill("x1", 51, 999)) is once


def test_more_than_was_ordered_is_filled_and_shows() -> None:
    over = order(*WORKING, fill("x1", 60), fill("x2", 60))
    assert seen(over.status, over.filled_quantity, over.remaining_quantity) == (S.FILLED, 120, 0)
    assert over.is_overfilled
    assert not order(*WORKING, fill("x1", 100)).is_overfilled


def test_a_fill_may_overtake_the_acknowledgement() -> None:
    early = order(started(), fill("x1", 40))
    assert early.status is S.PARTIALLY_FILLED
    known = evolve_order(early, acknowledged())
    assert (known.status, known.broker_order_id) == (S.PARTIALLY_FILLED, "B-o1")
    assert order(started(), fill("x1", 100), acknowledged()).status is S.FILLED


def test_a_part_filled_while_the_cancel_is_under_way_leaves_it_under_way() -> None:
    racing = order(*WORKING, CANCEL, fill("x1", 40))
    assert seen(racing.status, racing.remaining_quantity) == (S.PENDING_CANCEL, 60)
    assert evolve_order(racing, CANCELLED).status is S.CANCELLED


def test_a_part_filled_after_the_cancel_counts_and_nothing_works_again() -> None:
    late = order(*REACHED[S.CANCELLED], fill("x1", 40))
    assert seen(late.status, late.filled_quantity, late.remaining_quantity) == (S.CANCELLED, 40, 0)


@pytest.mark.parametrize("given_up", [S.ABSENT, S.REJECTED, S.ABANDONED])
def test_a_part_filled_revives_an_order_that_was_given_up(given_up: OrderStatus) -> None:
    revived = order(*REACHED[given_up], fill("x1", 40))
    assert seen(revived.status, revived.remaining_quantity) == (S.PARTIALLY_FILLED, 60)


def test_an_absent_order_that_is_found_after_all_works_again() -> None:
    found = order(*REACHED[S.ABSENT], acknowledged())
    assert seen(found.status, found.remaining_quantity) == (S.ACCEPTED, 100)


def test_an_order_of_unknown_fate_counts_as_exposure() -> None:
    assert order(*REACHED[S.UNKNOWN]).remaining_quantity == 100


# --- whatever comes -------------------------------------------------------------------------------

FILLS = st.builds(
    fill, st.sampled_from("abcdef"), st.integers(1, 60), st.decimals("0.01", 999, places=2)
)
HISTORIES = st.lists(st.one_of(FILLS, st.sampled_from(list(FACTS.values()))), max_size=20)


def executions(history: list[OrderEvent]) -> dict[ExecutionId, OrderFilled]:
    """The first report of each execution."""
    fills = [event for event in history if isinstance(event, OrderFilled)]
    return {each.execution_id: each for each in reversed(fills)}


@given(HISTORIES)
def test_after_any_history_what_is_filled_is_the_sum_of_distinct_executions(
    history: list[OrderEvent],
) -> None:
    lived = order(*history)
    distinct = executions(history).values()
    assert lived.filled_quantity == sum(each.quantity for each in distinct)
    assert lived.notional == sum(each.quantity * each.price for each in distinct)
    assert lived.remaining_quantity == max(
        0 if lived.is_terminal else 100 - lived.filled_quantity, Decimal(0)
    )


@given(HISTORIES, st.sampled_from(sorted(REACHED)))
def test_a_history_told_again_fills_nothing_again(
    history: list[OrderEvent], start: OrderStatus
) -> None:
    once = order(*REACHED[start], *history)
    twice = order(*REACHED[start], *history, *history)
    assert (twice.filled_quantity, twice.notional) == (once.filled_quantity, once.notional)


@given(st.lists(FILLS, max_size=6, unique_by=lambda f: f.execution_id), st.data())
def test_fills_in_any_order_give_the_same_sum_average_and_status(
    fills: list[OrderFilled], data: st.DataObject
) -> None:
    def outcome(lived: Order) -> tuple[object, ...]:
        return (lived.status, lived.filled_quantity, lived.average_fill_price, lived.executions)

    shuffled = data.draw(st.permutations(fills))
    assert outcome(order(*WORKING, *fills)) == outcome(order(*WORKING, *shuffled))
