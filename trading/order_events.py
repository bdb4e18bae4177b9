"""What the journal holds of our orders' lives."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import Factory, frozen

from trading.event import Event
from trading.vocabulary import (
    AccountName,
    AlertId,
    BrokerOrderId,
    Code,
    ExecutionId,
    Intent,
    OrderId,
    OrderType,
    Side,
    StrategyName,
    Symbol,
    TimeInForce,
)


@frozen(kw_only=True)
class OrderPlanned(Event):
    """An order we mean to send; it holds its reservation until it ends.

    `reference_price` is the last price known, around which a venue without quotes fills it;
    `worst_price` is what a share of it may cost at worst, and what it reserves until it ends.
    `trail_percent` is how far a trailing stop follows. `take_profit` and `stop_loss` are to protect
    what an entry fills; such a protective order names its entry as `parent_id`, and of those that
    share an `oco_id` the first to fill cancels the others. At `ends_at` we cancel what is left: of
    an entry for good, of an exit to send the rest at the market.
    """

    order_id: OrderId
    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    intent: Intent
    worst_price: Decimal
    reference_price: Decimal | None = None
    parent_id: OrderId | None = None
    oco_id: str | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    ends_at: datetime | None = None


@frozen(kw_only=True)
class OrderEvent(Event):
    """What every later fact of an order's life names."""

    order_id: OrderId
    alert_id: AlertId
    account: AccountName


@frozen(kw_only=True)
class SubmitStarted(OrderEvent):
    """Written before the first byte leaves; at most one per order, ever.

    `generation` is the gate's, as the last check saw it.
    """

    generation: int


@frozen(kw_only=True)
class OrderAccepted(OrderEvent):
    """The venue has the order, under an id of its own."""

    broker_order_id: BrokerOrderId


@frozen(kw_only=True)
class OrderRejected(OrderEvent):
    """The venue refused the order."""

    code: Code
    reason: str


@frozen(kw_only=True)
class SubmitUnknown(OrderEvent):
    """Sent, outcome not known: it counts as exposure and is read back, never sent again."""

    reason: str


@frozen(kw_only=True)
class OrderAbsent(OrderEvent):
    """Looked for at the venue after the last instant it could arrive, and not there."""

    reason: str


@frozen(kw_only=True)
class OrderAbandoned(OrderEvent):
    """Planned but known not to have been sent; its reservation is free again."""

    code: Code
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class OrderRefused(OrderEvent):
    """Planned, and the last look before the wire said no: it never left."""

    code: Code
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class OrderFilled(OrderEvent):
    """One execution, as the venue reports it. Counted once per (account, execution_id).

    `label` says what kind of price it is: INDICATIVE where it came from an alert, no market. A fee
    of our own reckoning is an estimate until the broker's figure replaces it.
    """

    strategy: StrategyName
    symbol: Symbol
    side: Side
    execution_id: ExecutionId
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    executed_at: datetime
    label: str = ""
    is_fee_estimated: bool = False


@frozen(kw_only=True)
class CancelRequested(OrderEvent):
    """We asked the venue to cancel; only its report makes the order Cancelled."""

    code: Code


@frozen(kw_only=True)
class CancelOverdue(OrderEvent):
    """The venue has not answered a cancel in time; nothing is sent that waits for it, so a person
    should look.
    """

    asked_at: datetime


@frozen(kw_only=True)
class CancelRejected(OrderEvent):
    """The venue will not cancel: the order stands as it would without the request."""

    reason: str


@frozen(kw_only=True)
class OrderCancelled(OrderEvent):
    """The venue reports the order cancelled."""


@frozen(kw_only=True)
class OrderExpired(OrderEvent):
    """The venue reports that the order's time is over."""


@frozen(kw_only=True)
class OrderDoneForDay(OrderEvent):
    """The venue works the order no more today."""


@frozen(kw_only=True)
class OrderSuspended(OrderEvent):
    """The venue has set the order aside; it may be reinstated."""


@frozen(kw_only=True)
class OrderStopped(OrderEvent):
    """The venue guarantees the order a price and has not executed it yet."""


@frozen(kw_only=True)
class OrderReinstated(OrderEvent):
    """The venue works the order again: a new day, or no longer suspended."""


@frozen(kw_only=True)
class ReplaceRequested(OrderEvent):
    """We asked the venue for other terms; until it says Replaced those of before hold.

    `worst_price` is what a share may cost at worst under the new terms.
    """

    replace_id: str
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    worst_price: Decimal
    code: Code


@frozen(kw_only=True)
class OrderReplaced(OrderEvent):
    """The venue works the order under these terms and a new id; by our request or somebody else's.

    What was executed before counts towards `quantity`.
    """

    replace_id: str | None
    broker_order_id: BrokerOrderId
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    worst_price: Decimal


@frozen(kw_only=True)
class ReplaceRejected(OrderEvent):
    """The venue keeps the order as it was."""

    replace_id: str
    reason: str


@frozen(kw_only=True)
class ExecutionBusted(OrderEvent):
    """The venue took an execution back; the numbers are those it was reported with."""

    strategy: StrategyName
    symbol: Symbol
    side: Side
    execution_id: ExecutionId
    quantity: Decimal
    price: Decimal


@frozen(kw_only=True)
class ExecutionCorrected(OrderEvent):
    """The venue corrected an execution from `was_quantity` and `was_price` to what it says now."""

    strategy: StrategyName
    symbol: Symbol
    side: Side
    execution_id: ExecutionId
    quantity: Decimal
    price: Decimal
    was_quantity: Decimal
    was_price: Decimal


ORDER_EVENTS: Final[tuple[type[Event], ...]] = (
    OrderPlanned,
    SubmitStarted,
    OrderAccepted,
    OrderRejected,
    SubmitUnknown,
    OrderAbsent,
    OrderAbandoned,
    OrderRefused,
    OrderFilled,
    CancelRequested,
    CancelOverdue,
    CancelRejected,
    OrderCancelled,
    OrderExpired,
    OrderDoneForDay,
    OrderSuspended,
    OrderStopped,
    OrderReinstated,
    ReplaceRequested,
    OrderReplaced,
    ReplaceRejected,
    ExecutionBusted,
    ExecutionCorrected,
)
"""Every fact about an order."""
