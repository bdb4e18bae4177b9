"""What bookings mean to an account's books: one function a fact, none of which ever fails."""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import partial
from typing import Any, Final

from trading.book_steps import brought, with_cash, with_first_mark, with_flow, with_share
from trading.bookings import (
    Adjusted,
    Adopted,
    BorrowCharged,
    CashFlow,
    CashInLieuPaid,
    CorporateAction,
    DividendPaid,
    DustMoved,
    ExternallyClosed,
    ExternalTraded,
    FeeCharged,
    FeeReplaced,
    InterestBooked,
    SharesTransferred,
    Transferred,
)
from trading.changed import changed
from trading.event import Event
from trading.marks import Mark
from trading.money import ZERO
from trading.position import Parcel, Position
from trading.positions import Book
from trading.vocabulary import MarkSource, StrategyName, Symbol


AFTER_SPLIT: Final = Decimal("1E-6")
"""What venues hold fractions of a share to, and finer than prices are quoted."""

_LARGE: Final = Context(prec=100)


# --- what comes and goes --------------------------------------------------------------------------


def _cash_flowed(book: Book, event: CashFlow) -> Book:
    return with_flow(with_cash(book, event.amount), event.amount)


def _shares_came(book: Book, event: SharesTransferred) -> Book:
    came = partial(brought, quantity=event.quantity, price=event.price)
    book = with_share(book, None, event.symbol, came)
    book = with_first_mark(book, event.symbol, Mark(event.price, event.at, MarkSource.QUOTE))
    return with_flow(book, event.quantity * event.price)


# --- foreign executions ---------------------------------------------------------------------------


def _traded_outside(book: Book, event: ExternalTraded) -> Book:
    signed = event.side.sign * event.quantity
    book = with_share(
        book,
        None,
        event.symbol,
        lambda x: x.filled(event.side, event.quantity, event.price, event.fee),
    )
    book = with_first_mark(book, event.symbol, Mark(event.price, event.at, MarkSource.FILL))
    return with_cash(book, -signed * event.price - event.fee)


def _closed_outside(book: Book, event: ExternallyClosed) -> Book:
    """What the trade took from a share goes over from external to it, at the trade's price."""
    signed = event.side.sign * event.quantity
    worth = signed * event.price
    return _exchanged(book, event.strategy, event.symbol, Parcel(signed, worth, worth))


def _exchanged(book: Book, strategy: StrategyName, symbol: Symbol, parcel: Parcel) -> Book:
    """Shares come to a strategy from external at a price, or go there; no cash moves."""
    back = Parcel(-parcel.quantity, -parcel.cost, -parcel.day_cost)
    book = with_share(book, strategy, symbol, lambda p: p.received(parcel))
    return with_share(book, None, symbol, lambda x: x.received(back))


# --- companies ------------------------------------------------------------------------------------


def _split(book: Book, event: CorporateAction) -> Book:
    """Strategies keep whole shares. What is external is all the rest of the account's quantity."""
    symbol, new, old = event.symbol, event.new, event.old
    if new <= 0 or old <= 0:
        return book
    total = _after_split(book.net(symbol) * new / old)
    if event.cash:
        book = _paid_on_each(book, symbol, event.cash)
    positions, external = dict(book.positions), book.outside(symbol)
    cost, day_cost = external.cost, external.day_cost
    for key in [key for key in positions if key[1] == symbol]:
        positions[key], fraction = positions[key].split(new, old)
        total -= positions[key].quantity
        cost, day_cost = cost + fraction.cost, day_cost + fraction.day_cost
    book = changed(book, positions=positions)
    book = with_share(book, None, symbol, lambda x: x.holding(total, cost, day_cost))
    if symbol not in book.marks:
        return book
    mark = book.marks[symbol]
    scaled = Mark(_after_split(mark.price * old / new), mark.at, mark.source)
    return changed(book, marks={**book.marks, symbol: scaled})


def _after_split(value: Decimal) -> Decimal:
    return value.quantize(AFTER_SPLIT, context=_LARGE).normalize(_LARGE) + ZERO


def _paid_on_each(book: Book, symbol: Symbol, cash: Decimal) -> Book:
    """So much for each share, to whoever holds it."""
    holders = [strategy for strategy, of in book.positions if of == symbol]
    for strategy in (*holders, None):
        share = book.outside(symbol) if strategy is None else book.position(strategy, symbol)
        amount = share.quantity * cash
        if amount:
            carried = partial(Position.carried, amount=amount)
            book = with_cash(with_share(book, strategy, symbol, carried), amount)
    return book


def _paid_in_lieu(book: Book, event: CashInLieuPaid) -> Book:
    book = with_share(book, None, event.symbol, lambda x: x.sold(event.quantity, event.amount))
    return with_cash(book, event.amount)


def _carried(book: Book, event: DividendPaid | BorrowCharged) -> Book:
    for portion in event.portions:
        carried = partial(Position.carried, amount=portion.amount)
        book = with_share(book, portion.strategy, event.symbol, carried)
        book = with_cash(book, portion.amount)
    return book


# --- fees and interest ----------------------------------------------------------------------------


def _charged(book: Book, event: FeeCharged) -> Book:
    book = with_cash(book, -event.amount)
    if event.symbol is None:
        return changed(book, carry=book.carry - event.amount)
    charged = partial(Position.charged, fee=event.amount)
    return with_share(book, event.strategy, event.symbol, charged)


def _fee_replaced(book: Book, event: FeeReplaced) -> Book:
    more = event.fee - event.was_fee
    charged = partial(Position.charged, fee=more, estimated=-event.was_fee)
    return with_cash(with_share(book, event.strategy, event.symbol, charged), -more)


def _interest(book: Book, event: InterestBooked) -> Book:
    return with_cash(changed(book, carry=book.carry + event.amount), event.amount)


# --- by hand --------------------------------------------------------------------------------------


def _adopted(book: Book, event: Adopted) -> Book:
    """At its price for good, and for the day at the mark, so that the day neither wins nor loses.

    No more than external holds by now: what was sold outside meanwhile cannot be adopted.
    """
    quantity = book.outside(event.symbol).most(event.quantity)
    mark = book.mark(event.symbol)
    today = event.price if mark is None else mark
    parcel = Parcel(quantity, quantity * event.price, quantity * today)
    return _exchanged(book, event.strategy, event.symbol, parcel)


def _transferred(book: Book, event: Transferred) -> Book:
    return _handed_over(book, event.strategy, event.to, event.symbol, event.quantity)


def _dust_moved(book: Book, event: DustMoved) -> Book:
    return _handed_over(book, event.strategy, None, event.symbol, event.quantity)


def _handed_over(
    book: Book, giver: StrategyName, to: StrategyName | None, symbol: Symbol, quantity: Decimal
) -> Book:
    """With what it had cost, and nothing realised."""
    left, parcel = book.position(giver, symbol).given(quantity)
    book = with_share(book, giver, symbol, lambda _: left)
    return with_share(book, to, symbol, lambda p: p.received(parcel))


def _adjusted(book: Book, event: Adjusted) -> Book:
    """A flow, in shares and in cash: that the books were wrong is nobody's profit."""
    book = with_flow(with_cash(book, event.cash), event.quantity * event.price + event.cash)
    if event.symbol is None:
        return book
    came = partial(brought, quantity=event.quantity, price=event.price)
    book = with_share(book, event.strategy, event.symbol, came)
    return with_first_mark(book, event.symbol, Mark(event.price, event.at, MarkSource.FILL))


BOOKED: Final[Mapping[type[Event], Callable[[Book, Any], Book]]] = {
    CashFlow: _cash_flowed,
    SharesTransferred: _shares_came,
    ExternalTraded: _traded_outside,
    ExternallyClosed: _closed_outside,
    CorporateAction: _split,
    CashInLieuPaid: _paid_in_lieu,
    DividendPaid: _carried,
    BorrowCharged: _carried,
    FeeCharged: _charged,
    FeeReplaced: _fee_replaced,
    InterestBooked: _interest,
    Adopted: _adopted,
    Transferred: _transferred,
    DustMoved: _dust_moved,
    Adjusted: _adjusted,
}
"""What a booking means to an account's books, by its type."""
