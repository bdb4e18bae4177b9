from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from actors.market_messages import BarEnded, Quoted
from actors.messages import CancelOrders, Join, Joined
from actors.risk import LOOK_WITHIN_S, RECHECK, RiskActor
from actors.runtime.testing import ManualClock
from brokers.market import Candle, Quote
from journal import Draft
from tests.actors.facts import (
    AAPL,
    CALENDAR_APPLIED,
    OPENED,
    PAPER,
    READY,
    RECONCILED,
    a_life,
    actor_started,
    alert,
    at_venue,
    cancel_requested,
    cancelled,
    filled,
    halted,
    later,
    of_order,
    order_id,
    tripped,
)
from tests.actors.room import DEMO, OPEN, ORPHAN, Room, append_of
from trading.alert_events import SignalApproved, SignalHeld, SignalRead, SignalRefused
from trading.event import Event
from trading.events import VenueLost
from trading.hours import Hours, OnClosed, WhenClosed
from trading.order_events import CancelRejected, OrderPlanned, SubmitUnknown
from trading.rules import StrategyRules
from trading.vocabulary import Action, Code, Intent, Side, Sides, StrategyName


ONE_ORDER = evolve(DEMO, limits=evolve(OPEN, max_order_value=Decimal(1000)))
GENEROUS = evolve(DEMO, allow_add=True)
TURNS = evolve(OPEN, allow_short=True, reversal_wait_seconds=Decimal(120))
LOST = VenueLost(at=later(0), account=PAPER, reason="gone")


class Desk:
    """A risk actor, and the journal as others write to it."""

    def __init__(
        self, *past: Event, rules: StrategyRules = DEMO, clock: ManualClock | None = None
    ) -> None:
        self.room = Room(clock=clock)
        self.rules = rules
        self.room.commit(OPENED, *past)
        self.room.journal()
        self.broker = self.room.address("broker:paper")
        self.begin()
        others = self.room.address("others")
        self.room.address("journal").tell(Join(others, self.actor._interest, 1))
        self.room.run()
        (joined,) = [m for m in others.take() if isinstance(m, Joined)]
        self._epoch = joined.epoch

    def begin(self, incarnation: int = 1) -> None:
        self.actor = RiskActor(
            self.room.birth("risk:paper", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            account=PAPER,
            broker=self.broker,
            alarms=self.room.timers,
            rules={StrategyName("demo"): self.rules},
            orphan=ORPHAN,
        )
        self.room.begin(self.actor)

    def happens(self, *events: Event) -> None:
        """All in one commit."""
        for event in events:
            self.room.address("journal").tell(append_of("others", self._epoch, event))
        self.room.run()

    @property
    def orders(self) -> list[OrderPlanned]:
        return self.room.events(OrderPlanned)

    @property
    def refusals(self) -> list[Code]:
        return [e.code for e in self.room.events(SignalRefused)]


# --- one decision -------------------------------------------------------------------------------


def test_an_alert_becomes_an_order_with_its_checks() -> None:
    desk = Desk(READY)
    desk.happens(alert("a"))
    (order,) = desk.orders
    (approval,) = desk.room.events(SignalApproved)
    assert (order.order_id, order.quantity, order.symbol) == (order_id("a"), Decimal(10), AAPL)
    assert all(check.passed for check in approval.checks)
    assert {r.cause for r in desk.room.history()[-2:]} == {"a"}


def test_a_refusal_has_its_numbers() -> None:
    desk = Desk(READY, rules=ONE_ORDER)
    desk.happens(alert("a", quantity=Decimal(11)))
    (refusal,) = desk.room.events(SignalRefused)
    assert refusal.code is Code.MAX_ORDER_VALUE
    assert refusal.inputs == {"order_value": "1100", "max_order_value": "1000"}


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"max_total_exposure": Decimal(1000)}, Code.MAX_TOTAL_EXPOSURE),
        ({"max_position_size": Decimal(10)}, Code.MAX_POSITION_SIZE),
        ({"max_position_value": Decimal(1000)}, Code.MAX_POSITION_VALUE),
    ],
)
def test_a_hundred_alerts_in_one_batch_never_pass_a_limit_meant_for_one(
    limit: dict[str, Any], code: Code
) -> None:
    desk = Desk(READY, rules=evolve(GENEROUS, limits=evolve(OPEN, **limit)))
    desk.happens(*(alert(f"a{n}") for n in range(100)))
    assert [o.alert_id for o in desk.orders] == ["a0"]
    assert desk.refusals == [code] * 99


def test_a_second_buy_of_the_same_batch_sees_the_first() -> None:
    desk = Desk(READY)
    desk.happens(alert("a"), alert("b"))
    assert (len(desk.orders), desk.refusals) == (1, [Code.ALREADY_LONG])


def test_decisions_are_made_in_the_order_the_alerts_came() -> None:
    desk = Desk(rules=GENEROUS)
    desk.happens(*(alert(f"a{n}") for n in range(5)))
    desk.happens(READY)
    assert [o.alert_id for o in desk.orders] == [f"a{n}" for n in range(5)]


def test_an_alert_of_a_strategy_that_was_removed_can_only_leave() -> None:
    desk = Desk(*a_life("a"), READY)
    stranger = StrategyName("gone")
    desk.happens(alert("b", strategy=stranger))
    assert desk.refusals == [Code.STRATEGY_RETIRED]


def test_an_alert_for_another_account_is_not_decided() -> None:
    desk = Desk(READY)
    desk.happens(alert("a", routes=()))
    assert (desk.orders, desk.refusals) == ([], [])


def test_a_halt_refuses_entries_and_lets_exits_pass() -> None:
    desk = Desk(*a_life("a"), READY, halted())
    desk.happens(alert("b"), alert("c", Action.CLOSE_LONG))
    assert desk.refusals == [Code.HALTED]
    assert [(o.alert_id, o.side) for o in desk.orders[1:]] == [("c", Side.SELL)]


# --- exactly once -------------------------------------------------------------------------------


def decisions(room: Room) -> list[str]:
    kinds = (SignalApproved, SignalRefused)
    return [r.event.alert_id for r in room.history() if isinstance(r.event, kinds)]


@pytest.mark.parametrize("steps", range(12))
def test_each_alert_is_decided_once_wherever_the_actor_dies(steps: int) -> None:
    desk = Desk(READY, rules=ONE_ORDER)
    room = desk.room
    alerts = [alert(f"a{n}", quantity=Decimal(9 + n)) for n in range(4)]
    for event in alerts:
        room.address("journal").tell(append_of("others", desk._epoch, event))
    for _ in range(steps):
        for name in ("journal", "risk:paper"):
            room._step(name)
    room.end("risk:paper", ValueError("boom"))
    desk.begin(incarnation=2)
    assert sorted(decisions(room)) == ["a0", "a1", "a2", "a3"]
    assert len(room.events(OrderPlanned)) == len(room.events(SignalApproved)) == 1


def test_a_zombie_cannot_decide_what_its_successor_decided() -> None:
    desk = Desk(READY)
    former = desk.actor
    desk.room.end("risk:paper")
    desk.begin(incarnation=2)
    former.state = evolve(former.state, undecided={alert("a").alert_id: alert("a")})
    former.settle()
    desk.happens(alert("a"))
    assert decisions(desk.room) == ["a"]


def test_a_decision_exists_once_by_its_key() -> None:
    desk = Desk(READY)
    desk.happens(alert("a"))
    assert {"decide:a/paper", "plan:a/paper/1"} <= set(desk.room.store.keys)


def test_a_decision_that_was_not_committed_is_made_anew() -> None:
    desk = Desk(READY)
    room = desk.room
    room.address("journal").tell(append_of("others", desk._epoch, alert("a")))
    room.run("journal")
    room.store.refusal = "disk full"
    room.run()
    room.store.refusal = None
    room.advance(5)
    assert decisions(room) == ["a"]


# --- waiting ------------------------------------------------------------------------------------


def test_while_the_venue_is_away_an_alert_waits_and_is_then_decided() -> None:
    desk = Desk()
    desk.happens(alert("a"))
    assert (desk.orders, desk.refusals) == ([], [])
    desk.room.advance(20)
    desk.happens(READY)
    assert len(desk.orders) == 1


def test_an_entry_that_waited_too_long_ends_with_the_reason_it_waited_for() -> None:
    desk = Desk()
    desk.happens(alert("a"))
    desk.room.advance(31)
    assert desk.refusals == [Code.BROKER_NOT_READY]


def test_an_exit_waits_longer_than_an_entry() -> None:
    desk = Desk(*a_life("a"))
    desk.happens(alert("b", Action.CLOSE_LONG))
    desk.room.advance(899)
    assert desk.refusals == []
    desk.room.advance(2)
    assert desk.refusals == [Code.BROKER_NOT_READY]


def test_every_alert_that_waits_meets_its_own_age() -> None:
    desk = Desk()
    for number in range(3):
        desk.happens(alert(f"a{number}", at=desk.room.clock.now()))
        desk.room.advance(10)
    desk.room.advance(1)
    assert desk.refusals == [Code.BROKER_NOT_READY]
    desk.room.advance(20)
    assert desk.refusals == [Code.BROKER_NOT_READY] * 3


def test_an_alarm_that_rings_early_is_set_again() -> None:
    desk = Desk()
    desk.happens(alert("a"))
    desk.actor.receive(RECHECK)  # the wall clock was set back meanwhile
    assert desk.refusals == []
    desk.room.advance(31)
    assert desk.refusals == [Code.BROKER_NOT_READY]


def test_one_alarm_is_enough_however_many_wait() -> None:
    desk = Desk()
    before = len(desk.room.timers)
    desk.happens(*(alert(f"a{n}") for n in range(50)))
    assert len(desk.room.timers) == before + 1
    desk.room.end("risk:paper")
    assert len(desk.room.timers) == before


def test_an_order_of_unknown_fate_makes_entries_wait() -> None:
    desk = Desk(*a_life("a")[:4], of_order(SubmitUnknown, "a", reason="?"), READY)
    desk.happens(alert("b"))
    desk.room.advance(31)
    assert desk.refusals == [Code.UNKNOWN_ORDER]


def test_an_entry_that_waits_is_superseded_by_an_exit_behind_it() -> None:
    desk = Desk()
    desk.happens(alert("a"), alert("b", Action.CLOSE_LONG))
    assert desk.refusals == [Code.SUPERSEDED]


# --- the exchange's hours -----------------------------------------------------------------------

OPENS = later(24 * 3600)
"""The open of the day after that of all facts."""

KEPT = evolve(
    DEMO,
    hours=Hours.EXCHANGE,
    on_closed=OnClosed(entry=WhenClosed.NEXT_OPEN, exit=WhenClosed.NEXT_OPEN),
)


def before_the_open(*past: Event, seconds: float = 60, rules: StrategyRules = KEPT) -> Desk:
    """An account that keeps the exchange's hours, its venue ready, so long before the open."""
    clock = ManualClock(OPENS - timedelta(seconds=seconds))
    return Desk(CALENDAR_APPLIED, *past, READY, rules=rules, clock=clock)


def test_while_the_market_is_closed_an_entry_is_refused() -> None:
    desk = before_the_open(rules=evolve(KEPT, on_closed=OnClosed()))
    desk.happens(alert("a", at=desk.room.clock.now()))
    assert desk.refusals == [Code.MARKET_CLOSED]


@pytest.mark.parametrize(
    ("past", "action", "side"),
    [((), Action.BUY, Side.BUY), (a_life("x"), Action.CLOSE_LONG, Side.SELL)],
)
def test_row_17_what_waits_for_the_open_is_ordered_at_the_open(
    past: tuple[Event, ...], action: Action, side: Side
) -> None:
    desk = before_the_open(*past)
    before = len(desk.orders)
    desk.happens(alert("a", action, at=desk.room.clock.now()))
    desk.room.advance(59.9)
    (held,) = desk.room.events(SignalHeld)
    assert (held.until, len(desk.orders)) == (OPENS, before)
    desk.room.advance(0.2)
    ordered = desk.orders[-1]
    assert (ordered.alert_id, ordered.side) == ("a", side)
    assert OPENS <= ordered.at < OPENS + timedelta(seconds=1)


def test_what_waits_outlives_a_restart_and_is_written_down_once() -> None:
    desk = before_the_open()
    desk.happens(alert("a", at=desk.room.clock.now()))
    desk.room.end("risk:paper")
    desk.begin(incarnation=2)
    desk.happens(READY)
    assert len(desk.room.events(SignalHeld)) == 1
    desk.room.advance(61)
    assert [o.alert_id for o in desk.orders] == ["a"]


def test_the_open_is_met_even_where_timers_stood_still_for_hours() -> None:
    desk = before_the_open(seconds=3600)
    desk.happens(alert("a", at=desk.room.clock.now()))
    desk.room.clock._now = OPENS  # a laptop that slept meanwhile
    desk.room.advance(LOOK_WITHIN_S)
    assert len(desk.orders) == 1


def test_an_entry_whose_venue_is_away_at_the_open_dies_after_five_minutes() -> None:
    desk = before_the_open()
    desk.happens(alert("a", at=desk.room.clock.now()), LOST)
    desk.room.advance(60 + 299)
    assert desk.refusals == []
    desk.room.advance(2)
    assert desk.refusals == [Code.BROKER_NOT_READY]


# --- making way for exits -----------------------------------------------------------------------


def working() -> Desk:
    """An entry rests at the venue, and an exit has come."""
    desk = Desk(*a_life("a")[:5], READY)
    desk.happens(alert("b", Action.CLOSE_LONG))
    return desk


CANCEL = CancelOrders((order_id("a"),), Code.CANCELLED_FIRST)


def test_an_exit_has_its_working_entry_cancelled_once() -> None:
    desk = working()
    desk.happens(alert("c", routes=()))
    desk.happens(cancel_requested("a"))
    assert desk.broker.told == [CANCEL]


def test_an_exit_goes_on_when_the_entry_is_off_the_book() -> None:
    desk = working()
    desk.happens(cancelled("a"))
    assert desk.refusals == [Code.NOTHING_TO_DO]


def test_a_broker_that_starts_anew_is_asked_again() -> None:
    desk = working()
    desk.happens(actor_started("broker:paper"), READY, at_venue("x"))
    assert desk.broker.told == [CANCEL, CANCEL]


def test_a_cancel_that_was_refused_is_asked_for_again() -> None:
    desk = working()
    desk.happens(cancel_requested("a"))
    desk.happens(of_order(CancelRejected, "a", reason="later"))
    desk.happens(alert("c", routes=()))
    assert desk.broker.told == [CANCEL, CANCEL]


def test_a_broker_without_room_is_asked_at_the_next_occasion() -> None:
    desk = Desk(*a_life("a")[:5], READY)
    desk.broker.mailbox.bound = 0
    desk.happens(alert("b", Action.CLOSE_LONG))
    desk.broker.mailbox.bound = 10
    desk.happens(alert("c", routes=(PAPER,), at=later(1)))
    assert desk.broker.told == [CANCEL]


def test_an_unknown_message_is_a_bug() -> None:
    with pytest.raises(TypeError, match="does not know"):
        Desk().actor.receive(Draft)


# --- the market it sees -------------------------------------------------------------------------


def test_it_notes_when_the_market_shows_a_symbol_and_adds_nothing_once_it_is_silent() -> None:
    desk = Desk(READY, rules=GENEROUS)
    quote = Quote(symbol=AAPL, at=desk.room.clock.now(), source="file", last=Decimal(100))
    desk.room.address("risk:paper").tell(Quoted(quote))
    desk.room.run()
    desk.happens(alert("a"))
    desk.room.advance(61)
    desk.happens(alert("b", at=desk.room.clock.now()))
    assert [o.alert_id for o in desk.orders] == ["a"]
    (refusal,) = desk.room.events(SignalRefused)
    assert (refusal.code, refusal.inputs["of"]) == (Code.QUOTE_TOO_OLD, AAPL)


def test_a_bar_is_news_of_its_symbol_until_the_next_one_is_over() -> None:
    desk = Desk(READY, rules=GENEROUS)
    each, length = Decimal(100), timedelta(minutes=1)
    at = desk.room.clock.now() - length
    prices = {"open": each, "high": each, "low": each, "close": each}
    bar = Candle(symbol=AAPL, at=at, length=length, source="file", **prices)
    desk.room.address("risk:paper").tell(BarEnded(bar))
    desk.room.run()
    for name, seconds in (("a", 120), ("b", 1)):
        desk.room.advance(seconds)
        desk.happens(alert(name, at=desk.room.clock.now()))
    assert ([o.alert_id for o in desk.orders], desk.refusals) == (["a"], [Code.QUOTE_TOO_OLD])


# --- through zero -------------------------------------------------------------------------------


def test_row_08_what_fills_carried_through_zero_is_bought_back_by_one_order() -> None:
    """Ten held, fourteen sold: four are bought once the venue's holdings have agreed twice."""
    sold = evolve(filled("x", Side.SELL, 14), order_id=order_id("a"))
    desk = Desk(READY, *a_life("a"), sold)
    desk.happens(evolve(tripped(), code=Code.SHARE_REVERSED))
    desk.happens(RECONCILED)
    assert len(desk.orders) == 1
    desk.happens(RECONCILED)
    _, bought = desk.orders
    assert (bought.side, bought.quantity, bought.intent) == (Side.BUY, Decimal(4), Intent.EXIT)
    desk.happens(RECONCILED, RECONCILED)
    assert len(desk.orders) == 2


# --- turned round -------------------------------------------------------------------------------


def test_a_reversal_is_decided_once_and_its_close_goes_first() -> None:
    both = evolve(DEMO, sides=Sides.LONG_SHORT, limits=TURNS)
    desk = Desk(READY, *a_life("a"), rules=both)
    desk.happens(evolve(alert("r", Action.SELL), quantity=Decimal(15), stop_loss=Decimal(105)))
    (held,) = desk.room.events(SignalHeld)
    close = desk.orders[-1]
    assert (held.code, close.quantity, close.intent) == (
        Code.REVERSAL_NOT_FLAT,
        Decimal(10),
        Intent.EXIT,
    )
    assert [e.before for e in desk.room.events(SignalRead)] == [10]
    desk.room.end("risk:paper")
    desk.begin(2)
    assert len(desk.orders) == 2
    desk.happens(evolve(filled("r", Side.SELL), order_id=close.order_id))
    opened = desk.orders[-1]
    assert (opened.quantity, opened.intent) == (Decimal(5), Intent.ENTRY)
    decided = [e for e in desk.room.events(SignalApproved) if e.alert_id == "r"]
    assert len(decided) == 1
