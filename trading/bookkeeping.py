"""How each fact changes an account's books. It never fails: a fact is a fact."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from trading.alert_events import AlertAccepted
from trading.book_steps import brought, with_cash, with_share
from trading.booked import BOOKED
from trading.bookings import EquityMarked
from trading.changed import changed
from trading.event import Event
from trading.events import AccountOpened, CalendarApplied
from trading.marks import Mark, fresher
from trading.money import ZERO
from trading.order_events import ExecutionBusted, ExecutionCorrected, OrderFilled
from trading.position import FLAT, Position
from trading.positions import Book, roll
from trading.vocabulary import MarkSource


def evolve_book(book: Book, event: Event) -> Book:
    """The book after one fact; those of other accounts change nothing but the marks."""
    if type(event) not in _MOVES:
        return book
    return booked(as_of(book, event), event)


def as_of(book: Book, event: Event) -> Book:
    """The book as the fact found it: at the marks that it brings, and in its day."""
    if type(event) not in _MOVES:
        return book
    if isinstance(event, EquityMarked) and event.account == book.account:
        marks = {s: fresher(book.marks.get(s), mark) for s, mark in event.marks.items()}
        book = changed(book, marks={**book.marks, **marks})
    if book.day_ends is None or event.at >= book.day_ends:
        return roll(book, event.at)
    return book


def booked(book: Book, event: Event) -> Book:
    """The book with what the fact itself says, its day having been seen to."""
    fold = FOLDS.get(type(event))
    if fold is None or getattr(event, "account", book.account) != book.account:
        return book
    return fold(book, event)


# --- prices and our own executions ----------------------------------------------------------------


def _priced(book: Book, alert: AlertAccepted) -> Book:
    if alert.price is None:
        return book
    mark = fresher(book.marks.get(alert.symbol), Mark(alert.price, alert.at))
    return changed(book, marks={**book.marks, alert.symbol: mark})


def _filled(book: Book, fill: OrderFilled) -> Book:
    """Done by hand and in one step: this is what every trade waits for."""
    key = (fill.strategy, fill.symbol)
    position = book.positions.get(key, FLAT).filled(fill.side, fill.quantity, fill.price, fill.fee)
    if fill.is_fee_estimated:
        position = position.charged(ZERO, fill.fee)
    spent = fill.side.sign * fill.quantity * fill.price + fill.fee
    changes: dict[str, Any] = {
        "cash": (book.cash or ZERO) - spent,
        "positions": {**book.positions, key: position},
    }
    if fill.symbol not in book.marks:
        mark = Mark(fill.price, fill.at, MarkSource.FILL)
        changes["marks"] = {**book.marks, fill.symbol: mark}
    if fill.strategy not in book.strategies:
        changes["strategies"] = (*book.strategies, fill.strategy)
    return changed(book, **changes)


def _busted(book: Book, bust: ExecutionBusted) -> Book:
    undone = partial(Position.undone, side=bust.side, quantity=bust.quantity, price=bust.price)
    back = bust.side.sign * bust.quantity * bust.price
    return with_cash(with_share(book, bust.strategy, bust.symbol, undone), back)


def _corrected(book: Book, event: ExecutionCorrected) -> Book:
    def mended(position: Position) -> Position:
        before = position.undone(event.side, event.was_quantity, event.was_price)
        return before.filled(event.side, event.quantity, event.price)

    less = event.was_quantity * event.was_price - event.quantity * event.price
    book = with_share(book, event.strategy, event.symbol, mended)
    return with_cash(book, event.side.sign * less)


# --- the calendar, and the beginning --------------------------------------------------------------


def _calendar(book: Book, event: CalendarApplied) -> Book:
    return changed(book, calendar=event.calendar, day_ends=event.calendar.day_end(event.at))


def _opened(book: Book, event: AccountOpened) -> Book:
    """The books begin with what is there; it is a flow, and none of it is a strategy's."""
    external, marks = dict(book.external), dict(book.marks)
    for held in event.positions:
        external[held.symbol] = brought(FLAT, held.quantity, held.price)
        if held.price > 0:
            mark = Mark(held.price, event.at, MarkSource.QUOTE)
            marks[held.symbol] = fresher(marks.get(held.symbol), mark)
    book = changed(book, cash=event.cash, external=external, marks=marks)
    worth = book.equity()
    return changed(book, opening_equity=worth, flows=worth, flows_today=ZERO)


FOLDS: Final[Mapping[type[Event], Callable[[Book, Any], Book]]] = {
    AlertAccepted: _priced,
    OrderFilled: _filled,
    ExecutionBusted: _busted,
    ExecutionCorrected: _corrected,
    AccountOpened: _opened,
    CalendarApplied: _calendar,
    **BOOKED,
}
"""What a fact means to an account's books, by its type."""

BOOK_FACTS: Final = (*FOLDS, EquityMarked)
"""All that a book is made of. No other fact moves it, not even on to the next day, so that whoever
keeps one has the same; who looks at it rolls it to the instant at which he looks.
"""

_MOVES: Final = frozenset(BOOK_FACTS)
