"""An account's books: every strategy's share, what is external, cash, marks and the day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from trading.changed import changed
from trading.marks import Mark
from trading.money import ZERO
from trading.position import FLAT, Position
from trading.sessions import Calendar
from trading.vocabulary import AccountName, StrategyName, Symbol


Key = tuple[StrategyName, Symbol]
"""Whose share of what."""

Figure = Callable[[Position, Decimal], Decimal]
"""Something one can say of a position at a mark."""


@frozen(kw_only=True, slots=False)
class Book:
    """One account's positions, cash and marks; a fold of its events.

    `external` is what was held or traded outside this program. `carry` is what belongs to no
    position: interest, and fees of the account. `flows` is all that came from outside, the opening
    balance included, and `flows_today` what of it came since the day boundary; `opening_equity` is
    what the account was worth there.
    """

    account: AccountName
    cash: Decimal | None = None
    positions: Mapping[Key, Position] = {}
    external: Mapping[Symbol, Position] = {}
    marks: Mapping[Symbol, Mark] = {}
    day_ends: datetime | None = None
    opening_equity: Decimal = ZERO
    calendar: Calendar = Calendar()  # noqa: RUF009 - immutable
    carry: Decimal = ZERO
    flows: Decimal = ZERO
    flows_today: Decimal = ZERO
    strategies: tuple[StrategyName, ...] = field(init=False, eq=False, repr=False)
    """Whose shares there are: what `positions` says by its keys, few and seldom more."""

    @strategies.default
    def _strategies(self) -> tuple[StrategyName, ...]:
        return tuple(dict.fromkeys(strategy for strategy, _ in self.positions))

    # --- what is held ---------------------------------------------------------------------------

    def position(self, strategy: StrategyName, symbol: Symbol) -> Position:
        """A strategy's own share; flat where there is none."""
        return self.positions.get((strategy, symbol), FLAT)

    def outside(self, symbol: Symbol) -> Position:
        """What is external of a symbol; flat where there is nothing."""
        return self.external.get(symbol, FLAT)

    def own(self, symbol: Symbol) -> Decimal:
        """The signed quantity of all strategies together."""
        total = ZERO
        for strategy in self.strategies:
            total += self.position(strategy, symbol).quantity
        return total

    def net(self, symbol: Symbol) -> Decimal:
        """The account's signed quantity in a symbol: all strategies together, and external."""
        total = self.own(symbol)
        return total + self.external[symbol].quantity if symbol in self.external else total

    def holdings(self) -> Iterator[tuple[Symbol, Position]]:
        """Every position there ever was, the strategies' and the external ones, by its symbol."""
        for (_, symbol), position in self.positions.items():
            yield symbol, position
        yield from self.external.items()

    # --- what it is worth -----------------------------------------------------------------------

    def mark(self, symbol: Symbol) -> Decimal | None:
        """The last known price of a symbol."""
        known = self.marks.get(symbol)
        return known.price if known else None

    def mark_or_cost(self, symbol: Symbol, position: Position) -> Decimal:
        """What a share counts as: its mark, or what it cost on average where there is none."""
        known = self.marks.get(symbol)
        return known.price if known else position.average_price

    def equity(self) -> Decimal:
        """Cash plus everything held at its mark."""
        return (self.cash or ZERO) + self._sum(lambda p, mark: p.quantity * mark)

    def unrealized(self) -> Decimal:
        """Open P&L at the marks, of everything that is held."""
        return self._sum(lambda p, mark: p.unrealized(mark))

    def _sum(self, figure: Figure) -> Decimal:
        return sum((figure(p, self.mark_or_cost(symbol, p)) for symbol, p in self.holdings()), ZERO)

    # --- the day --------------------------------------------------------------------------------

    def day_pnl(self) -> Decimal:
        """Our strategies' P&L of the trading day, net of fees: the number the daily limit judges.

        Neither flows nor what is external can move it.
        """
        total, marks = ZERO, self.marks
        for (_, symbol), p in self.positions.items():
            mark = marks[symbol].price if symbol in marks else p.average_price
            total += p.day_realized + p.quantity * mark - p.day_cost
        return total

    def day_realized(self) -> Decimal:
        """What of it is realised, whatever the marks say."""
        return sum((p.day_realized for p in self.positions.values()), ZERO)

    def account_day_pnl(self) -> Decimal:
        """The whole account's P&L of the trading day: what is external in, flows out."""
        return self.equity() - self.opening_equity - self.flows_today


def roll(book: Book, at: datetime) -> Book:
    """The book as of an instant: past a day boundary the day's figures start anew at the marks."""
    if book.day_ends is not None and at < book.day_ends:
        return book
    if book.day_ends is None:
        return changed(book, day_ends=book.calendar.day_end(at))
    return changed(
        book,
        positions={
            (strategy, symbol): p.begun(book.mark_or_cost(symbol, p))
            for (strategy, symbol), p in book.positions.items()
        },
        external={
            symbol: p.begun(book.mark_or_cost(symbol, p)) for symbol, p in book.external.items()
        },
        opening_equity=book.equity(),
        flows_today=ZERO,
        day_ends=book.calendar.day_end(at),
    )
