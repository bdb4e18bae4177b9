"""How old the quotes may be by which an entry is made (trading rules, 3.7)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from tests.trading.builders import AAPL, AT, MSFT, OTHER, alert, buys, desk, fill, rules
from trading.decisions import decide
from trading.desk import Desk
from trading.entry import Entry
from trading.hours import Hours
from trading.marks import Shown
from trading.outcomes import Plan, Refuse
from trading.quote_age import quotes_are_fresh
from trading.vocabulary import Action, Code, Symbol


def ago(seconds: float, holds_for: float = 0) -> Shown:
    return Shown(AT - timedelta(seconds=seconds), timedelta(seconds=holds_for))


def inputs_of(
    shown: Mapping[Symbol, Shown],
    here: Desk | None = None,
    hours: Hours = Hours.ALWAYS,
    now: datetime = AT,
) -> Mapping[str, str] | None:
    """The numbers of the refusal; None: it passes."""
    seen = evolve(here or desk(), shown=shown)
    verdict = quotes_are_fresh(Entry(seen, alert("now"), rules(hours=hours), buys(10), now))
    assert verdict.code is Code.QUOTE_TOO_OLD
    return None if verdict.passed else verdict.inputs


def too_old(of: Symbol, seconds: str) -> Mapping[str, str]:
    return {"of": of, "quote_age_seconds": seconds, "allowed_seconds": "60"}


@pytest.mark.parametrize(("seconds", "refusal"), [(60, None), (60.5, too_old(AAPL, "60.5"))])
def test_a_quote_may_be_a_minute_old(seconds: float, refusal: Mapping[str, str] | None) -> None:
    assert inputs_of({AAPL: ago(seconds)}) == refusal


def test_of_what_no_market_shows_nothing_is_expected() -> None:
    assert inputs_of({}) is None
    assert inputs_of({MSFT: ago(600)}) is None


def test_a_bar_holds_until_the_next_one_is_over() -> None:
    assert inputs_of({AAPL: ago(360, holds_for=300)}) is None
    assert inputs_of({AAPL: ago(361, holds_for=300)}) == too_old(AAPL, "61.0")


def test_what_our_strategies_hold_is_seen_too_or_nothing_is_added() -> None:
    holds = desk(fill("x1", 10, symbol=MSFT, strategy=OTHER))
    assert inputs_of({AAPL: ago(1), MSFT: ago(61)}, holds) == too_old(MSFT, "61.0")
    assert inputs_of({AAPL: ago(1), MSFT: ago(60)}, holds) is None


def test_the_first_quote_of_a_session_has_a_minute_to_come() -> None:
    opens = desk().book.calendar.next_open(AT)
    yesterday = {AAPL: Shown(opens - timedelta(hours=17))}
    for seconds, refusal in ((60, None), (61, too_old(AAPL, "61.0"))):
        now = opens + timedelta(seconds=seconds)
        assert inputs_of(yesterday, hours=Hours.EXCHANGE, now=now) == refusal


def test_the_first_bar_of_a_session_has_its_length_more() -> None:
    opens = desk().book.calendar.next_open(AT)
    yesterday = {AAPL: Shown(opens - timedelta(hours=17), timedelta(minutes=5))}
    for seconds, refusal in ((360, None), (361, too_old(AAPL, "61.0"))):
        now = opens + timedelta(seconds=seconds)
        assert inputs_of(yesterday, hours=Hours.EXCHANGE, now=now) == refusal


def test_on_a_day_without_a_session_the_age_is_the_age() -> None:
    saturday = AT + timedelta(days=5)
    assert desk().book.calendar.hours_at(saturday) is None
    assert inputs_of({AAPL: Shown(saturday)}, hours=Hours.EXCHANGE, now=saturday) is None


def test_an_old_quote_refuses_entries_and_lets_exits_pass() -> None:
    signal = alert("now")
    blind = evolve(desk(signal), shown={AAPL: ago(61)})
    refused = decide(blind, signal, rules(), AT)
    assert isinstance(refused, Refuse)
    assert refused.refused.code is Code.QUOTE_TOO_OLD
    leaving = alert("out", Action.CLOSE_LONG)
    holds = evolve(desk(fill("x1", 10), leaving), shown={AAPL: ago(61)})
    assert isinstance(decide(holds, leaving, rules(), AT), Plan)
