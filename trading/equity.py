"""The equity curve: time-weighted, so that money that comes and goes is no profit."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.bookings import (
    Adjusted,
    Adopted,
    CashFlow,
    DustMoved,
    EquityMarked,
    SharesTransferred,
)
from trading.changed import changed
from trading.events import AccountOpened
from trading.money import ZERO
from trading.positions import Book
from trading.profit import bot_profit


ONE: Final = Decimal(1)
INDEX_STEP: Final = Decimal("1E-10")
"""What an index is written to."""

CHAINED_AT: Final = (AccountOpened, CashFlow, SharesTransferred, Adjusted, Adopted, DustMoved)
"""What comes to the account or to our strategies, or leaves them, without having been earned."""

MARK_EVERY: Final = timedelta(minutes=1)
"""How often equity is marked while something is held."""


@frozen(kw_only=True, slots=False)
class Curve:
    """An account's two indices, as of their base; both were 1 when it was opened.

    `index` is the account's, and moves as `equity` does. `bot_index` is that of our strategies
    alone: what they earn beyond `bot_profit` moves it, in proportion to the account's equity. At
    each flow and day boundary both begin anew from where they stand. `peak` is the highest the
    latter stood at a boundary. `marked` is the last mark; `is_due` says that more was traded since.
    """

    index: Decimal = ONE
    equity: Decimal = ZERO
    bot_index: Decimal = ONE
    bot_profit: Decimal = ZERO
    peak: Decimal = ONE
    marked: EquityMarked | None = None
    is_due: bool = False

    def index_of(self, book: Book) -> Decimal:
        """Where the account's index stands with the book as it is."""
        if self.equity <= 0:
            return self.index
        return self.index * book.equity() / self.equity

    def bot_index_of(self, book: Book) -> Decimal:
        """Where the index of our strategies stands."""
        if self.equity <= 0:
            return self.bot_index
        return self.bot_index * (1 + (bot_profit(book) - self.bot_profit) / self.equity)

    def drawdown(self, book: Book) -> Decimal:
        """How far our strategies' index is below its peak, as a part of it; never below 0."""
        return max(ONE - self.bot_index_of(book) / self.peak, ZERO)

    def chained(self, before: Book, after: Book) -> "Curve":
        """Begun anew between two books that differ in nothing that was earned."""
        return changed(
            self,
            index=self.index_of(before),
            equity=after.equity(),
            bot_index=self.bot_index_of(before),
            bot_profit=bot_profit(after),
        )

    def at_boundary(self, book: Book) -> "Curve":
        """Begun anew for another day, the peak having been seen to."""
        begun = self.chained(book, book)
        return changed(begun, peak=max(begun.peak, begun.bot_index))

    def peak_reset(self, book: Book) -> "Curve":
        """With drawdown measured from here."""
        begun = self.chained(book, book)
        return changed(begun, peak=begun.bot_index)

    def mark_of(self, book: Book, at: datetime) -> EquityMarked:
        """What there is to write down of a book."""
        held = {symbol for symbol, p in book.holdings() if p.quantity}
        return EquityMarked(
            at=at,
            account=book.account,
            equity=book.equity(),
            index=self.index_of(book).quantize(INDEX_STEP),
            bot_index=self.bot_index_of(book).quantize(INDEX_STEP),
            marks={symbol: book.marks[symbol] for symbol in sorted(held) if symbol in book.marks},
        )


def is_mark_due(curve: Curve, book: Book, now: datetime) -> bool:
    """Whether equity is to be marked: after trades, at the day boundary, each minute in which the
    prices of what is held have moved.
    """
    if book.cash is None or book.day_ends is None:
        return False
    if curve.is_due or curve.marked is None or now >= book.day_ends:
        return True
    return now - curve.marked.at >= MARK_EVERY and book.equity() != curve.marked.equity
