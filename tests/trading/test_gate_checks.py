"""Each check of an entry at its limit and one step beyond, each refusal with its numbers."""

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.trading.builders import (
    AAPL,
    ACCOUNT,
    DEMO,
    MSFT,
    OTHER,
    Number,
    after,
    alert,
    booking,
    buys,
    desk,
    fill,
    halted,
    limits,
    planned,
    rules,
    started,
    tripped,
    unknown,
)
from trading.alert_events import Checked, SignalApproved
from trading.bookings import SharesTransferred
from trading.desk import Desk
from trading.entry import Entry, effective
from trading.event import Event
from trading.events import Scope
from trading.exposure import exposure_of
from trading.gate import (
    ENTRY_CHECKS,
    Check,
    has_reference_price,
    judge,
    not_ahead,
    not_already_in,
    not_held_by_others,
    not_opposing,
    not_repeated,
    not_retired,
    not_stopped,
    symbol_allowed,
    whole_shares,
)
from trading.orders import Order
from trading.prices import worst_price
from trading.vocabulary import AccountName, AlertId, BookingId, Code, Side
from trading.within_limits import (
    cash_suffices,
    within_daily_loss,
    within_order_value,
    within_position_size,
    within_position_value,
    within_total_exposure,
)


def entry(
    here: Desk | None = None,
    quantity: Number = 10,
    *,
    on: dict[str, Number] | None = None,
    **more: Any,
) -> Entry:
    """A buy of AAPL at 100; `on` are the limits that are on."""
    signal = {
        k: more.pop(k) for k in ("price", "symbol", "fired_at", "at", "client_id") if k in more
    }
    bought = alert("now", quantity=quantity, **signal)
    judged = here if here is not None else desk()
    return Entry(judged, bought, rules(limits(**(on or {})), **more), buys(quantity), bought.at)


def refused(check: Check, judged: Entry) -> dict[str, str]:
    verdict = check(judged)
    assert not verdict.passed
    return verdict.inputs


def passes(check: Check, judged: Entry) -> bool:
    return check(judged).passed


# --- may it trade at all ------------------------------------------------------------------------


def test_nothing_enters_under_a_halt() -> None:
    verdict = not_stopped(entry(desk(halted())))
    assert verdict == Checked(
        Code.HALTED,
        False,
        {
            "scope": "everything",
            "because": "OPERATOR",
            "since": "2026-03-02T15:00:00Z",
            "reason": "lunch",
        },
    )


def test_nothing_enters_while_only_exits_pass() -> None:
    verdict = not_stopped(entry(desk(tripped())))
    assert (verdict.code, verdict.passed) == (Code.REDUCING, False)


@pytest.mark.parametrize("scope", [Scope(symbol=MSFT), Scope(account=AccountName("elsewhere"))])
def test_a_stop_of_something_else_lets_an_entry_pass(scope: Scope) -> None:
    assert passes(not_stopped, entry(desk(halted(scope))))


def test_a_retired_strategy_enters_nothing() -> None:
    assert refused(not_retired, entry(retired=True)) == {"strategy": "demo"}
    assert passes(not_retired, entry())


def test_a_strategy_trades_only_its_symbols() -> None:
    other = entry(symbols=frozenset({MSFT}))
    assert refused(symbol_allowed, other) == {"symbol": "AAPL", "symbols": "MSFT"}
    assert passes(symbol_allowed, entry(symbols=frozenset({MSFT, AAPL})))
    assert passes(symbol_allowed, entry(symbols=None))


@pytest.mark.parametrize(("ahead", "passed"), [(-60, True), (5, True), (5.001, False), (90, False)])
def test_a_fire_time_may_lie_five_seconds_ahead(ahead: float, passed: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert passes(not_ahead, entry(fired_at=after(ahead))) is passed


def test_a_fire_time_ahead_is_told_in_seconds() -> None:
    inputs = refused(not_ahead, entry(fired_at=after(90)))
    assert inputs == {"ahead_seconds": "90", "allowed_seconds": "5"}
    assert passes(not_ahead, entry(fired_at=None))


def test_only_whole_shares_enter() -> None:
    assert refused(whole_shares, entry(quantity="10.5")) == {"quantity": "10.5"}
    assert passes(whole_shares, entry(quantity="10.0"))


def test_an_entry_needs_a_price_from_the_alert_or_a_mark() -> None:
    assert refused(has_reference_price, entry(price=None)) == {"price": "0"}
    assert passes(has_reference_price, entry(price=50))
    assert passes(has_reference_price, entry(desk(alert(price=50)), price=None))


def test_an_entry_may_not_oppose_what_the_account_holds() -> None:
    short = desk(fill("x1", 5, side=Side.SELL, strategy=OTHER))
    assert refused(not_opposing, entry(short)) == {"account_holds": "-5", "other holds": "-5"}
    assert passes(not_opposing, entry(desk(fill("x1", 5, strategy=OTHER))))


# --- what it has already ------------------------------------------------------------------------


def test_a_second_buy_is_refused_by_the_shares_held() -> None:
    inputs = refused(not_already_in, entry(desk(fill("x1", 5))))
    assert inputs == {"own_share": "5", "buys_in_flight": "0", "allow_add": "false"}


@pytest.mark.parametrize("flying", [(), (started(),), (started(), unknown())])
def test_a_second_buy_is_refused_by_a_buy_in_flight(flying: tuple[Event, ...]) -> None:
    inputs = refused(not_already_in, entry(desk(planned(quantity=7), *flying)))
    assert inputs == {"own_share": "0", "buys_in_flight": "7", "allow_add": "false"}


@pytest.mark.parametrize("held", [fill("x1", 5, strategy=OTHER), fill("x1", 5, symbol=MSFT)])
def test_what_others_hold_or_other_symbols_do_not_count_as_long(held: Event) -> None:
    assert passes(not_already_in, entry(desk(held)))


def test_a_strategy_that_adds_may_buy_again() -> None:
    assert passes(not_already_in, entry(desk(fill("x1", 5)), allow_add=True))


def before(seconds: float, client_id: str | None = None) -> Desk:
    """A desk that approved the same signal so long ago."""
    came = alert("before", at=after(-seconds), client_id=client_id)
    approved = SignalApproved(
        at=after(0), alert_id=AlertId("before"), account=ACCOUNT, strategy=DEMO, symbol=AAPL
    )
    return desk(came, approved)


WINDOW: dict[str, Number] = {"repeat_window_seconds": 10}


def test_the_same_signal_within_the_window_is_a_repetition() -> None:
    inputs = refused(not_repeated, entry(before(9.9), on=WINDOW))
    assert inputs == {"seconds_ago": "9.9", "repeat_window_seconds": "10"}


def test_the_same_signal_at_the_end_of_the_window_is_a_new_one() -> None:
    assert passes(not_repeated, entry(before(10), on=WINDOW))


def test_two_signals_that_only_waited_together_are_two() -> None:
    """Both decided now: what counts is when each came."""
    assert passes(not_repeated, entry(before(60), on=WINDOW))


@pytest.mark.parametrize(
    "more",
    [
        {"quantity": 11},
        {"symbol": MSFT},
        {"allow_repeats": True},
        {"id_is_unique": True, "client_id": "t-2"},
        {"on": {}},
    ],
)
def test_what_differs_or_may_repeat_is_no_repetition(more: dict[str, Any]) -> None:
    assert passes(not_repeated, entry(before(1, client_id="t-1"), **({"on": WINDOW} | more)))


def test_the_same_unique_id_or_ids_that_mean_nothing_do_not_tell_signals_apart() -> None:
    again: dict[str, Any] = {"on": WINDOW, "client_id": "t-1"}
    assert not passes(not_repeated, entry(before(1, "t-1"), id_is_unique=True, **again))
    assert not passes(not_repeated, entry(before(1, "t-2"), id_is_unique=False, **again))


# --- limits: at the limit and one step beyond -----------------------------------------------------


@pytest.mark.parametrize(
    ("check", "on", "allowed", "beyond", "numbers"),
    [
        (
            within_order_value,
            {"max_order_value": 1_000},
            10,
            11,
            {"order_value": "1100", "max_order_value": "1000"},
        ),
        (
            within_order_value,
            {"max_order_value": 9_000, "max_order_value_percent": 4},
            10,
            11,
            {"order_value": "1100", "max_order_value": "1000"},
        ),
        (
            within_order_value,
            {"max_order_value": 1_020, "price_collar_percent": 2},
            10,
            11,
            {"order_value": "1122", "max_order_value": "1020"},
        ),
        (
            within_position_size,
            {"max_position_size": 20},
            10,
            11,
            {"shares": "21", "max_position_size": "20"},
        ),
        (
            within_position_value,
            {"max_position_value": 2_000},
            10,
            11,
            {"position_value": "2100", "max_position_value": "2000"},
        ),
        (
            within_total_exposure,
            {"max_total_exposure": 3_000},
            10,
            11,
            {"total_exposure": "3100", "max_total_exposure": "3000"},
        ),
        (
            within_total_exposure,
            {"max_total_exposure_percent": 12},
            10,
            11,
            {"total_exposure": "3100", "max_total_exposure": "3000"},
        ),
    ],
)
def test_a_limit_holds_to_the_last_share(
    check: Check, on: dict[str, Number], allowed: int, beyond: int, numbers: dict[str, str]
) -> None:
    """Five held and five in flight at 100, and ten of another symbol at 100."""
    here = desk(
        alert(price=100),
        fill("x1", 5, 100),
        planned("o2", quantity=5),
        fill("x3", 10, 100, symbol=MSFT, strategy=OTHER),
    )
    assert passes(check, entry(here, allowed, on=on))
    assert refused(check, entry(here, beyond, on=on)) == numbers


LIMITED = (
    within_order_value,
    within_position_size,
    within_position_value,
    within_total_exposure,
    within_daily_loss,
)


@pytest.mark.parametrize("check", LIMITED)
def test_a_limit_that_is_off_says_so(check: Check) -> None:
    verdict = check(entry(quantity=10**9))
    assert verdict.passed
    assert list(verdict.inputs.values()) == ["off"]


def test_an_entry_is_refused_once_the_day_has_lost_its_limit() -> None:
    lost = desk(fill("x1", 5, 100), alert(price=90))
    numbers = {"day_pnl": "-50", "max_daily_loss": "50"}
    assert refused(within_daily_loss, entry(lost, on={"max_daily_loss": 50})) == numbers
    assert passes(within_daily_loss, entry(lost, on={"max_daily_loss": "50.01"}))
    assert not passes(within_daily_loss, entry(lost, on={"max_daily_loss_percent": "0.2"}))


def test_cash_must_cover_the_order_after_what_live_buys_may_take() -> None:
    here = desk(planned("o2", quantity=5, symbol=MSFT), cash=1_500)
    assert passes(cash_suffices, entry(here, 10))
    assert refused(cash_suffices, entry(here, 11)) == {"order_value": "1100", "free_cash": "1000"}


def test_an_account_that_was_never_opened_has_no_cash() -> None:
    from trading.desk import new_desk

    assert refused(cash_suffices, entry(new_desk(ACCOUNT)))["free_cash"] == "0"


# --- worst cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "worst"), [("100", "102"), ("5", "5.1"), ("4.99", "5.2395"), ("1", "1.050")]
)
def test_the_collar_is_wider_below_five_dollars(price: str, worst: str) -> None:
    collar = limits(price_collar_percent=2)
    assert worst_price(Decimal(price), collar) == Decimal(worst)


def test_an_order_reserves_its_worst_price_for_each_share_that_remains() -> None:
    assert Order(plan=planned(quantity=10, limit=90)).reserved_value == 900
    assert Order(plan=planned(quantity=10)).reserved_value == 1_000


def test_an_order_partly_filled_reserves_only_what_remains() -> None:
    here = desk(alert(price=100), planned(quantity=10), started(), fill("x1", 4))
    assert exposure_of(here).gross[AAPL] == 400 + 600


def test_sales_in_flight_do_not_make_room_before_they_are_done() -> None:
    here = desk(alert(price=100), fill("x1", 10), planned("o2", Side.SELL, 10))
    assert exposure_of(here).gross[AAPL] == 1_000


def test_sales_beyond_what_is_held_count_as_a_short() -> None:
    here = desk(alert(price=100), fill("x1", 10), planned("o2", Side.SELL, 25))
    assert exposure_of(here).gross[AAPL] == 1_500
    assert MSFT not in exposure_of(here).gross


def test_what_is_external_counts_in_the_accounts_limits() -> None:
    outside = booking(SharesTransferred, symbol=AAPL, quantity=Decimal(4), price=Decimal(100))
    here = desk(outside, fill("x1", 10))
    assert exposure_of(here).gross[AAPL] == 1_400
    assert (
        refused(within_position_size, entry(here, on={"max_position_size": 15}))["shares"] == "24"
    )
    short = booking(SharesTransferred, symbol=AAPL, quantity=Decimal(-4), price=Decimal(100))
    against = {"account_holds": "-4", "external": "-4"}
    assert refused(not_opposing, entry(desk(short))) == against


def test_what_was_sold_again_is_no_exposure() -> None:
    here = desk(fill("x1", 10), fill("x2", 10, side=Side.SELL))
    assert exposure_of(here).gross == {}
    came = booking(SharesTransferred, symbol=AAPL, quantity=Decimal(4), price=Decimal(100))
    went = evolve(came, quantity=Decimal(-4), booking_id=BookingId("b2"))
    assert exposure_of(desk(came, went)).gross == {}


@pytest.mark.parametrize(
    ("absolute", "percent", "equity", "limit"),
    [
        (None, None, 25_000, None),
        (2_500, None, 25_000, 2_500),
        (2_500, 10, 20_000, 2_000),
        (2_500, 10, 30_000, 2_500),
        (None, 10, -5, 0),
    ],
)
def test_the_smaller_of_a_limit_and_its_percentage_is_in_force(
    absolute: int | None, percent: int | None, equity: int, limit: int | None
) -> None:
    given = [None if each is None else Decimal(each) for each in (absolute, percent)]
    assert effective(given[0], given[1], Decimal(equity)) == limit


# --- together -------------------------------------------------------------------------------------


def test_a_good_entry_passes_every_check_and_each_is_kept() -> None:
    verdicts = list(judge(entry()))
    assert all(verdict.passed for verdict in verdicts)
    assert len(verdicts) == len(ENTRY_CHECKS)
    assert verdicts[-1].code is Code.CASH


def test_judging_ends_at_the_first_refusal() -> None:
    verdicts = list(judge(entry(desk(halted(), cash=0), retired=True)))
    assert [verdict.passed for verdict in verdicts] == [False]


def test_a_symbol_that_others_hold_is_traded_only_beside_as_many_as_were_named() -> None:
    came = booking(SharesTransferred, symbol=AAPL, quantity=Decimal(4), price=Decimal(100))
    here = desk(came)
    assert refused(not_held_by_others, entry(here)) == {"held_externally": "4", "external": "0"}
    told = entry(here)
    for count, passed in ((4, True), (3, False)):
        named = evolve(told.rules, external={AAPL: Decimal(count)})
        assert not_held_by_others(evolve(told, rules=named)).passed is passed
    assert passes(not_held_by_others, entry(desk()))
