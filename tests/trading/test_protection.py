"""What protects a share: legs for just what is held, whatever happens to them on the way."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    AAPL,
    AT,
    DEMO,
    Number,
    about,
    acknowledged,
    after,
    alert,
    desk,
    fill,
    planned,
    rules,
    seen,
    started,
    unknown,
)
from trading.alert_events import SignalHeld
from trading.desk import Desk, at_worst
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.events import VenueLost
from trading.guarding import legs_of
from trading.order_events import (
    CancelRequested,
    OrderAbsent,
    OrderCancelled,
    OrderExpired,
    OrderPlanned,
    OrderRejected,
    OrderReplaced,
)
from trading.protection import CANCEL_TAKES, Step, is_watched, see_to_protection
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BrokerOrderId,
    Code,
    Intent,
    OrderId,
    OrderStatus,
    OrderType,
    Side,
    Symbol,
)


KEY = (DEMO, AAPL)
FIRST = ("a1.paper.target1", "a1.paper.stop1")
SECOND = ("a1.paper.target2", "a1.paper.stop2")


def entry(name: str = "e", quantity: Number = 10, **bracket: Number | None) -> OrderPlanned:
    prices = {"take_profit": 110, "stop_loss": 95} | bracket
    numbers: dict[str, Any] = {k: None if v is None else Decimal(v) for k, v in prices.items()}
    return evolve(planned(name, quantity=quantity), **numbers)


def bought(quantity: Number = 10, of: Number = 10, **bracket: Number | None) -> tuple[Event, ...]:
    told = fill("x0", quantity, order_id="e")
    return entry("e", of, **bracket), started("e"), acknowledged("e"), told


def onto(here: Desk, *events: Event) -> Desk:
    return reduce(evolve_desk, events, here)


def steps(here: Desk, now: datetime = AT) -> list[Step]:
    watched = [order for order in here.orders.values() if is_watched(order)]
    return list(see_to_protection(here, lambda _: rules(), watched, now))


def ids(here: Desk) -> set[str]:
    return {leg.plan.order_id for leg in legs_of(here, KEY)}


def step(here: Desk, now: datetime = AT) -> Step:
    (only,) = steps(here, now)
    return only


def dressed(here: Desk, now: datetime = AT) -> Desk:
    """The legs it calls for are planned, sent and taken."""
    for leg in step(here, now).plan:
        here = onto(here, leg, started(leg.order_id), acknowledged(leg.order_id))
    return here


def asked(order_id: str, at: datetime = AT) -> CancelRequested:
    return about(CancelRequested, order_id, code=Code.PROTECTION_RESIZED, at=at)


def ended(order_id: str, at: datetime = AT) -> OrderCancelled:
    return about(OrderCancelled, order_id, at=at)


def refused(order_id: str, at: datetime = AT) -> OrderRejected:
    return about(OrderRejected, order_id, code=Code.VENUE_REJECTED, reason="no", at=at)


def sold(order_id: str, quantity: Number, name: str = "x9") -> Event:
    return fill(name, quantity, side=Side.SELL, order_id=order_id)


# --- what is planned ----------------------------------------------------------------------------


def test_a_bracket_is_two_legs_of_which_one_can_fill() -> None:
    here = dressed(desk(*bought()))
    assert ids(here) == set(FIRST)
    assert at_worst(legs_of(here, KEY)) == 10
    assert steps(here) == []


@pytest.mark.parametrize(
    ("bracket", "leg", "order_type", "price"),
    [
        ({"stop_loss": None, "take_profit": "110.001"}, FIRST[0], OrderType.LIMIT, "110.01"),
        ({"take_profit": None, "stop_loss": "94.999"}, FIRST[1], OrderType.STOP, "94.99"),
    ],
)
def test_a_single_leg_stands_alone_and_is_never_nearer_than_asked(
    bracket: dict[str, Any], leg: str, order_type: OrderType, price: str
) -> None:
    (order,) = step(desk(*bought(**bracket))).plan
    assert (order.order_id, order.order_type, order.oco_id) == (leg, order_type, None)
    assert (order.limit_price or order.stop_price) == Decimal(price)
    assert (order.intent, order.parent_id) == (Intent.EXIT, "e")


def test_no_leg_is_planned_while_the_venue_is_away() -> None:
    lost = VenueLost(at=AT, account=AccountName("paper"), reason="gone")
    assert steps(desk(*bought(), lost)) == []


def test_an_entry_without_a_bracket_is_not_protected() -> None:
    assert steps(desk(*bought(take_profit=None, stop_loss=None))) == []


def test_less_than_a_share_is_not_protected() -> None:
    assert steps(desk(*bought("0.5", of="0.5"))) == []


def test_an_addition_without_a_bracket_is_protected_like_the_rest() -> None:
    here = dressed(desk(*bought()))
    plain = (planned("f", quantity=5), started("f"), acknowledged("f"))
    here = onto(here, *plain, fill("x1", 5, order_id="f"))
    assert set(step(here).cancel) == set(FIRST)
    here = onto(here, *(asked(leg) for leg in FIRST), *(ended(leg) for leg in FIRST))
    assert {leg.quantity for leg in step(here).plan} == {Decimal(15)}


def test_the_bracket_of_an_addition_takes_the_place_of_the_former() -> None:
    here = dressed(desk(*bought()))
    more = evolve(entry("f", 5, take_profit=120), alert_id=AlertId("a2"))
    here = onto(here, more, started("f"), acknowledged("f"), fill("x1", 5, order_id="f"))
    assert set(step(here).cancel) == set(FIRST)
    here = onto(here, *(asked(leg) for leg in FIRST), *(ended(leg) for leg in FIRST))
    assert [leg.order_id for leg in step(here).plan] == ["a2.paper.target1", "a2.paper.stop1"]


# --- a part -------------------------------------------------------------------------------------


def test_rule_0_5_what_a_working_entry_has_filled_waits_until_it_is_quiet() -> None:
    here = desk(*bought(4))
    assert step(here) == Step(look_at=after(5))
    assert step(here, after(5)) == Step(cancel=(OrderId("e"),), code=Code.PARTLY_FILLED)
    here = onto(here, asked("e"))
    assert step(here, after(5)) == Step(look_at=AT + CANCEL_TAKES)
    assert {leg.quantity for leg in step(onto(here, ended("e"))).plan} == {Decimal(4)}


def test_rule_0_5_each_further_fill_begins_the_quiet_anew() -> None:
    again = evolve(fill("x1", 2, order_id="e"), at=after(4))
    assert step(desk(*bought(4), again), after(5)) == Step(look_at=after(9))


def test_rule_0_5_after_a_part_of_a_leg_both_are_placed_anew_for_the_rest() -> None:
    here = onto(dressed(desk(*bought())), sold(FIRST[0], 3), ended(FIRST[1]))
    assert step(here) == Step(cancel=(OrderId(FIRST[0]),))
    here = onto(here, asked(FIRST[0]), ended(FIRST[0]))
    assert [(leg.order_id, leg.quantity) for leg in step(here).plan] == [
        (SECOND[0], Decimal(7)),
        (SECOND[1], Decimal(7)),
    ]


def test_no_leg_is_left_once_the_share_is_gone() -> None:
    here = onto(dressed(desk(*bought())), sold(FIRST[0], 10))
    assert step(here) == Step(cancel=(OrderId(FIRST[1]),))
    here = onto(here, asked(FIRST[1]), ended(FIRST[1]))
    assert (steps(here), here.guards[KEY].closed_by) == ([], FIRST[0])
    assert here.guards[KEY].is_over


def test_a_new_position_without_a_bracket_has_nothing_of_the_former() -> None:
    here = onto(dressed(desk(*bought())), sold(FIRST[0], 10), ended(FIRST[1]))
    here = onto(here, planned("f", quantity=5), started("f"), fill("x2", 5, order_id="f"))
    assert (steps(here), here.guards) == ([], {})


# --- an exit ------------------------------------------------------------------------------------


OUT = alert("out", Action.SELL, 10)


def bare(*events: Event) -> Desk:
    """Both legs have been taken off for an exit, at 10 seconds."""
    here = onto(dressed(desk(*bought())), OUT, *events)
    return onto(here, *(asked(leg) for leg in FIRST), *(ended(leg, after(10)) for leg in FIRST))


def test_row_07_legs_stay_away_fifteen_seconds_for_an_exit() -> None:
    here = bare()
    assert step(here, after(24)) == Step(look_at=after(25))
    assert len(step(here, after(25)).plan) == 2


def test_row_07_an_exit_that_waits_for_the_open_takes_nothing_off() -> None:
    held = SignalHeld(
        at=AT,
        alert_id=OUT.alert_id,
        account=AccountName("paper"),
        strategy=DEMO,
        symbol=AAPL,
        code=Code.MARKET_CLOSED,
        until=after(3600),
        is_exit=True,
    )
    assert len(step(bare(held), after(11)).plan) == 2


def test_row_07_what_an_exit_is_about_to_close_is_not_protected_as_well() -> None:
    selling = planned("s", Side.SELL, 4)
    assert {leg.quantity for leg in step(desk(*bought(), selling)).plan} == {Decimal(6)}
    assert steps(desk(*bought(), planned("s", Side.SELL, 10))) == []


def test_row_07_a_cancel_has_thirty_seconds() -> None:
    here = onto(dressed(desk(*bought())), *(asked(leg, after(1)) for leg in FIRST))
    assert steps(here, after(2)) == [Step(look_at=after(31))] * 2
    late = steps(here, after(31))
    told = [it.overdue for it in late if it.overdue is not None]
    assert [(it.order_id, it.asked_at) for it in told] == [(leg, after(1)) for leg in FIRST]
    assert steps(onto(here, *told), after(40)) == []


# --- refused, taken off, changed ----------------------------------------------------------------


def test_legs_that_are_refused_are_tried_again_after_longer_and_longer() -> None:
    here, waits, now = desk(*bought(take_profit=None)), [], AT
    for _ in range(10):
        (leg,) = step(here, now).plan
        here = onto(here, leg, started(leg.order_id), refused(leg.order_id, now))
        due = step(here, now).look_at
        assert due is not None
        waits.append((due - now).total_seconds())
        now = due
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_the_leg_that_stands_stays_until_both_are_tried_again() -> None:
    here = desk(*bought())
    target, stop = step(here).plan
    here = onto(here, target, stop, started(target.order_id), acknowledged(target.order_id))
    here = onto(here, started(stop.order_id), refused(stop.order_id))
    assert step(here) == Step(look_at=after(5))
    assert step(here, after(5)) == Step(cancel=(target.order_id,))
    here = onto(here, asked(target.order_id), ended(target.order_id))
    here = dressed(here, after(5))
    assert (ids(here), here.guards[KEY].failures) == (set(SECOND), 0)


def test_a_leg_of_unknown_fate_stands_until_it_is_known_to_be_absent() -> None:
    here = desk(*bought(take_profit=None))
    (stop,) = step(here).plan
    here = onto(here, stop, started(stop.order_id), unknown(stop.order_id))
    assert steps(here) == []
    here = onto(here, about(OrderAbsent, stop.order_id, reason="not there"))
    assert step(here) == Step(look_at=after(5))
    assert [leg.order_id for leg in step(here, after(5)).plan] == [SECOND[1]]


def test_a_leg_that_cannot_be_cancelled_yet_is_waited_for() -> None:
    here = desk(*bought(take_profit=None))
    (stop,) = step(here).plan
    here = onto(here, stop, planned("s", Side.SELL, 4))
    assert steps(here) == []


def test_a_leg_that_somebody_else_took_off_does_not_come_back_by_itself() -> None:
    here = onto(dressed(desk(*bought())), ended(FIRST[1]))
    assert step(here) == Step(look_at=after(5))
    told = step(here, after(5)).removed
    assert told is not None
    assert seen(told.entry_id, told.quantity) == ("e", 10)
    here = onto(here, told)
    assert steps(here, after(60)) == []
    here = onto(here, ended(FIRST[0]))
    assert step(here, after(4)) == Step(look_at=after(5))
    assert steps(here, after(60)) == []


def test_where_it_is_wanted_it_comes_back_once_a_person_has_heard_of_it() -> None:
    restores = rules(restore_protection=True)

    def next_step(here: Desk, now: datetime) -> Step:
        (found,) = see_to_protection(here, lambda _: restores, (), now)
        return found

    here = onto(dressed(desk(*bought())), ended(FIRST[1]))
    told = next_step(here, after(5)).removed
    assert told is not None
    here = onto(here, told)
    assert next_step(here, after(5)) == Step(cancel=(OrderId(FIRST[0]),))
    here = onto(here, asked(FIRST[0]), ended(FIRST[0]))
    assert [leg.order_id for leg in next_step(here, after(6)).plan] == list(SECOND)
    here = onto(here, *next_step(here, after(6)).plan)
    assert here.guards[KEY].taken_off_at is None


def test_what_is_told_of_another_share_changes_nothing() -> None:
    here = onto(dressed(desk(*bought())), ended(FIRST[1]))
    told = step(here, after(5)).removed
    assert told is not None
    for other in (
        evolve(told, symbol=Symbol("MSFT")),
        evolve(told, account=AccountName("other")),
        evolve(told, entry_id=OrderId("older")),
    ):
        assert onto(here, other).guards == here.guards


def test_the_fill_that_explains_a_cancel_may_be_told_after_it() -> None:
    here = onto(dressed(desk(*bought())), ended(FIRST[1]), sold(FIRST[0], 3))
    assert step(here) == Step(cancel=(OrderId(FIRST[0]),))


def test_row_25_legs_are_placed_anew_before_the_venue_ends_them() -> None:
    here = dressed(desk(*bought()))
    days = timedelta(days=150)
    assert steps(here, AT + days - timedelta(minutes=1)) == []
    assert step(here, AT + days) == Step(cancel=tuple(map(OrderId, FIRST)))
    for leg in FIRST:
        here = onto(here, asked(leg), ended(leg))
    assert [leg.order_id for leg in step(here, AT + days).plan] == list(SECOND)


def test_legs_whose_time_is_over_are_placed_anew() -> None:
    here = onto(dressed(desk(*bought())), *(about(OrderExpired, leg) for leg in FIRST))
    assert [leg.order_id for leg in step(here).plan] == list(SECOND)


def test_a_leg_that_was_moved_stays_where_it_is_put() -> None:
    moved = about(
        OrderReplaced,
        FIRST[1],
        replace_id=None,
        broker_order_id=BrokerOrderId("B-9"),
        quantity=Decimal(10),
        stop_price=Decimal(97),
        worst_price=Decimal(97),
    )
    assert steps(onto(dressed(desk(*bought())), moved)) == []


# --- whatever comes -----------------------------------------------------------------------------


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("buy", "leg", "venue", "refuse", "exit", "wait")), st.integers(1, 12)
    ),
    max_size=12,
)


class Venue:
    """Does what it is asked at once, and now and then something else."""

    def __init__(self) -> None:
        self.desk = desk(*bought(4))
        self.now = AT
        self.numbers = count(1)
        self.refuses = 0

    def tell(self, *events: Event) -> None:
        self.desk = onto(self.desk, *(evolve(event, at=self.now) for event in events))

    def happens(self, kind: str, size: int) -> None:
        live = sorted(self.desk.orders.values(), key=lambda order: order.plan.order_id)
        legs = [order for order in live if order.is_protective and order.broker_order_id]
        buys = [order for order in live if order.is_entry]
        match kind:
            case "buy" if buys:
                part = min(Decimal(size), buys[0].exposed_quantity)
                self._fills(buys[0].plan, part)
            case "leg" if legs:
                leg = legs[size % len(legs)]
                self._fills(leg.plan, min(Decimal(size), leg.exposed_quantity))
                self.tell(*(ended(o.plan.order_id) for o in legs if o is not leg))
            case "venue" if legs:
                self.tell(*(about(OrderExpired, o.plan.order_id) for o in legs))
            case "refuse":
                self.refuses = size % 3
            case "exit":
                self._exits(Decimal(size))
            case _:
                self.now += timedelta(seconds=size)

    def _fills(self, plan: OrderPlanned, quantity: Decimal) -> None:
        name = f"y{next(self.numbers)}"
        self.tell(fill(name, quantity, side=plan.side, order_id=plan.order_id))

    def _exits(self, size: Decimal) -> None:
        """As a decision makes one: legs first, then no more than is left."""
        legs = [leg.plan.order_id for leg in legs_of(self.desk, KEY)]
        self.tell(*(asked(leg) for leg in legs), *(ended(leg) for leg in legs))
        quantity = min(size, self.share)
        if quantity >= 1:
            name = f"s{next(self.numbers)}"
            plan = planned(name, Side.SELL, quantity)
            self.tell(plan, started(name), acknowledged(name))
            self._fills(plan, quantity)

    @property
    def share(self) -> Decimal:
        return self.desk.book.position(*KEY).quantity

    def settle(self) -> bool:
        """One look, carried out; whether there was anything to do."""
        wanted = [it for it in steps(self.desk, self.now) if it.plan or it.cancel]
        for it in wanted:
            for order_id in it.cancel:
                self.tell(asked(order_id), ended(order_id))
            self.tell(*it.plan)
            for leg in it.plan:
                self.tell(started(leg.order_id))
                if self.refuses:
                    self.refuses -= 1
                    self.tell(refused(leg.order_id))
                else:
                    self.tell(acknowledged(leg.order_id))
            closes = at_worst(self.desk.live(AAPL, DEMO, Side.SELL))
            assert closes <= max(self.share, Decimal(0))
        return bool(wanted)

    def rest(self) -> None:
        """Time passes until nothing is left to do."""
        for _ in range(200):
            if not self.settle():
                dues = [it.look_at for it in steps(self.desk, self.now) if it.look_at]
                if not dues:
                    return
                self.now = max(self.now, min(dues))
        raise AssertionError("it never comes to rest")


@given(EVENTS)
def test_whatever_happens_a_share_ends_protected_and_a_flat_one_without_legs(
    events: list[tuple[str, int]],
) -> None:
    venue = Venue()
    for kind, size in events:
        venue.happens(kind, size)
        venue.settle()
    venue.refuses = 0
    venue.rest()
    legs = legs_of(venue.desk, KEY)
    assert [leg.exposed_quantity for leg in legs] == [venue.share] * len(legs)
    assert len(legs) == (2 if venue.share else 0)
    assert {leg.status for leg in legs} <= {OrderStatus.ACCEPTED}
