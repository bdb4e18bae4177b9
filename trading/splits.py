"""Finding a split that nobody told of: shares times a simple ratio, the price inversely."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from trading.bookings import CorporateAction
from trading.differences import DifferenceKind
from trading.reconcile import Difference
from trading.vocabulary import AccountName, BookingId


RATIOS: Final = tuple(
    (Decimal(new), Decimal(old))
    for new, old in (
        *((n, 1) for n in range(2, 51)),
        *((1, n) for n in range(2, 51)),
        *((3, 2), (4, 3), (5, 2), (5, 4), (6, 5), (2, 3), (3, 4), (2, 5), (4, 5)),
    )
)
"""New shares for old ones: what companies do. A stock dividend of some per cent is none of them."""

PRICE_WITHIN: Final = Decimal("0.10")


def ratio_of(
    quantity: Decimal, now: Decimal, price: Decimal, price_now: Decimal
) -> tuple[Decimal, Decimal] | None:
    """How many new shares came for how many old ones: None where that is not what happened.

    The quantity must be that of the ratio exactly, the price within 10 % of what it makes of it.
    """
    if min(quantity * now, price, price_now) <= 0:
        return None
    return next(_fitting(quantity, now, price, price_now), None)


def _fitting(
    quantity: Decimal, now: Decimal, price: Decimal, price_now: Decimal
) -> Iterator[tuple[Decimal, Decimal]]:
    for new, old in RATIOS:
        expected = price * old / new
        if quantity * new == now * old and abs(price_now - expected) <= expected * PRICE_WITHIN:
            yield new, old


def split_explaining(
    account: AccountName,
    difference: Difference,
    prices: tuple[Decimal, Decimal],
    *,
    now: datetime,
    day: date,
) -> CorporateAction | None:
    """The split that explains what the venue holds of a symbol; it is booked once a day.

    `prices` are what a share was worth before, and now; 0 is not known.
    """
    if difference.kind is not DifferenceKind.POSITION or difference.symbol is None:
        return None
    ratio = ratio_of(difference.ours, difference.venue, *prices)
    if ratio is None:
        return None
    return CorporateAction(
        at=now,
        account=account,
        booking_id=BookingId(f"split/{difference.symbol}/{day}"),
        symbol=difference.symbol,
        new=ratio[0],
        old=ratio[1],
    )
