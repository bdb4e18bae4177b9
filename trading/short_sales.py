"""What a short sale needs beside what every entry needs.

Source: trading rules, row 21: it is allowed, the shares can be borrowed, a stop rests no more than
a tenth away, and a position is half as large as a long one may be.
"""

from decimal import Decimal
from typing import Final

from trading.alert_events import Checked
from trading.desk import SHORT_MARGIN, Desk
from trading.entry import Entry
from trading.money import ZERO, plain
from trading.on_its_side import expected_price
from trading.positions import Book
from trading.vocabulary import Code


FARTHEST_STOP: Final = Decimal("0.10")
"""How far from the price a short sale's stop may be, as a part of it."""

PART_OF_LONG: Final = Decimal("0.5")
"""How large a short position may be, as a part of what a long one may."""

ALLOWED: Final = Checked(Code.SHORT_NOT_ALLOWED, True, {})
CAN_BE_BORROWED: Final = Checked(Code.NOT_BORROWABLE, True, {})
HAS_STOP: Final = Checked(Code.SHORT_NEEDS_STOP, True, {})


def short_allowed(entry: Entry) -> Checked:
    """Short is sold only where the limits say so as well as the strategy."""
    if not entry.is_short or entry.rules.limits.allow_short:
        return ALLOWED
    inputs = {"sides": entry.rules.sides.value, "allow_short": "false"}
    return Checked(Code.SHORT_NOT_ALLOWED, False, inputs)


def borrowable(entry: Entry) -> Checked:
    """The account's list has the symbol, where it has a list."""
    listed = entry.rules.borrowable
    if not entry.is_short or listed is None or entry.alert.symbol in listed:
        return CAN_BE_BORROWED
    inputs = {"symbol": str(entry.alert.symbol), "borrowable": " ".join(sorted(listed))}
    return Checked(Code.NOT_BORROWABLE, False, inputs)


def short_has_stop(entry: Entry) -> Checked:
    """What a short position may lose is bounded by a stop that rests near enough."""
    if not entry.is_short:
        return HAS_STOP
    alert = entry.alert
    market = alert.price or entry.desk.book.mark(alert.symbol) or entry.price
    expected = expected_price(alert, entry.side, market)
    farthest, stop = expected * (1 + FARTHEST_STOP), alert.stop_loss
    inputs = {
        "stop_loss": "none" if stop is None else plain(stop),
        "entry_expected_at": plain(expected),
        "farthest": plain(farthest),
    }
    return Checked(Code.SHORT_NEEDS_STOP, stop is not None and stop <= farthest, inputs)


def capped(entry: Entry, limit: Decimal | None) -> Decimal | None:
    """A limit of one position, as it is for the entry's side; None: it is off."""
    return limit * PART_OF_LONG if limit is not None and entry.is_short else limit


def kept_for_shorts(book: Book) -> Decimal:
    """The dollars that nothing else is paid from while shares are short: what would buy them back,
    and their margin.
    """
    return _short(book) * (1 + SHORT_MARGIN)


def margin_of_shorts(book: Book) -> Decimal:
    """The margin of what is short, in dollars."""
    return _short(book) * SHORT_MARGIN


def free_cash(desk: Desk) -> Decimal:
    """What a new entry may take: cash less what shorts keep and live entries may still take."""
    return (desk.book.cash or ZERO) - desk.buying - kept_for_shorts(desk.book)


def _short(book: Book) -> Decimal:
    """What is short is worth, and no less than it was sold for."""
    short = ZERO
    for symbol, position in book.holdings():
        if position.quantity < 0:
            worth = position.quantity * book.mark_or_cost(symbol, position)
            short += max(-worth, -position.cost)
    return short
