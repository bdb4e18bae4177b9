"""What an account's decisions stand on, as a fold of its events."""

from datetime import timedelta

import attrs
import pytest

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    AT,
    DEMO,
    MSFT,
    OTHER,
    READY,
    about,
    acknowledged,
    after,
    alert,
    desk,
    fill,
    halted,
    opened,
    planned,
    resumed,
    seen,
    started,
    unknown,
)
from trading.alert_events import AlertAccepted, Checked, SignalApproved, SignalRefused
from trading.desk import Desk, kind_of, new_desk
from trading.desk_fold import MANY, OF_SIGNALS, REMEMBERED, as_of, evolve_desk, priced
from trading.event import Event
from trading.events import ActorStarted, VenueLost
from trading.order_events import OrderCancelled
from trading.vocabulary import AccountName, AlertId, Code, Side, Symbol


ELSEWHERE = AccountName("elsewhere")


def approved(alert_id: str = "a1", *, account: AccountName = ACCOUNT, at: float = 0) -> Event:
    return SignalApproved(
        at=after(at),
        alert_id=AlertId(alert_id),
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        checks=(Checked(Code.CASH, passed=True),),
    )


def refused(alert_id: str = "a1", account: AccountName = ACCOUNT) -> Event:
    return SignalRefused(
        at=AT,
        alert_id=AlertId(alert_id),
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        code=Code.CASH,
    )


# --- alerts -------------------------------------------------------------------------------------


def test_an_alert_routed_here_waits_for_its_decision() -> None:
    assert list(desk(alert("a1"), alert("a2")).undecided) == ["a1", "a2"]


def test_an_alert_routed_elsewhere_is_only_a_price() -> None:
    there = desk(alert(routes=(ELSEWHERE,), price=101))
    assert seen(there.undecided, there.book.mark(AAPL)) == ({}, 101)


@pytest.mark.parametrize("decision", [approved(), refused()])
def test_a_decision_ends_the_wait(decision: Event) -> None:
    assert list(desk(alert("a1"), alert("a2"), decision).undecided) == ["a2"]


@pytest.mark.parametrize(
    "decision", [approved(account=ELSEWHERE), refused(account=ELSEWHERE), approved("a9")]
)
def test_a_decision_about_something_else_changes_nothing(decision: Event) -> None:
    before = desk(alert("a1"))
    assert evolve_desk(before, decision) == before


def test_an_approved_signal_is_remembered_by_when_it_came() -> None:
    signal = alert("a1", client_id="t-1", fired_at=after(-2))
    known = desk(signal, approved(at=7))
    remembered = known.approved[kind_of(signal)]
    assert (remembered.client_id, remembered.at) == ("t-1", AT)
    assert known.last_fired == {(DEMO, AAPL): after(-2)}


def test_a_refused_signal_is_not_remembered() -> None:
    known = desk(alert(fired_at=AT), refused())
    assert seen(known.approved, known.last_fired) == ({}, {})


def test_what_is_remembered_does_not_grow_for_ever() -> None:
    history: list[Event] = []
    for n in range(MANY + 1):
        history += [alert(f"a{n}", quantity=n + 1), approved(f"a{n}")]
    later = AT + REMEMBERED
    history += [alert("younger", quantity="0.5", at=after(1)), approved("younger", at=1)]
    history += [alert("late", at=later), approved("late", at=REMEMBERED.total_seconds())]
    assert len(desk(*history[:-2]).approved) == MANY + 2
    assert [known.at for known in desk(*history).approved.values()] == [after(1), later]


# --- orders -------------------------------------------------------------------------------------


def test_a_planned_order_is_live_until_it_ends() -> None:
    working = (planned(), started(), acknowledged())
    assert [o.plan.order_id for o in desk(*working).live()] == ["o1"]
    assert list(desk(*working, fill()).live()) == []
    assert list(desk(*working, about(OrderCancelled)).live()) == []


def test_live_orders_are_found_by_symbol_strategy_and_side() -> None:
    busy = desk(
        planned("o1"),
        planned("o2", symbol=MSFT),
        planned("o3", strategy=OTHER),
        planned("o4", Side.SELL, 7),
    )

    def ids(*where: object) -> list[str]:
        return [o.plan.order_id for o in busy.live(*where)]  # type: ignore[arg-type]  # as given below

    assert ids(AAPL) == ["o1", "o3", "o4"]
    assert ids(AAPL, DEMO) == ["o1", "o4"]
    assert ids(None, None, Side.BUY) == ["o1", "o2", "o3"]
    assert busy.remaining(AAPL, Side.BUY) == 200
    assert busy.remaining(AAPL, Side.SELL) == 7


def test_an_order_of_unknown_fate_is_found_as_one() -> None:
    lost = desk(planned("o1"), planned("o2"), started("o2"), unknown("o2"))
    assert [o.plan.order_id for o in lost.unknown()] == ["o2"]


def test_orders_of_another_account_are_not_ours() -> None:
    assert desk(planned(account=ELSEWHERE)).orders == {}
    assert desk(started("nobody")).orders == {}
    ended = about(OrderCancelled, account=ELSEWHERE)
    assert list(desk(planned(), started(), ended).orders) == ["o1"]


def test_an_order_planned_again_is_still_one() -> None:
    again = desk(planned(quantity=10), planned("o2"), planned(quantity=3))
    assert [o.plan.order_id for o in again.live(AAPL)] == ["o1", "o2"]
    assert again.buying == 3 * 100 + 100 * 100


def test_a_fill_of_an_order_that_has_ended_still_moves_the_book() -> None:
    late = desk(planned(), started(), about(OrderCancelled), fill("late", 5))
    assert seen(late.orders, late.book.net(AAPL)) == ({}, 5)


# --- the venue and the stops ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        VenueLost(at=AT, account=ACCOUNT, reason="gone"),
        ActorStarted(at=AT, actor="broker:paper", incarnation=2),
    ],
)
def test_a_venue_that_is_lost_or_has_a_new_broker_is_not_ready(event: Event) -> None:
    assert not desk(event).venue_ready
    assert desk(event, READY).venue_ready


@pytest.mark.parametrize(
    "event",
    [
        VenueLost(at=AT, account=ELSEWHERE, reason="gone"),
        ActorStarted(at=AT, actor="broker:elsewhere", incarnation=2),
        ActorStarted(at=AT, actor="risk:paper", incarnation=2),
    ],
)
def test_what_happens_to_another_venue_is_not_our_trouble(event: Event) -> None:
    assert desk(event).venue_ready


def test_a_new_desk_is_not_ready_and_owns_nothing() -> None:
    empty = new_desk(ACCOUNT)
    assert seen(empty.venue_ready, empty.book.cash, empty.orders) == (False, None, {})


def test_every_field_is_known_to_be_of_signals_alone_or_of_the_account() -> None:
    empty = new_desk(ACCOUNT)
    fields = {it.name: getattr(empty, it.name) for it in attrs.fields(Desk) if it.init}
    of_account = {"account", "book", "orders", "stops", "venue_ready", "guards", "again"}
    of_account |= {"differences", "reconciled_at", "reads", "signed_in_until", "shown"}
    assert {name: it for name, it in fields.items() if name not in of_account} == OF_SIGNALS


def test_stops_are_known_to_the_desk() -> None:
    assert desk(halted()).stops.over_account(ACCOUNT) is not None
    assert desk(halted(), resumed()).stops.over_account(ACCOUNT) is None


def test_time_that_passes_starts_the_days_figures_anew() -> None:
    tomorrow = AT + timedelta(days=1)
    day_after: AlertAccepted = alert("a2", at=tomorrow, price=None, symbol=Symbol("F"))
    held = desk(fill("x1", 10, 100), alert(price=90))
    assert held.book.day_pnl() == -100
    assert evolve_desk(held, day_after).book.day_pnl() == 0


def test_what_says_nothing_of_the_book_leaves_it_in_its_day() -> None:
    held = desk(fill("x1", 10, 100), alert(price=90))
    late = VenueLost(at=AT + timedelta(days=1), account=ACCOUNT, reason="gone")
    assert evolve_desk(held, late).book is held.book


def test_at_a_later_instant_the_days_figures_have_started_anew() -> None:
    held = desk(fill("x1", 10, 100), alert(price=90))
    assert as_of(held, AT) is held
    assert as_of(held, AT + timedelta(days=1)).book.day_pnl() == 0
    assert held.book.day_pnl() == -100


def test_of_an_alert_that_is_only_priced_nothing_waits() -> None:
    told = priced(desk(), alert("a9", price=90))
    assert seen(told.book.mark(AAPL), told.undecided) == (90, {})
    assert priced(told, alert("a9", price=None)) is told


def test_an_account_may_be_opened_after_its_first_price() -> None:
    assert evolve_desk(evolve_desk(new_desk(ACCOUNT), alert()), opened(7)).book.equity() == 7
