"""What is held and what it earned: one share per strategy and symbol, at average cost."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Final

from attrs import evolve, field, frozen

from trading.changed import changed
from trading.events import AccountOpened, AlertAccepted, CalendarApplied, Event, OrderFilled
from trading.money import ZERO
from trading.sessions import Calendar
from trading.vocabulary import AccountName, Side, StrategyName, Symbol


@frozen
class Position:
    """A strategy's own part of an account's holding in one symbol.

    `quantity` is signed; `cost` is the exact total paid for what is open, signed likewise; fees
    stand apart. `flow_today` is cash in minus cash out since the day boundary, net of fees, and
    `boundary_value` what was held then at its mark: the two make the day's P&L.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    flow_today: Decimal = ZERO
    boundary_value: Decimal = ZERO

    @property
    def average_price(self) -> Decimal:
        """Cost per share of what is open; 0 when flat."""
        return self.cost / self.quantity if self.quantity else ZERO

    def unrealized(self, mark: Decimal) -> Decimal:
        """What closing at `mark` would realise, before fees."""
        return self.quantity * mark - self.cost

    def unrealized_percent(self, mark: Decimal) -> Decimal:
        """The same as a percentage of what was paid; 0 when flat."""
        return self.unrealized(mark) / abs(self.cost) * 100 if self.cost else ZERO

    def day_pnl(self, mark: Decimal) -> Decimal:
        """Realised net today plus the change of what is held since the boundary or its entry."""
        return self.flow_today + self.quantity * mark - self.boundary_value

    def filled(
        self, side: Side, quantity: Decimal, price: Decimal, fee: Decimal = ZERO
    ) -> "Position":
        """The position after one fill; a fill through zero closes first and opens the rest."""
        sign = side.sign
        signed = sign * quantity
        paid = signed * price
        cost, realized = self.cost + paid, self.realized
        if self.quantity * signed < 0:
            closing = min(quantity, abs(self.quantity))
            released = self._cost_of(closing)
            cost = self.cost - released + sign * (quantity - closing) * price
            realized = self.realized - sign * closing * price - released
        return Position(
            self.quantity + signed,
            cost,
            realized,
            self.fees + fee,
            self.flow_today - paid - fee,
            self.boundary_value,
        )

    def _cost_of(self, closing: Decimal) -> Decimal:
        """The cost that leaves with `closing` shares; the last share takes all that remains."""
        held = abs(self.quantity)
        if closing == held:
            return self.cost
        return (self.cost * closing / held).quantize(COST_STEP, context=Context(prec=60))


COST_STEP = Decimal("1E-10")
"""What a cost is split to: fine enough for any price, coarse enough that sums of it stay exact."""

FLAT = Position()

Figure = Callable[[Position, Decimal], Decimal]
"""Something one can say of a position at a mark."""


@frozen
class Mark:
    """The last known price of a symbol, with its instant."""

    price: Decimal
    at: datetime


@frozen(kw_only=True, slots=False)
class Book:
    """One account's positions, cash and marks; a fold of its events."""

    account: AccountName
    cash: Decimal | None = None
    positions: Mapping[tuple[StrategyName, Symbol], Position] = {}
    marks: Mapping[Symbol, Mark] = {}
    day_ends: datetime | None = None
    opening_equity: Decimal = ZERO
    calendar: Calendar = Calendar()  # noqa: RUF009 - immutable
    strategies: tuple[StrategyName, ...] = field(init=False, eq=False, repr=False)
    """Whose shares there are: what `positions` says by its keys, few and seldom more."""

    @strategies.default
    def _strategies(self) -> tuple[StrategyName, ...]:
        return tuple(dict.fromkeys(strategy for strategy, _ in self.positions))

    def position(self, strategy: StrategyName, symbol: Symbol) -> Position:
        """A strategy's own share; flat where there is none."""
        return self.positions.get((strategy, symbol), FLAT)

    def net(self, symbol: Symbol) -> Decimal:
        """The account's signed quantity in a symbol, all strategies together."""
        total = ZERO
        for strategy in self.strategies:
            total += self.position(strategy, symbol).quantity
        return total

    def mark(self, symbol: Symbol) -> Decimal | None:
        """The last known price of a symbol."""
        known = self.marks.get(symbol)
        return known.price if known else None

    def equity(self) -> Decimal:
        """Cash plus everything held at its mark."""
        return (self.cash or ZERO) + self._sum(lambda p, mark: p.quantity * mark)

    def day_pnl(self) -> Decimal:
        """The account's P&L of the trading day, net of fees: the number the daily limit judges."""
        total, marks = ZERO, self.marks
        for (_, symbol), p in self.positions.items():
            mark = marks[symbol].price if symbol in marks else p.average_price
            total += p.flow_today + p.quantity * mark - p.boundary_value
        return total

    def unrealized(self) -> Decimal:
        """Open P&L at the marks."""
        return self._sum(lambda p, mark: p.unrealized(mark))

    def _sum(self, figure: Figure) -> Decimal:
        return sum(
            (figure(p, self._mark_or_cost(symbol, p)) for (_, symbol), p in self.positions.items()),
            ZERO,
        )

    def _mark_or_cost(self, symbol: Symbol, position: Position) -> Decimal:
        known = self.marks.get(symbol)
        return known.price if known else position.average_price


BOOK_FACTS: Final = (AccountOpened, AlertAccepted, OrderFilled, CalendarApplied)
"""All that a book is made of. No other fact moves it, not even on to the next day, so that whoever
keeps one has the same; who looks at it rolls it to the instant at which he looks.
"""


def evolve_book(book: Book, event: Event) -> Book:
    """The book after one event; events of other accounts change nothing but the marks."""
    if not isinstance(event, BOOK_FACTS):
        return book
    if book.day_ends is None or event.at >= book.day_ends:
        book = roll(book, event.at)
    match event:
        case AlertAccepted(price=Decimal() as price, symbol=symbol):
            return changed(book, marks={**book.marks, symbol: Mark(price, event.at)})
        case OrderFilled(account=book.account):
            return _filled(book, event)
        case AccountOpened(account=book.account, cash=cash):
            return changed(book, cash=cash, opening_equity=cash)
        case CalendarApplied(calendar=calendar):
            return changed(book, calendar=calendar, day_ends=calendar.day_end(event.at))
        case _:
            return book


def _filled(book: Book, fill: OrderFilled) -> Book:
    key = (fill.strategy, fill.symbol)
    position = book.positions.get(key, FLAT)
    spent = fill.side.sign * fill.quantity * fill.price + fill.fee
    changes: dict[str, Any] = {
        "cash": (book.cash or ZERO) - spent,
        "positions": {
            **book.positions,
            key: position.filled(fill.side, fill.quantity, fill.price, fill.fee),
        },
    }
    if fill.symbol not in book.marks:
        changes["marks"] = {**book.marks, fill.symbol: Mark(fill.price, fill.at)}
    if fill.strategy not in book.strategies:
        changes["strategies"] = (*book.strategies, fill.strategy)
    return changed(book, **changes)


def roll(book: Book, at: datetime) -> Book:
    """The book as of an instant: past a day boundary the day's figures start anew at the marks."""
    if book.day_ends is not None and at < book.day_ends:
        return book
    if book.day_ends is None:
        return changed(book, day_ends=book.calendar.day_end(at))
    positions = {
        (strategy, symbol): evolve(
            p,
            flow_today=ZERO,
            boundary_value=p.quantity * book._mark_or_cost(symbol, p),  # noqa: SLF001 - same module
        )
        for (strategy, symbol), p in book.positions.items()
    }
    day_ends = book.calendar.day_end(at)
    return changed(book, positions=positions, opening_equity=book.equity(), day_ends=day_ends)
