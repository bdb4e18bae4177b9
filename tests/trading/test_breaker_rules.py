"""When trading must stop, how long it stays stopped, and what starts it again."""

from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    about,
    acknowledged,
    alert,
    fill,
    halted,
    opened,
    resumed,
    tripped,
)
from trading.bookkeeping import evolve_book
from trading.breaker import (
    NO_STOPS,
    BreakerLimits,
    Stops,
    Trip,
    Watch,
    daily_loss_limit,
    due_trips,
    evolve_stops,
    evolve_watch,
)
from trading.event import Event
from trading.events import Scope, VenueFailed
from trading.order_events import OrderAccepted
from trading.positions import Book
from trading.vocabulary import (
    AccountName,
    BrokerOrderId,
    Code,
    ErrorKind,
    StrategyName,
    Symbol,
    TradingState,
)


ELSEWHERE = AccountName("elsewhere")
LIMITS = BreakerLimits(
    max_consecutive_errors=3, max_daily_loss=Decimal(500), max_daily_loss_percent=None
)


def stops(*events: Event) -> Stops:
    return reduce(evolve_stops, events, NO_STOPS)


# --- stops ----------------------------------------------------------------------------------------


def test_nothing_is_stopped_at_first() -> None:
    assert NO_STOPS.covering(ACCOUNT, DEMO, AAPL) is None
    assert NO_STOPS.state is TradingState.ACTIVE


def test_a_halt_of_everything_covers_every_order() -> None:
    stop = stops(halted()).covering(ACCOUNT, DEMO, AAPL)
    assert stop is not None
    assert (stop.state, stop.reason, stop.by) == (TradingState.HALTED, "lunch", "ann")


def test_a_trip_says_what_it_saw() -> None:
    stop = stops(tripped()).over_account(ACCOUNT)
    assert stop is not None
    assert (stop.reason, stop.by) == ("errors=3", "circuit breaker")


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (Scope(account=ACCOUNT), (ELSEWHERE, DEMO, AAPL)),
        (Scope(strategy=DEMO), (ACCOUNT, "other", AAPL)),
        (Scope(symbol=AAPL), (ACCOUNT, DEMO, "MSFT")),
        (Scope(account=ACCOUNT, symbol=AAPL), (ACCOUNT, DEMO, "MSFT")),
    ],
)
def test_a_stop_covers_its_scope_and_nothing_beside_it(
    scope: Scope, where: tuple[str, str, str]
) -> None:
    assert stops(halted(scope)).covering(ACCOUNT, DEMO, AAPL) is not None
    assert stops(halted(scope)).covering(*where) is None


def test_a_stop_of_one_strategy_does_not_stop_the_account() -> None:
    assert stops(halted(Scope(strategy=DEMO))).over_account(ACCOUNT) is None


def test_the_gravest_of_several_stops_holds() -> None:
    both = stops(tripped(generation=1), halted(generation=2))
    stop = both.covering(ACCOUNT, DEMO, AAPL)
    assert stop is not None
    assert (stop.state, both.state) == (TradingState.HALTED, TradingState.HALTED)
    assert stops(tripped()).state is TradingState.REDUCING


def test_a_stop_is_latched_whatever_else_happens() -> None:
    before = stops(halted())
    assert reduce(evolve_stops, (acknowledged(), fill(), alert()), before) is before


def test_a_resume_lifts_what_stood_before_it() -> None:
    free = stops(halted(generation=1), tripped(generation=2), resumed(generation=3))
    assert (free.in_force, free.generation, free.started) == ((), 3, 3)


def test_a_resume_lifts_no_stop_that_came_while_it_was_on_its_way() -> None:
    left = stops(halted(generation=1), tripped(generation=2), resumed(generation=2))
    assert [stop.generation for stop in left.in_force] == [2]


@pytest.mark.parametrize(
    ("scope", "lifted"),
    [
        (Scope(), True),
        (Scope(account=ACCOUNT), True),
        (Scope(account=ELSEWHERE), False),
        (Scope(account=ACCOUNT, symbol=AAPL), False),
        (Scope(strategy=DEMO), False),
    ],
)
def test_a_resume_lifts_only_the_stops_inside_its_scope(scope: Scope, lifted: bool) -> None:  # noqa: FBT001 - a parameter of the table
    left = stops(halted(Scope(account=ACCOUNT)), resumed(scope))
    assert (left.in_force == ()) is lifted


def test_the_same_stop_again_takes_the_place_of_the_first_and_needs_a_later_resume() -> None:
    again = stops(halted(generation=1), halted(generation=2))
    assert [stop.generation for stop in again.in_force] == [2]
    assert evolve_stops(again, resumed(generation=2)).in_force == again.in_force


SCOPES = st.builds(
    Scope,
    account=st.sampled_from((None, ACCOUNT, ELSEWHERE)),
    strategy=st.sampled_from((None, DEMO, StrategyName("other"))),
    symbol=st.sampled_from((None, AAPL, Symbol("MSFT"))),
)
STOPPING = st.lists(
    st.one_of(
        st.builds(halted, SCOPES, st.integers(1, 9)),
        st.builds(tripped, SCOPES, st.integers(1, 9)),
        st.builds(resumed, SCOPES, st.integers(1, 9)),
    ),
    max_size=12,
)


@given(STOPPING)
def test_the_generation_never_goes_back_and_no_stop_is_younger(history: list[Event]) -> None:
    generation = 0
    now = NO_STOPS
    for event in history:
        now = evolve_stops(now, event)
        assert now.generation >= generation
        generation = now.generation
    assert all(stop.generation <= generation for stop in now.in_force)


@given(STOPPING)
def test_a_resume_of_everything_with_the_next_generation_frees_all(history: list[Event]) -> None:
    held = stops(*history)
    assert evolve_stops(held, resumed(generation=held.generation + 1)).in_force == ()


# --- what trips -----------------------------------------------------------------------------------


def failed(kind: ErrorKind = ErrorKind.REJECTED, count: int = 1, account: str = ACCOUNT) -> Event:
    return VenueFailed(at=AT, account=AccountName(account), kind=kind, detail="no", count=count)


def watch(*events: Event) -> Watch:
    """What a breaker watches after these events of an account with 25,000 $."""
    told = (opened(), *events)
    book = reduce(evolve_book, told, Book(account=ACCOUNT))
    return reduce(evolve_watch, told, Watch(book=book, stops=stops(*told)))


def codes(watched: Watch, limits: BreakerLimits = LIMITS) -> list[Code]:
    return [trip.code for trip in due_trips(watched, limits, {})]


def losing(amount: Decimal | int | str) -> tuple[Event, ...]:
    """A share bought 1,000 $ dear that has lost an amount since."""
    return fill("x1", 1, 1_000), alert(price=1_000 - Decimal(amount))


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_three_errors_in_a_row_leave_only_exits(kind: ErrorKind) -> None:
    errors = [
        trip
        for trip in due_trips(watch(*[failed(kind)] * 3), LIMITS, {})
        if trip.inputs.get("errors")
    ]
    inputs = {"errors": "3", "max_consecutive_errors": "3"}
    assert errors == [Trip(TradingState.REDUCING, Code.CONSECUTIVE_ERRORS, inputs)]


def test_two_errors_in_a_row_are_weather() -> None:
    assert codes(watch(failed(), failed())) == []


def test_errors_counted_together_count_each() -> None:
    assert codes(watch(failed(count=3))) == [Code.CONSECUTIVE_ERRORS]


def test_a_success_starts_the_count_of_errors_anew() -> None:
    assert codes(watch(failed(), failed(), acknowledged(), failed(), failed())) == []


def test_errors_of_another_account_do_not_count() -> None:
    assert codes(watch(*[failed(account=ELSEWHERE)] * 9)) == []


def test_a_success_of_another_account_does_not_start_the_count_anew() -> None:
    there = about(OrderAccepted, account=ELSEWHERE, broker_order_id=BrokerOrderId("B-9"))
    assert codes(watch(failed(), failed(), there, failed())) == [Code.CONSECUTIVE_ERRORS]


def test_missing_funds_of_another_account_halt_nothing_here() -> None:
    assert codes(watch(*[failed(ErrorKind.FUNDS, account=ELSEWHERE)] * 9)) == []


def test_missing_funds_halt_at_once_with_what_the_venue_says() -> None:
    trips = due_trips(watch(failed(ErrorKind.FUNDS)), LIMITS, {})
    assert trips == (Trip(TradingState.HALTED, Code.INSUFFICIENT_FUNDS, {"venue_says": "no"}),)


def test_a_loss_at_the_daily_limit_halts_with_its_numbers() -> None:
    (trip,) = due_trips(watch(*losing(500)), LIMITS, {})
    assert trip == Trip(
        TradingState.HALTED, Code.MAX_DAILY_LOSS, {"day_pnl": "-500", "max_daily_loss": "500"}
    )


def test_a_loss_a_cent_inside_the_daily_limit_halts_nothing() -> None:
    assert codes(watch(*losing("499.99"))) == []


def test_the_daily_limit_in_percent_is_of_opening_equity() -> None:
    limits = BreakerLimits(
        max_consecutive_errors=None, max_daily_loss=None, max_daily_loss_percent=Decimal(1)
    )
    assert codes(watch(*losing("249.99")), limits) == []
    assert codes(watch(*losing(250)), limits) == [Code.MAX_DAILY_LOSS]


@pytest.mark.parametrize(
    ("absolute", "percent", "limit"),
    [
        (None, None, None),
        (500, None, 500),
        (None, 1, 250),
        (500, 1, 250),
        (200, 1, 200),
        (None, 0, 0),
    ],
)
def test_the_smaller_of_the_two_daily_limits_is_in_force(
    absolute: int | None, percent: int | None, limit: int | None
) -> None:
    book = watch().book
    given_ = [None if each is None else Decimal(each) for each in (absolute, percent)]
    assert daily_loss_limit(book, *given_) == limit


def test_a_limit_of_nothing_halts_at_the_first_loss_but_not_at_none() -> None:
    limits = BreakerLimits(
        max_consecutive_errors=None, max_daily_loss=Decimal(0), max_daily_loss_percent=None
    )
    assert codes(watch(), limits) == []
    assert codes(watch(*losing("0.01")), limits) == [Code.MAX_DAILY_LOSS]


def test_with_every_limit_off_only_missing_funds_stop() -> None:
    off = BreakerLimits(
        max_consecutive_errors=None, max_daily_loss=None, max_daily_loss_percent=None
    )
    assert codes(watch(*[failed()] * 9, *losing(999)), off) == []
    assert codes(watch(failed(ErrorKind.FUNDS)), off) == [Code.INSUFFICIENT_FUNDS]


def test_what_has_tripped_does_not_trip_again() -> None:
    assert codes(watch(*[failed()] * 3, tripped())) == []


def test_the_same_trip_of_another_account_is_another_trip() -> None:
    there = tripped(Scope(account=ELSEWHERE))
    assert codes(watch(*[failed()] * 3, there)) == [Code.CONSECUTIVE_ERRORS]


def test_after_a_resume_errors_and_funds_are_forgiven_but_a_loss_is_not() -> None:
    forgiven = watch(failed(ErrorKind.FUNDS, 3), *losing(500), resumed())
    assert codes(forgiven) == [Code.MAX_DAILY_LOSS]


@pytest.mark.parametrize(
    "scope", [Scope(account=ELSEWHERE), Scope(symbol=AAPL), Scope(account=ACCOUNT, strategy=DEMO)]
)
def test_a_resume_of_something_else_forgives_this_account_nothing(scope: Scope) -> None:
    kept = watch(failed(), failed(), failed(ErrorKind.FUNDS), resumed(scope))
    assert codes(kept) == [Code.INSUFFICIENT_FUNDS, Code.CONSECUTIVE_ERRORS]
