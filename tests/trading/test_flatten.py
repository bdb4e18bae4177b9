"""When our own clock asks for an exit, when it tells, and when it looks again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from tests.actors.facts import CALENDAR_APPLIED
from tests.trading.builders import ACCOUNT, DEMO, desk, fill, limits, rules, seen
from trading.alert_events import StillHeld
from trading.desk import Desk
from trading.flatten import asked_now, flattens, look_again, told_now
from trading.hours import Hours
from trading.rules import StrategyRules
from trading.vocabulary import Action, Code, Side


CLOSE = datetime(2026, 1, 5, 21, 0, tzinfo=UTC)
DAY = evolve(rules(limits(flatten_before_close_minutes=15)), hours=Hours.EXCHANGE)
RULES = {DAY.name: DAY}
HELD = fill(quantity=10)


def before_close(**left: float) -> datetime:
    return CLOSE - timedelta(**left)


def at_work(*events: object) -> Desk:
    return desk(CALENDAR_APPLIED, *events)  # type: ignore[arg-type]  # events of any kind


def asked(held: Desk, at: datetime) -> list[str]:
    return [it.alert_id for it in asked_now(held, RULES, at)]


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (DAY, True),
        (evolve(DAY, hours=Hours.ALWAYS), False),
        (evolve(DAY, limits=evolve(DAY.limits, flatten_before_close_minutes=None)), False),
    ],
)
def test_only_a_strategy_that_wants_it_and_has_a_close_leaves(
    of: StrategyRules, *, wanted: bool
) -> None:
    assert flattens(of) is wanted
    held = at_work(HELD)
    at = before_close(minutes=10)
    assert len(list(asked_now(held, {of.name: of}, at))) == wanted
    assert (look_again(held, {of.name: of}, at) is not None) is wanted


def test_a_strategy_that_is_not_in_the_settings_is_let_be() -> None:
    assert list(asked_now(at_work(HELD), {}, before_close(minutes=10))) == []


def test_it_asks_from_the_quarter_of_an_hour_until_two_seconds() -> None:
    held = at_work(HELD)
    assert asked(held, before_close(minutes=15, seconds=1)) == []
    assert len(asked(held, before_close(minutes=15))) == 1
    assert len(asked(held, before_close(seconds=3))) == 1
    assert asked(held, before_close(seconds=2)) == []


def test_it_asks_once_a_minute_and_only_while_nothing_is_under_way() -> None:
    at = before_close(minutes=15)
    (alert,) = asked_now(at_work(HELD), RULES, at)
    waiting = at_work(HELD, alert)
    assert asked(waiting, at + timedelta(seconds=61)) == []
    gone = evolve(waiting, undecided={})
    assert asked(gone, at + timedelta(seconds=59)) == []
    assert len(asked(gone, at + timedelta(seconds=60))) == 1


def test_a_short_is_left_by_buying() -> None:
    short = at_work(fill(side=Side.SELL, quantity=10))
    (alert,) = asked_now(short, RULES, before_close(minutes=15))
    assert (alert.action, alert.quantity) == (Action.CLOSE_SHORT, None)


def test_less_than_a_share_is_dust() -> None:
    assert asked(at_work(fill(quantity=Decimal("0.4"))), before_close(minutes=15)) == []


def test_a_person_is_told_once_before_the_close_and_once_after_it() -> None:
    held = at_work(HELD)
    assert list(told_now(held, RULES, before_close(minutes=6))) == []
    (late,) = told_now(held, RULES, before_close(minutes=5))
    assert (late.code, late.quantity) == (Code.FLATTEN_LATE, Decimal(10))
    told = at_work(HELD, late)
    assert list(told_now(told, RULES, before_close(minutes=4))) == []
    (kept,) = told_now(told, RULES, CLOSE)
    assert kept.code is Code.HELD_OVERNIGHT_UNINTENDED
    over_night = at_work(HELD, late, kept)
    assert list(told_now(over_night, RULES, CLOSE + timedelta(hours=3))) == []


def test_what_was_kept_over_night_is_left_a_minute_after_the_open() -> None:
    kept = StillHeld(
        at=CLOSE,
        account=ACCOUNT,
        strategy=DEMO,
        symbol=HELD.symbol,
        quantity=Decimal(10),
        code=Code.HELD_OVERNIGHT_UNINTENDED,
    )
    held = at_work(HELD, kept)
    opens = datetime(2026, 1, 6, 14, 30, tzinfo=UTC)
    assert asked(held, opens + timedelta(seconds=59)) == []
    assert len(asked(held, opens + timedelta(seconds=60))) == 1
    assert look_again(held, RULES, opens) == opens + timedelta(seconds=60)


def test_what_has_left_is_forgotten() -> None:
    at = before_close(minutes=5)
    held = at_work(HELD)
    (alert,), (late,) = asked_now(held, RULES, at), told_now(held, RULES, at)
    sold = fill(side=Side.SELL, quantity=10, execution_id="X-2")
    left = at_work(HELD, alert, late, sold)
    assert seen(left.flattened, left.still_held, look_again(left, RULES, at)) == ({}, {}, None)


def test_what_others_were_told_is_nothing_of_ours() -> None:
    late = StillHeld(
        at=CLOSE,
        account=type(ACCOUNT)("other"),
        strategy=DEMO,
        symbol=HELD.symbol,
        quantity=Decimal(10),
        code=Code.FLATTEN_LATE,
    )
    assert at_work(HELD, late).still_held == {}
