import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from actors.broker import BrokerActor
from actors.market_messages import BarEnded, History, Quoted, ShowHistory, ShowQuotes
from actors.messages import (
    CancelFailed,
    CancelOrders,
    CloseGate,
    Connected,
    ConnectFailed,
    GateClosed,
    LookFor,
)
from actors.resetting import BeginAnew, BegunAnew
from actors.runtime import ThreadReply
from actors.shadow import Shadow
from actors.thawing import Thawed, ThawSymbol
from actors.wire_memory import wire_memory
from brokers.base import (
    Balances,
    Ended,
    Execution,
    InsufficientFundsError,
    NotOfferedError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    Replaced,
    UnreachableError,
    VenueStatus,
)
from brokers.market import Candle, Quote
from tests.actors.broker_house import House, at_the_venue, execution
from tests.actors.facts import (
    AAPL,
    AT,
    CALENDAR_APPLIED,
    PAPER,
    a_life,
    alert,
    approved,
    filled,
    halted,
    of_order,
    order_id,
    planned,
    resumed,
    tripped,
)
from tests.actors.room import ORPHAN, append_of
from tests.actors.venues import ScriptedVenue
from trading.event import Event
from trading.events import AccountOpened, Scope, Tripped, VenueFailed, VenueReady
from trading.hours import Hours
from trading.order_events import (
    CancelRequested,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    SubmitStarted,
    SubmitUnknown,
)
from trading.vocabulary import (
    BrokerOrderId,
    Code,
    ErrorKind,
    ExecutionId,
    OrderStatus,
    OrderType,
    Side,
    Symbol,
)


EVERYTHING = Scope()


@pytest.fixture
def closing() -> Iterator[list[House]]:
    houses: list[House] = []
    yield houses
    for house in houses:
        house.broker.on_end(None)


@pytest.fixture
def house(closing: list[House]) -> House:
    house = House()
    closing.append(house)
    return house


@pytest.fixture
def started_before(closing: list[House]) -> House:
    """A journal in which an order was started and its answer never came."""
    house = House(*a_life("a")[:4])
    closing.append(house)
    return house


# --- connecting ---------------------------------------------------------------------------------


def test_a_new_account_is_opened_with_its_cash_and_then_ready() -> None:
    house = House()
    house.room.store.rows.clear()
    house.room.store.keys.clear()
    house.room.actors.clear()
    house.room.address("journal").take()
    house.room.journal()
    house.ready()
    assert [e.cash for e in house.room.events(AccountOpened)] == [25_000]
    house.broker.on_end(None)


def test_an_account_is_opened_once(house: House) -> None:
    house.ready()
    house.room.end("broker:paper")
    house.ready(incarnation=2)
    assert len(house.room.events(AccountOpened)) == 1
    assert len(house.room.events(VenueReady)) == 2


def test_a_venue_that_is_away_is_tried_again_with_growing_patience(house: House) -> None:
    house.venue.connect_errors = [UnreachableError("away")] * 3
    house.begin()
    for tries, seconds in ((1, 1), (2, 2), (3, 4)):
        house.until_there_is(VenueFailed, tries)
        house.room.advance(seconds - 0.01)
        assert len(house.venue.asked_to("connect")) == tries
        house.room.advance(0.01)
    house.until_there_is(VenueReady)
    assert {e.kind for e in house.room.events(VenueFailed)} == {ErrorKind.TRANSPORT}


def test_patience_with_a_venue_has_an_end(house: House) -> None:
    house.begin()
    for _ in range(12):
        house.broker.receive(ConnectFailed(house.broker.wire.name, "away"))
    assert house.broker._connect_s == 30


def test_a_venue_that_asks_to_wait_is_left_alone_and_no_trouble_is_counted(house: House) -> None:
    house.ready()
    house.broker.receive(ConnectFailed(house.broker.wire.name, "wait", retry_after_s=7))
    house.room.advance(6.9)
    assert len(house.venue.asked_to("connect")) == 1
    house.room.advance(0.2)
    house.until_there_is(VenueReady, 2)
    assert house.room.events(VenueFailed) == []


def test_a_send_that_is_asked_to_wait_is_read_back_and_counts_for_nothing(house: House) -> None:
    house.ready()
    house.venue.submit_error = RateLimitedError(7)
    house.plan("a")
    house.until_there_is(SubmitUnknown)
    assert house.room.events(VenueFailed) == []


def test_what_a_former_wire_told_does_not_make_the_account_ready(house: House) -> None:
    house.venue.connect_errors = [UnreachableError("away")]
    house.begin()
    house.until_there_is(VenueFailed)
    house.broker.receive(Connected("broker:paper/0.7", Balances(cash=Decimal(1))))
    house.broker.receive(ConnectFailed("broker:paper/0.7", "late news"))
    house.room.run()
    assert house.room.events(VenueReady) == []
    assert len(house.room.events(VenueFailed)) == 1


# --- sending ------------------------------------------------------------------------------------


def test_an_orders_start_is_durable_before_the_venue_is_called(house: House) -> None:
    house.ready()
    on_disk: list[bool] = []
    house.venue.on_submit = lambda: on_disk.append(bool(house.room.events(SubmitStarted)))
    house.plan("a")
    (accepted,) = house.until_there_is(OrderAccepted)
    assert on_disk == [True]
    assert accepted.broker_order_id == "V-a.paper.1"


def test_an_order_whose_start_is_not_durable_is_not_sent(house: House) -> None:
    house.ready()
    house.happens(alert("a"), approved("a"))
    house.room.address("journal").tell(append_of("others", house.epoch, planned("a")))
    house.room.run("journal")
    house.room.store.refusal = "disk full"
    house.room.run()
    assert house.venue.asked_to("submit") == []
    house.room.store.refusal = None
    house.room.advance(5)
    house.until_there_is(OrderAccepted)
    assert len(house.venue.asked_to("submit")) == 1


def test_an_order_is_started_once_by_its_key(house: House) -> None:
    house.ready()
    house.plan("a")
    assert "send:a.paper.1" in house.room.store.keys
    house.until_there_is(OrderAccepted)


def test_orders_wait_until_the_account_is_ready(house: House) -> None:
    house.venue.connect_errors = [UnreachableError("away")]
    house.begin()
    house.until_there_is(VenueFailed)
    house.plan("a")
    assert house.room.events(SubmitStarted) == []
    house.room.advance(1)
    house.until_there_is(OrderAccepted)


def test_an_order_planned_before_a_snapshot_is_started_by_who_begins_with_it(house: House) -> None:
    house.plan("a")
    memory, head = wire_memory(PAPER), house.room.reader.head()
    shadow = Shadow({memory.name: memory}, "code")
    shadow.take_in(house.room.reader.facts(limit=head))
    house.room.reader.keep(shadow.kept())
    house.ready()
    house.until_there_is(OrderAccepted)


def test_an_order_that_waited_too_long_is_refused(house: House) -> None:
    house.begin()
    house.room.clock.advance(31)
    house.plan("a")
    (refused,) = house.until_there_is(OrderRefused)
    assert refused.code is Code.STALE
    assert house.venue.asked_to("submit") == []


def test_an_exit_larger_than_the_own_share_is_refused(house: House) -> None:
    house.ready()
    house.plan("a", Side.SELL)
    (refused,) = house.until_there_is(OrderRefused)
    assert (refused.code, refused.inputs["own_share"]) == (Code.NOTHING_TO_DO, "0")


@pytest.mark.parametrize(
    ("error", "fact", "kind"),
    [
        (RejectedError("no"), OrderRejected, ErrorKind.REJECTED),
        (InsufficientFundsError("poor"), OrderRejected, ErrorKind.FUNDS),
        (UnreachableError("away"), OrderAbandoned, ErrorKind.TRANSPORT),
        (OutcomeUnknownError("silence"), SubmitUnknown, ErrorKind.UNKNOWN),
    ],
)
def test_an_attempt_that_fails_is_a_fact_and_counts(
    house: House, error: Exception, fact: type[Event], kind: ErrorKind
) -> None:
    house.ready()
    house.venue.submit_error = error
    house.plan("a")
    house.until_there_is(fact)
    (failed,) = house.until_there_is(VenueFailed)
    assert (failed.kind, failed.count) == (kind, 1)


def test_an_order_we_held_back_ourselves_does_not_count(house: House) -> None:
    house.ready()
    house.broker.receive(CloseGate(EVERYTHING, 1, house.breaker))
    house.plan("a")
    (refused,) = house.until_there_is(OrderRefused)
    assert refused.code is Code.GATE_CLOSED
    assert house.room.events(VenueFailed) == []


def test_failures_are_told_at_once_and_then_at_most_once_a_second(house: House) -> None:
    house.ready()
    for number in range(5):
        house.broker._failed(ErrorKind.TRANSPORT, f"try {number}")
    house.room.run()
    assert [e.count for e in house.room.events(VenueFailed)] == [1]
    house.room.advance(1)
    last = house.room.events(VenueFailed)[-1]
    assert (last.count, last.detail) == (4, "try 4")
    house.broker._failed(ErrorKind.TRANSPORT, "more")
    house.room.run()
    assert len(house.room.events(VenueFailed)) == 2
    house.room.advance(1)
    house.room.advance(1)  # a quiet second
    house.broker._failed(ErrorKind.TRANSPORT, "again")
    house.room.run()
    assert [e.count for e in house.room.events(VenueFailed)] == [1, 4, 1, 1]


def test_missing_funds_are_never_kept_back(house: House) -> None:
    house.ready()
    for kind in (ErrorKind.TRANSPORT, ErrorKind.FUNDS):
        house.broker._failed(kind, "x")
    house.room.run()
    assert [e.kind for e in house.room.events(VenueFailed)] == [
        ErrorKind.TRANSPORT,
        ErrorKind.FUNDS,
    ]


# --- reading back -------------------------------------------------------------------------------


def test_an_order_that_was_started_before_a_restart_is_never_sent_again(
    started_before: House,
) -> None:
    house = started_before
    house.venue.orders[order_id("a")] = at_the_venue("a")
    house.ready()
    assert len(house.room.events(SubmitUnknown)) == 1
    assert house.order("a").status is OrderStatus.ACCEPTED
    assert house.venue.asked_to("submit") == []


def test_an_account_is_ready_only_when_what_was_out_has_been_looked_for(
    started_before: House,
) -> None:
    house = started_before.ready()
    kinds = [type(r.event) for r in house.room.history()]
    assert kinds.index(SubmitUnknown) < kinds.index(VenueReady)
    assert house.venue.calls[:2] == ["connect", "find a.paper.1"]


def test_an_unknown_order_is_bound_with_its_fills(house: House) -> None:
    house.ready()
    house.venue.submit_error = OutcomeUnknownError("silence")
    house.venue.orders[order_id("a")] = at_the_venue("a", VenueStatus.FILLED, execution("a"))
    house.plan("a")
    house.until_there_is(SubmitUnknown)
    house.room.advance(0.2)
    (fill,) = house.until_there_is(OrderFilled)
    assert (fill.execution_id, fill.quantity) == ("X-a-1", 10)
    assert order_id("a") not in house.broker._desk.orders


def test_an_unknown_order_is_absent_only_after_its_deadline(started_before: House) -> None:
    house = started_before.ready()
    for _ in range(4):
        house.room.advance(1.2)
        house.quiet()
    assert house.room.events(OrderAbsent) == []
    house.room.advance(10)
    house.until_there_is(OrderAbsent)


def test_a_look_that_began_before_the_deadline_proves_nothing(started_before: House) -> None:
    house = started_before
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        answer.wait(5)

    house.venue.on_find = hold
    house.begin()
    house.until(lambda: house.broker._read_back._first is not None)
    assert asked.wait(5)
    house.room.clock.advance(60)  # the answer to what was asked at once is read a minute later
    answer.set()
    house.until_there_is(VenueReady)
    assert house.room.events(OrderAbsent) == []
    house.room.advance(1)
    house.until_there_is(OrderAbsent)


def test_an_order_that_cannot_be_looked_for_is_looked_for_again(started_before: House) -> None:
    house = started_before
    house.venue.find_error = OutcomeUnknownError("silence")
    house.ready()
    for tries, seconds in ((2, 0.2), (3, 1.0), (4, 2.0)):
        house.room.advance(seconds)
        house.until_tried(tries)
    house.venue.find_error = None
    house.venue.orders[order_id("a")] = at_the_venue("a")
    house.room.advance(5)
    house.until_there_is(OrderAccepted)


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (VenueStatus.CANCELLED, OrderCancelled),
        (VenueStatus.EXPIRED, OrderExpired),
        (VenueStatus.REJECTED, OrderRejected),
    ],
)
def test_an_order_that_has_ended_meanwhile_is_ended(
    started_before: House, status: VenueStatus, fact: type[Event]
) -> None:
    started_before.venue.orders[order_id("a")] = at_the_venue("a", status)
    started_before.ready().until_there_is(fact)


# --- fills --------------------------------------------------------------------------------------


def working(house: House) -> None:
    house.ready()
    house.plan("a")
    house.until_there_is(OrderAccepted)


def test_an_execution_is_counted_once(house: House) -> None:
    working(house)
    for _ in range(2):
        house.reported(execution("a", quantity=4))
    assert [e.quantity for e in house.room.events(OrderFilled)] == [4]
    assert house.order("a").remaining_quantity == 6


def test_a_fill_of_an_order_that_had_ended_counts_and_trips(house: House) -> None:
    working(house)
    house.reported(ended("a"))
    house.reported(execution("a"))
    (trip,) = house.room.events(Tripped)
    assert (trip.code, trip.scope) == (Code.LATE_FILL, Scope(account=PAPER))
    assert len(house.room.events(OrderFilled)) == 1
    assert house.broker._desk.book.net(AAPL) == 10


def test_a_late_fill_trips_once_however_often_it_is_told(house: House) -> None:
    working(house)
    house.reported(ended("a"))
    for _ in range(3):
        house.reported(execution("a"))
    assert len(house.room.events(Tripped)) == 1


def test_executions_that_are_not_ours_are_left_alone(house: House) -> None:
    house.ready()
    foreign = Execution(
        execution_id=ExecutionId("X"),
        broker_order_id=BrokerOrderId("V"),
        order_id=None,
        symbol=AAPL,
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        executed_at=AT,
    )
    before = house.room.store.head
    house.reported(foreign)
    house.reported(execution("nobody"))
    assert house.room.store.head == before


def ended(name: str, status: VenueStatus = VenueStatus.CANCELLED) -> Ended:
    return Ended(
        broker_order_id=BrokerOrderId(f"V-{order_id(name)}"),
        order_id=order_id(name),
        status=status,
    )


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (VenueStatus.CANCELLED, OrderCancelled),
        (VenueStatus.EXPIRED, OrderExpired),
        (VenueStatus.REJECTED, OrderRejected),
    ],
)
def test_an_order_the_venue_ends_is_ended(
    house: House, status: VenueStatus, fact: type[Event]
) -> None:
    working(house)
    house.reported(ended("a", status))
    house.reported(ended("a", status))
    assert len(house.room.events(fact)) == 1


def test_an_order_the_venue_replaces_has_its_new_id_and_terms_once(house: House) -> None:
    working(house)
    told = Replaced(
        broker_order_id=BrokerOrderId(f"V-{order_id('a')}"),
        order_id=order_id("a"),
        new_id=BrokerOrderId("V2"),
        quantity=Decimal(7),
        limit_price=Decimal(101),
    )
    house.reported(told)
    house.reported(told)
    (replaced,) = house.room.events(OrderReplaced)
    assert isinstance(replaced, OrderReplaced)
    assert (replaced.broker_order_id, replaced.quantity) == ("V2", Decimal(7))
    assert replaced.replace_id is None


# --- prices -------------------------------------------------------------------------------------


def test_a_price_is_passed_on_once_to_a_venue_where_an_order_with_a_limit_rests(
    house: House,
) -> None:
    house.ready()
    house.plan("a", order_type=OrderType.LIMIT, limit_price=Decimal(90))
    house.until_there_is(OrderAccepted)
    house.happens(alert("b", price=Decimal(95)), alert("c", price=None))
    house.quiet()
    assert house.venue.asked_to("observe") == ["observe AAPL 100 14:30", "observe AAPL 95 14:30"]


def test_a_price_is_nothing_to_a_venue_where_only_market_orders_rest(house: House) -> None:
    working(house)
    house.happens(alert("b", price=Decimal(95)))
    house.quiet()
    assert house.venue.asked_to("observe") == []


def test_prices_are_no_longer_passed_on_once_the_order_with_a_limit_has_ended(
    house: House,
) -> None:
    house.ready()
    house.plan("a", order_type=OrderType.LIMIT, limit_price=Decimal(90))
    house.until_there_is(OrderAccepted)
    house.reported(execution("a"))
    house.happens(alert("b", price=Decimal(95)))
    house.quiet()
    assert "observe AAPL 95 14:30" not in house.venue.calls


# --- cancelling ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [halted(1), tripped(1)])
def test_a_stop_cancels_working_entries(house: House, stop: Event) -> None:
    working(house)
    house.happens(stop)
    house.quiet()
    assert house.venue.asked_to("cancel") == ["cancel V-a.paper.1"]
    assert [e.order_id for e in house.room.events(CancelRequested)] == [order_id("a")]


def test_a_stop_leaves_working_exits(closing: list[House]) -> None:
    house = House(*a_life("a"))
    closing.append(house)
    house.ready()
    house.plan("b", Side.SELL)
    house.until_there_is(OrderAccepted, 2)
    house.happens(halted(1))
    house.quiet()
    assert house.room.events(CancelRequested) == []


def test_a_cancel_is_asked_for_once(house: House) -> None:
    working(house)
    for _ in range(3):
        house.broker.receive(CancelOrders((order_id("a"),), Code.CANCELLED_FIRST))
    house.room.run()
    house.quiet()
    assert len(house.venue.asked_to("cancel")) == 1


def test_a_cancel_that_fails_is_repeated_until_it_is_done(house: House) -> None:
    working(house)
    house.venue.orders[order_id("a")] = at_the_venue("a")
    house.venue.cancel_error = UnreachableError("away")
    house.happens(halted(1))
    house.until(lambda: house.broker._read_back._tries.get(order_id("a")) == 1)
    house.venue.cancel_error = None
    house.room.advance(0.2)
    house.until(lambda: order_id("a") not in house.broker._read_back._tries)
    house.quiet()
    assert len(house.venue.asked_to("cancel")) == 2


def test_a_cancel_ahead_of_the_venues_id_waits_for_it(house: House) -> None:
    house.ready()
    house.venue.hang = True
    house.plan("a")
    house.until_there_is(SubmitStarted)
    house.reported(execution("a", quantity=4))
    house.happens(halted(1))
    house.quiet()
    assert house.venue.asked_to("cancel") == []
    assert house.order("a").status is OrderStatus.PENDING_CANCEL
    house.broker._append_about(house.order("a"), accepted_now())
    house.room.run()
    house.quiet()
    assert house.venue.asked_to("cancel") == ["cancel V"]


def accepted_now() -> OrderAccepted:
    return OrderAccepted(
        at=AT,
        order_id=order_id("a"),
        alert_id=alert("a").alert_id,
        account=PAPER,
        broker_order_id=BrokerOrderId("V"),
    )


def test_a_cancel_of_an_order_that_has_ended_is_no_concern(house: House) -> None:
    house.ready()
    house.broker.receive(CancelOrders((order_id("a"),), Code.CANCELLED_FIRST))
    house.broker.receive(CancelFailed(order_id("a"), "away"))
    house.room.advance(1)
    assert house.venue.calls == ["connect"]


# --- halting ------------------------------------------------------------------------------------


def close_gate(house: House, generation: int = 1) -> GateClosed:
    house.broker.receive(CloseGate(EVERYTHING, generation, house.breaker))
    assert house.breaker.wait_for(lambda m: isinstance(m, GateClosed))
    (closed,) = [m for m in house.breaker.take() if isinstance(m, GateClosed)]
    return closed


def test_a_closed_gate_is_confirmed_from_the_loop(house: House) -> None:
    house.ready()
    assert close_gate(house) == GateClosed(PAPER, 1)


def test_a_gate_is_closed_before_the_first_wire_is_open(house: House) -> None:
    house.broker = BrokerActor(
        house.room.birth("broker:paper"),
        journal=house.room.address("nobody"),
        reader=house.room.reader,
        account=PAPER,
        make_venue=lambda: house.venue,
        alarms=house.room.timers,
        rules={},
        orphan=ORPHAN,
    )
    house.broker.on_start()
    assert close_gate(house) == GateClosed(PAPER, 1)


def test_a_gate_stays_closed_through_a_fresh_fold(house: House) -> None:
    house.ready()
    close_gate(house)
    house.broker._join()
    assert close_gate(house, 2) == GateClosed(PAPER, 2)  # though the journal has not answered
    house.until_there_is(VenueReady, 2)
    house.plan("a")
    house.until_there_is(OrderRefused)
    assert house.venue.asked_to("submit") == []


def test_a_start_of_a_higher_generation_opens_the_gate(house: House) -> None:
    house.ready()
    close_gate(house)
    house.happens(halted(1), resumed(2))
    house.plan("a")
    house.until_there_is(OrderAccepted)


def test_what_was_started_before_a_gate_was_closed_does_not_leave(house: House) -> None:
    house.ready()
    house.happens(alert("a"), approved("a"))
    house.room.address("journal").tell(append_of("others", house.epoch, planned("a")))
    house.room.run("journal")
    house.room.run("broker:paper")  # SubmitStarted waits to be committed
    close_gate(house)
    house.room.run()
    (refused,) = house.until_there_is(OrderRefused)
    assert (refused.code, house.venue.asked_to("submit")) == (Code.GATE_CLOSED, [])


def test_an_unknown_message_is_a_bug(house: House) -> None:
    with pytest.raises(TypeError, match="does not know"):
        house.ready().broker.receive("hello")


def test_a_fill_is_folded_wherever_it_comes_from(house: House) -> None:
    working(house)
    house.happens(filled("a"))
    assert order_id("a") not in house.broker._desk.orders


# --- replaced while it hangs --------------------------------------------------------------------


def test_the_wire_of_a_broker_that_is_given_up_is_severed(house: House) -> None:
    house.ready()
    house.broker.revoked()
    house.broker.wire._loop._thread.join(5)
    assert house.venue.is_closed


def test_a_broker_that_is_given_up_before_it_has_a_wire_has_nothing_to_sever(house: House) -> None:
    house.begin()
    house.broker.wire.close()
    house.broker._wire = None
    house.broker.revoked()


def test_a_wire_that_is_opened_by_a_broker_already_given_up_is_severed_at_once(
    house: House,
) -> None:
    house.ready()
    house.broker.stop()
    house.broker._open_wire()
    house.broker.wire._loop._thread.join(5)
    house.broker.wire.sever()
    assert not house.broker.wire._loop._thread.is_alive()


# --- the market -----------------------------------------------------------------------------------


def calls(house: House, beginning: str) -> list[str]:
    return [call for call in house.venue.calls if call.startswith(beginning)]


def test_what_the_market_shows_reaches_the_venue(house: House) -> None:
    house.ready()
    at, price = house.room.clock.now(), Decimal(7)
    quote = Quote(symbol=Symbol("AAPL"), at=at, source="file", last=price)
    bar = Candle(
        symbol=Symbol("AAPL"),
        at=at,
        length=timedelta(minutes=1),
        source="file",
        open=price,
        high=price,
        low=price,
        close=price,
    )
    house.broker.address.tell(Quoted(quote))
    house.broker.address.tell(BarEnded(bar))
    house.room.run()
    house.room.end("broker:paper")  # what it was told is done before it closes
    assert calls(house, "quoted") == [f"quoted AAPL 7 {at:%H:%M}"]
    assert calls(house, "bar_ended") == [f"bar_ended AAPL 7 {at:%H:%M}"]
    assert calls(house, "keep_hours") == []


def test_a_venue_with_hours_learns_them_and_when_a_session_is_over(house: House) -> None:
    exchange = evolve(ORPHAN, hours=Hours.EXCHANGE)
    house.ready(orphan=exchange)
    for _ in range(12):
        house.room.clock.advance(3_540)  # the machine sleeps
        house.room.advance(60)
    house.happens(CALENDAR_APPLIED)
    house.room.end("broker:paper")
    assert calls(house, "keep_hours") == ["keep_hours 0", "keep_hours 2"]
    assert len(calls(house, "session_closed")) >= 12


# --- an exit that was not there -----------------------------------------------------------------


def absent_exit(house: House) -> None:
    """An exit of ten shares that was sent, never answered, and not found."""
    lost = of_order(SubmitUnknown, "s", reason="no answer")
    gone = of_order(OrderAbsent, "s", reason="not there")
    house.room.commit(*a_life("b"), *a_life("s", Side.SELL)[:4], lost, gone)


def test_an_exit_that_is_not_there_the_second_time_is_proved_absent(house: House) -> None:
    absent_exit(house)
    house.ready()
    house.room.clock.advance(121)
    house.broker.receive(LookFor(order_id("s")))
    house.until_there_is(OrderAbsent, 2)
    assert house.broker._desk.again[order_id("s")].is_proved


def test_an_answer_to_the_first_look_proves_nothing(house: House) -> None:
    absent_exit(house)
    house.ready()
    house.broker.receive(LookFor(order_id("s")))
    house.quiet()
    assert len(house.room.events(OrderAbsent)) == 1


def test_an_exit_whose_second_look_fails_is_looked_for_again(house: House) -> None:
    absent_exit(house)
    house.ready()
    house.room.clock.advance(121)
    house.venue.find_error = UnreachableError("away")
    house.broker.receive(LookFor(order_id("s")))
    house.until(lambda: bool(house.venue.asked_to("find")))
    house.quiet()
    house.venue.find_error = None
    house.room.advance(1)
    house.until_there_is(OrderAbsent, 2)


def test_an_exit_that_is_found_filled_the_second_time_is_a_late_fill(house: House) -> None:
    absent_exit(house)
    house.ready()
    house.room.clock.advance(121)
    sold = evolve(execution("s"), side=Side.SELL)
    house.venue.orders[order_id("s")] = at_the_venue("s", VenueStatus.FILLED, sold)
    house.broker.receive(LookFor(order_id("s")))
    (tripped_,) = house.until_there_is(Tripped)
    assert tripped_.code is Code.LATE_FILL
    assert house.broker._desk.again == {}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, History(bars=())),
        (NotOfferedError("none here"), History(not_offered="none here")),
        (UnreachableError("gone"), History(failed="gone")),
    ],
)
def test_the_venue_is_asked_for_its_history(
    house: House, error: Exception | None, said: History
) -> None:
    house.ready()
    house.venue.history_error = error
    reply = ThreadReply[History]()
    ask = ShowHistory(symbol=AAPL, length=timedelta(minutes=1), since=AT, reply=reply)
    house.broker.address.tell(ask)
    house.room.run()
    assert reply.wait(5) == said


class Freezer(ScriptedVenue):
    """Freezes as the paper broker does; says so, or what is set as `trouble`."""

    trouble: Exception | None = None

    async def thaw(self, symbol: Symbol, reason: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.calls.append(f"thaw {symbol} {reason}")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (None, Thawed()),
        (RejectedError("it is not frozen"), Thawed(not_frozen="it is not frozen")),
        (UnreachableError("gone"), Thawed(failed="gone")),
    ],
)
def test_a_symbol_is_thawed_at_a_venue_that_freezes(
    trouble: Exception | None, said: Thawed
) -> None:
    venue, reply = Freezer(), ThreadReply[Thawed]()
    venue.trouble = trouble
    asyncio.run(ThawSymbol(symbol=AAPL, reason="real", reply=reply).asked(venue))
    assert reply.wait(5) == said
    assert venue.calls == ([] if trouble else ["thaw AAPL real"])


def test_a_venue_that_freezes_nothing_says_so(house: House) -> None:
    house.ready()
    reply = ThreadReply[Thawed]()
    house.broker.address.tell(ThawSymbol(symbol=AAPL, reason="real", reply=reply))
    house.room.run()
    assert reply.wait(5) == Thawed(not_frozen="only the paper broker freezes symbols")


class Anew(ScriptedVenue):
    """Begins anew as the paper broker does; says so, or what is set as `trouble`."""

    trouble: Exception | None = None

    async def reset(self, reason: str) -> Decimal:
        if self.trouble is not None:
            raise self.trouble
        self.calls.append(f"reset {reason}")
        return Decimal(25_000)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (None, BegunAnew(cash=Decimal(25_000))),
        (RejectedError("10 AAPL"), BegunAnew(refused="10 AAPL")),
        (UnreachableError("gone"), BegunAnew(failed="gone")),
    ],
)
def test_an_account_begins_anew_where_its_venue_knows_such_a_thing(
    trouble: Exception | None, said: BegunAnew
) -> None:
    venue, reply = Anew(), ThreadReply[BegunAnew]()
    venue.trouble = trouble
    asyncio.run(BeginAnew(reason="why", reply=reply).asked(venue))
    assert reply.wait(5) == said
    assert venue.calls == ([] if trouble else ["reset why"])


def test_an_account_of_real_money_does_not_begin_anew(house: House) -> None:
    house.ready()
    reply = ThreadReply[BegunAnew]()
    house.broker.address.tell(BeginAnew(reason="why", reply=reply))
    house.room.run()
    assert reply.wait(5) == BegunAnew(refused="only an account at the paper broker begins anew")


def test_quotes_of_the_venues_own_are_told_to_who_asks(house: House) -> None:
    house.ready()
    quote = Quote(symbol=AAPL, at=AT, source="schwab", last=Decimal(7))
    house.venue.prices = {AAPL: quote}
    asker = house.room.address("book:paper")
    house.broker.address.tell(ShowQuotes((AAPL,), asker))
    house.room.run()
    assert asker.wait_for(lambda m: m == Quoted(quote))


def test_quotes_that_cannot_be_had_are_not_told(house: House) -> None:
    house.ready()
    house.venue.quotes_error = UnreachableError("away")
    asker = house.room.address("book:paper")
    house.broker.address.tell(ShowQuotes((AAPL,), asker))
    house.room.run()
    house.quiet()
    assert asker.told == []
