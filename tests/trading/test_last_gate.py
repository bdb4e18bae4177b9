"""The last look before the wire: stops cover entries, never exits."""

from typing import Any

import pytest

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    MSFT,
    OTHER,
    acknowledged,
    after,
    desk,
    fill,
    halted,
    limits,
    planned,
    resumed,
    rules,
    started,
    tripped,
)
from trading.breaker import NO_STOPS, Stops, evolve_stops
from trading.event import Event
from trading.events import Scope
from trading.last_gate import OPEN_GATE, Gate, Turned, before_submit
from trading.sign_ins import VenueSignedIn
from trading.vocabulary import AccountName, Code, Side


ENTRY = planned()
EXIT = planned("o2", Side.SELL, 10)
EVERYTHING = Scope()


def stops(*events: Event) -> Stops:
    known = NO_STOPS
    for event in events:
        known = evolve_stops(known, event)
    return known


def code(turned: Turned | None) -> Code | None:
    return turned.code if turned else None


# --- the gate -----------------------------------------------------------------------------------


def test_an_open_gate_lets_everything_out() -> None:
    assert OPEN_GATE.turns_away(ENTRY, 0) is None
    assert OPEN_GATE.turns_away(EXIT, 0) is None


@pytest.mark.parametrize(
    ("stop", "refusal", "because"),
    [(halted(), Code.HALTED, "OPERATOR"), (tripped(), Code.REDUCING, "CONSECUTIVE_ERRORS")],
)
def test_a_stop_turns_entries_away_and_says_which(stop: Event, refusal: Code, because: str) -> None:
    turned = OPEN_GATE.informed(stops(stop)).turns_away(ENTRY, 1)
    assert turned is not None
    assert (turned.code, turned.inputs["because"]) == (refusal, because)


@pytest.mark.parametrize("stop", [halted(), tripped()])
def test_no_stop_turns_an_exit_away(stop: Event) -> None:
    gate = OPEN_GATE.informed(stops(stop)).closed(EVERYTHING, 2)
    assert gate.turns_away(EXIT, 0) is None


def test_a_stop_of_another_symbol_lets_an_entry_out_that_has_heard_of_it() -> None:
    gate = OPEN_GATE.informed(stops(halted(Scope(symbol=MSFT))))
    assert gate.turns_away(ENTRY, 1) is None


def test_whatever_stopped_or_started_since_asks_for_a_new_decision() -> None:
    gate = OPEN_GATE.informed(stops(halted(), resumed()))
    assert gate.turns_away(ENTRY, 2) is None
    assert gate.turns_away(ENTRY, 0) == Turned(
        Code.GATE_CLOSED, {"gate_generation": "2", "order_generation": "0"}
    )


# --- stops ahead of the journal -------------------------------------------------------------------


def test_a_gate_closes_before_its_stop_is_on_disk() -> None:
    gate = OPEN_GATE.closed(EVERYTHING, 1)
    assert gate.generation == 1
    assert code(gate.turns_away(ENTRY, 0)) is Code.GATE_CLOSED


def test_an_early_close_holds_even_against_an_order_of_its_own_generation() -> None:
    assert code(OPEN_GATE.closed(EVERYTHING, 1).turns_away(ENTRY, 1)) is Code.GATE_CLOSED


def test_once_the_journal_has_the_stop_the_early_close_is_forgotten() -> None:
    gate = OPEN_GATE.closed(EVERYTHING, 1).informed(stops(halted()))
    assert gate.early == ()
    assert code(gate.turns_away(ENTRY, 1)) is Code.HALTED


def test_an_older_stop_does_not_open_what_was_closed_early() -> None:
    gate = OPEN_GATE.closed(EVERYTHING, 5).informed(stops(halted(Scope(symbol=MSFT), 4)))
    assert (gate.generation, gate.early) == (5, ((EVERYTHING, 5),))


def test_another_stop_of_the_same_generation_does_not_open_what_was_closed_early() -> None:
    """A breaker trips elsewhere while a halt is on its way: both count from the same stops."""
    elsewhere = tripped(Scope(account=AccountName("elsewhere")), 5)
    gate = OPEN_GATE.closed(EVERYTHING, 5).informed(stops(elsewhere))
    assert code(gate.turns_away(ENTRY, 5)) is Code.GATE_CLOSED
    both = stops(elsewhere, halted(generation=5))
    assert code(gate.informed(both).turns_away(ENTRY, 5)) is Code.HALTED


def test_a_later_start_opens_what_was_closed_early() -> None:
    gate = OPEN_GATE.closed(EVERYTHING, 1).informed(stops(halted(), resumed()))
    assert gate.early == ()
    assert gate.turns_away(ENTRY, 2) is None


def test_several_early_closes_count_as_the_latest() -> None:
    gate = OPEN_GATE.closed(Scope(symbol=MSFT), 1).closed(EVERYTHING, 2)
    assert gate.generation == 2
    assert gate.informed(stops(halted(Scope(symbol=MSFT), 1))).early == ((EVERYTHING, 2),)


def test_the_same_halt_asked_for_twice_is_known_by_the_later_one() -> None:
    gate = OPEN_GATE.closed(EVERYTHING, 1).closed(EVERYTHING, 2)
    assert gate.informed(stops(halted(generation=1), halted(generation=2))).early == ()


# --- before a submit ----------------------------------------------------------------------------


def submitted(
    *history: Event, order_id: str = "o1", late: float = 0, gate: Gate = OPEN_GATE, **on: Any
) -> Turned | None:
    here = desk(*history)
    order = next(o for o in here.live() if o.plan.order_id == order_id)
    return before_submit(here, order, gate, rules(limits(**on)), after(late))


def test_a_planned_entry_is_started() -> None:
    assert submitted(ENTRY, max_alert_age_seconds=30, late=30) is None


def test_an_entry_planned_too_long_ago_is_not_started() -> None:
    assert submitted(ENTRY, max_alert_age_seconds=30, late=30.1) == Turned(
        Code.STALE, {"planned_seconds_ago": "30.1", "limit": "30"}
    )


def test_a_stopped_entry_is_not_started_and_a_stopped_exit_is() -> None:
    stopped = OPEN_GATE.informed(stops(halted()))
    assert code(submitted(ENTRY, gate=stopped)) is Code.HALTED
    assert submitted(fill("x0", 10), EXIT, order_id="o2", gate=stopped) is None


@pytest.mark.parametrize(("late", "turned"), [(900, None), (901, Code.STALE)])
def test_an_exit_has_its_own_age(late: float, turned: Code | None) -> None:
    ages: dict[str, Any] = {"max_alert_age_seconds": 30, "max_exit_age_seconds": 900}
    found = submitted(fill("x0", 10), EXIT, order_id="o2", late=late, **ages)
    assert code(found) is turned


def test_with_no_limit_of_age_nothing_is_too_old() -> None:
    assert submitted(ENTRY, late=10**6) is None


@pytest.mark.parametrize(
    ("history", "share", "others"),
    [
        ((fill("x0", 9),), "9", "0"),
        ((fill("x0", 15), planned("o3", Side.SELL, 6)), "15", "6"),
        (
            (fill("x0", 15), planned("o3", Side.SELL, 6), started("o3"), acknowledged("o3")),
            "15",
            "6",
        ),
        ((fill("x0", 10, strategy=OTHER),), "0", "0"),
        ((fill("x0", 10, symbol=MSFT),), "0", "0"),
    ],
)
def test_an_exit_larger_than_the_share_less_other_closes_is_not_started(
    history: tuple[Event, ...], share: str, others: str
) -> None:
    assert submitted(*history, EXIT, order_id="o2") == Turned(
        Code.NOTHING_TO_DO, {"quantity": "10", "own_share": share, "other_closes": others}
    )


@pytest.mark.parametrize(
    "history", [(fill("x0", 10),), (fill("x0", 16), planned("o3", Side.SELL, 6))]
)
def test_an_exit_of_just_what_is_left_is_started(history: tuple[Event, ...]) -> None:
    assert submitted(*history, EXIT, order_id="o2") is None


def test_a_stop_of_an_account_leaves_others_alone() -> None:
    gate = OPEN_GATE.informed(stops(halted(Scope(account=AccountName("elsewhere")))))
    assert submitted(ENTRY, gate=gate) is None
    assert Scope(account=ACCOUNT, symbol=AAPL).covers(ACCOUNT, "demo", AAPL)


# --- where people sign in -----------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "turned"), [(60, None), (59, Code.SIGN_IN_ENDS)])
def test_in_the_last_hour_of_a_sign_in_only_exits_leave(minutes: int, turned: Code | None) -> None:
    signed = VenueSignedIn(at=AT, account=ACCOUNT, until=after(minutes * 60))
    assert code(submitted(signed, ENTRY)) is turned
    assert submitted(signed, fill("x0", 10), EXIT, order_id="o2") is None


def test_where_nothing_leaves_on_paper_mode_not_even_an_exit_does() -> None:
    here = desk(fill("x0", 10), EXIT)
    (order,) = here.live()
    kept = rules(limits(), leaves=False)
    assert code(before_submit(here, order, OPEN_GATE, kept, AT)) is Code.MODE_PAPER
