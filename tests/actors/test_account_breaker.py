from decimal import Decimal

import pytest

from actors.breaker import AccountBreaker
from actors.messages import Join
from actors.runtime import Birth
from tests.actors.facts import AT, OPENED, PAPER, a_life, alert, at_venue, resumed
from tests.actors.room import Room, append_of
from trading.breaker import BreakerLimits
from trading.event import Event
from trading.events import Scope, Tripped, VenueFailed
from trading.vocabulary import AccountName, Code, ErrorKind, TradingState


LIMITS = BreakerLimits(
    max_consecutive_errors=3, max_daily_loss=Decimal(500), max_daily_loss_percent=None
)


def failed(kind: ErrorKind = ErrorKind.TRANSPORT, count: int = 1, account: str = PAPER) -> Event:
    return VenueFailed(
        at=AT, account=AccountName(account), kind=kind, detail="no money", count=count
    )


class Post:
    """An account's breaker, and the journal as others write to it."""

    def __init__(self, *past: Event) -> None:
        self.room = Room()
        self.room.commit(OPENED, *past)
        self.room.journal()
        self.begin()

    def begin(self, incarnation: int = 1) -> None:
        birth: Birth = self.room.birth("breaker:paper", incarnation)
        journal = self.room.address("journal")
        self.actor = AccountBreaker(
            birth, journal=journal, reader=self.room.reader, account=PAPER, limits=LIMITS, rules={}
        )
        self.room.begin(self.actor)

    def happens(self, *events: Event) -> "Post":
        journal = self.room.address("journal")
        journal.tell(Join(self.room.address("others"), self.actor._interest, 1))
        self.room.run()
        for event in events:
            journal.tell(append_of("others", self.room.store.head, event))
            self.room.run()
            self.room.address("others").take()
            journal.tell(Join(self.room.address("others"), self.actor._interest, 1))
            self.room.run()
        return self

    @property
    def trips(self) -> list[Tripped]:
        return self.room.events(Tripped)


def test_errors_in_a_row_trip_the_account() -> None:
    post = Post().happens(failed(), failed())
    assert post.trips == []
    (trip,) = post.happens(failed()).trips
    assert (trip.code, trip.state) == (Code.CONSECUTIVE_ERRORS, TradingState.REDUCING)
    assert trip.scope == Scope(account=PAPER)
    assert trip.inputs == {"errors": "3", "max_consecutive_errors": "3"}


def test_gathered_errors_count_each() -> None:
    assert len(Post().happens(failed(count=3)).trips) == 1


def test_an_order_that_is_accepted_ends_the_row() -> None:
    assert Post().happens(failed(count=2), at_venue("a"), failed()).trips == []


def test_errors_of_another_account_do_not_count() -> None:
    assert Post().happens(failed(count=9, account="other")).trips == []


def test_missing_funds_halt_at_once() -> None:
    (trip,) = Post().happens(failed(ErrorKind.FUNDS)).trips
    assert (trip.code, trip.state) == (Code.INSUFFICIENT_FUNDS, TradingState.HALTED)


def test_a_days_loss_halts_the_account() -> None:
    post = Post(*a_life("a"))
    (trip,) = post.happens(alert("b", price=Decimal(50), routes=(PAPER,))).trips
    assert (trip.code, trip.state) == (Code.MAX_DAILY_LOSS, TradingState.HALTED)
    assert trip.inputs == {"day_pnl": "-500", "max_daily_loss": "500"}


def test_a_loss_is_of_its_day_alone() -> None:
    post = Post(*a_life("a")).happens(alert("b", price=Decimal(50), routes=(PAPER,)))
    post.room.clock.advance(86_400)
    assert len(post.happens(resumed(2)).trips) == 1  # there is nothing to trip for any more


def test_what_is_in_force_does_not_trip_again() -> None:
    assert len(Post().happens(failed(count=3), failed(), failed()).trips) == 1


def test_two_reasons_are_two_trips_with_generations_of_their_own() -> None:
    post = Post().happens(failed(count=2), failed(ErrorKind.FUNDS))
    assert [(t.code, t.generation) for t in post.trips] == [
        (Code.INSUFFICIENT_FUNDS, 1),
        (Code.CONSECUTIVE_ERRORS, 2),
    ]


def test_a_trip_survives_restarts_and_is_not_repeated() -> None:
    post = Post().happens(failed(count=3))
    post.room.end("breaker:paper")
    post.begin(incarnation=2)
    assert len(post.trips) == 1
    assert post.actor.state.stops.over_account(PAPER) is not None


def test_what_was_due_when_the_actor_died_trips_at_its_return() -> None:
    post = Post(failed(count=3))
    assert len(post.trips) == 1


def test_a_resume_begins_the_count_anew() -> None:
    post = Post().happens(failed(count=3), resumed(2), failed(count=2))
    assert len(post.trips) == 1
    assert len(post.happens(failed()).trips) == 2


def test_nobody_but_the_journal_writes_to_it() -> None:
    with pytest.raises(TypeError, match="does not know"):
        Post().actor.receive("hello")
