"""An account whose actors were given up: what stands in for them, and what brings them back."""

from typing import Any

import pytest
from attrs import evolve

from actors.interests import interest
from actors.messages import CancelOrders, Join, Joined
from actors.parked import ParkedAccount
from actors.read_model import new_model
from actors.runtime import Unpark
from tests.actors.facts import (
    AT,
    OPENED,
    PAPER,
    alert,
    approved,
    halted,
    parked,
    quarantined,
    refused,
    resumed,
)
from tests.actors.room import Room, append_of
from trading.alert_events import SignalRefused
from trading.breaker import NO_STOPS, evolve_stops
from trading.event import Event
from trading.events import AccountParked, Scope
from trading.vocabulary import AccountName, Action, Code, TradingState


REASON = ("book:paper", "Unfoldable: cannot fold seq 7 (OrderFilled)")
ELSEWHERE = AccountName("elsewhere")


class Lot:
    """The stand-in of a parked account, and the journal as others write to it."""

    def __init__(self, *past: Event) -> None:
        self.room = Room()
        self.room.commit(OPENED, *past)
        self.room.journal()
        self.begin()
        others = self.room.address("others")
        self.room.address("journal").tell(Join(others, interest(()), 1))
        self.room.run()
        (joined,) = [m for m in others.take() if isinstance(m, Joined)]
        self._epoch = joined.epoch

    def begin(self, incarnation: int = 2, reason: tuple[str, str] = REASON) -> None:
        self.actor = self.room.begin(
            ParkedAccount(
                self.room.birth("risk:paper", incarnation),
                journal=self.room.address("journal"),
                reader=self.room.reader,
                account=PAPER,
                group="account:paper",
                reason=reason,
            )
        )

    def happens(self, *events: Event) -> "Lot":
        for event in events:
            self.room.address("journal").tell(append_of("others", self._epoch, event))
        self.room.run()
        return self

    @property
    def parkings(self) -> list[AccountParked]:
        return self.room.events(AccountParked)

    @property
    def refusals(self) -> list[SignalRefused]:
        return self.room.events(SignalRefused)

    @property
    def is_unparked(self) -> bool:
        return Unpark("account:paper") in self.room.boss.told


# --- what it says -------------------------------------------------------------------------------


def test_the_parking_becomes_a_fact_that_says_who_died_of_what() -> None:
    (fact,) = Lot().parkings
    assert (fact.account, fact.actor, fact.reason, fact.generation) == (PAPER, *REASON, 1)


def test_it_counts_its_generation_on_from_the_stops_before_it() -> None:
    assert [p.generation for p in Lot(halted(4)).parkings] == [5]


def test_a_parking_that_is_a_fact_already_is_not_written_again() -> None:
    lot = Lot()
    lot.room.end("risk:paper")
    lot.begin(incarnation=3)
    assert len(lot.parkings) == 1


def test_a_parking_for_another_reason_is_a_fact_of_its_own() -> None:
    lot = Lot()
    lot.room.end("risk:paper")
    lot.begin(incarnation=3, reason=("risk:paper", "ValueError: boom"))
    assert [p.actor for p in lot.parkings] == ["book:paper", "risk:paper"]


# --- what it refuses ----------------------------------------------------------------------------


def test_what_waits_undecided_is_refused_and_what_was_decided_is_not() -> None:
    past = (alert("a"), approved("a"), alert("b"), refused("b", Code.CASH))
    lot = Lot(*past, alert("c"), quarantined("c"), alert("d"))
    (_, fact) = lot.refusals
    assert (fact.alert_id, fact.code, fact.account) == ("d", Code.ACCOUNT_PARKED, PAPER)
    assert fact.inputs == {"actor": REASON[0], "reason": REASON[1]}


def test_an_alert_that_comes_while_parked_is_refused_at_once() -> None:
    lot = Lot().happens(alert("a"), alert("b", Action.SELL))
    assert [(r.alert_id, r.is_exit) for r in lot.refusals] == [("a", False), ("b", True)]


def test_an_alert_of_another_account_is_none_of_its_business() -> None:
    assert Lot().happens(alert("a", routes=(ELSEWHERE,))).refusals == []


def test_a_decision_that_was_made_before_stands() -> None:
    lot = Lot(alert("a"))
    lot.room.end("risk:paper")
    lot.begin(incarnation=3)
    assert len(lot.refusals) == 1


def test_what_the_accounts_risk_actor_was_told_is_dropped() -> None:
    lot = Lot()
    lot.room.address("risk:paper").tell(CancelOrders((), Code.CANCELLED_FIRST))
    lot.room.run()
    assert lot.room.address("risk:paper").told == []


# --- what ends it -------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [Scope(), Scope(account=PAPER)])
def test_a_resume_over_the_account_starts_its_actors_again(scope: Scope) -> None:
    lot = Lot()
    assert not lot.is_unparked
    assert lot.happens(resumed(9, scope)).is_unparked


def test_a_resume_elsewhere_does_not() -> None:
    assert not Lot().happens(resumed(9, Scope(account=ELSEWHERE))).is_unparked


def test_after_a_resume_alerts_are_left_to_those_who_come_back() -> None:
    lot = Lot().happens(resumed(9), alert("a"))
    assert lot.refusals == []


# --- what others make of it ---------------------------------------------------------------------


def test_a_parked_account_is_halted_until_a_person_resumes() -> None:
    stops = evolve_stops(NO_STOPS, parked(3))
    (stop,) = stops.in_force
    assert (stop.state, stop.code, stop.scope.account) == (
        TradingState.HALTED,
        Code.ACCOUNT_PARKED,
        PAPER,
    )
    assert stops.over_account(ELSEWHERE) is None
    assert evolve_stops(stops, resumed(4)).in_force == ()


def test_the_page_says_who_is_parked_and_why() -> None:
    model = new_model((PAPER,))
    model.fold(parked())
    (item,) = model.view(1, AT).needs_you
    assert "cannot fold seq 7" in item.what
    assert "nothing is decided or sent" in item.meaning


def test_a_quarantined_alert_is_shown_so_and_an_exit_among_them_loudly() -> None:
    model = new_model((PAPER,))
    for event in (alert("a", Action.SELL), quarantined("a", is_exit=True)):
        model.fold(event)
    view: Any = model.view(1, AT)
    assert (view.alerts[0].verdict, view.unfinished) == ("quarantined", 0)
    assert view.needs_you[0].what.startswith("an exit of demo in AAPL is quarantined")
    model.fold(evolve(quarantined("b"), is_exit=False))
    assert "an entry of" in model.view(1, AT).needs_you[0].what
