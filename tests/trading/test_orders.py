"""An order's life, fact by fact, in whatever order the facts arrive."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AT,
    about,
    acknowledged,
    after,
    busted,
    corrected,
    fill,
    order,
    replace,
    replaced,
    seen,
    started,
    unknown,
)
from trading.event import Event
from trading.events import EVENT_TYPES
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    CancelRequested,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderDoneForDay,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    OrderReinstated,
    OrderRejected,
    OrderReplaced,
    OrderStopped,
    OrderSuspended,
    ReplaceRejected,
    ReplaceRequested,
    SubmitStarted,
    SubmitUnknown,
)
from trading.orders import ALWAYS, Order, evolve_order, may_follow
from trading.transitions import BY_FILLS, TERMINAL, TRANSITIONS
from trading.vocabulary import BrokerOrderId, Code, ExecutionId, OrderStatus


S = OrderStatus
CANCEL = about(CancelRequested, code=Code.OPERATOR)
CANCELLED = about(OrderCancelled)
KEPT = about(CancelRejected, reason="too late")
REJECTED = about(OrderRejected, code=Code.VENUE_REJECTED, reason="halted")
ABSENT = about(OrderAbsent, reason="the venue does not know it")
ABANDONED = about(OrderAbandoned, code=Code.STALE)
WORKING = (started(), acknowledged())
HALF = fill("x1", 50)
REPLACE = replace()
BUSTED = busted("x1", 50)
CORRECTED = corrected("x1", 40, was=50)

FACTS: dict[type[OrderEvent], OrderEvent] = {
    SubmitStarted: started(),
    OrderAbandoned: ABANDONED,
    OrderRefused: about(OrderRefused, code=Code.HALTED),
    SubmitUnknown: unknown(),
    OrderAccepted: acknowledged(),
    OrderRejected: REJECTED,
    OrderAbsent: ABSENT,
    CancelRequested: CANCEL,
    CancelOverdue: about(CancelOverdue, asked_at=AT),
    CancelRejected: KEPT,
    OrderCancelled: CANCELLED,
    OrderExpired: about(OrderExpired),
    OrderDoneForDay: about(OrderDoneForDay),
    OrderSuspended: about(OrderSuspended),
    OrderStopped: about(OrderStopped),
    OrderReinstated: about(OrderReinstated),
    ReplaceRequested: REPLACE,
    OrderReplaced: replaced(),
    ReplaceRejected: about(ReplaceRejected, replace_id="r1", reason="no"),
    ExecutionBusted: BUSTED,
    ExecutionCorrected: CORRECTED,
}
REACHED: dict[OrderStatus, tuple[Event, ...]] = {
    S.PLANNED: (),
    S.SUBMITTED: (started(),),
    S.ACCEPTED: WORKING,
    S.PARTIALLY_FILLED: (*WORKING, HALF),
    S.FILLED: (*WORKING, fill("x1", 100)),
    S.PENDING_CANCEL: (started(), CANCEL),  # nothing was heard of it yet
    S.PENDING_REPLACE: (*WORKING, REPLACE),
    S.DONE_FOR_DAY: (*WORKING, FACTS[OrderDoneForDay]),
    S.SUSPENDED: (*WORKING, FACTS[OrderSuspended]),
    S.STOPPED: (*WORKING, FACTS[OrderStopped]),
    S.CANCELLED: (*WORKING, CANCEL, CANCELLED),
    S.EXPIRED: (*WORKING, FACTS[OrderExpired]),
    S.REJECTED: (started(), REJECTED),
    S.REFUSED: (about(OrderRefused, code=Code.HALTED),),
    S.ABANDONED: (ABANDONED,),
    S.UNKNOWN: (started(), unknown()),
    S.ABSENT: (started(), unknown(), ABSENT),
}
PAIRS = [(kind, status) for kind in FACTS for status in S]


# --- the table ------------------------------------------------------------------------------------


def test_the_table_speaks_of_every_fact_but_the_plan_and_the_fill() -> None:
    of_orders = {kind for kind in EVENT_TYPES if issubclass(kind, OrderEvent)}
    assert set(TRANSITIONS) == set(FACTS) == of_orders - {OrderFilled}
    assert set(REACHED) == set(S)


@pytest.mark.parametrize(("kind", "status"), PAIRS)
def test_a_fact_moves_the_status_by_the_table_and_otherwise_not_at_all(
    kind: type[OrderEvent], status: OrderStatus
) -> None:
    before = order(*REACHED[status])
    assert before.status is status
    after = evolve_order(before, FACTS[kind])
    target = TRANSITIONS[kind].get(status, status)
    assert after.status is (by_fills(after) if target is BY_FILLS else target)
    assert may_follow(before, FACTS[kind]) is (status in TRANSITIONS[kind] or kind in ALWAYS)


def by_fills(lived: Order) -> OrderStatus:
    """The same in other words, so that the table's third column is not judged by itself."""
    if lived.replaces:
        return S.PENDING_REPLACE
    done = lived.filled_quantity / lived.quantity
    return S.FILLED if done >= 1 else S.PARTIALLY_FILLED if done > 0 else S.ACCEPTED


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
    assert seen(ended.exposed_quantity, ended.reserved_value) == (0, 0)


def test_facts_that_are_not_about_an_orders_life_change_nothing() -> None:
    working = order(*WORKING)
    assert evolve_order(working, working.plan) is working


@pytest.mark.parametrize("fact", [ABANDONED, unknown()])
@pytest.mark.parametrize("heard", [acknowledged(), fill("x1", 10)])
def test_an_order_that_the_venue_spoke_of_is_neither_abandoned_nor_unknown(
    fact: OrderEvent, heard: OrderEvent
) -> None:
    known = order(started(), heard, CANCEL)
    assert not may_follow(known, fact)
    assert evolve_order(known, fact).status is S.PENDING_CANCEL


# --- other terms ----------------------------------------------------------------------------------


def test_new_terms_hold_only_once_the_venue_says_replaced() -> None:
    asked = order(*WORKING, HALF, replace(quantity=80, limit=99, worst=99))
    assert seen(asked.status, asked.quantity, asked.remaining_quantity) == (
        S.PENDING_REPLACE,
        100,
        50,
    )
    done = evolve_order(asked, replaced(quantity=80, limit=99, worst=99, broker_order_id="B-2"))
    assert seen(done.status, done.quantity, done.remaining_quantity) == (S.PARTIALLY_FILLED, 80, 30)
    assert seen(done.limit_price, done.broker_order_id) == (99, "B-2")
    assert seen(done.exposed_quantity, done.reserved_value) == (30, 30 * 99)


def test_while_a_replace_is_under_way_the_worse_of_both_terms_is_exposed() -> None:
    more = order(*WORKING, replace(quantity=150, worst=120))
    assert seen(more.exposed_quantity, more.reserved_value) == (150, 150 * 120)
    less = order(*WORKING, replace(quantity=10, worst=1))
    assert seen(less.exposed_quantity, less.reserved_value) == (100, 100 * 100)


def test_a_refused_replace_leaves_the_terms_and_says_why() -> None:
    kept = order(*WORKING, REPLACE, FACTS[ReplaceRejected])
    assert seen(kept.status, kept.quantity, kept.error, kept.replaces) == (
        S.ACCEPTED,
        100,
        "no",
        (),
    )


def test_a_replace_by_somebody_else_is_followed() -> None:
    moved = order(*WORKING, replaced(None, quantity=60, broker_order_id="B-9"))
    assert seen(moved.status, moved.quantity, moved.broker_order_id) == (S.ACCEPTED, 60, "B-9")


def test_an_order_that_fills_while_more_is_asked_for_has_not_ended() -> None:
    filled = order(*WORKING, replace(quantity=150), fill("x1", 100))
    assert seen(filled.status, filled.is_terminal, filled.exposed_quantity) == (S.FILLED, False, 50)
    assert evolve_order(filled, FACTS[ReplaceRejected]).is_terminal


def test_of_two_replaces_the_venue_answers_each() -> None:
    two = order(*WORKING, replace("r1", quantity=80), replace("r2", quantity=70))
    first = evolve_order(two, replaced("r1", quantity=80))
    assert seen(first.status, first.quantity) == (S.PENDING_REPLACE, 80)
    second = evolve_order(first, replaced("r2", quantity=70))
    assert seen(second.status, second.quantity) == (S.ACCEPTED, 70)


@pytest.mark.parametrize("end", [CANCELLED, FACTS[OrderExpired], REJECTED])
def test_an_order_that_ends_takes_its_requests_with_it(end: OrderEvent) -> None:
    assert order(*WORKING, REPLACE, end).is_terminal


# --- executions taken back ------------------------------------------------------------------------


def test_a_busted_execution_does_not_count_and_does_not_count_again() -> None:
    none = order(*WORKING, HALF, BUSTED)
    assert seen(none.status, none.filled_quantity, none.notional) == (S.ACCEPTED, 0, 0)
    assert evolve_order(none, HALF) is none
    assert seen(evolve_order(none, BUSTED).filled_quantity) == (0,)


def test_a_corrected_execution_counts_by_its_latest_numbers() -> None:
    fixed = order(*WORKING, HALF, corrected("x1", 40, 90, was=50))
    assert seen(fixed.filled_quantity, fixed.average_fill_price) == (40, 90)


def test_a_bust_may_overtake_the_fill_it_takes_back() -> None:
    assert order(*WORKING, BUSTED, HALF).filled_quantity == 0
    assert order(*WORKING, CORRECTED, HALF).filled_quantity == 40


def test_an_execution_told_again_with_other_numbers_contradicts() -> None:
    half = order(*WORKING, HALF)
    assert not half.contradicts(HALF)
    assert not half.contradicts(fill("x2", 7))
    assert half.contradicts(fill("x1", 51))


# --- set aside ------------------------------------------------------------------------------------


def test_what_is_set_aside_works_nothing_and_stays_exposed() -> None:
    aside = order(*REACHED[S.SUSPENDED])
    assert seen(aside.remaining_quantity, aside.exposed_quantity) == (0, 100)
    day = order(*REACHED[S.DONE_FOR_DAY])
    assert seen(day.remaining_quantity, day.exposed_quantity) == (0, 100)
    again = evolve_order(aside, FACTS[OrderReinstated])
    assert seen(again.status, again.remaining_quantity) == (S.ACCEPTED, 100)


@pytest.mark.parametrize(
    ("facts", "unanswered"),
    [
        ((started(),), True),
        ((started(), CANCEL), True),
        (WORKING, False),
        ((*WORKING, CANCEL), False),
        ((started(), HALF, CANCEL), False),
    ],
)
def test_an_order_is_unanswered_until_anything_is_heard_of_it(
    facts: tuple[Event, ...],
    unanswered: bool,  # noqa: FBT001 - a case
) -> None:
    assert order(*facts).is_unanswered is unanswered


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

LIVES = [fact for kind, fact in FACTS.items() if kind not in (ExecutionBusted, ExecutionCorrected)]
FILLS = st.builds(
    fill, st.sampled_from("abcdef"), st.integers(1, 60), st.decimals("0.01", 999, places=2)
)
HISTORIES = st.lists(st.one_of(FILLS, st.sampled_from(LIVES)), max_size=20)


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
    least = 0 if lived.is_terminal else lived.quantity - lived.filled_quantity
    assert lived.exposed_quantity >= max(least, Decimal(0)) >= 0
    assert lived.remaining_quantity in (0, least)


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
