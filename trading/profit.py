"""What was earned, strategy by strategy and in all; our numbers are not tax numbers."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from trading.money import ZERO
from trading.position import Position
from trading.positions import Book
from trading.vocabulary import StrategyName, Symbol


@frozen(kw_only=True)
class Earned:
    """What somebody earned with all symbols together, in dollars.

    `gross` is realised before fees, a part of which may be estimates; `carry` is dividends less
    what borrowing cost.
    """

    gross: Decimal = ZERO
    fees: Decimal = ZERO
    estimated_fees: Decimal = ZERO
    unrealized: Decimal = ZERO
    carry: Decimal = ZERO
    day_pnl: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Realised, less fees."""
        return self.gross - self.fees

    @property
    def profit(self) -> Decimal:
        """Everything: realised net, open at the marks, and carry."""
        return self.net + self.unrealized + self.carry


def by_strategy(book: Book) -> Mapping[StrategyName, Earned]:
    """Each strategy's own, from its own fills on its own share, by name."""
    return {name: of_strategy(book, name) for name in sorted(book.strategies)}


def of_strategy(book: Book, strategy: StrategyName) -> Earned:
    """One strategy's own; it never depends on what others hold."""
    return _earned(book, ((s, p) for (name, s), p in book.positions.items() if name == strategy))


def outside(book: Book) -> Earned:
    """What the external holdings earned since the account was opened."""
    return _earned(book, book.external.items())


def in_all(book: Book) -> Earned:
    """The account's: strategies and external together, and what belongs to no position."""
    carry = Earned(carry=book.carry)
    every = (*by_strategy(book).values(), outside(book), carry)
    return Earned(
        gross=sum((e.gross for e in every), ZERO),
        fees=sum((e.fees for e in every), ZERO),
        estimated_fees=sum((e.estimated_fees for e in every), ZERO),
        unrealized=sum((e.unrealized for e in every), ZERO),
        carry=sum((e.carry for e in every), ZERO),
        day_pnl=sum((e.day_pnl for e in every), ZERO),
    )


def unexplained(book: Book) -> Decimal:
    """What equity holds that neither flows nor profits account for: 0, or the books are wrong."""
    return book.equity() - book.flows - in_all(book).profit


def bot_profit(book: Book) -> Decimal:
    """What our strategies earned together, without what is external."""
    return sum(
        (p.profit(book.mark_or_cost(symbol, p)) for (_, symbol), p in book.positions.items()),
        ZERO,
    )


def _earned(book: Book, positions: Iterable[tuple[Symbol, Position]]) -> Earned:
    found = [(p, book.mark_or_cost(symbol, p)) for symbol, p in positions]
    return Earned(
        gross=sum((p.realized for p, _ in found), ZERO),
        fees=sum((p.fees for p, _ in found), ZERO),
        estimated_fees=sum((p.estimated_fees for p, _ in found), ZERO),
        unrealized=sum((p.unrealized(mark) for p, mark in found), ZERO),
        carry=sum((p.carry for p, _ in found), ZERO),
        day_pnl=sum((p.day_pnl(mark) for p, mark in found), ZERO),
    )
