"""One account at Schwab: sent once, recognised by its terms, told once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from attrs import evolve, frozen

from brokers.base import (
    BrokerError,
    Bygone,
    Change,
    NotOfferedError,
    OutcomeUnknownError,
    Recalled,
    RejectedError,
    Ticket,
    TurnedAwayError,
    UnreachableError,
    Venue,
    VenueStatus,
)
from brokers.schwab.access import GivenAccess
from brokers.schwab.last_look import Rules
from brokers.schwab.venue import SchwabVenue
from tests.brokers.market_house import LIMIT, STOP, quote
from tests.brokers.market_house import order as terms
from tests.brokers.paper_house import Mail, ticket
from tests.brokers.schwab.bodies import HASH, NUMBER
from tests.brokers.schwab.desk import CLOSED_DAY, HARD_TO_BORROW, Desk, stamp
from tests.brokers.schwab.server import Hands, client_of, listening, run
from tests.trading.builders import AAPL, AT, MSFT, after
from trading.vocabulary import BrokerOrderId, OrderId, Side, Symbol, TimeInForce


T = TypeVar("T")
O1, O2 = OrderId("o1"), OrderId("o2")


@frozen
class Room:
    venue: SchwabVenue
    desk: Desk
    mail: Mail
    hands: Hands


async def for_ever(_: float) -> None:
    """Nobody looks unless woken."""
    await asyncio.Event().wait()


def in_room(scenario: Callable[[Room], Awaitable[T]], desk: Desk | None = None, **rules: Any) -> T:
    hands = desk.hands if desk is not None else Hands()
    desk = desk or Desk(hands)

    async def life() -> T:
        async with listening(desk.handle) as url:
            venue = SchwabVenue(
                client=client_of(url, hands),
                account_number=NUMBER,
                access=GivenAccess(hands),
                clock=hands,
                rules=Rules(**{"like_order_waits_s": 0.05} | rules),
                sleep=for_ever,
            )
            mail = Mail()
            try:
                await venue.connect(mail.put)
                return await scenario(Room(venue, desk, mail, hands))
            finally:
                await venue.close()

    return run(life())


def limit(
    quantity: int = 10, name: str = "o1", side: Side = Side.BUY, *, short: bool = False
) -> Ticket:
    return evolve(ticket(side, quantity, order_id=name, limit=99), short=short)


def test_it_is_a_venue() -> None:
    async def scenario(room: Room) -> None:
        venue: Venue = room.venue
        assert not venue.knows_our_ids

    in_room(scenario)


# --- the account ----------------------------------------------------------------------------------


def test_an_account_is_found_by_its_number() -> None:
    async def scenario(room: Room) -> None:
        assert (await room.venue.balances()).buying_power == 50_000
        assert await room.venue.positions() == {}
        assert (await room.venue.quotes([AAPL, MSFT])).keys() == {AAPL, MSFT}
        assert len(await room.venue.history(AAPL, timedelta(minutes=1), AT)) == 1
        with pytest.raises(NotOfferedError):
            await room.venue.history(AAPL, timedelta(minutes=7), AT)
        hours = await room.venue.market_hours(AT)
        assert hours is not None
        assert hours.holds(AT)
        assert await room.venue.transactions_since(AT) == []

    in_room(scenario)


def test_whose_account_is_not_there_cannot_connect() -> None:
    async def life() -> None:
        hands = Hands()
        async with listening(Desk(hands).handle) as url:
            venue = SchwabVenue(
                client=client_of(url, hands),
                account_number="999",
                access=GivenAccess(hands),
                clock=hands,
                rules=Rules(),
            )
            try:
                with pytest.raises(BrokerError, match=r"none ends in \.\.\.999"):
                    await venue.connect(Mail().put)
            finally:
                await venue.close()

    run(life())


# --- orders and their reports ---------------------------------------------------------------------


def test_an_order_is_sent_and_each_of_its_fills_told_once() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        room.desk.fill(known_as, 4, 98.5)
        room.venue.wake()
        first = await room.mail.execution()
        assert (first.order_id, first.quantity, first.price) == (O1, Decimal(4), Decimal("98.5"))
        room.desk.fill(known_as, 6, 98)
        room.venue.wake()
        assert (await room.mail.execution()).quantity == 6
        room.venue.wake()
        found = await room.venue.find(O1)
        assert found is not None
        assert (found.status, len(found.executions)) == (VenueStatus.FILLED, 2)
        assert room.mail.is_empty

    in_room(scenario)


def test_a_cancel_is_told_when_it_is_seen_and_may_be_repeated() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        for cancelled in (known_as, known_as, BrokerOrderId("nobody's"), BrokerOrderId("77")):
            await room.venue.cancel(cancelled)
        end = await room.mail.end()
        assert (end.order_id, end.status) == (O1, VenueStatus.CANCELLED)
        assert room.mail.is_empty

    in_room(scenario)


def test_an_order_that_was_taken_and_then_refused_says_why() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        room.desk.end(room.desk.orders[int(known_as)], "REJECTED", "not enough buying power")
        room.venue.wake()
        end = await room.mail.end()
        assert (end.status, end.reason) == (VenueStatus.REJECTED, "not enough buying power")

    in_room(scenario)


def test_a_refused_order_leaves_no_trace() -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = "400"
        with pytest.raises(RejectedError, match="no such luck"):
            await room.venue.submit(limit())
        await room.venue.submit(limit())
        assert room.desk.posts == 1

    in_room(scenario)


# --- of unknown outcome ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["after", "no location"])
def test_an_order_whose_answer_is_lost_is_recognised_by_its_terms(fault: str) -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = fault
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(limit())
        found = await room.venue.find(O1)
        assert found is not None
        assert (found.order_id, found.status) == (O1, VenueStatus.WORKING)
        assert room.desk.posts == 1
        room.desk.fill(found.broker_order_id, 10, 98)
        room.venue.wake()
        assert (await room.mail.execution()).order_id == O1

    in_room(scenario)


@pytest.mark.parametrize("fault", ["before", "401", "429", "500"])
def test_an_order_that_never_came_is_not_found(fault: str) -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = fault
        with pytest.raises(BrokerError) as raised:
            await room.venue.submit(limit())
        assert not isinstance(raised.value, RejectedError | UnreachableError)
        assert await room.venue.find(O1) is None
        assert room.desk.posts == 0

    in_room(scenario)


def test_a_like_order_waits_for_the_fate_of_the_first() -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = "before"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(limit())
        with pytest.raises(UnreachableError, match="like order"):
            await room.venue.submit(limit(name="o2"))
        await room.venue.submit(limit(11, name="o3"))
        room.hands.pass_by(200)
        await room.venue.submit(limit(name="o2"))
        assert room.desk.posts == 2

    in_room(scenario)


def test_like_orders_go_one_after_the_other() -> None:
    async def scenario(room: Room) -> None:
        sent = [room.venue.submit(limit(name=f"o{n}")) for n in range(5)]
        assert len(set(await asyncio.gather(*sent))) == 5

    in_room(scenario, like_order_waits_s=5)


def test_what_was_there_before_or_came_by_hand_is_not_taken_for_ours() -> None:
    async def scenario(room: Room) -> None:
        first = await room.venue.submit(limit(name="o0"))
        room.desk.by_hand(first)
        room.desk.by_hand(first, "TA_dev1", enteredTime=stamp(after(-3600)))
        room.desk.fault = "before"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(limit())
        assert await room.venue.find(O1) is None

    in_room(scenario)


def test_of_two_that_could_be_it_a_person_has_to_choose() -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = "twice"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(limit())
        with pytest.raises(OutcomeUnknownError, match=r"2 orders could be it: .*1005000000002"):
            await room.venue.find(O1)

    in_room(scenario)


def test_an_order_of_an_earlier_life_is_recognised_once_its_terms_are_told() -> None:
    async def crashes(room: Room) -> Desk:
        room.desk.fault = "after"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(limit())
        return room.desk

    async def wakes(room: Room) -> None:
        with pytest.raises(BrokerError, match="not known here"):
            await room.venue.find(O1)
        room.venue.recall(Recalled(ticket=limit(), sent_at=AT))
        found = await room.venue.find(O1)
        assert found is not None
        assert room.desk.posts == 1

    in_room(wakes, in_room(crashes))


LIKE = [limit(name=f"o{number}") for number in (1, 2)]


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_like_orders_of_an_earlier_life_are_known_by_their_order(taken: int) -> None:
    async def crashes(room: Room) -> Desk:
        for each in LIKE[:taken]:
            await room.venue.submit(each)
        return room.desk

    async def wakes(room: Room) -> None:
        for each in LIKE:
            room.venue.recall(Recalled(ticket=each, sent_at=AT))
        # Asked for in whatever order: each is the one it was.
        found = {t.order_id: await room.venue.find(t.order_id) for t in reversed(LIKE)}
        known_as = {order_id: o.broker_order_id for order_id, o in found.items() if o is not None}
        there = [BrokerOrderId(str(number)) for number in room.desk.orders]
        assert known_as == dict(zip([O1, O2], there, strict=False))
        assert room.desk.posts == taken

    in_room(wakes, in_room(crashes))


def test_more_like_orders_than_were_sent_are_for_a_person_to_choose_from() -> None:
    async def crashes(room: Room) -> Desk:
        known_as = await room.venue.submit(LIKE[0])
        for _ in range(2):
            room.desk.by_hand(known_as, "TA_dev1")
        return room.desk

    async def wakes(room: Room) -> None:
        for each in LIKE:
            room.venue.recall(Recalled(ticket=each, sent_at=AT))
        for each in LIKE:
            with pytest.raises(OutcomeUnknownError, match="3 orders could be it"):
                await room.venue.find(each.order_id)

    in_room(wakes, in_room(crashes))


@pytest.mark.parametrize("known_by", ["id", "execution"])
def test_a_like_order_that_has_ended_is_not_taken_for_the_one_that_is_sought(known_by: str) -> None:
    """The first was filled and is over; of the second the crash took the answer."""

    async def crashes(room: Room) -> tuple[Desk, Bygone]:
        known_as = await room.venue.submit(LIKE[0])
        room.desk.fill(int(known_as), 10, 99)
        (fill,) = await room.venue.executions_since(AT)
        by_id = Bygone(broker_order_ids=frozenset({known_as}), executions=frozenset())
        by_fill = Bygone(broker_order_ids=frozenset(), executions=frozenset({fill.execution_id}))
        await room.venue.submit(LIKE[1])
        return room.desk, by_id if known_by == "id" else by_fill

    desk, bygone = in_room(crashes)

    async def wakes(room: Room) -> None:
        room.venue.recall(Recalled(ticket=LIKE[1], sent_at=AT))
        with pytest.raises(OutcomeUnknownError, match="2 orders could be it"):
            await room.venue.find(O2)
        room.venue.recall(bygone)
        found = await room.venue.find(O2)
        assert found is not None
        assert found.broker_order_id == str(list(room.desk.orders)[1])

    in_room(wakes, desk)


def test_an_order_lost_long_ago_takes_nothing_from_a_like_one() -> None:
    async def scenario(room: Room) -> None:
        room.desk.fault = "before"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(LIKE[0])
        room.hands.pass_by(200)
        room.desk.fault = "after"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(LIKE[1])
        found = await room.venue.find(O2)
        assert found is not None
        assert await room.venue.find(O1) is None

    in_room(scenario)


# --- the gate, in the step that writes ------------------------------------------------------------


def test_what_the_guard_keeps_back_is_not_sent_and_is_forgotten() -> None:
    async def scenario(room: Room) -> None:
        asked = []

        def shut() -> None:
            asked.append(room.desk.posts)
            raise TurnedAwayError("the gate closed")

        with pytest.raises(TurnedAwayError, match="the gate closed"):
            await room.venue.submit(limit(), shut)
        assert (asked, room.desk.posts, room.desk.orders) == ([0], 0, {})
        await room.venue.submit(limit())  # no like order's fate is in doubt
        assert room.desk.posts == 1

    in_room(scenario)


# --- replacing ------------------------------------------------------------------------------------


def test_a_replaced_order_is_one_order_with_two_ids() -> None:
    async def scenario(room: Room) -> None:
        old = await room.venue.submit(limit())
        room.desk.fill(old, 4, 98.5)
        new = await room.venue.replace(old, Change(quantity=Decimal(12), limit_price=Decimal(98)))
        assert room.desk.orders[int(new)]["quantity"] == 8
        told = {type(report).__name__: report for report in (await both(room.mail))}
        assert set(told) == {"Replaced", "Execution"}
        before, found = await room.venue.order(old), await room.venue.find(O1)
        assert before is not None
        assert (before.status, before.replaced_by) == (VenueStatus.REPLACED, new)
        assert found is not None
        assert (found.broker_order_id, len(found.executions)) == (new, 1)
        room.desk.fill(new, 8, 97)
        room.venue.wake()
        assert (await room.mail.execution()).broker_order_id == new
        ours = await room.venue.orders_since(AT)
        assert [order.broker_order_id for order in ours] == [new]
        assert len(await room.venue.executions_since(AT)) == 2

    in_room(scenario)


async def both(mail: Mail) -> list[Any]:
    return [await asyncio.wait_for(mail._reports.get(), 5) for _ in range(2)]


def test_a_replace_that_is_refused_leaves_the_order_as_it_was() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        for broker_order_id, fault in ((known_as, "400"), (BrokerOrderId("77"), "")):
            room.desk.fault = fault
            with pytest.raises(RejectedError):
                await room.venue.replace(broker_order_id, Change(quantity=Decimal(1)))
        found = await room.venue.order(known_as)
        assert found is not None
        assert found.status is VenueStatus.WORKING

    in_room(scenario)


def test_a_price_that_a_change_does_not_name_stays() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        for change in (
            Change(quantity=Decimal(10), limit_price=Decimal(98)),
            Change(quantity=Decimal(8)),
        ):
            known_as = await room.venue.replace(known_as, change)
        shown = room.desk.orders[int(known_as)]
        assert (shown["price"], shown["quantity"]) == (98.0, 8.0)

    in_room(scenario)


def test_an_order_that_a_person_moved_is_followed() -> None:
    async def scenario(room: Room) -> None:
        old = await room.venue.submit(limit())
        room.hands.pass_by(60)
        room.desk.end(room.desk.orders[int(old)], "REPLACED")
        new = room.desk.by_hand(old, price=97.0)
        room.venue.wake()
        told = await room.mail.replaced()
        assert (told.broker_order_id, told.new_id) == (old, str(new))
        assert (told.quantity, told.limit_price) == (Decimal(10), Decimal(97))

    in_room(scenario)


# --- families -------------------------------------------------------------------------------------


def test_a_bracket_goes_in_one_request_and_its_legs_are_recognised() -> None:
    async def scenario(room: Room) -> None:
        more: dict[str, Any] = {"parent_id": O1, "oco_id": "x", "time_in_force": TimeInForce.GTC}
        entry = limit()
        target = terms(LIMIT, Side.SELL, name="o2", limit=110, **more)
        stop = terms(STOP, Side.SELL, name="o3", stop=90, **more)
        with pytest.raises(RejectedError, match="together"):
            await room.venue.submit(stop)
        known_as = await room.venue.submit_together([entry, target, stop])
        assert room.desk.posts == 1
        found = [await room.venue.find(t.order_id) for t in (entry, target, stop)]
        assert [order.broker_order_id for order in found if order] == [
            known_as,
            *(BrokerOrderId(str(int(known_as) + further)) for further in (2, 3)),
        ]

    in_room(scenario)


def test_siblings_go_in_one_request_and_each_is_known_by_its_own_id() -> None:
    async def scenario(room: Room) -> None:
        more: dict[str, Any] = {"oco_id": "x", "time_in_force": TimeInForce.GTC}
        target = terms(LIMIT, Side.SELL, name="o2", limit=110, **more)
        stop = terms(STOP, Side.SELL, name="o3", stop=90, **more)
        ids = await room.venue.submit_siblings([target, stop])
        assert room.desk.posts == 1
        assert ids.keys() == {target.order_id, stop.order_id}
        for order_id, known_as in ids.items():
            found = await room.venue.find(order_id)
            assert found is not None
            assert found.broker_order_id == known_as
        room.desk.fault = "no location"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit_siblings(
                [
                    evolve(t, order_id=OrderId(f"{t.order_id}.2"), quantity=Decimal(2))
                    for t in (target, stop)
                ]
            )

    in_room(scenario)


def test_more_orders_than_are_told_at_once_are_asked_for_in_parts() -> None:
    async def scenario(room: Room) -> None:
        known_as = await room.venue.submit(limit())
        for number in range(3_000):
            old = room.desk.by_hand(known_as, enteredTime=stamp(AT - timedelta(days=number % 90)))
            room.desk.orders[old]["status"] = "CANCELED"
        assert len(await room.venue.executions_since(AT)) == 0
        assert len(await room.venue.orders_since(AT)) == 35

    in_room(scenario)


# --- now, and not at the next open ----------------------------------------------------------------


def test_on_a_closed_day_nothing_is_sent_that_would_wait_for_the_next() -> None:
    desk = Desk(Hands(), days={"2026-03-02": CLOSED_DAY})

    async def scenario(room: Room) -> None:
        with pytest.raises(RejectedError, match="next open"):
            await room.venue.submit(limit())
        await room.venue.submit(evolve(limit(), time_in_force=TimeInForce.GTC))

    in_room(scenario, desk)


def test_an_entry_is_not_sent_on_a_day_whose_hours_are_not_to_be_had() -> None:
    desk = Desk(Hands(), days={"2026-03-03": {}})

    async def scenario(room: Room) -> None:
        room.hands.pass_by(86_400)
        with pytest.raises(UnreachableError, match="hours are not known"):
            await room.venue.submit(limit())
        await room.venue.submit(limit(side=Side.SELL))

    in_room(scenario, desk)


def test_a_market_entry_goes_as_a_limit_and_an_exit_as_it_is() -> None:
    async def scenario(room: Room) -> None:
        await room.venue.submit(ticket())
        await room.venue.submit(ticket(Side.SELL, order_id="o2"))
        sent = [(shown["orderType"], shown.get("price")) for shown in room.desk.orders.values()]
        assert sent == [("LIMIT", 100.51), ("MARKET", None)]

    in_room(scenario, collar_percent=Decimal(1))


def test_only_quotes_of_schwabs_own_bound_an_entry() -> None:
    async def scenario(room: Room) -> None:
        shown = quote(99, 100, 100)
        room.venue.quoted(shown)
        await room.venue.submit(ticket())
        room.venue.quoted(evolve(shown, source="schwab"))
        await room.venue.submit(ticket(order_id="o2", quantity=2))
        assert [o["price"] for o in room.desk.orders.values()] == [100.51, 101.0]
        room.hands.pass_by(6)
        with pytest.raises(UnreachableError, match="no fresh quote"):  # the desk's is as old
            await room.venue.submit(ticket(order_id="o3", quantity=3))

    in_room(scenario, collar_percent=Decimal(1))


def test_a_collared_order_of_an_earlier_life_is_recognised_at_any_limit() -> None:
    async def scenario(room: Room) -> None:
        await room.venue.quotes([AAPL])
        room.desk.fault = "after"
        with pytest.raises(OutcomeUnknownError):
            await room.venue.submit(ticket())
        room.venue.recall(Recalled(ticket=ticket(), sent_at=AT))
        assert await room.venue.find(O1) is not None

    in_room(scenario, collar_percent=Decimal(1))


@pytest.mark.parametrize(("short", "word"), [(False, "SELL"), (True, "SELL_SHORT")])
def test_only_what_is_meant_to_be_short_is_sold_short(*, short: bool, word: str) -> None:
    async def scenario(room: Room) -> str:
        known_as = await room.venue.submit(limit(side=Side.SELL, short=short))
        return str(room.desk.orders[int(known_as)]["orderLegCollection"][0]["instruction"])

    assert in_room(scenario, Desk(Hands(), kind="MARGIN")) == word


def test_a_cash_account_never_sells_short() -> None:
    async def scenario(room: Room) -> list[str]:
        with pytest.raises(RejectedError, match="no margin account"):
            await room.venue.submit(limit(side=Side.SELL, short=True))
        return room.desk.writes

    assert in_room(scenario, Desk(Hands(), kind="CASH")) == []


def test_what_is_hard_to_borrow_is_not_sold_short() -> None:
    async def scenario(room: Room) -> list[str]:
        sale = evolve(limit(side=Side.SELL, short=True), symbol=Symbol(HARD_TO_BORROW))
        with pytest.raises(RejectedError, match="lends no HTB"):
            await room.venue.submit(sale)
        return room.desk.writes

    assert in_room(scenario) == []


def test_every_address_names_the_hash_and_never_the_number() -> None:
    async def scenario(room: Room) -> list[str]:
        known_as = await room.venue.submit(limit())
        await room.venue.cancel(known_as)
        return room.desk.writes

    assert in_room(scenario) == ["POST /orders", "DELETE /orders/1005000000001"]
    assert NUMBER not in HASH
