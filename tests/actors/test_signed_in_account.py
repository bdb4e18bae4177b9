"""An account at a venue where people sign in: nobody is waited for, and it goes on by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from actors.login_messages import Admitted, LetIn, TokenRefused
from actors.messages import Reported
from brokers.base import AuthExpiredError, UnreachableError
from brokers.sign_in import Access, AccessRefused
from tests.actors.broker_house import House as BrokerHouse
from tests.actors.facts import AT, PAPER, filled, order_id
from trading.events import VenueFailed, VenueLost, VenueReady
from trading.order_events import OrderAccepted, OrderFilled, SubmitStarted


LOGIN = "login:schwab-1"
FIRST = Access(token="first", expires_at=AT + timedelta(minutes=30))
SECOND = Access(token="second", expires_at=AT + timedelta(minutes=60))


class House(BrokerHouse):
    signed_in_by = LOGIN

    def admits(self, access: Access | None, reason: str = "") -> None:
        self.room.address("broker:paper").tell(Admitted(access, reason), control=True)
        self.room.run()

    def told_login(self) -> list[Any]:
        return list(self.room.address(LOGIN).take())


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.broker.on_end(None)


def test_it_asks_to_be_let_in_and_connects_once_it_is(house: House) -> None:
    house.begin()
    house.quiet()
    assert house.told_login() == [LetIn(PAPER, house.room.address("broker:paper"))]
    assert "connect" not in house.venue.calls
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    assert house.venue.admitted == [None, FIRST]


def test_renewed_access_is_passed_on_and_nothing_else_happens(house: House) -> None:
    house.begin()
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    house.admits(SECOND)
    house.quiet()
    assert house.venue.admitted[-1] == SECOND
    assert house.venue.calls.count("connect") == 1


def test_signed_out_its_signals_wait_and_signed_in_again_it_goes_on(house: House) -> None:
    house.begin()
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    house.admits(None, "nobody is signed in")
    (lost,) = house.until_there_is(VenueLost)
    assert lost.reason == "nobody is signed in"
    house.plan("a")
    house.quiet()
    assert house.room.events(SubmitStarted) == []
    house.admits(SECOND)
    house.until_there_is(VenueReady, 2)
    assert house.room.events(VenueFailed) == []


def test_a_sign_out_that_the_venue_tells_of_is_no_trouble_of_the_venues(house: House) -> None:
    house.venue.connect_errors = [AuthExpiredError("nobody is signed in")]
    house.begin()
    house.admits(FIRST)
    house.until(lambda: not house.broker._is_connecting)
    assert house.room.events(VenueFailed) == []
    house.admits(SECOND)
    house.until_there_is(VenueReady)


def test_access_while_it_connects_does_not_connect_twice(house: House) -> None:
    house.venue.connect_errors = [UnreachableError("away")]
    house.begin()
    for access in (FIRST, SECOND):  # both before anything is heard of the connection
        house.broker.address.tell(Admitted(access), control=True)
    house.until_there_is(VenueFailed)
    assert house.venue.calls.count("connect") == 1
    house.room.advance(1.5)
    house.until_there_is(VenueReady)


def test_a_token_that_the_venue_refused_goes_to_who_keeps_the_sign_in(house: House) -> None:
    house.begin()
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    house.told_login()
    house.broker.receive(Reported(AccessRefused("first")))
    assert house.told_login() == [TokenRefused("first")]


def test_without_a_sign_in_nobody_is_told_of_a_token() -> None:
    house = BrokerHouse().ready()
    house.broker.receive(Reported(AccessRefused("first")))
    house.broker.on_end(None)


def test_a_venue_without_our_ids_learns_of_earlier_orders_before_they_are_asked_for(
    house: House,
) -> None:
    house.venue.knows_our_ids = False
    house.begin()
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    house.venue.hang = True
    house.plan("a")
    house.until_there_is(SubmitStarted)
    house.venue.hang = False
    house.room.end("broker:paper")
    house.begin(2)
    house.admits(FIRST)
    house.until(lambda: bool(house.venue.recalled))
    (earlier,) = house.venue.recalled
    assert earlier.ticket.order_id == order_id("a")
    assert earlier.sent_at == house.room.events(SubmitStarted)[0].at


def test_orders_that_have_ended_are_taken_for_no_other(house: House) -> None:
    """By the venue's ids as far as they are known, and by their executions."""
    house.venue.knows_our_ids = False
    house.begin()
    house.admits(FIRST)
    house.until_there_is(VenueReady)
    house.plan("a")
    house.until_there_is(OrderAccepted)
    house.happens(filled("a"))
    house.plan("b")
    house.until_there_is(OrderAccepted, 2)
    house.room.end("broker:paper")
    house.begin(2)
    house.admits(FIRST)
    house.until(lambda: len(house.venue.bygone) == 2)
    at_first, then = house.venue.bygone
    assert (at_first.broker_order_ids, at_first.executions) == (frozenset(), frozenset())
    ended = house.room.events(OrderAccepted)[0].broker_order_id
    assert then.broker_order_ids == {ended}
    assert then.executions == {house.room.events(OrderFilled)[0].execution_id}
