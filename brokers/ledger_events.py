"""The facts a paper ledger is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from brokers.market import Quote
from trading.event import Event
from trading.money import ZERO
from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    OrderId,
    OrderType,
    Side,
    Symbol,
    TimeInForce,
)


INDICATIVE: Final = "INDICATIVE"
"""The label of a fill whose price came from an alert, not from a market."""


@frozen(kw_only=True)
class LedgerOpened(Event):
    """A new paper account with its starting cash."""

    account: str
    cash: Decimal


@frozen(kw_only=True)
class LedgerReset(Event):
    """The account begins anew with `cash`, where it had `was`; its orders begin with other ids.

    What was before stays where it is: `follows` is the series of the ids of its orders.
    """

    follows: str
    cash: Decimal
    was: Decimal
    reason: str


@frozen(kw_only=True)
class RehearsalMarked(Event):
    """Faults were switched on: this ledger rehearses and proves nothing about performance."""

    reason: str


@frozen(kw_only=True)
class FaultDrawn(Event):
    """Trouble made on purpose: the draw of this `number` from the seed struck what `asked` names.

    `about` is the order or symbol that it concerns, `seconds` by how much something came late.
    """

    fault: str
    asked: str
    about: str
    seed: int
    number: int
    draw: Decimal
    seconds: Decimal = ZERO


@frozen(kw_only=True)
class PaperAccepted(Event):
    """The venue took an order.

    `works_from` is the first instant whose quote may fill it; None: there are no quotes, and it is
    filled by what alerts say. `worst_price` is what a share of it reserves. One that is `short`
    sells what is not held, or buys it back. An order with a parent on the book waits for the
    parent's completion; of those that share an `oco_id` the first to trade cancels the others.
    """

    broker_order_id: BrokerOrderId
    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    order_type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    parent_id: OrderId | None = None
    oco_id: str | None = None
    works_from: datetime | None = None
    expires_at: datetime | None = None
    worst_price: Decimal | None = None
    short: bool = False


@frozen(kw_only=True)
class PaperFilled(Event):
    """The venue executed an order, or a part of it; `order_id` is empty where it was not ours.

    `source` is where the price came from, `quote` what it showed and `age_ms` how old that was;
    `rule` names why it filled at this price; `settles_at`: until then its money buys nothing.
    """

    execution_id: ExecutionId
    broker_order_id: BrokerOrderId
    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    label: str = ""
    source: str = ""
    rule: str = ""
    quote: Quote | None = None
    age_ms: int | None = None
    settles_at: datetime | None = None


@frozen(kw_only=True)
class PaperOrderEvent(Event):
    """What every other fact about an order names."""

    broker_order_id: BrokerOrderId
    order_id: OrderId


@frozen(kw_only=True)
class PaperRested(PaperOrderEvent):
    """A limit was not marketable, or not all of it: from now on the price must go through it."""


@frozen(kw_only=True)
class PaperTriggered(PaperOrderEvent):
    """A stop was reached at `price`; a later quote fills it, from `works_from` on where there are
    quotes.
    """

    price: Decimal
    works_from: datetime | None


@frozen(kw_only=True)
class PaperTrailed(PaperOrderEvent):
    """A trailing stop moved."""

    stop_price: Decimal


@frozen(kw_only=True)
class PaperReleased(PaperOrderEvent):
    """The parent is complete: its child works from now on, by quotes later than this."""

    works_from: datetime | None = None


@frozen(kw_only=True)
class PaperReplaced(PaperOrderEvent):
    """An order goes on under other terms and the id `new_id`; `quantity` counts what has traded."""

    new_id: BrokerOrderId
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    works_from: datetime | None = None
    worst_price: Decimal | None = None


@frozen(kw_only=True)
class PaperCancelled(PaperOrderEvent):
    """The venue took a working order off its book; `reason` where nobody asked it to."""

    reason: str = ""


@frozen(kw_only=True)
class PaperExpired(PaperOrderEvent):
    """The order's time is over: its session closed, or it was for now or never."""

    reason: str = ""


@frozen(kw_only=True)
class PaperMoved(Event):
    """Money or shares moved without an order: a dividend, interest, a deposit, a split.

    `amount` is signed dollars, `quantity` signed shares. Of a split no transaction tells. What is
    paid for a time is paid `until` then.
    """

    transaction_id: str
    kind: str
    amount: Decimal = ZERO
    symbol: Symbol | None = None
    quantity: Decimal = ZERO
    text: str = ""
    until: datetime | None = None


@frozen(kw_only=True)
class SymbolFrozen(Event):
    """The day began too far from the last close: nothing trades until a person has judged it."""

    symbol: Symbol
    previous_close: Decimal
    price: Decimal


@frozen(kw_only=True)
class SymbolThawed(Event):
    """A person said that the move was real; it holds for this trading day."""

    symbol: Symbol
    reason: str


LEDGER_EVENTS: Final[tuple[type[Event], ...]] = (
    LedgerOpened,
    LedgerReset,
    RehearsalMarked,
    FaultDrawn,
    PaperAccepted,
    PaperFilled,
    PaperRested,
    PaperTriggered,
    PaperTrailed,
    PaperReleased,
    PaperReplaced,
    PaperCancelled,
    PaperExpired,
    PaperMoved,
    SymbolFrozen,
    SymbolThawed,
)
