"""What the venue says otherwise than our books, once that has lasted; facts about it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import frozen

from trading.event import Event
from trading.vocabulary import AccountName, OrderId, Symbol


class DifferenceKind(StrEnum):
    """In what venue and books differ: shares held, cash, an order that is not there."""

    POSITION = "position"
    CASH = "cash"
    ORDER = "order"


DifferenceKey = tuple[DifferenceKind, str]
"""Which difference: its kind, and the symbol or order it is about; empty for cash."""


@frozen(kw_only=True)
class DifferenceFound(Event):
    """The venue has held something else than our books for too long; `residual` is nobody's.

    `ours`, `venue` and `residual` (venue less ours) are signed shares, or dollars where the kind is
    cash; of an order they are what it may still fill. It holds until it is explained, or until
    another of the same kind and subject gives newer numbers.
    """

    account: AccountName
    kind: DifferenceKind
    symbol: Symbol | None = None
    order_id: OrderId | None = None
    ours: Decimal
    venue: Decimal
    residual: Decimal
    since: datetime

    @property
    def key(self) -> DifferenceKey:
        """What it is about."""
        return (self.kind, self.order_id or self.symbol or "")


@frozen(kw_only=True)
class DifferenceExplained(Event):
    """Venue and books agree again: what was missing was booked, by us or by a person."""

    account: AccountName
    kind: DifferenceKind
    symbol: Symbol | None = None
    order_id: OrderId | None = None

    @property
    def key(self) -> DifferenceKey:
        """What it was about."""
        return (self.kind, self.order_id or self.symbol or "")


@frozen(kw_only=True)
class AccountReconciled(Event):
    """Everything the venue did until `upto` is in our books, but for the differences named.

    Written at each connection, and each minute in which a strategy holds something: what lies
    between the last of them and the next is the gap in which nobody watched.
    """

    account: AccountName
    upto: datetime


DIFFERENCES: Final[tuple[type[Event], ...]] = (
    DifferenceFound,
    DifferenceExplained,
    AccountReconciled,
)
"""All facts of this file."""
