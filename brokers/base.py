"""What every venue offers, and how it fails."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    OrderId,
    OrderType,
    Side,
    Symbol,
    TimeInForce,
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


class OutcomeUnknownError(BrokerError):
    """Something was sent and no answer tells its fate. Never send it again: read it back."""


# --- what goes to a venue and comes from it -----------------------------------------------------


@frozen(kw_only=True)
class Ticket:
    """An order as a venue gets it. `reference_price` is a hint for venues without quotes."""

    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    reference_price: Decimal | None = None


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


class VenueStatus(StrEnum):
    """An order as the venue sees it."""

    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@frozen(kw_only=True)
class VenueOrder:
    """What the venue says of one order when asked."""

    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    status: VenueStatus
    executions: tuple[Execution, ...] = ()


@frozen(kw_only=True)
class Ended:
    """The venue reports that an order works no longer, without being filled."""

    broker_order_id: BrokerOrderId
    order_id: OrderId | None
    status: VenueStatus


Report = Execution | Ended
"""What a venue tells unasked."""


@frozen(kw_only=True)
class Balances:
    """An account's money as the venue counts it, in dollars."""

    cash: Decimal


class Venue(Protocol):
    """One account at one venue. Every method runs on the loop it was connected on.

    `knows_our_ids`: an order can be found by our own id, so that a read-back is final.
    """

    knows_our_ids: bool

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Open the account; from now on reports go to `report`, on this loop.

        Raises:
            UnreachableError: try again later.
        """

    async def close(self) -> None:
        """Release everything; what is under way is of unknown outcome from here on."""

    async def balances(self) -> Balances:
        """The account's money."""

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Signed quantities held, by symbol; flat symbols are left out."""

    async def submit(self, ticket: Ticket) -> BrokerOrderId:
        """Send one order once and return the venue's id for it.

        Raises:
            RejectedError, InsufficientFundsError: refused.
            UnreachableError: not sent.
            OutcomeUnknownError, RateLimitedError: read it back.
        """

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Ask for an order's end; the report says whether it came in time. May be repeated."""

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order we know under this id; None: it is not there."""

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """Take note of a price from elsewhere; venues with quotes of their own ignore it."""
