"""PositionBook: what an account holds and what it earned. One per account."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.market_messages import BarEnded, Quoted, ShowQuotes
from actors.memory import Memory
from actors.messages import BookChanged, ShowBook, Tick
from actors.runtime import Address, Alarms, Birth, MailboxFull
from journal.recall import Recall
from trading.bookings import DustMoved, PeakReset
from trading.bookkeeping import BOOK_FACTS
from trading.changed import changed
from trading.equity import is_mark_due
from trading.external import dust
from trading.marks import Mark, fresher
from trading.position import Position
from trading.positions import Book, Key
from trading.sessions import Session
from trading.statement import Statement, evolve_statement, new_statement, rolled
from trading.vocabulary import AccountName, BookingId, MarkSource, Symbol


STATEMENT_FACTS: Final = (*BOOK_FACTS, PeakReset)
QUOTES_EVERY: Final = timedelta(seconds=5)
LOOK: Final = Tick("look")
LOOK_EVERY_S: Final = 1.0
"""How soon after a fill equity is marked: fills that come together share a mark."""


def book_memory(account: AccountName) -> Memory[Statement]:
    """What an account's PositionBook remembers."""
    return Memory(
        name=f"book:{account}",
        kind=Statement,
        begin=lambda: new_statement(account),
        step=evolve_statement,
        interest=interest(STATEMENT_FACTS, account),
    )


class PositionBook(EventSourced[Statement]):
    """Folds fills, bookings and prices, and shows them to the dashboard.

    It marks equity and moves dust, which are facts of the books alone; what is traded or booked
    otherwise is decided elsewhere. `quotes_from` is whoever speaks with a venue that sees the
    market itself.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        dashboard: Address,
        alarms: Alarms,
        quotes_from: Address | None = None,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=book_memory(account))
        self._account = account
        self._dashboard = dashboard
        self._quotes_from = quotes_from
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._quoted: dict[Symbol, Mark] = {}
        self._dusty: Mapping[Key, Position] = {}
        self._looking = self.own(alarms).every(LOOK_EVERY_S, self.address, LOOK)

    def receive(self, message: object) -> None:
        """A look is for who is in step with the journal; there is another one soon."""
        if message != LOOK:
            super().receive(message)
        elif self._epoch is not None:
            self._look()

    def handle(self, message: object) -> None:
        """The market shows a price, or someone wants to see the book."""
        match message:
            case Quoted(quote=quote):
                self._note(quote.symbol, quote.price, quote.at)
            case BarEnded(bar=bar):
                self._note(bar.symbol, bar.close, bar.ends_at)
            case ShowBook():
                self.settle()
            case _:
                raise TypeError(f"the PositionBook does not know {message!r}")

    def _note(self, symbol: Symbol, price: Decimal | None, at: datetime) -> None:
        """Keep a price of the market; with the next mark of equity it becomes a fact."""
        if price is not None:
            self._quoted[symbol] = Mark(price, at, MarkSource.QUOTE)

    def _marked(self) -> Statement:
        """The statement at the market's prices."""
        fresh = {s: fresher(self.state.book.marks.get(s), mark) for s, mark in self._quoted.items()}
        if not fresh:
            return self.state
        marks = {**self.state.book.marks, **fresh}
        return changed(self.state, book=changed(self.state.book, marks=marks))

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look at nothing any more."""
        self._looking.cancel()

    def settle(self) -> None:
        """Show the latest; a dashboard too busy to look gets the next one."""
        if self.is_over:  # its successor's book is the newer one
            return
        try:
            self._dashboard.tell(BookChanged(self._seen, rolled(self._marked(), self.clock.now())))
        except MailboxFull:
            return

    def _look(self) -> None:
        """Book what is due; a journal that is swamped is asked again at the next look."""
        now, cause = self.clock.now(), self.address.name
        try:
            book = self._marked().book
            if is_mark_due(self.state.curve, book, now):
                self.append(self.state.curve.mark_of(book, now), cause=cause)
            self._ask(book, now)
            self._sweep()
        except MailboxFull:
            return

    def _ask(self, book: Book, now: datetime) -> None:
        """Ask what the market shows of what is held, where it is the venue that sees it."""
        held = {symbol for (_, symbol), it in book.positions.items() if it.quantity}
        is_due = now >= self._asked_at + QUOTES_EVERY
        if self._quotes_from is not None and held and is_due and self._is_open(book, now):
            self._asked_at = now
            self._quotes_from.tell(ShowQuotes(frozenset(held), self.address))

    @staticmethod
    def _is_open(book: Book, now: datetime) -> bool:
        return book.calendar.session(now) is not Session.CLOSED

    def _sweep(self) -> None:
        """Move dust that lay there at the last look too, so that no fill under way is cut short."""
        positions, before = self.state.book.positions, self._dusty
        found = dust(self.state.book)
        self._dusty = {key: positions[key] for key in found}
        for (strategy, symbol), quantity in found.items():
            if before.get((strategy, symbol)) is not positions[strategy, symbol]:
                continue
            booking_id = BookingId(f"dust/{strategy}/{symbol}/{self._seen}")
            moved = DustMoved(
                at=self.clock.now(),
                account=self._account,
                booking_id=booking_id,
                strategy=strategy,
                symbol=symbol,
                quantity=quantity,
            )
            key = f"booking:{self._account}/{booking_id}"
            self.append(moved, keys=(key,), cause=self.address.name)
