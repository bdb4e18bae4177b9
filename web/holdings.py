"""Positions and money as the pages and the API show them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from attrs import frozen

from actors.views import AccountView, View
from trading.money import ZERO
from trading.position import Position
from trading.positions import Book, roll
from trading.vocabulary import AccountName, Side, StrategyName, Symbol
from web.usage import desk_of


@frozen(kw_only=True)
class Holding:
    """What is held of one symbol: by an account in all, or by one strategy.

    `strategy` is None where several hold it together; without a mark nothing is unrealised.
    """

    account: AccountName
    strategy: StrategyName | None
    symbol: Symbol
    quantity: Decimal
    cost: Decimal
    realized: Decimal
    mark: Decimal | None

    @property
    def average_price(self) -> Decimal:
        """Cost a share."""
        return self.cost / self.quantity

    @property
    def unrealized(self) -> Decimal | None:
        """What closing at the mark would realise, before fees."""
        return None if self.mark is None else self.quantity * self.mark - self.cost

    @property
    def unrealized_percent(self) -> Decimal | None:
        """The same in per cent of what was paid."""
        gain = self.unrealized
        return None if gain is None or not self.cost else gain / abs(self.cost) * 100


def holdings(book: Book, *, by_strategy: bool = False) -> Iterator[Holding]:
    """Everything that is not flat, by symbol: the account's net, or each strategy's share."""
    rows = sorted(book.positions.items(), key=lambda item: (item[0][1], item[0][0]))
    for symbol, of_symbol in groupby(rows, key=lambda item: item[0][1]):
        shares = [(strategy, p) for (strategy, _), p in of_symbol]
        groups = [[share] for share in shares] if by_strategy else [shares]
        for group in groups:
            if sum((p.quantity for _, p in group), ZERO):
                yield _holding(book, symbol, group)


def _holding(book: Book, symbol: Symbol, group: list[tuple[StrategyName, Position]]) -> Holding:
    holders = [strategy for strategy, p in group if p.quantity]
    return Holding(
        account=book.account,
        strategy=holders[0] if len(holders) == 1 else None,
        symbol=symbol,
        quantity=sum((p.quantity for _, p in group), ZERO),
        cost=sum((p.cost for _, p in group), ZERO),
        realized=sum((p.realized for _, p in group), ZERO),
        mark=book.mark(symbol),
    )


@frozen(kw_only=True)
class Money:
    """An account's money in dollars; None before its venue was seen for the first time.

    `buying_power` is cash less what live buys may still take at worst.
    """

    account: AccountName
    cash: Decimal | None
    buying_power: Decimal | None
    equity: Decimal | None
    day_pnl: Decimal
    unrealized: Decimal


def money(view: View, book: Book) -> Money:
    """How much an account has, and how much of it is free."""
    buys = desk_of(view, book).live(side=Side.BUY)
    reserved = sum((order.reserved_value for order in buys), ZERO)
    known = book.cash is not None
    return Money(
        account=book.account,
        cash=book.cash,
        buying_power=max(book.cash - reserved, ZERO) if book.cash is not None else None,
        equity=book.equity() if known else None,
        day_pnl=book.day_pnl(),
        unrealized=book.unrealized(),
    )


def books(accounts: Mapping[AccountName, AccountView], now: datetime) -> tuple[Book, ...]:
    """The accounts' books as of an instant: past a day boundary the day's figures start anew."""
    return tuple(roll(account.book, now) for account in accounts.values())
