"""What a PositionBook books by itself: marks of equity, and dust."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from actors.market_messages import BarEnded, Quoted, ShowQuotes
from actors.messages import BookChanged, Join, NotCommitted, ShowBook
from actors.position_book import LOOK, PositionBook
from brokers.market import Candle, Quote
from tests.actors.facts import (
    AAPL,
    CALENDAR_APPLIED,
    DEMO,
    OPENED,
    PAPER,
    a_life,
    alert,
    booked,
    filled,
    later,
)
from tests.actors.room import Room, append_of
from trading.bookings import CashFlow, DustMoved, EquityMarked
from trading.event import Event
from trading.marks import Mark
from trading.order_events import OrderFilled
from trading.vocabulary import FlowKind, MarkSource, Side


class Desk:
    """A book of an account, the journal, and others who write to it."""

    def __init__(self, *past: Event) -> None:
        self.room = Room()
        self.room.commit(*past)
        self.room.journal()
        self.begin()
        others = self.room.address("others")
        self.room.address("journal").tell(Join(others, self.book._interest, 1))
        self.room.run()
        self.epoch = self.room.store.head

    def begin(self, incarnation: int = 1) -> None:
        self.book = PositionBook(
            self.room.birth("book:paper", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            account=PAPER,
            dashboard=self.room.address("dashboard"),
            alarms=self.room.timers,
            quotes_from=self.room.address("broker:paper"),
        )
        self.room.begin(self.book)

    def happens(self, *events: Event) -> None:
        self.room.address("journal").tell(append_of("others", self.epoch, *events))
        self.room.run()

    def marks(self) -> list[EquityMarked]:
        return self.room.events(EquityMarked)

    def moved(self) -> list[DustMoved]:
        return self.room.events(DustMoved)


@pytest.fixture
def desk() -> Desk:
    desk = Desk(OPENED)
    desk.room.advance(1)
    return desk


def fraction(quantity: str, name: str = "f", side: Side = Side.BUY) -> OrderFilled:
    return evolve(filled(name, side), quantity=Decimal(quantity))


# --- equity ---------------------------------------------------------------------------------------


def test_an_account_is_marked_once_it_is_open(desk: Desk) -> None:
    (mark,) = desk.marks()
    assert (mark.at, mark.account, mark.equity) == (later(1), PAPER, Decimal(25_000))
    desk.room.advance(600)
    assert desk.marks() == [mark]


def test_an_account_that_was_never_opened_is_not_marked() -> None:
    desk = Desk(alert("a"))
    desk.room.advance(100)
    assert desk.marks() == []


def test_fills_of_one_second_share_a_mark(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    desk.happens(*a_life("b"), alert("c", price=Decimal(110)))
    assert len(desk.marks()) == 1
    desk.room.advance(1)
    mark = desk.marks()[-1]
    assert (len(desk.marks()), mark.at, mark.equity) == (2, later(2), Decimal(25_000 + 200))
    assert mark.marks[AAPL].price == 110


def test_what_is_held_is_marked_each_minute_in_which_its_price_moved(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    desk.room.advance(1)
    desk.happens(alert("b", price=Decimal(101)))
    desk.room.advance(59)
    assert len(desk.marks()) == 2
    desk.room.advance(1)
    assert [m.equity for m in desk.marks()] == [25_000, 25_000, 25_010]
    desk.room.advance(120)
    assert len(desk.marks()) == 3


def test_a_flow_is_marked_and_no_profit(desk: Desk) -> None:
    desk.happens(booked(CashFlow, kind=FlowKind.DEPOSIT, amount=Decimal(1_000)))
    desk.room.advance(1)
    assert [m.equity for m in desk.marks()] == [25_000, 26_000]
    assert [m.index for m in desk.marks()] == [1, 1]


def test_the_boundary_is_marked_whether_anything_is_held_or_not(desk: Desk) -> None:
    boundary = desk.book.state.book.day_ends
    assert boundary is not None
    desk.room.clock.advance((boundary - later(1)).total_seconds() - 2)
    desk.room.advance(1)
    assert len(desk.marks()) == 1
    desk.room.advance(1)
    assert [m.at for m in desk.marks()] == [later(1), boundary]
    assert desk.book.state.book.day_ends != boundary


def test_a_mark_is_of_the_same_fold_after_a_restart(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    desk.room.advance(1)
    state = desk.book.state
    desk.room.end("book:paper")
    desk.begin(incarnation=2)
    assert desk.book.state == state
    desk.room.advance(60)
    assert len(desk.marks()) == 2


def test_a_mark_that_was_not_written_is_made_again(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    desk.room.address("journal").mailbox.bound = 0
    desk.room.advance(1)
    assert len(desk.marks()) == 1
    desk.room.address("journal").mailbox.bound = 100
    desk.room.advance(1)
    assert len(desk.marks()) == 2


def test_a_book_out_of_step_looks_at_nothing(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    epoch = desk.book._epoch
    assert epoch is not None
    desk.book.receive(NotCommitted(epoch, ()))
    desk.book.receive(LOOK)
    assert desk.book._early == []
    desk.room.run()
    desk.room.advance(1)
    assert len(desk.marks()) == 2


def test_an_ended_book_looks_no_more(desk: Desk) -> None:
    desk.happens(*a_life("a"))
    desk.room.end("book:paper")
    desk.room.address("book:paper").take()
    desk.room.advance(10)
    assert desk.room.address("book:paper").take() == []


def test_the_dashboard_is_shown_trades_and_the_curve(desk: Desk) -> None:
    desk.happens(*a_life("a"), *a_life("b", Side.SELL))
    desk.room.advance(1)
    told = [m for m in desk.room.address("dashboard").told if isinstance(m, BookChanged)]
    statement = told[-1].statement
    (trade,) = statement.trades.ended
    assert trade.net == 0
    assert statement.curve.marked == desk.marks()[-1]


# --- dust -----------------------------------------------------------------------------------------


def test_dust_that_lies_there_for_a_second_goes_to_external(desk: Desk) -> None:
    desk.happens(fraction("10.37"), fraction("10", "g", Side.SELL))
    desk.room.advance(1)
    assert desk.moved() == []
    desk.room.advance(1)
    (moved,) = desk.moved()
    assert (moved.strategy, moved.symbol, moved.quantity) == (DEMO, AAPL, Decimal("0.37"))
    book = desk.book.state.book
    assert book.own(AAPL) == 0
    assert book.outside(AAPL).quantity == Decimal("0.37")
    desk.room.advance(10)
    assert desk.moved() == [moved]


def test_a_fill_under_way_is_no_dust(desk: Desk) -> None:
    desk.happens(fraction("0.5"))
    desk.room.advance(1)
    desk.happens(fraction("9.5", "g"))
    desk.room.advance(5)
    assert desk.moved() == []


def test_each_dust_is_a_booking_of_its_own(desk: Desk) -> None:
    names: set[Any] = set()
    for name in "ab":
        desk.happens(fraction("0.25", name))
        desk.room.advance(2)
        names = {m.booking_id for m in desk.moved()}
    assert len(names) == 2
    assert desk.book.state.book.outside(AAPL).quantity == Decimal("0.5")


# --- the market -----------------------------------------------------------------------------------


def shown(price: int) -> Quote:
    return Quote(symbol=AAPL, at=later(2), source="file", last=Decimal(price))


def test_what_is_held_is_marked_by_the_market_within_a_minute() -> None:
    desk = Desk(OPENED, *a_life("a"))
    desk.room.advance(1)
    before = desk.marks()[-1]
    desk.book.address.tell(Quoted(shown(1_000)))
    desk.room.run()
    desk.room.advance(60)
    mark = desk.marks()[-1]
    assert mark.marks[AAPL] == Mark(Decimal(1_000), later(2), MarkSource.QUOTE)
    assert mark.equity > before.equity


def test_the_book_is_shown_at_the_market() -> None:
    desk = Desk(OPENED, *a_life("a"))
    bar = Candle(
        symbol=AAPL,
        at=later(1),
        length=timedelta(minutes=1),
        source="file",
        open=Decimal(7),
        high=Decimal(7),
        low=Decimal(7),
        close=Decimal(7),
    )
    desk.book.address.tell(BarEnded(bar))
    desk.book.address.tell(ShowBook())
    desk.room.run()
    shown = [m for m in desk.room.address("dashboard").told if isinstance(m, BookChanged)]
    assert shown[-1].statement.book.marks[AAPL].price == 7


def test_what_is_held_is_asked_for_while_the_exchange_is_open() -> None:
    desk = Desk(OPENED, CALENDAR_APPLIED, *a_life("a"))
    asked = asked_in_eleven_seconds(desk)
    assert {tuple(each.symbols) for each in asked} == {(AAPL,)}
    assert len(asked) == 3
    desk.happens(filled("b", Side.SELL))
    assert asked_in_eleven_seconds(desk) == []


def test_nothing_is_asked_for_at_night() -> None:
    desk = Desk(OPENED, CALENDAR_APPLIED, *a_life("a"))
    desk.room.clock.advance(12 * 3_600)
    assert asked_in_eleven_seconds(desk) == []


def asked_in_eleven_seconds(desk: Desk) -> list[ShowQuotes]:
    address = desk.room.address("broker:paper")
    address.take()
    for _ in range(11):
        desk.room.advance(1)
    return [message for message in address.take() if isinstance(message, ShowQuotes)]


def test_a_quote_without_a_price_marks_nothing(desk: Desk) -> None:
    before = desk.marks()
    desk.book.address.tell(Quoted(Quote(symbol=AAPL, at=later(2), source="file")))
    desk.room.run()
    desk.room.advance(60)
    assert desk.marks() == before
