"""What every venue offers, and how it fails."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from brokers.market import Candle, MarketHours, Quote
from brokers.sign_in import Access, AccessRefused
from brokers.ticket import Change as Change  # noqa: PLC0414 - part of this face
from brokers.ticket import Ticket as Ticket  # noqa: PLC0414 - likewise
from trading.sessions import Calendar
from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    OrderId,
    Side,
    Symbol,
)


# --- how a venue fails --------------------------------------------------------------------------


class BrokerError(Exception):
    """Something went wrong at or on the way to a venue."""


class RejectedError(BrokerError):
    """The venue refused: final for this order."""


class InsufficientFundsError(RejectedError):
    """The venue refused for lack of money: trading stops until a person has looked."""


class RateLimitedError(BrokerError):
    """The venue asks to wait. For an order it says nothing of its fate."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"the venue asks to wait {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class UnreachableError(BrokerError):
    """Nothing was sent: the venue could not be reached before the first byte."""


class AuthExpiredError(BrokerError):
    """Nobody is signed in any more: nothing passes until a person has signed in."""


class NotOfferedError(BrokerError):
    """This venue cannot say or do that, and never will."""


class TurnedAwayError(BrokerError):
    """The guard kept it back at the last moment: nothing was sent."""


class OutcomeUnknownError(BrokerError):
    """Something was sent and no answer tells its fate. Never send it again: read it back."""


# --- what goes to a venue and comes from it -----------------------------------------------------


@frozen(kw_only=True)
class Execution:
    """One execution as the venue reports it; `order_id` is None where it does not know ours."""

    execution_id: ExecutionId
    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    executed_at: datetime
    label: str = ""


@frozen(kw_only=True)
class Recalled:
    """An order of an earlier life that may still trade, as the journal has it."""

    ticket: Ticket
    sent_at: datetime
    broker_order_id: BrokerOrderId | None = None


@frozen(kw_only=True)
class Bygone:
    """What orders of an earlier life that have ended went under, and their executions: whatever
    looks like one that is sought is none of these.
    """

    broker_order_ids: frozenset[BrokerOrderId]
    executions: frozenset[ExecutionId]


class VenueStatus(StrEnum):
    """An order as the venue sees it."""

    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REJECTED = "rejected"


@frozen(kw_only=True)
class VenueOrder:
    """What the venue says of one order when asked; REPLACED goes on under `replaced_by`."""

    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    status: VenueStatus
    executions: tuple[Execution, ...] = ()
    replaced_by: BrokerOrderId | None = None
    taken_at: datetime | None = None


@frozen(kw_only=True)
class Ended:
    """The venue reports that an order works no longer, without being filled."""

    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    status: VenueStatus
    reason: str = ""


@frozen(kw_only=True)
class Replaced:
    """The venue reports that an order goes on under `new_id` and these terms, whoever asked."""

    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    new_id: BrokerOrderId
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


Report = Execution | Ended | Replaced | AccessRefused
"""What a venue tells unasked."""


@frozen(kw_only=True)
class Balances:
    """An account's money as the venue counts it, in dollars.

    `rehearsal`: the venue is a simulator, or made trouble on purpose, now or ever before.
    """

    cash: Decimal
    buying_power: Decimal | None = None
    rehearsal: bool = False


@frozen(kw_only=True)
class Transaction:
    """Money or shares that moved without an order: a dividend, a fee, interest, a deposit."""

    transaction_id: str
    at: datetime
    kind: str
    amount: Decimal
    symbol: Symbol | None = None
    quantity: Decimal | None = None
    text: str = ""


MayLeave = Callable[[], None]
"""Asked in the very step in which an order's first byte is written; raises TurnedAwayError."""


def let_out() -> None:
    """Keep nothing back."""


class Venue(Protocol):
    """One account at one venue. Every method runs on the loop it was connected on.

    `knows_our_ids`: an order can be found by our own id, so that a read-back is final.
    `siblings_go_together`: orders of one `oco_id` are sent in one request, or not at all.
    """

    knows_our_ids: bool
    siblings_go_together: bool

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Open the account and report from now on; UnreachableError: try again later."""

    async def close(self) -> None:
        """Release everything; what is under way is of unknown outcome from here on."""

    async def balances(self) -> Balances:
        """The account's money."""

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Signed quantities held, by symbol; flat symbols are left out."""

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        """Send one order once and return the venue's id for it.

        Raises:
            RejectedError, InsufficientFundsError: refused.
            UnreachableError, TurnedAwayError: not sent.
            OutcomeUnknownError, RateLimitedError: read it back.
        """

    async def submit_siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Send orders of one `oco_id` in one request, and return the venue's ids; raises alike."""

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Ask for an order's end; the report says whether it came in time. May be repeated."""

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        """Give a working order other terms and return its new id; a Replaced is reported.

        Raises:
            RejectedError, InsufficientFundsError: it stays as it was.
            UnreachableError: not sent.
            OutcomeUnknownError, RateLimitedError: read it back.
        """

    # --- asking; each raises UnreachableError, RateLimitedError or AuthExpiredError -------------

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order we know under this id; None: it is not there."""

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        """The order the venue knows under this id, replaced ones too; None: it is not there."""

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        """Every order taken since an instant, whoever sent it, oldest first; no replaced ids."""

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        """Every execution since an instant, whoever sent its order, oldest first."""

    async def transactions_since(self, at: datetime) -> Sequence[Transaction]:
        """What else moved the account since an instant, oldest first."""

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """The last quote of each symbol; one that is not quoted is left out."""

    async def history(self, symbol: Symbol, length: timedelta, since: datetime) -> Sequence[Candle]:
        """The bars of a symbol since an instant, oldest first; NotOfferedError: there are none."""

    async def market_hours(self, at: datetime) -> MarketHours | None:
        """The regular session at an instant, or the next one; None: no hours are kept."""

    def admit(self, access: Access | None) -> None:
        """Go by this access from now on, None: by none; a venue without sign-in ignores it."""

    def wake(self) -> None:
        """Something happened here, it is said: look soon."""

    def recall(self, earlier: Recalled | Bygone) -> None:
        """Learn of orders of an earlier life; a venue that knows our ids needs no telling."""

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """Take note of a price from elsewhere; venues with quotes of their own ignore it."""

    def quoted(self, quote: Quote) -> None:
        """Take note of a quote of the market; venues that see the market themselves ignore it."""

    def bar_ended(self, bar: Candle) -> None:
        """Take note of a bar that is over, in the same way."""

    def keep_hours(self, calendar: Calendar) -> None:
        """Trade in the sessions of this calendar only; a venue of an exchange does so anyway."""

    def session_closed(self) -> None:
        """Let the orders of a day end whose session is over; may be called at any time."""
