"""An account's statement: its books, its trades, its equity curve."""

from datetime import datetime

from attrs import frozen

from trading.alert_events import AlertAccepted
from trading.bookings import EquityMarked, PeakReset
from trading.bookkeeping import as_of, booked
from trading.changed import changed
from trading.equity import CHAINED_AT, Curve
from trading.event import Event
from trading.positions import Book, roll
from trading.trades import NO_TRADES, Trades, evolve_trades
from trading.vocabulary import AccountName


@frozen(kw_only=True, slots=False)
class Statement:
    """Everything that is told of an account's money; a fold of its events."""

    book: Book
    trades: Trades = NO_TRADES
    curve: Curve = Curve()  # noqa: RUF009 - immutable


def new_statement(account: AccountName) -> Statement:
    """An account before its first event."""
    return Statement(book=Book(account=account))


def rolled(statement: Statement, at: datetime) -> Statement:
    """The statement as of an instant: past a day boundary the day's figures start anew."""
    book = roll(statement.book, at)
    return statement if book is statement.book else changed(statement, book=book)


def evolve_statement(statement: Statement, event: Event) -> Statement:
    """The statement after one fact; it never fails."""
    was, curve, trades = statement.book, statement.curve, statement.trades
    before = as_of(was, event)
    if was.day_ends is not None and before.day_ends != was.day_ends:
        curve = curve.at_boundary(before)
    after = booked(before, event)
    if after is not before and not isinstance(event, AlertAccepted):
        if after.positions is not before.positions:
            trades = evolve_trades(trades, before, after, event)
        if isinstance(event, CHAINED_AT):
            curve = curve.chained(before, after)
        if not curve.is_due:
            curve = changed(curve, is_due=True)
    elif isinstance(event, EquityMarked) and event.account == was.account:
        curve = changed(curve, marked=event, is_due=False)
    elif isinstance(event, PeakReset) and event.account == was.account:
        curve = curve.peak_reset(before)
    if after is was and curve is statement.curve:
        return statement
    return Statement(book=after, trades=trades, curve=curve)
