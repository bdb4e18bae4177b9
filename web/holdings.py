"""Positions and money as the pages and the API show them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from actors.views import AccountView, View
from trading.external import EXTERNAL
from trading.marks import Mark
from trading.money import ZERO
from trading.position import Position
from trading.positions import Book, roll
from trading.profit import Earned, by_strategy, in_all, outside
from trading.short_sales import free_cash, margin_of_shorts
from trading.statement import Statement, rolled
from trading.vocabulary import AccountName, StrategyName, Symbol
from web.usage import desk_of


@frozen(kw_only=True)
class Holding:
    """What is held of one symbol: by an account in all, by one strategy, or outside.

    `strategy` is None where several hold it together; without a mark nothing is unrealised.
    """

    account: AccountName
    strategy: str | None
    symbol: Symbol
    quantity: Decimal
    cost: Decimal
    realized: Decimal
    fees: Decimal
    estimated_fees: Decimal
    carry: Decimal
    day_pnl: Decimal
    marked: Mark | None

    @property
    def mark(self) -> Decimal | None:
        """What a share is worth."""
        return None if self.marked is None else self.marked.price

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


Share = tuple[str, Position]
"""Somebody's position, and his name."""


def holdings(book: Book, *, by_strategy: bool = False) -> Iterator[Holding]:
    """Everything that is not flat, by symbol: the account's net, or each share, external last."""
    found: dict[Symbol, list[Share]] = {}
    for (strategy, symbol), position in sorted(book.positions.items()):
        found.setdefault(symbol, []).append((strategy, position))
    for symbol, position in book.external.items():
        found.setdefault(symbol, []).append((EXTERNAL, position))
    for symbol, shares in sorted(found.items()):
        groups = [[share] for share in shares] if by_strategy else [shares]
        for group in groups:
            if sum((p.quantity for _, p in group), ZERO):
                yield _holding(book, symbol, group)


def _holding(book: Book, symbol: Symbol, group: list[Share]) -> Holding:
    holders = [name for name, p in group if p.quantity]
    positions = [p for _, p in group]
    return Holding(
        account=book.account,
        strategy=holders[0] if len(holders) == 1 else None,
        symbol=symbol,
        quantity=sum((p.quantity for p in positions), ZERO),
        cost=sum((p.cost for p in positions), ZERO),
        realized=sum((p.realized for p in positions), ZERO),
        fees=sum((p.fees for p in positions), ZERO),
        estimated_fees=sum((p.estimated_fees for p in positions), ZERO),
        carry=sum((p.carry for p in positions), ZERO),
        day_pnl=sum((p.day_pnl(book.mark_or_cost(symbol, p)) for p in positions), ZERO),
        marked=book.marks.get(symbol),
    )


@frozen(kw_only=True)
class Money:
    """An account's money in dollars; None before its venue was seen for the first time.

    `buying_power` is cash less what live entries may still take at worst and what shorts keep, of
    which `margin_used` is their margin. `day_pnl` is that of our
    strategies, `account_day_pnl` that of all there is. `drawdown` is a part of 1. A rehearsal is
    left out of performance: of it, indices and drawdown are not to be shown.
    """

    account: AccountName
    cash: Decimal | None
    buying_power: Decimal | None
    margin_used: Decimal
    equity: Decimal | None
    opening_equity: Decimal
    flows_today: Decimal
    day_pnl: Decimal
    day_realized: Decimal
    account_day_pnl: Decimal
    earned: Earned
    strategies: Mapping[StrategyName, Earned]
    losing_streaks: Mapping[StrategyName, int]
    external: Earned
    index: Decimal
    bot_index: Decimal
    drawdown: Decimal
    rehearsal: bool = False

    @property
    def unrealized(self) -> Decimal:
        """What closing everything at the marks would realise, before fees."""
        return self.earned.unrealized


def money(view: View, statement: Statement) -> Money:
    """How much an account has, how much of it is free, and what it earned."""
    book, curve, trades = statement.book, statement.curve, statement.trades
    known = book.cash is not None
    return Money(
        account=book.account,
        cash=book.cash,
        buying_power=max(free_cash(desk_of(view, book)), ZERO) if known else None,
        margin_used=margin_of_shorts(book),
        equity=book.equity() if known else None,
        opening_equity=book.opening_equity,
        flows_today=book.flows_today,
        day_pnl=book.day_pnl(),
        day_realized=book.day_realized(),
        account_day_pnl=book.account_day_pnl(),
        earned=in_all(book),
        strategies=by_strategy(book),
        losing_streaks={name: trades.losing_streak(name) for name in book.strategies},
        external=outside(book),
        index=curve.index_of(book),
        bot_index=curve.bot_index_of(book),
        drawdown=curve.drawdown(book),
        rehearsal=is_rehearsal(view, book.account),
    )


def is_rehearsal(view: View, account: AccountName) -> bool:
    """Whether an account's venue makes trouble on purpose, or ever did."""
    known = view.accounts.get(account)
    return known is not None and known.rehearsal


def books(accounts: Mapping[AccountName, AccountView], now: datetime) -> tuple[Book, ...]:
    """The accounts' books as of an instant: past a day boundary the day's figures start anew."""
    return tuple(roll(account.book, now) for account in accounts.values())


def statements(accounts: Mapping[AccountName, AccountView], now: datetime) -> tuple[Statement, ...]:
    """The accounts' statements as of an instant, likewise."""
    return tuple(rolled(account.statement, now) for account in accounts.values())
