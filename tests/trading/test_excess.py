"""Row 8: a target fills while the exit is in flight, and more is sold than was held."""

from attrs import evolve

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    after,
    booking,
    desk,
    fill,
    planned,
    rules,
    seen,
    started,
    tripped,
)
from trading.alert_events import AlertAccepted
from trading.bookings import ExternalTraded
from trading.decisions import decide
from trading.desk import Desk
from trading.desk_fold import evolve_desk
from trading.differences import AccountReconciled, DifferenceFound, DifferenceKind
from trading.event import Event
from trading.excess import closed_now
from trading.outcomes import Plan
from trading.vocabulary import AccountName, Action, Code, ExecutionId, Side, Sides


REVERSED = tripped(code=Code.SHARE_REVERSED)
READ = AccountReconciled(at=AT, account=ACCOUNT, upto=AT)
OVERSOLD = (
    planned(quantity=10),
    started(),
    fill("x1", 10),
    planned("o2", Side.SELL, 10),
    started("o2"),
    fill("x2", 10, side=Side.SELL, order_id="o2"),
    planned("o3", Side.SELL, 10),
    started("o3"),
    fill("x3", 4, side=Side.SELL, order_id="o3"),
)
RULES = {DEMO: rules()}


def asked(*history: Event, sides: Sides = Sides.LONG_ONLY) -> list[AlertAccepted]:
    return list(closed_now(desk(*history), {DEMO: rules(sides=sides)}, after(60)))


def test_it_is_closed_by_one_order_once_the_holdings_have_agreed_twice() -> None:
    assert asked(*OVERSOLD, REVERSED) == []
    assert asked(*OVERSOLD, REVERSED, READ) == []
    (alert,) = asked(*OVERSOLD, REVERSED, READ, READ)
    assert seen(alert.action, alert.symbol, alert.quantity) == (Action.CLOSE_SHORT, AAPL, None)
    here = desk(*OVERSOLD[:-3], OVERSOLD[-1], REVERSED, READ, READ, alert)
    decided = decide(here, alert, rules(), after(60))
    assert isinstance(decided, Plan)
    assert seen(decided.order.side, decided.order.quantity) == (Side.BUY, 4)


def test_it_is_asked_for_once() -> None:
    (alert,) = asked(*OVERSOLD, REVERSED, READ, READ)
    assert asked(*OVERSOLD, REVERSED, READ, READ, alert) == []
    (again,) = asked(*OVERSOLD, evolve(REVERSED, generation=2), READ, READ)
    assert again.alert_id != alert.alert_id


def test_an_execution_between_two_reads_counts_anew() -> None:
    more = fill("x4", 1, side=Side.SELL, order_id="o3")
    assert asked(*OVERSOLD, REVERSED, READ, more, READ) == []
    outside = booking(
        ExternalTraded,
        symbol=AAPL,
        side=Side.SELL,
        quantity=more.quantity,
        price=more.price,
        execution_id=ExecutionId("z"),
        executed_at=AT,
    )
    assert asked(*OVERSOLD, REVERSED, READ, outside, READ) == []
    elsewhere = evolve(outside, account=AccountName("other"))
    assert len(asked(*OVERSOLD, REVERSED, READ, elsewhere, READ)) == 1


def test_what_may_be_held_and_what_is_in_doubt_is_let_be() -> None:
    assert asked(*OVERSOLD, REVERSED, READ, READ, sides=Sides.LONG_SHORT) == []
    assert asked(*OVERSOLD, READ, READ) == []  # nobody has stopped the account for it
    found = DifferenceFound(
        at=AT,
        account=ACCOUNT,
        kind=DifferenceKind.POSITION,
        symbol=AAPL,
        ours=OVERSOLD[0].quantity,
        venue=OVERSOLD[0].quantity,
        residual=OVERSOLD[0].quantity,
        since=AT,
    )
    assert asked(*OVERSOLD, REVERSED, READ, READ, found) == []
    assert len(asked(*OVERSOLD, REVERSED, READ, READ, evolve(found, symbol=MSFT))) == 1
    away: Desk = evolve(desk(*OVERSOLD, REVERSED, READ, READ), venue_ready=False)
    assert list(closed_now(away, RULES, AT)) == []


def test_of_a_strategy_that_is_gone_nothing_short_is_kept() -> None:
    here = desk(*OVERSOLD, REVERSED, READ, READ)
    assert len(list(closed_now(here, {}, AT))) == 1


def test_a_short_only_share_that_became_long_is_sold() -> None:
    bought = (planned(quantity=3), started(), fill("x1", 3))
    (alert,) = asked(*bought, REVERSED, READ, READ, sides=Sides.SHORT_ONLY)
    assert alert.action is Action.CLOSE_LONG


def test_reads_of_another_account_do_not_count() -> None:
    here = desk(*OVERSOLD, REVERSED, READ)
    other = evolve(READ, account=AccountName("other"))
    assert evolve_desk(here, other).reads == here.reads == 1
