"""After a gap who holds something gets out of it only, until he is known to have missed nothing."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from tests.trading.builders import AAPL, ACCOUNT, AT, DEMO, alert, desk, fill, seen
from trading.desk import Desk
from trading.desk_fold import evolve_desk
from trading.differences import AccountReconciled
from trading.events import Scope, Tripped
from trading.hours import Hours
from trading.missed import exits_only, rearmed, was_open
from trading.sessions import Calendar
from trading.vocabulary import Code, Side


OURS = Scope(account=ACCOUNT, strategy=DEMO, symbol=AAPL)
ALWAYS = {DEMO: Hours.ALWAYS}
SATURDAY = AT + timedelta(days=5)


def watched(upto: datetime = AT, quantity: int = 10) -> Desk:
    reconciled = AccountReconciled(at=upto, account=ACCOUNT, upto=upto)
    return desk(fill(quantity=quantity), reconciled)


def trips(held: Desk, seconds: int, hours: dict[object, Hours] | None = None) -> list[Tripped]:
    since = held.reconciled_at or AT
    return list(exits_only(held, hours or {}, since + timedelta(seconds=seconds)))  # type: ignore[arg-type]  # names


def test_a_gap_of_more_than_a_minute_in_the_session_leaves_exits_only() -> None:
    (trip,) = trips(watched(), 61)
    assert (trip.scope, trip.code) == (OURS, Code.MISSED_ALERTS)
    assert trip.inputs == {"share": "10", "from": "2026-03-02T15:00:00Z", "seconds": "61"}


def test_a_minute_is_none() -> None:
    assert trips(watched(), 60) == []


def test_nobody_asks_who_was_never_watched_or_holds_nothing() -> None:
    assert trips(desk(fill()), 600) == []
    flat = evolve_desk(watched(), fill("x2", 10, side=Side.SELL))
    assert trips(flat, 600) == []


def test_a_weekend_is_no_gap_but_for_who_trades_always() -> None:
    assert trips(watched(SATURDAY), 3600) == []
    assert len(trips(watched(SATURDAY), 3600, {DEMO: Hours.ALWAYS})) == 1


def test_it_is_said_once() -> None:
    held = watched()
    (trip,) = trips(held, 600)
    assert trips(evolve_desk(held, trip), 600) == []


@pytest.mark.parametrize(
    ("since", "now", "is_open"),
    [
        (AT, AT + timedelta(hours=1), True),
        (AT + timedelta(hours=7), AT + timedelta(hours=12), False),  # an evening
        (AT + timedelta(hours=7), AT + timedelta(hours=24), True),
        (SATURDAY, SATURDAY + timedelta(hours=20), False),
    ],
)
def test_only_the_regular_session_counts(since: datetime, now: datetime, is_open: bool) -> None:  # noqa: FBT001
    assert was_open(Calendar(), since, now) is is_open


def tripped_desk() -> Desk:
    held = watched()
    return evolve_desk(held, trips(held, 600)[0])


def test_an_alert_that_knows_the_share_arms_again() -> None:
    held = tripped_desk()
    knows = evolve(alert(), prev_position_size=Decimal(10))
    healed = rearmed(held, knows, AT)
    assert healed is not None
    assert seen(healed.scope, healed.generation) == (OURS, held.stops.generation)
    assert evolve_desk(held, healed).stops.in_force == ()


@pytest.mark.parametrize("before", [None, Decimal(0), Decimal(12)])
def test_any_other_does_not(before: Decimal | None) -> None:
    assert rearmed(tripped_desk(), evolve(alert(), prev_position_size=before), AT) is None


def test_where_nothing_is_stopped_nothing_is_armed() -> None:
    assert rearmed(watched(), evolve(alert(), prev_position_size=Decimal(10)), AT) is None
