"""A month of quotes and alerts: each day counted when it is over."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from brokers.ledger_events import PaperFilled
from journal.rows import Row
from tests.stateful.house import Account, rules_named
from trading.external import cash_residual, residuals
from trading.hours import Hours
from trading.money import CENT
from trading.positions import Book
from trading.profit import by_strategy, in_all, outside, unexplained
from trading.sessions import Calendar
from trading.vocabulary import Action, Side, StrategyName, Symbol


DAYS: Final = 21
SYMBOLS: Final = (Symbol("AAPL"), Symbol("MSFT"))
STRATEGIES: Final = (StrategyName("alpha"), StrategyName("beta"))
SIGNALS_A_DAY: Final = 12


@frozen
class Month:
    """What a month comes to: the ledger row by row, the books, and what did not add up.

    The journal is not compared row by row: what two threads append at once may stand either way.
    """

    ledger: list[Row]
    books: Book
    found: list[str]
    alerts: int
    fills: int
    equity: Decimal
    flows: Decimal


def month(seed: int, days: int) -> Month:
    """So many trading days of an account that keeps the exchange's hours."""
    chance = random.Random(seed)
    rules = (rules_named(name, hours=Hours.EXCHANGE) for name in STRATEGIES)
    account = Account(*rules, cash=100_000)
    prices = {symbol: Decimal(100) for symbol in SYMBOLS}
    found: list[str] = []
    try:
        for number in range(1, days + 1):
            _day(account, chance, prices, number)
            found += [f"seed {seed} day {number}: {fault}" for fault in faults(account)]
            _next_morning(account)
        store, reader = account.disk.open()
        fills = sum(isinstance(r.event, PaperFilled) for r in reader.events())
        return Month(
            ledger=list(store.rows),  # type: ignore[attr-defined]  # a store in memory
            books=account.books,
            found=found,
            alerts=account.alerts,
            fills=fills,
            equity=account.books.equity().quantize(CENT),
            flows=account.books.flows,
        )
    finally:
        account.end()


def _day(
    account: Account, chance: random.Random, prices: dict[Symbol, Decimal], number: int
) -> None:
    for _ in range(SIGNALS_A_DAY):
        strategy, symbol = chance.choice(STRATEGIES), chance.choice(SYMBOLS)
        for each in SYMBOLS:
            prices[each] = (
                prices[each] * (1 + Decimal(chance.randint(-100, 100)) / 10_000)
            ) // CENT
            prices[each] *= CENT
            account.quoted(each, prices[each])
        action = chance.choice((Action.BUY, Action.BUY, Action.SELL, Action.CLOSE_LONG))
        quantity = None if action is Action.CLOSE_LONG else Decimal(chance.randint(1, 30))
        price = prices[symbol]
        account.alert(action, strategy, symbol, quantity=quantity, price=price)
        account.advance(0.5)
        account.quoted(symbol, price)
        account.advance(1)
    symbol = chance.choice(SYMBOLS)
    if number % 5 == 0:
        account.moved("dividend", Decimal("12.34"), symbol=symbol)
    if number % 7 == 0:
        account.moved("deposit", Decimal(1_000))
    if number % 4 == 0:
        account.traded_outside(Side.BUY, chance.randint(1, 9), prices[symbol], symbol)
    account.moved("interest", Decimal(chance.randint(-99, 99)) * CENT)
    account.looked()
    _to(account, Calendar().next_close(account.room.clock.now()) + timedelta(minutes=5))
    account.looked()


def _next_morning(account: Account) -> None:
    now = account.room.clock.now()
    opens = Calendar().next_open(now) + timedelta(minutes=2)
    account.restart((opens - now).total_seconds())


def _to(account: Account, at: datetime) -> None:
    """Time jumps: what rings every second would ring all afternoon."""
    account.room.clock.advance((at - account.room.clock.now()).total_seconds() - 1)
    account.quiet()


def faults(account: Account) -> Iterator[str]:
    """What does not add up at the end of a day."""
    book = account.books
    yield from (f"residual {residual}" for residual in residuals(book, account.ledger.holdings))
    if cash_residual(book, account.ledger.cash):
        yield f"cash {book.cash}, the venue has {account.ledger.cash}"
    if abs(_beyond_the_sum(book)) > Decimal("1E-6"):
        yield f"realised, unrealised and carry miss {_beyond_the_sum(book)} of equity less flows"
    if abs(unexplained(book)) > Decimal("1E-6"):
        yield f"unexplained {unexplained(book)}"


def _beyond_the_sum(book: Book) -> Decimal:
    """The sum rule, spelled out: what the parts earned is the change of equity less flows."""
    parts = [*by_strategy(book).values(), outside(book)]
    earned = sum((p.gross - p.fees + p.unrealized + p.carry for p in parts), book.carry)
    assert earned == in_all(book).profit
    return book.equity() - book.flows - earned
