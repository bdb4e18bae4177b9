"""What a venue says otherwise than our books, and what comes of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    MSFT,
    acknowledged,
    desk,
    fill,
    order,
    seen,
    started,
    tripped,
)
from trading.breaker import NO_STOPS, Stops, evolve_stops
from trading.desk_fold import evolve_desk
from trading.differences import (
    AccountReconciled,
    DifferenceExplained,
    DifferenceFound,
    DifferenceKey,
    DifferenceKind,
)
from trading.event import Event
from trading.events import Healed, Scope, Tripped
from trading.reconcile import (
    BELIEVED_FOR,
    NO_DOUBTS,
    Difference,
    differences,
    doubts_of,
    facts_of_differences,
    stops_of_differences,
)
from trading.vocabulary import AccountName, Code, OrderId, Symbol


ELSEWHERE = AccountName("elsewhere")
Named = Mapping[DifferenceKey, DifferenceFound]


def position(venue: int, ours: int = 0, symbol: Symbol = AAPL) -> Difference:
    return Difference(
        kind=DifferenceKind.POSITION, symbol=symbol, ours=Decimal(ours), venue=Decimal(venue)
    )


def facts(named: Named, found: Sequence[Difference], seconds: int) -> list[Event]:
    """What is written of these differences so long after they were first seen."""
    now = AT + timedelta(seconds=seconds)
    doubts = doubts_of({d.key: AT for d in found}, found, now)
    return list(facts_of_differences(ACCOUNT, named, found, doubts, now))


def named(*found: Difference) -> Named:
    told = facts({}, found, 30)
    return {fact.key: fact for fact in told if isinstance(fact, DifferenceFound)}


# --- comparing ------------------------------------------------------------------------------------


def test_a_book_that_says_what_the_venue_says_differs_in_nothing() -> None:
    book = desk(fill(quantity=10, price=100)).book
    assert differences(book, {AAPL: Decimal(10)}, Decimal(24_000)) == ()


def test_a_symbol_that_is_not_in_a_full_answer_is_flat() -> None:
    book = desk(fill(quantity=10, price=100)).book
    (found,) = differences(book, {}, Decimal(24_000))
    assert seen(found.symbol, found.ours, found.venue, found.residual) == (AAPL, 10, 0, -10)


@pytest.mark.parametrize(("cents", "number"), [("0.00", 0), ("0.009", 0), ("0.01", 1), ("-5", 1)])
def test_cash_differs_from_a_cent_on(cents: str, number: int) -> None:
    found = differences(desk().book, {}, 25_000 + Decimal(cents))
    assert [d.kind for d in found] == [DifferenceKind.CASH] * number


def test_an_order_that_is_not_there_differs_by_what_it_could_still_fill() -> None:
    working = order(started(), acknowledged(), fill(quantity=40))
    book = desk(fill(quantity=40)).book
    (found,) = differences(book, {AAPL: Decimal(40)}, Decimal(21_000), [working])
    assert seen(found.key, found.ours, found.venue) == ((DifferenceKind.ORDER, "o1"), 60, 0)


# --- believing ------------------------------------------------------------------------------------


def test_what_goes_by_within_30_seconds_is_no_fact() -> None:
    assert facts({}, [position(5)], 29) == []


def test_what_lasts_is_one_with_its_numbers_and_since_when() -> None:
    (fact,) = facts({}, [position(5)], 30)
    assert isinstance(fact, DifferenceFound)
    assert seen(fact.ours, fact.venue, fact.residual, fact.since) == (0, 5, 5, AT)


def test_who_is_seen_anew_begins_anew() -> None:
    later = AT + BELIEVED_FOR
    assert doubts_of(NO_DOUBTS, [position(5)], later) == {position(5).key: later}
    assert doubts_of({position(5).key: AT}, [], later) == {}


def test_the_same_numbers_are_said_once_and_others_at_once() -> None:
    known = named(position(5))
    assert facts(known, [position(5)], 40) == []
    (fact,) = facts(known, [position(6)], 40)
    assert isinstance(fact, DifferenceFound)
    assert seen(fact.residual, fact.since) == (6, AT)


def test_what_is_gone_is_explained() -> None:
    (fact,) = facts(named(position(5)), [], 40)
    assert isinstance(fact, DifferenceExplained)
    assert fact.key == position(5).key


# --- what a difference stops ----------------------------------------------------------------------


def stops_after(*events: Event) -> Stops:
    stops = NO_STOPS
    for event in events:
        stops = evolve_stops(stops, event)
    return stops


def due(known: Named, stops: Stops = NO_STOPS) -> list[Tripped | Healed]:
    return list(stops_of_differences(ACCOUNT, known, stops, AT))


def test_one_symbol_is_stopped_by_itself() -> None:
    (trip,) = due(named(position(5)))
    assert isinstance(trip, Tripped)
    assert trip.scope == Scope(account=ACCOUNT, symbol=AAPL)
    assert trip.inputs == {"ours": "0", "venue": "5", "residual": "5"}


def test_two_stop_the_account() -> None:
    both = named(position(5), position(1, symbol=MSFT))
    assert [trip.scope.symbol for trip in due(both)] == [AAPL, MSFT, None]


def test_cash_stops_nothing() -> None:
    cash = Difference(kind=DifferenceKind.CASH, ours=Decimal(0), venue=Decimal(9))
    assert due(named(cash)) == []


def test_what_is_in_force_is_not_tripped_again_and_heals_when_it_is_over() -> None:
    known = named(position(5))
    stops = stops_after(*due(known))
    assert due(known, stops) == []
    (heal,) = due({}, stops)
    assert isinstance(heal, Healed)
    assert evolve_stops(stops, heal).in_force == ()


def test_the_stops_of_others_are_nobodys_to_heal() -> None:
    stops = stops_after(tripped(code=Code.CONSECUTIVE_ERRORS))
    assert due({}, stops) == []


def test_a_trip_that_came_later_is_not_healed() -> None:
    (early,) = due(named(position(5)))
    stops = stops_after(early, *due(named(position(5))))
    late = Healed(at=AT, scope=early.scope, generation=0, code=Code.POSITION_DIFFERENCE)
    assert evolve_stops(stops, late) is stops


# --- folding --------------------------------------------------------------------------------------


def test_a_desk_knows_the_differences_of_its_own_account() -> None:
    (found,) = named(position(5)).values()
    told = evolve_desk(desk(), found)
    assert told.differences == {found.key: found}
    gone = DifferenceExplained(at=AT, account=ACCOUNT, kind=found.kind, symbol=AAPL)
    elsewhere = DifferenceExplained(at=AT, account=ELSEWHERE, kind=found.kind, symbol=AAPL)
    assert evolve_desk(told, elsewhere) is told
    assert evolve_desk(told, gone).differences == {}


def test_an_order_is_told_apart_by_its_id() -> None:
    of_order = DifferenceExplained(
        at=AT, account=ACCOUNT, kind=DifferenceKind.ORDER, symbol=AAPL, order_id=OrderId("o1")
    )
    assert of_order.key == (DifferenceKind.ORDER, "o1")


def test_a_desk_knows_until_when_it_is_reconciled() -> None:
    ours = AccountReconciled(at=AT, account=ACCOUNT, upto=AT)
    theirs = AccountReconciled(at=AT, account=ELSEWHERE, upto=AT)
    assert evolve_desk(desk(), ours).reconciled_at == AT
    assert evolve_desk(desk(), theirs).reconciled_at is None


# --- as a property --------------------------------------------------------------------------------

SYMBOLS = st.sampled_from([AAPL, MSFT, Symbol("F")])
HELD = st.dictionaries(SYMBOLS, st.integers(-5, 5).map(Decimal))


@given(st.lists(HELD, max_size=8))
def test_named_is_what_lasts_and_stopped_is_what_is_named(
    looks: list[dict[Symbol, Decimal]],
) -> None:
    """Looks 20 s apart at an account that should hold nothing."""
    known: dict[DifferenceKey, DifferenceFound] = {}
    doubts, stops, now = NO_DOUBTS, NO_STOPS, AT
    for held in looks:
        now += timedelta(seconds=20)
        found = differences(desk().book, held, Decimal(25_000))
        doubts = doubts_of(doubts, found, now)
        for fact in tuple(facts_of_differences(ACCOUNT, known, found, doubts, now)):
            if isinstance(fact, DifferenceFound):
                known[fact.key] = fact
            else:
                del known[fact.key]
        for stop in stops_of_differences(ACCOUNT, known, stops, now):
            stops = evolve_stops(stops, stop)
        stopped = {s.scope.symbol for s in stops.in_force}
        lasting = {d.symbol for d in found if now - doubts[d.key] >= BELIEVED_FOR}
        assert {d.symbol for d in known.values()} == lasting
        assert stopped == lasting | ({None} if len(lasting) > 1 else set())
