import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from actors.jobs import Job, ticket_of
from actors.messages import (
    CancelFailed,
    Connected,
    ConnectFailed,
    Fate,
    FoundOut,
    Heard,
    Reported,
    Sent,
)
from actors.runtime.testing import ManualClock, RecordingAddress
from actors.wire import Wire
from brokers.base import (
    Balances,
    Ended,
    InsufficientFundsError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    VenueOrder,
    VenueStatus,
)
from tests.actors.facts import AAPL, AT, PAPER, halted, order_id, planned, resumed
from tests.actors.runtime.witness import Gate
from tests.actors.venues import ScriptedVenue
from trading.breaker import NO_STOPS, evolve_stops
from trading.events import Scope
from trading.last_gate import OPEN_GATE
from trading.order_events import OrderPlanned
from trading.vocabulary import BrokerOrderId, Code, Side


M = TypeVar("M")
EVERYTHING = Scope()


class Line:
    """A wire, the venue behind it, and what it told."""

    def __init__(self) -> None:
        self.venue = ScriptedVenue()
        self.clock = ManualClock(AT)
        self.told = RecordingAddress()
        self.wire = Wire("w", self.venue, self.clock, self.hear)

    def hear(self, message: object) -> None:
        """What a wire tells is a turn's worth at once."""
        assert isinstance(message, Heard)
        for each in message.messages:
            self.told.tell(each)

    def tells(self, kind: type[M]) -> M:
        assert self.told.wait_for(lambda m: isinstance(m, kind)), self.told.told
        return next(m for m in self.told.told if isinstance(m, kind))

    def send(self, plan: OrderPlanned, generation: int = 0) -> Sent:
        self.wire.submit([Job(plan, generation, AT)])
        return self.tells(Sent)

    def close_gate(self, scope: Scope = EVERYTHING, generation: int = 1) -> None:
        closed = threading.Event()
        self.wire.close_gate(scope, generation, closed.set)
        assert closed.wait(5)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.wire.close()


def test_a_connected_venue_tells_its_balances_and_on_which_wire(line: Line) -> None:
    line.wire.connect()
    connected = line.tells(Connected)
    assert connected == Connected("w", Balances(cash=Decimal(25_000)))


@pytest.mark.parametrize("error", [UnreachableError("away"), ZeroDivisionError("a bug")])
def test_whatever_hinders_connecting_is_told(line: Line, error: Exception) -> None:
    line.venue.connect_errors = [error]
    line.wire.connect()
    assert line.tells(ConnectFailed) == ConnectFailed("w", str(error))


def test_the_venue_gets_what_was_planned(line: Line) -> None:
    ticket = ticket_of(planned("a"))
    assert (ticket.order_id, ticket.side) == (order_id("a"), Side.BUY)
    assert (ticket.quantity, ticket.reference_price) == (Decimal(10), Decimal(100))
    sent = line.send(planned("a"))
    assert (sent.fate, sent.broker_order_id) == (Fate.ACCEPTED, "V-a.paper.1")


@pytest.mark.parametrize(
    ("error", "fate", "code"),
    [
        (RejectedError("no"), Fate.REJECTED, Code.VENUE_REJECTED),
        (InsufficientFundsError("poor"), Fate.FUNDS, Code.INSUFFICIENT_FUNDS),
        (UnreachableError("away"), Fate.NOT_SENT, Code.NOT_SENT),
        (OutcomeUnknownError("silence"), Fate.UNKNOWN, Code.VENUE_REJECTED),
        (RateLimitedError(3), Fate.UNKNOWN, Code.RATE_LIMITED),
        (ZeroDivisionError("a bug"), Fate.UNKNOWN, Code.VENUE_REJECTED),
    ],
)
def test_how_a_send_fails_says_what_is_known_of_the_order(
    line: Line, error: Exception, fate: Fate, code: Code
) -> None:
    line.venue.submit_error = error
    sent = line.send(planned("a"))
    assert (sent.fate, sent.code) == (fate, code)
    assert sent.detail


def test_a_closed_gate_turns_an_entry_away(line: Line) -> None:
    line.close_gate()
    sent = line.send(planned("a"))
    assert (sent.fate, sent.code) == (Fate.REFUSED, Code.GATE_CLOSED)
    assert line.venue.calls == []


def test_a_closed_gate_lets_an_exit_out(line: Line) -> None:
    line.close_gate()
    assert line.send(planned("a", Side.SELL)).fate is Fate.ACCEPTED


def test_a_gate_closed_between_start_and_send_holds_the_order_back(line: Line) -> None:
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go.wait(5)

    line.venue.on_submit = hold
    line.wire.submit([Job(planned("first"), 0, AT)])
    assert held.wait(5)  # the loop is busy; the gate's closing and the next order queue behind
    line.wire.close_gate(EVERYTHING, 1, lambda: None)
    line.wire.submit([Job(planned("second"), 0, AT)])
    go.set()
    assert line.told.wait_for(lambda m: isinstance(m, Sent) and m.order_id == order_id("second"))
    assert line.venue.asked_to("submit") == ["submit first.paper.1"]


def test_stops_in_force_turn_entries_away(line: Line) -> None:
    line.wire.inform(evolve_stops(NO_STOPS, halted(1, Scope(account=PAPER))))
    sent = line.send(planned("a"), generation=1)
    assert (sent.code, sent.inputs["because"]) == (Code.HALTED, "OPERATOR")


def test_an_order_started_before_a_stop_and_a_start_is_decided_anew(line: Line) -> None:
    line.wire.inform(evolve_stops(evolve_stops(NO_STOPS, halted(1)), resumed(2)))
    assert line.send(planned("a"), generation=0).code is Code.GATE_CLOSED


def test_a_wire_begins_with_the_gate_it_is_given() -> None:
    line = Line()
    line.wire.close()
    line.wire = Wire("w", line.venue, line.clock, line.hear, OPEN_GATE.closed(EVERYTHING, 1))
    assert line.send(planned("a")).code is Code.GATE_CLOSED
    line.wire.close()


@pytest.mark.parametrize(("seconds", "fate"), [(5, Fate.ACCEPTED), (5.001, Fate.NOT_SENT)])
def test_an_order_does_not_leave_after_its_deadline(line: Line, seconds: float, fate: Fate) -> None:
    line.clock.advance(seconds)
    sent = line.send(planned("a"))
    assert sent.fate is fate
    assert bool(line.venue.calls) is (fate is Fate.ACCEPTED)


def test_the_deadline_holds_for_exits_too(line: Line) -> None:
    line.clock.advance(6)
    assert line.send(planned("a", Side.SELL)).code is Code.SEND_DEADLINE


def test_an_order_that_is_under_way_when_the_wire_closes_is_of_unknown_fate(line: Line) -> None:
    line.venue.hang = True
    begun = threading.Event()
    line.venue.on_submit = begun.set
    line.wire.submit([Job(planned("a"), 0, AT)])
    assert begun.wait(5)
    line.wire.close()
    assert line.tells(Sent).fate is Fate.UNKNOWN
    assert line.venue.is_closed


def test_what_is_found_is_told_with_when_it_was_asked(line: Line) -> None:
    there = VenueOrder(
        broker_order_id=BrokerOrderId("V"), order_id=order_id("a"), status=VenueStatus.WORKING
    )
    line.venue.orders["a.paper.1"] = there
    line.wire.find(order_id("a"))
    found = line.tells(FoundOut)
    assert (found.found, found.error, found.asked_at) == (there, "", AT)


@pytest.mark.parametrize("error", [OutcomeUnknownError("silence"), ZeroDivisionError()])
def test_a_look_that_fails_says_so(line: Line, error: Exception) -> None:
    line.venue.find_error = error
    line.wire.find(order_id("a"))
    assert line.tells(FoundOut).error


@pytest.mark.parametrize("error", [UnreachableError("away"), ZeroDivisionError("a bug")])
def test_a_cancel_that_fails_says_so(line: Line, error: Exception) -> None:
    line.venue.cancel_error = error
    line.wire.cancel(order_id("a"), BrokerOrderId("V"))
    assert line.tells(CancelFailed) == CancelFailed(order_id("a"), str(error))


def test_reports_and_prices_are_passed_on(line: Line) -> None:
    line.wire.connect()
    line.tells(Connected)
    ended = Ended(
        broker_order_id=BrokerOrderId("V"), order_id=order_id("a"), status=VenueStatus.CANCELLED
    )
    assert line.venue.report is not None
    line.venue.report(ended)
    line.wire.observe(AAPL, Decimal(101), AT + timedelta(minutes=1))
    line.wire.find(order_id("a"))
    line.tells(FoundOut)
    assert line.tells(Reported).report == ended
    assert "observe AAPL 101 14:31" in line.venue.calls


def test_closing_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    line = Line()
    line.wire.close()
    assert set(threading.enumerate()) == before


# --- severed ------------------------------------------------------------------------------------


def test_a_severed_wire_sends_and_cancels_nothing_not_even_what_was_handed_to_it(
    line: Line,
) -> None:
    gate = Gate()
    line.wire._loop.call(gate, None)
    assert gate.reached.wait(5)
    line.wire.submit([Job(planned("a"), 0, AT)])
    line.wire.cancel(order_id("b"), BrokerOrderId("V-b"))
    line.wire.sever()
    gate.open()
    sent = line.tells(Sent)
    assert (sent.fate, sent.code) == (Fate.NOT_SENT, Code.REPLACED)
    line.wire._loop._thread.join(5)
    assert line.venue.calls == []
    assert line.venue.is_closed


def test_severing_twice_or_after_the_end_is_harmless(line: Line) -> None:
    line.wire.sever()
    line.wire.sever()
    line.wire._loop._thread.join(5)
    line.wire.sever()
    assert not line.wire._loop._thread.is_alive()
