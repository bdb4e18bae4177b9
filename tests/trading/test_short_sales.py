"""Selling short: how an alert reads, what it needs, and how it turns a position round."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    AT,
    MSFT,
    OTHER,
    Number,
    acknowledged,
    after,
    alert,
    booking,
    decimal,
    desk,
    fill,
    limits,
    planned,
    quoted,
    rules,
    seen,
    started,
)
from trading.alert_events import AlertAccepted, SignalRead
from trading.bookings import SharesTransferred
from trading.by_hand import Adopt, Declined, Signature, decide_by_hand
from trading.decisions import decide
from trading.desk import Desk
from trading.desk_fold import evolve_desk
from trading.entry import Entry
from trading.event import Event
from trading.exposure import exposure_of
from trading.gate import not_already_in, not_opposing
from trading.hours import Hours, OnClosed, WhenClosed
from trading.legs import bracket_prices
from trading.on_its_side import on_its_side
from trading.outcomes import Decision, Plan, Refuse, Reverse, Wait
from trading.pending import first_read
from trading.short_sales import (
    borrowable,
    kept_for_shorts,
    margin_of_shorts,
    short_allowed,
    short_has_stop,
)
from trading.signals import Reading, read
from trading.vocabulary import (
    AccountName,
    Action,
    Code,
    Intent,
    OrderId,
    OrderType,
    Side,
    Sides,
    Symbol,
)
from trading.within_limits import cash_suffices, within_position_size


BUY, SELL = Action.BUY, Action.SELL
BOTH, SHORT_ONLY, LONG_ONLY = Sides.LONG_SHORT, Sides.SHORT_ONLY, Sides.LONG_ONLY
LIMITED = limits(max_alert_age_seconds=30, max_exit_age_seconds=900, reversal_wait_seconds=120)
ALLOWED = evolve(LIMITED, allow_short=True)
LONG = (planned(quantity=10), started(), fill("x0", 10))
CLOSED = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
MONDAY_OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def short(quantity: int = 10, price: int = 100, **more: Any) -> Event:
    return fill("s0", quantity, price, side=Side.SELL, order_id="s", **more)


def sells(quantity: Number = 10, at: datetime = AT, **more: Any) -> AlertAccepted:
    """With a stop loss at 105 $ unless it is said otherwise; numbers may be plain."""
    named = {"stop_loss": 105, **more}
    numbers = {k: Decimal(v) if isinstance(v, int) else v for k, v in named.items()}
    changes: dict[str, Any] = numbers
    return evolve(alert("now", SELL, quantity, at=at), **changes)


def entry(here: Desk | None = None, asked: AlertAccepted | None = None, **more: Any) -> Entry:
    signal = asked or sells()
    on = limits(**more.pop("on", {}))
    of = rules(evolve(on, allow_short=True), sides=BOTH, **more)
    opens = Reading(Side.SELL, signal.quantity or Decimal(0))
    return Entry(desk(cash=100_000) if here is None else here, signal, of, opens, AT)


def decided(
    *history: Event,
    asked: AlertAccepted,
    now: datetime = AT,
    before: Number | None = None,
    limited: Any = ALLOWED,
    **more: Any,
) -> Decision:
    here = desk(*history, asked, cash=100_000)
    if before is not None:
        here = evolve_desk(here, read_as(asked, before))
    return decide(here, asked, rules(limited, **{"sides": BOTH, **more}), now)


def read_as(asked: AlertAccepted, before: Number) -> SignalRead:
    made = first_read(desk(asked), asked, rules(sides=BOTH), AT)
    assert made is not None
    return evolve(made, before=Decimal(before))


# --- how it reads ---------------------------------------------------------------------------------


DOWN = {"prev_position_size": 10, "position_size": -10}
HALF_DOWN = {"prev_position_size": 0, "position_size": -5}
UP = {"prev_position_size": -10, "position_size": 10}


def asks(action: Action, quantity: int | None, **sizes: int) -> AlertAccepted:
    plain = alert(action=action, quantity=quantity)
    named: dict[str, Any] = {name: Decimal(value) for name, value in sizes.items()}
    return evolve(plain, **named)


@pytest.mark.parametrize(
    ("sides", "asked", "before", "expected"),
    [
        (BOTH, asks(SELL, 20), 10, Reading(Side.SELL, Decimal(10), is_reversal=True)),
        (BOTH, asks(SELL, 10), 10, Reading(Side.SELL)),
        (BOTH, asks(SELL, 4), 10, Reading(Side.SELL)),
        (BOTH, asks(SELL, 5), 0, Reading(Side.SELL, Decimal(5))),
        (BOTH, asks(SELL, 5), -5, Reading(Side.SELL, Decimal(5))),
        (BOTH, asks(BUY, 20), -10, Reading(Side.BUY, Decimal(10), is_reversal=True)),
        (BOTH, asks(BUY, 4), -10, Reading(Side.BUY)),
        (
            BOTH,
            asks(SELL, 20, **DOWN),
            0,
            Reading(Side.SELL, Decimal(10), True),
        ),
        (
            BOTH,
            asks(SELL, 8, **HALF_DOWN),
            0,
            Reading(Side.SELL, Decimal(8)),
        ),
        (BOTH, asks(SELL, 5, position_size=5), -3, Reading(Side.SELL)),
        (LONG_ONLY, asks(SELL, 20), 10, Reading(Side.SELL)),
        (
            LONG_ONLY,
            asks(BUY, 20, **UP),
            0,
            Reading(Side.BUY, Decimal(10), True),
        ),
        (SHORT_ONLY, asks(SELL, 5), 0, Reading(Side.SELL, Decimal(5))),
        (SHORT_ONLY, asks(BUY, 20), -10, Reading(Side.BUY)),
        (
            SHORT_ONLY,
            asks(SELL, 20, **DOWN),
            0,
            Reading(Side.SELL, Decimal(10), True),
        ),
        (BOTH, asks(Action.CLOSE_LONG, None), 10, Reading(Side.SELL)),
        (BOTH, asks(Action.CLOSE_SHORT, None), -10, Reading(Side.BUY)),
    ],
)
def test_an_alert_reads_by_its_sides_and_what_was_held_before(
    sides: Sides, asked: AlertAccepted, before: int, expected: Reading
) -> None:
    assert read(asked, sides, Decimal(before)) == expected


SHARES = st.integers(-100, 100).map(Decimal)


@given(st.sampled_from((BUY, SELL)), st.integers(1, 200), SHARES, st.sampled_from(Sides))
def test_no_reading_opens_a_side_that_may_not_be_held_nor_more_than_is_asked(
    action: Action, quantity: int, before: Decimal, sides: Sides
) -> None:
    reading = read(alert(action=action, quantity=quantity), sides, before)
    after_ = before + reading.side.sign * quantity
    assert reading.opens <= quantity
    if reading.opens:
        assert sides.may_hold(reading.side.sign * reading.opens)
        assert reading.opens == (abs(after_) if reading.is_reversal else quantity)
        assert reading.is_reversal is (before * reading.side.sign < 0)
    elif sides.allow(reading.side):
        assert after_ * reading.side.sign <= 0


def about_to_hold(*history: Event, asked: AlertAccepted | None = None) -> Decimal | None:
    made = first_read(desk(*history), asked or sells(), rules(sides=BOTH), AT)
    return None if made is None else made.before


def test_a_number_is_read_by_what_is_held_once_all_is_done_that_is_under_way() -> None:
    assert about_to_hold() == 0
    assert about_to_hold(*LONG) == 10
    assert about_to_hold(planned(quantity=10), started()) == 10
    assert about_to_hold(planned(quantity=10, limit=90), started(), acknowledged()) == 10
    leaving = planned("o2", Side.SELL, 4), started("o2")
    assert about_to_hold(*LONG, *leaving) == 6
    rests = planned("o2", Side.SELL, 4, limit=120), started("o2")
    assert about_to_hold(*LONG, *rests) == 10
    assert about_to_hold(fill("x", 3, strategy=OTHER), fill("y", 3, symbol=MSFT)) == 0


def test_alerts_that_wait_together_are_read_one_after_the_other() -> None:
    first = alert("a", BUY, 10)
    here = desk(first, cash=100_000)
    noted = first_read(here, first, rules(sides=BOTH), AT)
    assert noted is not None
    second = sells(20)
    elsewhere = evolve(alert("b", BUY, 99), symbol=MSFT)
    here = desk(first, noted, elsewhere, second)
    found = first_read(here, second, rules(sides=BOTH), AT)
    assert found is not None
    assert seen(noted.before, found.before) == (0, 10)
    leaves = evolve(alert("c", Action.CLOSE_LONG, None), at=AT)
    behind = desk(leaves, second)
    after_all = first_read(behind, second, rules(sides=BOTH), AT)
    assert after_all is not None
    assert after_all.before == 0
    assert first_read(evolve_desk(here, found), second, rules(sides=BOTH), AT) is None


@pytest.mark.parametrize(
    ("sides", "asked"),
    [
        (LONG_ONLY, sells()),
        (SHORT_ONLY, sells()),
        (BOTH, sells(prev_position_size=10, position_size=0)),
        (BOTH, alert(action=Action.CLOSE_LONG, quantity=None)),
    ],
)
def test_what_says_all_by_itself_is_not_noted(sides: Sides, asked: AlertAccepted) -> None:
    assert first_read(desk(asked), asked, rules(sides=sides), AT) is None


def test_what_was_noted_is_of_its_account_and_gone_with_its_decision() -> None:
    asked = sells()
    noted = read_as(asked, 10)
    here = desk(asked, noted)
    assert here.read == {asked.alert_id: 10}
    assert evolve_desk(desk(asked), evolve(noted, account=AccountName("other"))).read == {}
    refused = decided(asked=asked, limited=LIMITED)
    assert isinstance(refused, Refuse)
    assert evolve_desk(here, refused.refused).read == {}


# --- turning a position round ---------------------------------------------------------------------


def test_what_is_held_the_other_way_is_closed_first_on_the_alerts_own_terms() -> None:
    limit = evolve(sells(25), order_type=OrderType.LIMIT, limit_price=Decimal(101))
    found = decided(*LONG, asked=limit, before=10)
    assert isinstance(found, Reverse)
    order, held = found.order, found.held
    assert seen(order.order_id, order.side, order.quantity) == ("now.paper.close", Side.SELL, 10)
    assert seen(order.intent, order.limit_price, order.stop_loss) == (Intent.EXIT, 101, None)
    assert (held.code, held.until, held.is_exit) == (Code.REVERSAL_NOT_FLAT, after(120), True)


@pytest.mark.parametrize(
    ("limited", "at"),
    [(evolve(ALLOWED, reversal_wait_seconds=None), 0), (ALLOWED, 60)],
    ids=["it may not wait", "it is too old to open"],
)
def test_what_may_not_wait_closes_and_then_opens_nothing(limited: Any, at: float) -> None:
    asked, now = sells(20), after(at)
    found = decided(*LONG, asked=asked, before=10, limited=limited, now=now)
    assert isinstance(found, Reverse)
    assert found.held.until == now
    here = desk(*LONG, asked, read_as(asked, 10), found.order, found.held)
    then = decide(here, asked, rules(limited, sides=BOTH), after(at + 1))
    assert isinstance(then, Refuse)
    assert then.refused.code is Code.REVERSAL_NOT_FLAT
    assert then.refused.inputs["closes_in_flight"] == "10"


def test_one_that_waited_for_the_open_has_its_time_from_then_on() -> None:
    both = OnClosed(entry=WhenClosed.NEXT_OPEN, exit=WhenClosed.NEXT_OPEN)
    asked = sells(20, at=CLOSED)
    named: dict[str, Any] = {"hours": Hours.EXCHANGE, "on_closed": both}
    waits = decided(*LONG, asked=asked, before=10, now=CLOSED, **named)
    assert isinstance(waits, Wait)
    assert waits.held is not None
    assert (waits.held.code, waits.held.until) == (Code.MARKET_CLOSED, MONDAY_OPEN)
    here = desk(*LONG, asked, read_as(asked, 10), waits.held)
    found = decide(here, asked, rules(ALLOWED, sides=BOTH, **named), MONDAY_OPEN)
    assert isinstance(found, Reverse)
    assert (found.held.until - MONDAY_OPEN).total_seconds() == 120


def test_a_close_that_is_under_way_already_is_waited_for() -> None:
    leaving = planned("o2", Side.SELL, 10), started("o2")
    found = decided(*LONG, *leaving, asked=sells(20), before=10)
    assert isinstance(found, Wait)
    assert found.held is not None
    assert (found.held.code, found.until) == (Code.REVERSAL_NOT_FLAT, after(120))


def test_an_entry_the_other_way_goes_first_and_then_it_opens() -> None:
    works = planned(quantity=10, limit=90), started(), acknowledged()
    asked = sells(20)
    found = decided(*works, asked=asked, before=10)
    assert isinstance(found, Wait)
    assert found.cancel == ("o1",)
    opened = decided(asked=asked, before=10)
    assert isinstance(opened, Plan)
    assert seen(opened.order.intent, opened.order.quantity) == (Intent.ENTRY, 10)


def test_fractions_are_not_turned_round() -> None:
    here = planned(quantity=10), started(), fill("x0", Decimal("10.5"))
    found = decided(*here, asked=evolve(sells(), quantity=Decimal("0.5")))
    assert isinstance(found, Refuse)
    assert found.refused.code is Code.WHOLE_SHARES_ONLY


def test_a_waiting_entry_gives_way_to_one_the_other_way() -> None:
    first, second = sells(), alert("b", BUY, 10)
    here = evolve(desk(first, second), venue_ready=False)
    found = decide(here, first, rules(ALLOWED, sides=BOTH), AT)
    assert isinstance(found, Refuse)
    assert (found.refused.code, found.refused.inputs) == (Code.SUPERSEDED, {"by": "b"})


# --- what a short sale needs ----------------------------------------------------------------------


def test_it_is_allowed_twice() -> None:
    assert short_allowed(entry()).passed
    refused = short_allowed(evolve_rules(entry(), limits()))
    assert (refused.code, refused.passed) == (Code.SHORT_NOT_ALLOWED, False)
    assert refused.inputs == {"sides": "long_short", "allow_short": "false"}


def evolve_rules(judged: Entry, limited: Any) -> Entry:
    return Entry(judged.desk, judged.alert, rules(limited, sides=BOTH), judged.reading, AT)


@pytest.mark.parametrize(
    ("listed", "passes"), [(None, True), ({"AAPL"}, True), ({"MSFT", "IBM"}, False)]
)
def test_it_is_borrowed(listed: set[str] | None, *, passes: bool) -> None:
    lends = None if listed is None else frozenset(map(Symbol, listed))
    verdict = borrowable(entry(borrowable=lends))
    assert (verdict.code, verdict.passed) == (Code.NOT_BORROWABLE, passes)
    if not passes:
        assert verdict.inputs == {"symbol": "AAPL", "borrowable": "IBM MSFT"}


@pytest.mark.parametrize(("stop", "passes"), [(None, False), (110, True), ("110.01", False)])
def test_its_stop_is_no_more_than_a_tenth_away(stop: Number | None, *, passes: bool) -> None:
    verdict = short_has_stop(entry(asked=sells(stop_loss=decimal(stop))))
    assert verdict.passed is passes
    if not passes:
        farthest = {"entry_expected_at": "100", "farthest": "110"}
        assert verdict.inputs == {"stop_loss": str(stop or "none"), **farthest}


@pytest.mark.parametrize(
    ("prices", "passes"),
    [
        ({"stop_loss": 105, "take_profit": 95}, True),
        ({"stop_loss": 99}, False),
        ({"take_profit": 101}, False),
        ({"order_type": OrderType.STOP, "stop_price": 98, "stop_loss": 99}, True),
        ({"order_type": OrderType.STOP, "stop_price": 101}, False),
        ({"order_type": OrderType.LIMIT, "limit_price": 103, "stop_loss": 104}, True),
        ({"order_type": OrderType.LIMIT, "limit_price": 103, "stop_loss": 102}, False),
    ],
)
def test_its_prices_lie_the_other_way_round(prices: dict[str, Any], *, passes: bool) -> None:
    asked = sells(**{"stop_loss": None, **prices})
    assert on_its_side(entry(asked=asked)).passed is passes


def test_a_short_position_is_half_as_large() -> None:
    on = {"max_position_size": 20}
    assert within_position_size(entry(asked=sells(10), on=on)).passed
    refused = within_position_size(entry(asked=sells(11), on=on))
    assert (refused.passed, refused.inputs["max_position_size"]) == (False, "10")
    more = within_position_size(entry(desk(short(4)), sells(7), on=on))
    assert (more.passed, more.inputs["shares"]) == (False, "11")


def test_a_second_sale_is_refused_by_what_is_short_or_in_flight() -> None:
    refused = not_already_in(entry(desk(short(5))))
    assert (refused.code, refused.passed) == (Code.ALREADY_SHORT, False)
    assert refused.inputs == {"own_share": "-5", "sells_in_flight": "0", "allow_add": "false"}
    assert not_already_in(entry(desk(short(5)), allow_add=True)).passed


def test_one_sign_counts_what_may_still_come_about() -> None:
    works = planned("b", quantity=5, strategy=OTHER), started("b")
    refused = not_opposing(entry(desk(*works)))
    assert (refused.passed, refused.inputs) == (
        False,
        {"account_holds": "0", "other may buy": "5"},
    )
    balanced = desk(fill("x1", 5, strategy=OTHER), short(5))
    assert not not_opposing(entry(balanced)).passed


# --- money ----------------------------------------------------------------------------------------


def test_a_short_sale_takes_half_its_value_and_keeps_what_it_brought_in() -> None:
    """100 $ x 10 = 1,000 $: 500 $ of margin. Then 1,000 $ more are there, and 1,500 $ are kept."""
    assert cash_suffices(entry(desk(cash=500))).passed
    refused = cash_suffices(entry(desk(cash=499)))
    assert refused.inputs == {"order_value": "1000", "free_cash": "499", "margin_needed": "500"}
    here = desk(short(), cash=500)
    assert seen(here.book.cash, kept_for_shorts(here.book)) == (1_500, 1_500)
    assert margin_of_shorts(here.book) == 500
    dearer = evolve_desk(here, quoted(AAPL, 120))
    assert kept_for_shorts(dearer.book) == 1_800
    cheaper = evolve_desk(here, quoted(AAPL, 80))
    assert kept_for_shorts(cheaper.book) == 1_500
    outside = booking(SharesTransferred, symbol=MSFT, quantity=Decimal(-4), price=Decimal(50))
    assert kept_for_shorts(desk(outside).book) == 300


def test_orders_that_sell_short_keep_their_margin_and_what_buys_back_keeps_nothing() -> None:
    sale = evolve(planned("s", Side.SELL, 10), intent=Intent.ENTRY)
    back = evolve(planned("b", Side.BUY, 10), intent=Intent.EXIT)
    assert desk(sale).buying == 500
    assert desk(short(), back).buying == 0


def test_the_worst_case_of_a_short_counts_what_may_still_be_sold() -> None:
    sale = evolve(planned("s2", Side.SELL, 5), intent=Intent.ENTRY)
    legs = [
        evolve(planned(name, Side.BUY, 10), intent=Intent.EXIT, oco_id="t", parent_id=OrderId("s"))
        for name in ("l1", "l2")
    ]
    assert exposure_of(desk(short(), *legs)).gross[AAPL] == 1_000
    assert exposure_of(desk(short(), *legs, sale)).gross[AAPL] == 1_500


def test_what_protects_a_short_is_rounded_away_from_it() -> None:
    found = list(bracket_prices(Decimal("90.009"), Decimal("105.001"), Side.BUY))
    assert found == [
        ("target", OrderType.LIMIT, Decimal("90.00")),
        ("stop", OrderType.STOP, Decimal("105.01")),
    ]


# --- by hand --------------------------------------------------------------------------------------


def test_a_short_of_others_is_adopted_by_who_may_be_short() -> None:
    here = desk(booking(SharesTransferred, symbol=AAPL, quantity=Decimal(-4), price=Decimal(50)))
    ask = Adopt(strategy=rules().name, symbol=AAPL, quantity=Decimal(3), price=Decimal(50))
    signed = Signature(act_id="act", at=AT, reason="mine", by="ann")
    declined = decide_by_hand(here, lambda _: rules(), ask, signed)
    assert isinstance(declined, Declined)
    assert (declined.code, declined.inputs) == (
        Code.SIDE_NOT_HELD,
        {"sides": "long_only", "external_holds": "-4"},
    )
    adopted = decide_by_hand(here, lambda _: rules(sides=BOTH), ask, signed)
    assert not isinstance(adopted, Declined)
    held = evolve_desk(here, adopted).book
    assert seen(held.position(ask.strategy, AAPL).quantity, held.outside(AAPL).quantity) == (-3, -1)
