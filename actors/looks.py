"""One look at everything a venue says of an account, and what of it the books understand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from brokers.base import Balances, Execution, Transaction, Venue, VenueOrder
from brokers.market import Quote
from trading.bookings import ExternalTraded, Held
from trading.clock import Clock
from trading.money import ZERO
from trading.movements import Movement
from trading.vocabulary import AccountName, BookingId, Symbol


AT_ONCE: Final = timedelta(seconds=5)
"""How far a look reaches back where the venue is part of us and shows what it did at once."""

A_LITTLE_LATE: Final = timedelta(minutes=2)
"""The same for orders and executions of others: what they show a little late."""

DAYS_LATE: Final = timedelta(days=7)
"""The same for their transactions, which are shown days after the day that they name."""


@frozen(kw_only=True)
class Looked:
    """A full answer of the venue's, asked for from `asked_at` on by this wire.

    Orders, executions and transactions are those since `since`. It is steady if nothing was
    executed while it was taken: only then do positions and cash belong to these executions.
    """

    wire: str
    since: datetime
    asked_at: datetime
    balances: Balances
    positions: Mapping[Symbol, Decimal]
    orders: Sequence[VenueOrder]
    executions: Sequence[Execution]
    transactions: Sequence[Transaction]
    quotes: Mapping[Symbol, Quote]
    is_steady: bool


@frozen(kw_only=True)
class LookFailed:
    """The venue did not answer everything; of what it did answer nothing is concluded."""

    wire: str
    reason: str


async def look_at(venue: Venue, wire: str, clock: Clock, upto: datetime) -> Looked:
    """Ask a venue for everything from a little before `upto`, the instant of the last look, on.

    Raises whatever any of its answers raises.
    """
    asked_at = clock.now()
    overlap, posted = (AT_ONCE, AT_ONCE) if venue.knows_our_ids else (A_LITTLE_LATE, DAYS_LATE)
    since = upto - overlap
    before = await venue.executions_since(since)
    orders = await venue.orders_since(since)
    transactions = await venue.transactions_since(upto - posted)
    positions = await venue.positions()
    balances = await venue.balances()
    quotes = await venue.quotes(positions.keys()) if positions else {}
    after = await venue.executions_since(since)
    return Looked(
        wire=wire,
        since=since,
        asked_at=asked_at,
        balances=balances,
        positions={symbol: held for symbol, held in positions.items() if held},
        orders=orders,
        executions=after,
        transactions=transactions,
        quotes=quotes,
        is_steady=len(before) == len(after),
    )


# --- in the words of the books --------------------------------------------------------------------


def external_trade_of(account: AccountName, execution: Execution, now: datetime) -> ExternalTraded:
    """An execution that no order of ours asked for."""
    return ExternalTraded(
        at=now,
        account=account,
        booking_id=BookingId(execution.execution_id),
        execution_id=execution.execution_id,
        symbol=execution.symbol,
        side=execution.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        executed_at=execution.executed_at,
    )


def movement_of(transaction: Transaction) -> Movement:
    """A transaction, for the books."""
    return Movement(
        transaction_id=transaction.transaction_id,
        at=transaction.at,
        kind=transaction.kind,
        amount=transaction.amount,
        symbol=transaction.symbol,
        quantity=transaction.quantity,
        text=transaction.text,
    )


def price_of(looked: Looked, symbol: Symbol) -> Decimal:
    """What a share is quoted at; 0: nobody says."""
    quote = looked.quotes.get(symbol)
    return ZERO if quote is None else quote.price or ZERO


def held_of(looked: Looked) -> tuple[Held, ...]:
    """What an account held when it was first seen, at what it is quoted; unquoted at nothing."""
    return tuple(
        Held(symbol=symbol, quantity=held, price=price_of(looked, symbol))
        for symbol, held in sorted(looked.positions.items())
    )
