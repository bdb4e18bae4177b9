"""On an account with the exchange's hours: what a signal outside of them comes to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.builders import (
    ACCOUNT,
    MSFT,
    acknowledged,
    alert,
    desk,
    fill,
    halted,
    limits,
    planned,
    rules,
    started,
)
from tests.trading.test_trading_day import THANKSGIVING, new_york
from trading.alert_events import AlertAccepted, SignalHeld
from trading.decisions import decide
from trading.desk import Desk
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.events import CalendarApplied, VenueLost
from trading.hours import EntryWindow, Hours, OnClosed, WhenClosed
from trading.last_gate import OPEN_GATE, before_submit
from trading.outcomes import Decision, Plan, Refuse, Wait
from trading.rules import StrategyRules
from trading.sessions import Session
from trading.vocabulary import Action, Code, Side


REFUSE, NEXT_OPEN = WhenClosed
WAITING = OnClosed(entry=NEXT_OPEN, exit=NEXT_OPEN)
REFUSING = OnClosed(entry=REFUSE, exit=REFUSE)
WINDOW = EntryWindow.parse("09:31-15:55")
LONG_AGO = new_york("2026-11-24 12:00")
APPLIED = CalendarApplied(at=LONG_AGO, edition="", calendar=THANKSGIVING)
HELD = fill("x0", 10, at=LONG_AGO)
"""Ten shares are held since yesterday."""

OPEN_AGAIN = new_york("2026-11-27 09:30")
"""The next open after Wednesday, 25 November: Thursday is Thanksgiving, Friday a half day."""


def kept(on_closed: OnClosed = OnClosed(), **on: Any) -> StrategyRules:  # noqa: B008 - immutable
    """The rules of an account that keeps the exchange's hours, entries inside their window."""
    known = {"max_alert_age_seconds": 30, "max_exit_age_seconds": 900, "entry_cutoff_seconds": 30}
    limited = limits(**(known | {"entry_window": WINDOW} | on))
    return rules(limited, hours=Hours.EXCHANGE, on_closed=on_closed)


def without(strategy: StrategyRules, *names: str) -> StrategyRules:
    off: dict[str, Any] = dict.fromkeys(names)
    return evolve(strategy, limits=evolve(strategy.limits, **off))


def entry(at: str, **more: Any) -> AlertAccepted:
    return alert("a7", at=new_york(at), **more)


def leaving(at: str, **more: Any) -> AlertAccepted:
    return alert("a7", Action.CLOSE_LONG, None, at=new_york(at), **more)


def here(signal: AlertAccepted, *history: Event) -> Desk:
    known = history if signal in history else (*history, signal)
    return desk(APPLIED, *known)


def decided(
    signal: AlertAccepted,
    strategy: StrategyRules,
    *history: Event,
    now: str | datetime | None = None,
) -> Decision:
    at = new_york(now) if isinstance(now, str) else now or signal.at
    return decide(here(signal, *history), signal, strategy, at)


def refused(decision: Decision) -> tuple[Code, dict[str, str]]:
    assert isinstance(decision, Refuse), decision
    return decision.refused.code, decision.refused.inputs


def waits_until(decision: Decision) -> datetime | None:
    assert isinstance(decision, Wait), decision
    return decision.until


def code_of(decision: Decision) -> Code | None:
    return decision.refused.code if isinstance(decision, Refuse) else None


# --- an open market -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at", ["2026-11-25 09:31:00", "2026-11-25 15:54:59", "2026-11-27 12:54:59"]
)
def test_inside_the_window_an_entry_is_made_and_shows_its_hours(at: str) -> None:
    decision = decided(entry(at), kept())
    assert isinstance(decision, Plan)
    shown = {check.code: check.inputs for check in decision.approved.checks}
    assert shown[Code.MARKET_CLOSED]["session"] == "regular"
    assert shown[Code.ENTRY_WINDOW]["new_york"] == at.partition(" ")[2]


def test_an_account_that_trades_always_asks_for_no_hours() -> None:
    always = evolve(kept(), hours=Hours.ALWAYS)
    decision = decided(entry("2026-11-28 03:00"), always)
    assert isinstance(decision, Plan)
    assert Code.MARKET_CLOSED not in {check.code for check in decision.approved.checks}
    assert isinstance(decided(leaving("2026-11-28 03:00"), always, HELD), Plan)


# --- entries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-25 09:29:59", Code.MARKET_CLOSED),
        ("2026-11-25 09:30:00", Code.ENTRY_WINDOW),
        ("2026-11-25 09:30:59", Code.ENTRY_WINDOW),
        ("2026-11-25 09:31:00", None),
        ("2026-11-25 15:54:59", None),
        ("2026-11-25 15:55:00", Code.ENTRY_WINDOW),
        ("2026-11-25 15:59:29", Code.ENTRY_WINDOW),
        ("2026-11-25 15:59:30", Code.MARKET_CLOSED),
        ("2026-11-25 16:00:00", Code.MARKET_CLOSED),
        ("2026-11-26 12:00:00", Code.MARKET_CLOSED),  # Thanksgiving
        ("2026-11-27 12:55:00", Code.ENTRY_WINDOW),  # a half day
        ("2026-11-27 13:00:00", Code.MARKET_CLOSED),
        ("2026-11-28 12:00:00", Code.MARKET_CLOSED),  # a Saturday
    ],
)
def test_an_entry_outside_its_hours_is_refused(at: str, code: Code | None) -> None:
    assert code_of(decided(entry(at), kept())) is code


def test_a_refusal_for_the_hours_has_its_numbers() -> None:
    assert refused(decided(entry("2026-11-25 16:00:03"), kept())) == (
        Code.MARKET_CLOSED,
        {"session": "post", "next_open": "2026-11-27 09:30 New York"},
    )
    assert refused(decided(entry("2026-11-27 12:57:10"), kept())) == (
        Code.ENTRY_WINDOW,
        {"new_york": "12:57:10", "entry_window": "09:31-12:55"},
    )


def test_row_3_no_entry_in_the_last_30_s_of_a_session() -> None:
    strategy = without(kept(), "entry_window")
    assert isinstance(decided(entry("2026-11-25 15:59:29.9"), strategy), Plan)
    assert refused(decided(entry("2026-11-25 15:59:58"), strategy)) == (
        Code.MARKET_CLOSED,
        {"session": "regular", "seconds_to_close": "2.0", "cutoff_seconds": "30"},
    )


def test_without_a_cutoff_entries_are_made_until_the_close() -> None:
    strategy = without(kept(), "entry_window", "entry_cutoff_seconds")
    assert isinstance(decided(entry("2026-11-25 15:59:59"), strategy), Plan)
    assert code_of(decided(entry("2026-11-25 16:00:00"), strategy)) is Code.MARKET_CLOSED


def test_an_entry_is_refused_for_the_hours_whether_or_not_the_venue_is_there() -> None:
    lost = VenueLost(at=LONG_AGO, account=ACCOUNT, reason="night")
    assert code_of(decided(entry("2026-11-25 20:00"), kept(), lost)) is Code.MARKET_CLOSED


def test_an_entry_that_waited_for_its_venue_finds_the_market_closed() -> None:
    signal = entry("2026-11-25 15:59:20")
    strategy = without(kept(), "entry_window")
    assert code_of(decided(signal, strategy, now="2026-11-25 15:59:40")) is Code.MARKET_CLOSED


# --- entries that wait for the open -------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    ["2026-11-25 15:59:45", "2026-11-25 16:00:03", "2026-11-26 12:00", "2026-11-27 09:29:59"],
)
def test_row_17_an_entry_waits_for_the_open_where_its_strategy_wants_that(at: str) -> None:
    decision = decided(entry(at), kept(WAITING))
    assert waits_until(decision) == new_york("2026-11-27 09:31")  # when entries begin
    assert isinstance(decision, Wait)
    assert decision.held is not None
    assert (decision.held.code, decision.held.until) == (Code.MARKET_CLOSED, decision.until)


def test_without_a_window_an_entry_waits_for_the_open_itself() -> None:
    strategy = without(kept(WAITING), "entry_window")
    assert waits_until(decided(entry("2026-11-25 16:00"), strategy)) == OPEN_AGAIN


def test_that_it_waits_is_written_down_once() -> None:
    signal = entry("2026-11-25 16:00:03")
    first = decided(signal, kept(WAITING))
    assert isinstance(first, Wait)
    assert isinstance(first.held, SignalHeld)
    again = decided(signal, kept(WAITING), signal, first.held, now="2026-11-26 09:00")
    assert again == Wait(first.until)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-27 09:31:00", None),
        ("2026-11-27 09:35:00", None),
        ("2026-11-27 09:35:01", Code.STALE),
    ],
)
def test_it_is_made_at_the_open_and_dies_five_minutes_after_it(now: str, code: Code | None) -> None:
    decision = decided(entry("2026-11-25 16:00:03"), kept(WAITING), now=now)
    assert code_of(decision) is code
    assert isinstance(decision, Refuse if code else Plan)


def test_what_died_after_the_open_says_so() -> None:
    late = decided(entry("2026-11-25 16:00:03"), kept(WAITING), now="2026-11-27 09:40:00")
    numbers = refused(late)[1]
    assert numbers["waited_for_the_open"] == "2026-11-27T14:30:00+00:00"
    assert numbers["seconds_after_the_open"] == "300"


def test_between_the_open_and_its_window_it_still_waits() -> None:
    signal = entry("2026-11-25 16:00:03")
    decision = decided(signal, kept(WAITING), now="2026-11-27 09:30:10")
    assert waits_until(decision) == new_york("2026-11-27 09:31")


def test_a_window_that_begins_too_late_for_the_open_refuses_at_once() -> None:
    strategy = kept(WAITING, entry_window=EntryWindow.parse("10:00-15:00"))
    assert code_of(decided(entry("2026-11-25 16:00:03"), strategy)) is Code.MARKET_CLOSED


@pytest.mark.parametrize(
    "at", ["2026-11-25 09:30:20", "2026-11-25 15:57:00", "2026-11-25 15:59:10"]
)
def test_what_comes_outside_the_window_of_an_open_market_does_not_wait(at: str) -> None:
    assert code_of(decided(entry(at), kept(WAITING))) is Code.ENTRY_WINDOW
    ageless = without(kept(WAITING), "max_alert_age_seconds")
    assert code_of(decided(entry(at), ageless)) is Code.ENTRY_WINDOW


def test_an_entry_that_was_too_old_when_it_came_does_not_wait() -> None:
    old = entry("2026-11-25 16:05", fired_at=new_york("2026-11-25 16:00"))
    assert code_of(decided(old, kept(WAITING))) is Code.STALE


@pytest.mark.parametrize(
    ("now_at", "code"),
    [(100, None), (101, None), (98.9, Code.ENTRY_DRIFT), (102, Code.ENTRY_DRIFT)],
)
def test_at_the_open_it_is_held_against_the_price_known_by_then(
    now_at: float, code: Code | None
) -> None:
    signal = entry("2026-11-25 16:00:03", price=100)
    priced = alert("a8", price=str(now_at), at=OPEN_AGAIN)
    decision = decided(signal, kept(WAITING), signal, priced, now="2026-11-27 09:31")
    assert code_of(decision) is code


def test_the_price_it_came_with_is_not_held_against_itself() -> None:
    signal = entry("2026-11-25 16:00:03", price=100)
    earlier = alert("a6", price=200, at=signal.at - timedelta(seconds=1))
    decision = decided(signal, kept(WAITING), earlier, signal, now="2026-11-27 09:31")
    assert isinstance(decision, Plan)


def test_an_exit_behind_it_ends_the_wait() -> None:
    signal = entry("2026-11-25 16:00:03")
    out = alert("a8", Action.CLOSE_LONG, None, at=new_york("2026-11-25 17:00"))
    decision = decided(signal, kept(WAITING), signal, out, now=out.at)
    assert refused(decision) == (Code.SUPERSEDED, {"by": "a8"})


def test_i7_a_halt_ends_the_wait() -> None:
    signal = entry("2026-11-25 16:00:03")
    decision = decided(signal, kept(WAITING), signal, halted(), now="2026-11-26 09:00")
    assert code_of(decision) is Code.HALTED


def test_a_symbol_that_is_not_traded_does_not_wait() -> None:
    strategy = evolve(kept(WAITING), symbols=frozenset({MSFT}))
    assert code_of(decided(entry("2026-11-26 12:00"), strategy)) is Code.SYMBOL_NOT_ALLOWED


# --- exits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-11-25 09:30:00", "2026-11-25 15:59:57.9"])
def test_row_3_exits_are_made_until_the_last_2_s(at: str) -> None:
    assert isinstance(decided(leaving(at), kept(), HELD), Plan)


@pytest.mark.parametrize(
    "at", ["2026-11-25 15:59:58", "2026-11-25 16:00:03", "2026-11-26 12:00", "2026-11-27 09:29:59"]
)
def test_row_17_an_exit_waits_for_the_open(at: str) -> None:
    decision = decided(leaving(at), kept(), HELD)
    assert waits_until(decision) == OPEN_AGAIN
    assert isinstance(decision, Wait)
    assert decision.held is not None
    assert decision.held.is_exit


def test_an_exit_is_refused_where_its_strategy_wants_that() -> None:
    decision = decided(leaving("2026-11-25 15:59:59"), kept(REFUSING), HELD)
    assert refused(decision) == (
        Code.MARKET_CLOSED,
        {"session": "regular", "seconds_to_close": "1.0", "cutoff_seconds": "2"},
    )


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-27 09:30:00", None),
        ("2026-11-27 09:45:00", None),
        ("2026-11-27 09:45:01", Code.STALE),
    ],
)
def test_its_age_counts_from_the_open(now: str, code: Code | None) -> None:
    decision = decided(leaving("2026-11-25 16:00:03"), kept(), HELD, now=now)
    assert code_of(decision) is code
    assert isinstance(decision, Refuse if code else Plan)


def test_without_an_age_it_waits_as_often_as_it_must() -> None:
    strategy = without(kept(), "max_exit_age_seconds")
    signal = leaving("2026-11-25 16:00:03")
    monday = new_york("2026-11-30 09:30")
    assert waits_until(decided(signal, strategy, HELD, now="2026-11-27 14:00")) == monday


def test_an_exit_that_waits_for_a_cancel_across_the_close_goes_on_at_the_open() -> None:
    signal = leaving("2026-11-25 15:59:50")
    working = (planned("o1"), started("o1"), acknowledged("o1"))
    cancelling = decided(signal, kept(), HELD, *working)
    assert isinstance(cancelling, Wait)
    assert cancelling.cancel == ("o1",)
    after_close = decided(signal, kept(), HELD, now="2026-11-25 16:00:10")
    assert waits_until(after_close) == OPEN_AGAIN
    assert isinstance(decided(signal, kept(), HELD, now="2026-11-27 09:31"), Plan)


def test_what_rests_to_protect_the_share_stays_while_an_exit_waits() -> None:
    resting = planned("o3", Side.SELL, 10, limit=110), started("o3"), acknowledged("o3")
    signal = leaving("2026-11-25 16:00:03")
    assert waits_until(decided(signal, kept(), HELD, *resting)) == OPEN_AGAIN
    at_the_open = decided(signal, kept(), HELD, *resting, now="2026-11-27 09:30:00")
    assert isinstance(at_the_open, Wait)
    assert at_the_open.cancel == ("o3",)


def test_a_working_entry_is_cancelled_by_an_exit_at_any_hour() -> None:
    working = planned("o1", limit=90), started("o1"), acknowledged("o1")
    decision = decided(leaving("2026-11-25 17:00"), kept(), HELD, *working)
    assert isinstance(decision, Wait)
    assert decision.cancel == ("o1",)


def test_with_nothing_to_close_it_need_not_wait() -> None:
    assert code_of(decided(leaving("2026-11-26 12:00"), kept())) is Code.NOTHING_TO_DO


def test_an_exit_whose_age_ends_before_the_close_does_not_outlive_it() -> None:
    signal = leaving("2026-11-25 15:00")
    assert code_of(decided(signal, kept(), HELD, now="2026-11-25 16:10")) is Code.STALE


# --- the last gate ------------------------------------------------------------------------------


def turned(side: Side, at: str, strategy: StrategyRules) -> Code | None:
    plan = planned("o2", side, 10, at=new_york(at) - timedelta(seconds=1))
    at_desk = desk(APPLIED, HELD, plan)
    found = before_submit(at_desk, at_desk.orders[plan.order_id], OPEN_GATE, strategy, new_york(at))
    return found.code if found else None


@pytest.mark.parametrize(
    ("side", "at", "code"),
    [
        (Side.BUY, "2026-11-25 12:00", None),
        (Side.BUY, "2026-11-25 15:55:00", Code.ENTRY_WINDOW),
        (Side.BUY, "2026-11-25 16:00:00", Code.MARKET_CLOSED),
        (Side.SELL, "2026-11-25 15:59:59", None),
        (Side.SELL, "2026-11-25 16:00:00", Code.MARKET_CLOSED),
    ],
)
def test_what_was_planned_in_time_and_is_started_late_stays_here(
    side: Side, at: str, code: Code | None
) -> None:
    assert turned(side, at, kept()) is code
    assert turned(side, at, evolve(kept(), hours=Hours.ALWAYS)) is None


# --- whenever it comes --------------------------------------------------------------------------

MOMENTS = st.datetimes(
    datetime(2026, 11, 24, 12),  # noqa: DTZ001 - New York's, made aware below
    datetime(2026, 12, 1, 12),  # noqa: DTZ001 - likewise
).map(lambda at: new_york(at.isoformat()))
POLICIES = st.builds(OnClosed, entry=st.sampled_from(WhenClosed), exit=st.sampled_from(WhenClosed))


@settings(max_examples=200)
@given(MOMENTS, st.sampled_from([Action.BUY, Action.CLOSE_LONG]), POLICIES)
def test_followed_to_its_end_an_alert_trades_in_its_hours_or_not_at_all(
    at: datetime, action: Action, policy: OnClosed
) -> None:
    buying = action is Action.BUY
    signal = alert("a7", action, 10 if buying else None, at=at)
    at_desk, now, strategy = here(signal, *(() if buying else (HELD,))), at, kept(policy)
    for _ in range(3):
        decision = decide(at_desk, signal, strategy, now)
        if not isinstance(decision, Wait):
            break
        assert decision.until is not None
        assert decision.until > now
        assert decision.held is not None
        at_desk, now = evolve_desk(at_desk, decision.held), decision.until
    assert not isinstance(decision, Wait)
    if isinstance(decision, Plan):
        assert THANKSGIVING.session(now) is Session.REGULAR
        assert buying or THANKSGIVING.next_close(now) - now > timedelta(seconds=2)
        at_desk = evolve_desk(at_desk, decision.approved)
        assert not at_desk.held
    else:
        assert code_of(decision) in (Code.MARKET_CLOSED, Code.ENTRY_WINDOW)
        assert policy.of(leaving=not buying) is REFUSE or code_of(decision) is Code.ENTRY_WINDOW
