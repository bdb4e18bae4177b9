"""CircuitBreaker of an account: when trading there must stop."""

from collections.abc import Mapping

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Drawn, Memory
from actors.runtime import Address, Birth
from journal.recall import Recall
from trading.bookkeeping import BOOK_FACTS, evolve_book
from trading.breaker import (
    STOP_FACTS,
    WATCH_FACTS,
    BreakerLimits,
    Watch,
    due_trips,
    evolve_stops,
    evolve_watch,
)
from trading.changed import changed
from trading.desk import Desk
from trading.event import Event
from trading.events import Scope, Tripped
from trading.positions import Book, roll
from trading.rules import StrategyRules
from trading.vocabulary import AccountName, StrategyName


BREAKER_FACTS = (*BOOK_FACTS, *WATCH_FACTS, *STOP_FACTS)


def watch_memory(account: AccountName) -> Memory[Watch]:
    """What an account's breaker remembers."""
    return Memory(
        name=f"breaker:{account}",
        kind=Watch,
        begin=lambda: Watch(book=Book(account=account)),
        step=_watched,
        interest=interest(BREAKER_FACTS, account),
        drawn=Drawn(f"risk:{account}", _of_desk, besides=WATCH_FACTS),
    )


def _watched(watch: Watch, event: Event) -> Watch:
    book, stops = evolve_book(watch.book, event), evolve_stops(watch.stops, event)
    if book is not watch.book or stops is not watch.stops:
        watch = changed(watch, book=book, stops=stops)
    return evolve_watch(watch, event)


def _of_desk(watch: Watch, desk: Desk) -> Watch:
    return changed(watch, book=desk.book, stops=desk.stops)


class AccountBreaker(EventSourced[Watch]):
    """Watches one account's errors and losses, and trips what must be stopped."""

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        limits: BreakerLimits,
        rules: Mapping[StrategyName, StrategyRules],
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=watch_memory(account))
        self._account = account
        self._limits = limits
        self._sides = {name: its.sides for name, its in rules.items()}

    def handle(self, message: object) -> None:
        """Nobody but the Journal writes to an account's breaker."""
        raise TypeError(f"the AccountBreaker does not know {message!r}")

    def settle(self) -> None:
        """Trip what is due and not in force yet."""
        for trip in due_trips(self._watch_now(), self._limits, self._sides):
            self.append(
                Tripped(
                    at=self.clock.now(),
                    scope=Scope(account=self._account),
                    generation=self.state.stops.generation + 1,
                    state=trip.state,
                    code=trip.code,
                    inputs=dict(trip.inputs),
                ),
                cause=f"breaker:{self._account}",
            )

    def _watch_now(self) -> Watch:
        """What is watched, as of now: past the end of a day its loss is no reason any more."""
        book = roll(self.state.book, self.clock.now())
        return self.state if book is self.state.book else changed(self.state, book=book)
