"""Whether the day has lost its limit: believed of fills at once, of prices only when said twice."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.positions import Book
from trading.vocabulary import Symbol


FRESH: Final = timedelta(seconds=60)
"""How old a mark may be to be judged by; with an older one nobody knows what is held."""

APART: Final = timedelta(seconds=1)
"""How much later another mark has to say the same: a bad print is taken back by then."""


@frozen
class Suspicion:
    """The marks say that the limit is lost, `since` the instant of the newest of them."""

    since: datetime


@frozen
class Lost:
    """The limit is lost, by what was realised or by two marks one after the other."""

    day_pnl: Decimal


def judged(
    book: Book, limit: Decimal, before: Suspicion | None, now: datetime
) -> Suspicion | Lost | None:
    """What is to be thought of the day, given what was thought of it before.

    Marks that are not fresh make nobody suspect anything; entries are refused then.
    """
    realized = book.day_realized()
    if _is_beyond(realized, limit):
        return Lost(realized)
    pnl = book.day_pnl()
    if not _is_beyond(pnl, limit) or stale(book, now):
        return None
    newest = max(mark.at for symbol, mark in book.marks.items() if _is_held(book, symbol))
    if before is None:
        return Suspicion(newest)
    return Lost(pnl) if newest - before.since >= APART else before


def stale(book: Book, now: datetime) -> tuple[Symbol, ...]:
    """Symbols our strategies hold of which no price is known that is fresh, by name."""
    held = {symbol for (_, symbol), p in book.positions.items() if p.quantity}
    return tuple(
        symbol
        for symbol in sorted(held)
        if symbol not in book.marks or book.marks[symbol].age(now) > FRESH
    )


def _is_beyond(pnl: Decimal, limit: Decimal) -> bool:
    return pnl < 0 and pnl <= -limit


def _is_held(book: Book, symbol: Symbol) -> bool:
    return any(s == symbol and p.quantity for (_, s), p in book.positions.items())
