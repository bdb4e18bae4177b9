from decimal import Decimal

import pytest

from actors.dashboard import Dashboard
from actors.messages import BookChanged, Join, ShowBook
from actors.position_book import PositionBook
from actors.runtime import Publication
from actors.views import View
from tests.actors.facts import AAPL, DEMO, OPENED, PAPER, a_life, alert, later
from tests.actors.room import Room, append_of
from trading.event import Event
from trading.events import ActorStarted


class Views(Publication[View]):
    """A publication that counts."""

    def __init__(self) -> None:
        super().__init__(View())
        self.number = 0

    def publish(self, value: View) -> None:
        self.number += 1
        super().publish(value)


class Hall:
    """A dashboard and a position book, and the journal as others write to it."""

    def __init__(self, *past: Event) -> None:
        self.room = Room()
        self.room.commit(OPENED, *past)
        self.room.journal()
        self.views = Views()
        self.noted: list[Event] = []
        journal, reader = self.room.address("journal"), self.room.reader
        self.book = PositionBook(
            self.room.birth("book:paper"),
            journal=journal,
            reader=reader,
            account=PAPER,
            dashboard=self.room.address("dashboard"),
            alarms=self.room.timers,
        )
        self.room.begin(self.book)
        self.begin()
        others = self.room.address("others")
        journal.tell(Join(others, self.book._interest, 1))
        self.room.run()
        self.epoch = self.room.store.head
        self.room.advance(1)  # the book marks equity
        self.room.advance(1)  # the view that was put off
        self.room.advance(1)  # idle

    def begin(self, incarnation: int = 1) -> None:
        self.dashboard = Dashboard(
            self.room.birth("dashboard", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            alarms=self.room.timers,
            books={PAPER: self.room.address("book:paper")},
            view=self.views,
            note=lambda recorded: self.noted.append(recorded.event),
        )
        self.room.begin(self.dashboard)

    def happens(self, *events: Event) -> None:
        for event in events:
            self.room.address("journal").tell(append_of("others", self.epoch, event))
            self.room.run()


def test_what_happens_while_it_is_idle_is_published_at_once() -> None:
    hall = Hall()
    hall.happens(alert("a", routes=()))
    assert [a.alert_id for a in hall.views.current.alerts] == ["a"]


def test_what_happens_in_a_rush_is_published_every_50_ms_at_most() -> None:
    hall = Hall()
    before = hall.views.number
    hall.happens(*(alert(f"a{n}", routes=()) for n in range(100)))
    assert hall.views.number == before + 1
    assert len(hall.views.current.alerts) == 1
    hall.room.advance(0.05)
    assert hall.views.number == before + 2
    assert len(hall.views.current.alerts) == 100


def test_nothing_is_published_when_nothing_happens() -> None:
    hall = Hall()
    hall.happens(alert("a", routes=()), alert("b", routes=()))
    hall.room.advance(1)
    before = hall.views.number
    hall.room.advance(60)
    assert hall.views.number == before


def test_a_view_says_how_far_it_has_read() -> None:
    hall = Hall()
    hall.happens(alert("a", routes=()))
    assert hall.views.current.seq == hall.room.store.head


def test_the_book_is_shown_from_the_first_moment_on() -> None:
    hall = Hall(*a_life("a"))
    book = hall.views.current.accounts[PAPER].book
    assert (book.cash, book.position(DEMO, AAPL).quantity) == (Decimal(24_000), Decimal(10))


def test_the_book_follows_fills() -> None:
    hall = Hall()
    hall.happens(*a_life("a"))
    hall.room.advance(0.05)
    assert hall.views.current.accounts[PAPER].book.net(AAPL) == 10


def test_a_new_dashboard_asks_for_the_books() -> None:
    hall = Hall(*a_life("a"))
    hall.room.end("dashboard")
    hall.begin(incarnation=2)
    hall.room.advance(0.05)
    assert hall.views.current.accounts[PAPER].book.net(AAPL) == 10


def test_a_book_shown_after_the_days_end_begins_the_day_anew() -> None:
    hall = Hall(*a_life("a"))
    hall.room.clock.advance(86_400)
    hall.book.receive(ShowBook())
    (told,) = [m for m in hall.room.address("dashboard").take() if isinstance(m, BookChanged)]
    book = told.statement.book
    assert book.day_ends is not None
    assert book.day_ends > later(86_400)
    assert book.position(DEMO, AAPL).day_realized == 0


def test_a_dashboard_that_is_too_busy_does_not_hurt_the_book() -> None:
    hall = Hall()
    hall.room.address("dashboard").mailbox.bound = 0
    hall.happens(*a_life("a"))
    assert hall.book.state.book.net(AAPL) == 10


@pytest.mark.parametrize("name", ["dashboard", "book:paper"])
def test_an_unknown_message_is_a_bug(name: str) -> None:
    with pytest.raises(TypeError, match="does not know"):
        Hall().room.actors[name].receive("hello")


def test_a_dashboard_that_was_replaced_publishes_nothing_over_its_successors_view() -> None:
    hall = Hall()
    before = hall.views.number
    hall.dashboard.stop()
    hall.dashboard.settle()
    assert hall.views.number == before


def test_a_book_that_was_replaced_shows_nothing_over_its_successors() -> None:
    hall = Hall()
    hall.room.address("dashboard").take()
    hall.book.stop()
    hall.book.settle()
    assert hall.room.address("dashboard").told == []


def test_what_comes_is_noted_and_what_is_past_is_not_noted_again() -> None:
    hall = Hall(alert("before", routes=()))
    hall.noted.clear()
    hall.happens(new := alert("a", routes=()))
    hall.begin(incarnation=2)
    hall.room.run()
    assert [event for event in hall.noted if not isinstance(event, ActorStarted)] == [new]
