"""A paper account that begins anew: the new ledger follows the old one, and nothing is erased."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from brokers.base import NotOfferedError, RejectedError, Venue
from brokers.ledger import Ledger
from brokers.ledger_events import LedgerReset, PaperMoved
from trading.event import Event
from trading.money import plain


@runtime_checkable
class BeginsAnew(Protocol):
    """A venue whose accounts can begin anew; nobody's real money can."""

    async def reset(self, reason: str) -> Decimal:
        """Begin with the starting cash again, and say how much that is; RejectedError: not now."""


async def reset(venue: Venue, reason: str) -> Decimal:
    """Let an account begin anew; NotOfferedError: its venue knows no such thing."""
    if not isinstance(venue, BeginsAnew):
        raise NotOfferedError("only an account at the paper broker begins anew")
    return await venue.reset(reason)


def begun_anew(ledger: Ledger, cash: Decimal, reason: str, now: datetime) -> tuple[Event, ...]:
    """What a reset writes down; the difference in cash comes or goes as any other flow.

    So the books of whoever trades here follow by themselves, and call none of it profit.

    Raises:
        RejectedError: shares are held or orders work; who wiped them out would falsify both books.
    """
    if ledger.holdings or ledger.resting:
        held = [f"{plain(quantity)} {symbol}" for symbol, quantity in ledger.holdings.items()]
        works = [f"order {each}" for each in ledger.resting]
        raise RejectedError(f"not while it has {', '.join([*sorted(held), *works])}")
    begun = LedgerReset(at=now, follows=ledger.series, cash=cash, was=ledger.cash, reason=reason)
    difference = cash - ledger.cash
    if not difference:
        return (begun,)
    flow = PaperMoved(
        at=now,
        transaction_id=f"R{ledger.series}-{ledger.movements + 1}",
        kind="deposit" if difference > 0 else "withdrawal",
        amount=difference,
        text=f"begun anew: {reason}",
    )
    return (flow, begun)
