"""What a venue calls a transaction, and what it is in our books. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from attrs import frozen

from trading.bookings import (
    Booking,
    BorrowCharged,
    CashFlow,
    CashInLieuPaid,
    DividendPaid,
    FeeCharged,
    InterestBooked,
    SharesTransferred,
)
from trading.external import portions
from trading.money import ZERO
from trading.positions import Book
from trading.vocabulary import BookingId, FlowKind, Symbol


@frozen(kw_only=True)
class Movement:
    """Money or shares that moved without an order, as the venue tells it.

    `amount` is signed dollars, `quantity` signed shares.
    """

    transaction_id: str
    at: datetime
    kind: str
    amount: Decimal
    symbol: Symbol | None = None
    quantity: Decimal | None = None
    text: str = ""


def booking_of(book: Book, moved: Movement, price: Decimal, now: datetime) -> Booking | None:
    """The booking of a transaction; None: nobody has said what this kind is, and a person must.

    A dividend goes to each by what he holds now, and `price` is what a transferred share is worth.
    """
    make = _KINDS.get(moved.kind.lower())
    if make is None:
        return None
    common = {"at": now, "account": book.account, "booking_id": BookingId(moved.transaction_id)}
    return make(book, moved, price, common)


def _paid(
    book: Book,
    moved: Movement,
    _price: Decimal,
    common: Any,
    *,
    kind: type[DividendPaid | BorrowCharged],
) -> Booking | None:
    if moved.symbol is None:
        return None
    parts = portions(book, moved.symbol, moved.amount)
    return kind(**common, symbol=moved.symbol, portions=parts)


def _interest(_book: Book, moved: Movement, _price: Decimal, common: Any) -> Booking:
    return InterestBooked(**common, amount=moved.amount)


def _fee(_book: Book, moved: Movement, _price: Decimal, common: Any) -> Booking:
    return FeeCharged(**common, symbol=moved.symbol, amount=-moved.amount, what=moved.text)


def _flow(
    _book: Book, moved: Movement, price: Decimal, common: Any, *, kind: FlowKind
) -> Booking | None:
    if moved.symbol is None:
        return CashFlow(**common, kind=kind, amount=moved.amount)
    if moved.amount or not moved.quantity:
        return None
    quantity = moved.quantity
    return SharesTransferred(**common, symbol=moved.symbol, quantity=quantity, price=price)


def _in_lieu(_book: Book, moved: Movement, _price: Decimal, common: Any) -> Booking | None:
    """A venue that does not say how many took them off when it made the shares whole."""
    if moved.symbol is None:
        return None
    quantity = abs(moved.quantity or ZERO)
    return CashInLieuPaid(**common, symbol=moved.symbol, quantity=quantity, amount=moved.amount)


_KINDS: Final[Mapping[str, Callable[[Book, Movement, Decimal, Any], Booking | None]]] = {
    "dividend": partial(_paid, kind=DividendPaid),
    "borrow": partial(_paid, kind=BorrowCharged),
    "interest": _interest,
    "fee": _fee,
    "deposit": partial(_flow, kind=FlowKind.DEPOSIT),
    "withdrawal": partial(_flow, kind=FlowKind.WITHDRAWAL),
    "transfer": partial(_flow, kind=FlowKind.TRANSFER),
    "cash_in_lieu": _in_lieu,
}
"""The kinds of transaction that every venue's adapter translates to."""
