"""What the simulated Schwab knows: accounts, orders in trees, quotes. Immutable values."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import frozen

from brokers.market import Quote
from trading.money import ZERO
from trading.vocabulary import Side


class Status(StrEnum):
    """The states of an order that the simulator uses, in Schwab's words."""

    AWAITING_PARENT_ORDER = "AWAITING_PARENT_ORDER"
    AWAITING_STOP_CONDITION = "AWAITING_STOP_CONDITION"
    PENDING_ACKNOWLEDGEMENT = "PENDING_ACKNOWLEDGEMENT"
    QUEUED = "QUEUED"
    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    WORKING = "WORKING"
    FILLED = "FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    REPLACED = "REPLACED"
    EXPIRED = "EXPIRED"


ENDED: Final = frozenset(
    {Status.FILLED, Status.CANCELED, Status.REJECTED, Status.REPLACED, Status.EXPIRED}
)
MARKETABLE: Final = frozenset({Status.WORKING, Status.AWAITING_STOP_CONDITION})
SIDES: Final = {
    "BUY": Side.BUY,
    "BUY_TO_COVER": Side.BUY,
    "SELL": Side.SELL,
    "SELL_SHORT": Side.SELL,
}


@frozen(kw_only=True)
class Terms:
    """What an order with a leg asks for, as it was sent; `trail` as Schwab's link type has it."""

    symbol: str
    instruction: str
    quantity: Decimal
    order_type: str
    session: str
    duration: str
    price: Decimal | None = None
    stop_price: Decimal | None = None
    stop_type: str | None = None
    trail: Decimal | None = None
    trail_type: str | None = None
    trail_basis: str | None = None

    @property
    def side(self) -> Side:
        """Buy or sell, the words for short sales left out."""
        return SIDES[self.instruction]

    @property
    def opens(self) -> bool:
        """Whether it opens a position rather than closing one."""
        return self.instruction in ("BUY", "SELL_SHORT")


@frozen(kw_only=True)
class Request:
    """An order as it is asked for: a leg's terms, children, or both (TRIGGER)."""

    strategy: str
    terms: Terms | None = None
    children: tuple["Request", ...] = ()


@frozen(kw_only=True)
class Activity:
    """One execution report; a cancellation is one too, at price 0."""

    activity_id: int
    quantity: Decimal
    remaining: Decimal
    price: Decimal
    fee: Decimal
    at: datetime
    is_cancel: bool = False


@frozen(kw_only=True)
class Order:
    """One node of an order's tree; only an OCO node has no terms.

    `due`: when it goes on by itself from a state that only takes time.
    """

    order_id: int
    account: str
    strategy: str
    status: Status
    entered_at: datetime
    tag: str
    terms: Terms | None = None
    parent: int | None = None
    children: tuple[int, ...] = ()
    activities: tuple[Activity, ...] = ()
    stop_price: Decimal | None = None
    closed_at: datetime | None = None
    due: datetime | None = None
    description: str | None = None

    @property
    def fills(self) -> tuple[Activity, ...]:
        """Its executions, cancellations left out."""
        return tuple(each for each in self.activities if not each.is_cancel)

    @property
    def filled(self) -> Decimal:
        """The quantity executed."""
        return sum((each.quantity for each in self.fills), ZERO)

    @property
    def open_quantity(self) -> Decimal:
        """What may still be executed."""
        if self.terms is None or self.status in ENDED:
            return ZERO
        return self.terms.quantity - self.filled


@frozen(kw_only=True)
class Position:
    """Shares held, below 0 for a short one, and their average price."""

    quantity: Decimal
    average: Decimal


@frozen(kw_only=True)
class Occasion:
    """A split (`amount` shares for one) or a dividend (`amount` dollars for each share)."""

    kind: str
    symbol: str
    amount: Decimal
    at: datetime


@frozen(kw_only=True)
class Account:
    """One brokerage account."""

    number: str
    hash_value: str
    kind: str
    starting_cash: Decimal
    cash: Decimal
    positions: Mapping[str, Position] = {}

    def held(self, symbol: str) -> Decimal:
        """The signed quantity of a symbol."""
        position = self.positions.get(symbol)
        return position.quantity if position is not None else ZERO


@frozen(kw_only=True)
class Pace:
    """How long Schwab takes: for each of two steps after the 201, and for a cancel."""

    acknowledge: timedelta = timedelta(0)
    cancel: timedelta = timedelta(0)


AT_ONCE: Final = Pace()


@frozen(kw_only=True)
class World:
    """All of it at one instant; accounts by number, orders by id in the order they came.

    `live`: the ids of those that have not ended. `most_at_once`: how many shares of an order are
    filled each time it meets the market.
    """

    accounts: Mapping[str, Account]
    quotes: Mapping[str, Quote]
    orders: Mapping[int, Order] = {}
    live: tuple[int, ...] = ()
    next_order: int = 1_005_000_000_001
    next_activity: int = 113_000_000_001
    most_at_once: Decimal | None = None
    pace: Pace = AT_ONCE
    occasions: tuple[Occasion, ...] = ()

    def working(self, account: str, symbol: str) -> Iterator[Order]:
        """The orders for a symbol that have not ended."""
        for order in map(self.orders.__getitem__, self.live):
            if order.account != account or order.terms is None:
                continue
            if order.terms.symbol == symbol:
                yield order

    def price(self, symbol: str) -> Decimal:
        """What a symbol is worth; 0 where nothing is known."""
        quote = self.quotes.get(symbol)
        return (quote.price if quote is not None else None) or ZERO
