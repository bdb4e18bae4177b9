"""What a venue calls a transaction, and what it is in our books."""

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import AAPL, ACCOUNT, AT, booking, desk, fill, seen
from trading.bookings import (
    BorrowCharged,
    CashFlow,
    CashInLieuPaid,
    DividendPaid,
    ExternalTraded,
    FeeCharged,
    InterestBooked,
    Portion,
    SharesTransferred,
)
from trading.movements import Movement, booking_of
from trading.positions import Book
from trading.vocabulary import ExecutionId, FlowKind, Side


OUTSIDE = booking(
    ExternalTraded,
    execution_id=ExecutionId("e1"),
    symbol=AAPL,
    side=Side.BUY,
    quantity=Decimal(30),
    price=Decimal(100),
    executed_at=AT,
)
BOOK = desk(fill(quantity=10), OUTSIDE).book


def booked(kind: str, amount: int, book: Book = BOOK, **more: Any) -> Any:
    moved = Movement(transaction_id="T1", at=AT, kind=kind, amount=Decimal(amount), **more)
    made = booking_of(book, moved, Decimal(100), AT)
    if made is not None:
        assert (made.booking_id, made.account) == ("T1", ACCOUNT)
    return made


@pytest.mark.parametrize(
    ("kind", "flow"),
    [
        ("deposit", FlowKind.DEPOSIT),
        ("WITHDRAWAL", FlowKind.WITHDRAWAL),
        ("transfer", FlowKind.TRANSFER),
    ],
)
def test_money_from_outside_is_a_flow(kind: str, flow: FlowKind) -> None:
    event = booked(kind, 50)
    assert isinstance(event, CashFlow)
    assert seen(event.kind, event.amount) == (flow, 50)


def test_shares_from_outside_come_at_their_price() -> None:
    event = booked("transfer", 0, symbol=AAPL, quantity=Decimal(5))
    assert isinstance(event, SharesTransferred)
    assert seen(event.quantity, event.price) == (5, 100)


def test_interest_fee_and_dividend() -> None:
    interest, fee = booked("interest", -3), booked("fee", -2, text="wire")
    assert isinstance(interest, InterestBooked)
    assert isinstance(fee, FeeCharged)
    assert seen(interest.amount, fee.amount, fee.what) == (-3, 2, "wire")


@pytest.mark.parametrize(("kind", "fact"), [("dividend", DividendPaid), ("borrow", BorrowCharged)])
def test_what_is_paid_on_shares_goes_to_each_by_what_he_holds(kind: str, fact: type[Any]) -> None:
    event = booked(kind, 8, symbol=AAPL)
    assert isinstance(event, fact)
    assert event.portions == (
        Portion(strategy=fill().strategy, amount=Decimal(2)),
        Portion(strategy=None, amount=Decimal(6)),
    )


def test_cash_for_a_fraction() -> None:
    event = booked("cash_in_lieu", 40, symbol=AAPL, quantity=Decimal("-0.4"))
    assert isinstance(event, CashInLieuPaid)
    assert seen(event.quantity, event.amount) == (Decimal("0.4"), 40)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("riddle", {}),
        ("dividend", {}),
        ("cash_in_lieu", {}),
        ("transfer", {"symbol": AAPL, "quantity": Decimal(5)}),  # shares and money at once
    ],
)
def test_what_nobody_understands_is_left_to_a_person(kind: str, more: dict[str, Any]) -> None:
    assert booked(kind, 9, **more) is None
    assert booked("transfer", 0, symbol=AAPL) is None
