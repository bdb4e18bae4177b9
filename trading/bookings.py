"""Facts that change an account's books beside our own executions: nothing here trades."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import Factory, frozen

from trading.event import Event
from trading.marks import Mark
from trading.vocabulary import (
    AccountName,
    BookingId,
    ExecutionId,
    FlowKind,
    Side,
    StrategyName,
    Symbol,
)


@frozen(kw_only=True)
class Held:
    """Something an account held before we knew it; `price` is what a share of it was worth then, 0
    where nobody said.
    """

    symbol: Symbol
    quantity: Decimal
    price: Decimal


@frozen(kw_only=True)
class Booking(Event):
    """What every booking names; it is counted once per (account, booking_id)."""

    account: AccountName
    booking_id: BookingId


# --- trades that were not ours --------------------------------------------------------------------


@frozen(kw_only=True)
class ExternalTraded(Booking):
    """An execution at the venue that no order of ours asked for; all of it goes to external.

    What of it took shares from our strategies stands beside it, one ExternallyClosed each.
    """

    execution_id: ExecutionId
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    executed_at: datetime


@frozen(kw_only=True)
class ExternallyClosed(Booking):
    """A part of a foreign execution that took from a strategy's share, at the foreign price."""

    execution_id: ExecutionId
    strategy: StrategyName
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal


# --- what a company does --------------------------------------------------------------------------


@frozen(kw_only=True)
class CorporateAction(Booking):
    """`new` shares for each `old` ones, and `cash` dollars for each share held before.

    Costs stay what they were; fractions of a share go to external.
    """

    symbol: Symbol
    new: Decimal = Decimal(1)
    old: Decimal = Decimal(1)
    cash: Decimal = Decimal(0)


@frozen(kw_only=True)
class CashInLieuPaid(Booking):
    """A fraction of a share left external for money; `quantity` is signed like what was held."""

    symbol: Symbol
    quantity: Decimal
    amount: Decimal


@frozen(kw_only=True)
class Portion:
    """Somebody's part of an amount; None is external."""

    strategy: StrategyName | None
    amount: Decimal


@frozen(kw_only=True)
class DividendPaid(Booking):
    """A dividend, to each by what he held at the ex-date; below 0 where it was owed on a short."""

    symbol: Symbol
    portions: tuple[Portion, ...]


@frozen(kw_only=True)
class BorrowCharged(Booking):
    """What a night's borrowing cost, each by what he was short; amounts are below 0."""

    symbol: Symbol
    portions: tuple[Portion, ...]


# --- fees, interest, flows ------------------------------------------------------------------------


@frozen(kw_only=True)
class FeeCharged(Booking):
    """A fee that stood in no fill; `amount` is above 0 where it was paid.

    Of a strategy's share, of external where only a symbol is known, else of the account.
    """

    strategy: StrategyName | None = None
    symbol: Symbol | None = None
    amount: Decimal
    what: str = ""


@frozen(kw_only=True)
class FeeReplaced(Booking):
    """The broker's own figure for the fee of an execution, in place of our estimate `was_fee`."""

    execution_id: ExecutionId
    strategy: StrategyName
    symbol: Symbol
    fee: Decimal
    was_fee: Decimal
    executed_at: datetime


@frozen(kw_only=True)
class InterestBooked(Booking):
    """Interest received, or paid where it is below 0."""

    amount: Decimal


@frozen(kw_only=True)
class CashFlow(Booking):
    """Money from outside, or to it where `amount` is below 0. Never profit or loss."""

    kind: FlowKind
    amount: Decimal


@frozen(kw_only=True)
class SharesTransferred(Booking):
    """Shares from outside into external, or out where `quantity` is below 0, at their value."""

    symbol: Symbol
    quantity: Decimal
    price: Decimal


# --- what a person does ---------------------------------------------------------------------------


@frozen(kw_only=True)
class ByHand(Booking):
    """A person's act on the books; its id is that of the act."""

    reason: str
    by: str


@frozen(kw_only=True)
class Adopted(ByHand):
    """External shares became a strategy's, at `price`; `quantity` is signed like what is held."""

    strategy: StrategyName
    symbol: Symbol
    quantity: Decimal
    price: Decimal


@frozen(kw_only=True)
class Transferred(ByHand):
    """Shares went from one strategy to another with what they had cost; `quantity` is signed."""

    strategy: StrategyName
    to: StrategyName
    symbol: Symbol
    quantity: Decimal


@frozen(kw_only=True)
class Adjusted(ByHand):
    """A person put the books right: a flow of shares at `price`, or of cash, or of both.

    `quantity` is signed and goes to a strategy's share, or to external where none is named.
    """

    strategy: StrategyName | None = None
    symbol: Symbol | None = None
    quantity: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    cash: Decimal = Decimal(0)


@frozen(kw_only=True)
class PeakReset(ByHand):
    """A person let drawdown be measured from where the index stands now."""


# --- what we book ourselves -----------------------------------------------------------------------


@frozen(kw_only=True)
class DustMoved(Booking):
    """Less than one share of a strategy went to external with its cost; `quantity` is signed."""

    strategy: StrategyName
    symbol: Symbol
    quantity: Decimal


@frozen(kw_only=True)
class EquityMarked(Event):
    """What an account was worth: cash, and all that it holds at `marks`.

    `index` is the account's time-weighted one and `bot_index` that of our strategies alone; both
    were 1 when the account was opened, and flows do not move them.
    """

    account: AccountName
    equity: Decimal
    index: Decimal
    bot_index: Decimal
    marks: dict[Symbol, Mark] = Factory(dict)


BOOKINGS: Final[tuple[type[Event], ...]] = (
    ExternalTraded,
    ExternallyClosed,
    CorporateAction,
    CashInLieuPaid,
    DividendPaid,
    BorrowCharged,
    FeeCharged,
    FeeReplaced,
    InterestBooked,
    CashFlow,
    SharesTransferred,
    Adopted,
    Transferred,
    Adjusted,
    PeakReset,
    DustMoved,
    EquityMarked,
)
"""All facts of this file."""
