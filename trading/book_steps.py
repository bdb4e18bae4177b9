"""Small steps of bookkeeping, each a book and what it becomes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from trading.changed import changed
from trading.marks import Mark
from trading.money import ZERO
from trading.position import Position
from trading.positions import Book
from trading.vocabulary import Side, StrategyName, Symbol


def with_share(
    book: Book,
    strategy: StrategyName | None,
    symbol: Symbol,
    change: Callable[[Position], Position],
) -> Book:
    """Something happens to a strategy's share, or to what is external where none is named."""
    if strategy is None:
        external = {**book.external, symbol: change(book.outside(symbol))}
        return changed(book, external=external)
    share = change(book.position(strategy, symbol))
    changes: dict[str, Any] = {"positions": {**book.positions, (strategy, symbol): share}}
    if strategy not in book.strategies:
        changes["strategies"] = (*book.strategies, strategy)
    return changed(book, **changes)


def with_cash(book: Book, amount: Decimal) -> Book:
    """So many dollars came, or went where the amount is below 0."""
    return changed(book, cash=(book.cash or ZERO) + amount)


def with_flow(book: Book, worth: Decimal) -> Book:
    """What is worth so much came from outside, or went there."""
    return changed(book, flows=book.flows + worth, flows_today=book.flows_today + worth)


def with_first_mark(book: Book, symbol: Symbol, mark: Mark) -> Book:
    """A price that is better than none, where there is none."""
    if symbol in book.marks or mark.price <= 0:
        return book
    return changed(book, marks={**book.marks, symbol: mark})


def brought(position: Position, quantity: Decimal, price: Decimal) -> Position:
    """A position after shares came at a price, or went where the quantity is below 0."""
    side = Side.BUY if quantity >= 0 else Side.SELL
    return position.filled(side, abs(quantity), price)
