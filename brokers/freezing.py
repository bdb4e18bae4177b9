"""Symbols that a venue has frozen after a jump of their price, and who lets them trade again."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from brokers.base import NotOfferedError, RejectedError, Venue
from brokers.ledger import Ledger
from brokers.ledger_events import SymbolThawed
from trading.vocabulary import Symbol


@runtime_checkable
class Freezes(Protocol):
    """A venue that freezes symbols by itself; a real one never asks us."""

    async def thaw(self, symbol: Symbol, reason: str) -> None:
        """Let a symbol trade again today; RejectedError: it is not frozen."""


async def thaw(venue: Venue, symbol: Symbol, reason: str) -> None:
    """Let a symbol trade again at a venue; NotOfferedError: such a venue freezes nothing."""
    if not isinstance(venue, Freezes):
        raise NotOfferedError("only the paper broker freezes symbols")
    await venue.thaw(symbol, reason)


def thawed(ledger: Ledger, symbol: Symbol, reason: str, now: datetime) -> SymbolThawed:
    """A person's word that a jump was real; RejectedError: there was none."""
    if symbol not in ledger.frozen_symbols:
        frozen = ", ".join(sorted(ledger.frozen_symbols)) or "no symbol"
        raise RejectedError(f"{symbol} is not frozen; {frozen} is")
    return SymbolThawed(at=now, symbol=symbol, reason=reason)
