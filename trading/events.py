"""Every fact the journal can hold: immutable, in the past tense, complete enough to fold from."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import Factory, field, frozen

from trading.bookings import BOOKINGS, Held
from trading.event import Event as Event  # noqa: PLC0414 - part of this face
from trading.in_force import AccountInForce, StrategyInForce
from trading.people import PEOPLE
from trading.sessions import Calendar
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BrokerOrderId,
    Code,
    ErrorKind,
    ExecutionId,
    Intent,
    Mode,
    OrderId,
    OrderType,
    Side,
    StrategyName,
    Symbol,
    TimeInForce,
    TradingState,
)


FOR_PEOPLE: Final = "for_people"
"""Marks, in its metadata, an event's last field as one to be read: no state is made of it."""


@frozen(kw_only=True)
class Scope:
    """What a stop applies to; None means "all of them"."""

    account: AccountName | None = None
    strategy: StrategyName | None = None
    symbol: Symbol | None = None

    def covers(self, account: str, strategy: str, symbol: str) -> bool:
        """Whether an order of this account, strategy and symbol stands inside the scope."""
        return (
            self.account in (None, account)
            and self.strategy in (None, strategy)
            and self.symbol in (None, symbol)
        )

    def __str__(self) -> str:
        parts = (
            f"{name} {value}"
            for name, value in (
                ("account", self.account),
                ("strategy", self.strategy),
                ("symbol", self.symbol),
            )
            if value is not None
        )
        return ", ".join(parts) or "everything"


# --- the daemon and its actors ------------------------------------------------------------------


@frozen(kw_only=True)
class ActorStarted(Event):
    """An actor's new incarnation; the seq of this event is its epoch."""

    actor: str
    incarnation: int
    last_error: str | None = None


@frozen(kw_only=True)
class SettingsApplied(Event):
    """What the daemon goes by from this start to its next; no secret is in it.

    The limits in force at a seq are those of the last of these before it. `digest` is of every
    single value, so that two starts by the same settings show the same; `breaker` is by name too.
    """

    version: str
    mode: Mode
    digest: str
    accounts: tuple[AccountInForce, ...] = ()
    strategies: tuple[StrategyInForce, ...] = ()
    breaker: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class AccountParked(Event):
    """An account whose actors could not be kept alive: nothing is decided or sent for it.

    It halts the account like a trip, latched. `actor` is whose end was one too many, `reason` what
    it died of: where that was a fact it cannot fold, its seq stands there.
    """

    account: AccountName
    generation: int
    actor: str
    reason: str


@frozen(kw_only=True)
class CommandQuarantined(Event):
    """A message that brought its actor down three times, and is not handled again."""

    actor: str
    what: str


# --- alerts -------------------------------------------------------------------------------------


@frozen(kw_only=True)
class AlertAccepted(Event):
    """A genuine, new, readable alert; from here on it is ours to answer for.

    `routes` are the accounts that must each decide it exactly once; `fired_at` is known only where
    the strategy's timestamp is the fire time. `position_size` and `prev_position_size` are what the
    strategy holds on its chart after and before this order, signed.
    """

    alert_id: AlertId
    strategy: StrategyName
    routes: tuple[AccountName, ...]
    symbol: Symbol
    action: Action
    quantity: Decimal | None = None
    price: Decimal | None = None
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    position_size: Decimal | None = None
    prev_position_size: Decimal | None = None
    fired_at: datetime | None = None
    message: str = ""
    client_id: str | None = None
    address: str = ""
    dedup: str = ""


@frozen(kw_only=True)
class AlertUnreadable(Event):
    """A genuine sender's alert that could not be read: a user's mistake worth showing.

    `faults` name each fault with its place; `body` is what came, secrets masked.
    """

    alert_id: AlertId
    strategy: StrategyName | None
    faults: tuple[str, ...]
    body: str
    address: str = ""


# --- decisions ----------------------------------------------------------------------------------


@frozen
class Checked:
    """One check that was made: the code it refuses with, whether it passed, the numbers it saw."""

    code: Code
    passed: bool
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class SignalApproved(Event):
    """An account's decision to trade an alert; an OrderPlanned stands beside it."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    checks: tuple[Checked, ...] = field(default=(), metadata={FOR_PEOPLE: True})


@frozen(kw_only=True)
class SignalRefused(Event):
    """An account's decision not to trade an alert: a code and the numbers behind it."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    code: Code
    inputs: dict[str, str] = Factory(dict)
    is_exit: bool = False


@frozen(kw_only=True)
class AlertQuarantined(Event):
    """An alert that brought down whoever decided it three times: it is not decided any more."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    is_exit: bool = False


# --- orders -------------------------------------------------------------------------------------


@frozen(kw_only=True)
class OrderPlanned(Event):
    """An order we mean to send; it holds its reservation until it ends.

    `reference_price` is what it was valued at and, on a venue without quotes, what it fills around;
    `worst_price` is what a share of it may cost at worst, and what it reserves until it ends.
    `trail_percent` is how far a trailing stop follows. A protective order names its entry as
    `parent_id`; of those that share an `oco_id` the first to fill cancels the others.
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
    """Planned but never sent; its reservation is free again."""

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


# --- the venue ----------------------------------------------------------------------------------


@frozen(kw_only=True)
class AccountOpened(Event):
    """The first sight of an account at its venue: the opening balance our books start from.

    What it held already is external.
    """

    account: AccountName
    cash: Decimal
    positions: tuple[Held, ...] = ()


@frozen(kw_only=True)
class VenueReady(Event):
    """The account is connected and read: orders may leave. `cash` is the venue's own figure."""

    account: AccountName
    cash: Decimal


@frozen(kw_only=True)
class VenueLost(Event):
    """The account cannot be reached; its signals wait."""

    account: AccountName
    reason: str


@frozen(kw_only=True)
class VenueFailed(Event):
    """Venue trouble that counts towards the breaker; `count` folds those of one second."""

    account: AccountName
    kind: ErrorKind
    detail: str
    count: int = 1


# --- stopping and starting ----------------------------------------------------------------------


@frozen(kw_only=True)
class Halted(Event):
    """A person stopped trading. Latched: only a Resumed of a higher generation ends it."""

    act_id: str
    scope: Scope
    generation: int
    code: Code
    reason: str
    by: str


@frozen(kw_only=True)
class Tripped(Event):
    """A breaker stopped trading, with the numbers it saw. Latched likewise."""

    scope: Scope
    generation: int
    state: TradingState
    code: Code
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class Resumed(Event):
    """A person who signed in let trading start again."""

    act_id: str
    scope: Scope
    generation: int
    reason: str
    by: str


# --- the exchange's hours -----------------------------------------------------------------------


@frozen(kw_only=True)
class CalendarApplied(Event):
    """The exchange's calendar as of now: by it sessions are told and days are counted from here on.

    It is a fact, so that a replay counts each day as it was counted then. `edition` says what it
    was made of.
    """

    edition: str
    calendar: Calendar


@frozen(kw_only=True)
class SignalHeld(Event):
    """An account's decision to wait with an alert until the market opens for it, at `until`."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    code: Code
    until: datetime
    is_exit: bool = False


EVENT_TYPES: Final[tuple[type[Event], ...]] = (
    ActorStarted,
    SettingsApplied,
    AccountParked,
    CommandQuarantined,
    *PEOPLE,
    AlertAccepted,
    AlertUnreadable,
    SignalApproved,
    SignalRefused,
    AlertQuarantined,
    OrderPlanned,
    SubmitStarted,
    OrderAccepted,
    OrderRejected,
    SubmitUnknown,
    OrderAbsent,
    OrderAbandoned,
    OrderFilled,
    CancelRequested,
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
    AccountOpened,
    VenueReady,
    VenueLost,
    VenueFailed,
    Halted,
    Tripped,
    Resumed,
    CalendarApplied,
    SignalHeld,
    *BOOKINGS,
)
