"""What stands between our books and the venue's: foreign trades, dust, and what is unexplained."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.apportion import apportioned
from trading.bookings import ExternallyClosed, ExternalTraded, Portion
from trading.money import CENT, ZERO
from trading.positions import Book, Key
from trading.vocabulary import BookingId, StrategyName, Symbol


EXTERNAL: Final = StrategyName("external")
"""What stands in a strategy's place where shares are held outside this program."""

ONE_SHARE: Final = Decimal(1)
NOTHING: Final[Mapping[StrategyName, Decimal]] = {}


# --- foreign trades -------------------------------------------------------------------------------


def taken_from_shares(
    book: Book, trade: ExternalTraded, closing: Mapping[StrategyName, Decimal] = NOTHING
) -> tuple[ExternallyClosed, ...]:
    """What a foreign trade takes from our strategies, to be booked right after it.

    It takes from external first, then from the only owner, else from all by their shares. What is
    beyond all shares stays external; so external never opposes them. `closing` is what own orders
    are closing of each share: only what is more than the rest of all shares is taken from that.
    """
    signed = trade.side.sign * trade.quantity
    outside = book.outside(trade.symbol).quantity
    rest = trade.quantity - (min(trade.quantity, abs(outside)) if outside * signed < 0 else ZERO)
    shares = {s: abs(q) for s, q in _shares(book, trade.symbol).items() if q * signed < 0}
    free = {s: max(q - closing.get(s, ZERO), ZERO) for s, q in shares.items()}
    parts = _parts(rest, free)
    others = {s: q - parts.get(s, ZERO) for s, q in shares.items()}
    more = _parts(rest - sum(parts.values(), ZERO), others)
    taken = {s: parts.get(s, ZERO) + more.get(s, ZERO) for s in shares}
    return tuple(
        ExternallyClosed(
            at=trade.at,
            account=trade.account,
            booking_id=BookingId(f"{trade.booking_id}/{strategy}"),
            execution_id=trade.execution_id,
            strategy=strategy,
            symbol=trade.symbol,
            side=trade.side,
            quantity=quantity,
            price=trade.price,
        )
        for strategy, quantity in taken.items()
        if quantity
    )


def _parts(amount: Decimal, holders: Mapping[StrategyName, Decimal]) -> dict[StrategyName, Decimal]:
    """As much of an amount as there is, from each by what he has."""
    shares = {strategy: share for strategy, share in holders.items() if share}
    taken = min(amount, sum(shares.values(), ZERO))
    return _within(apportioned(taken, shares, ONE_SHARE), shares) if taken else {}


def _shares(book: Book, symbol: Symbol) -> dict[StrategyName, Decimal]:
    """What each strategy holds of a symbol, by name."""
    held = {s: book.position(s, symbol).quantity for s in sorted(book.strategies)}
    return {strategy: quantity for strategy, quantity in held.items() if quantity}


def _within(
    parts: Mapping[StrategyName, Decimal], shares: Mapping[StrategyName, Decimal]
) -> dict[StrategyName, Decimal]:
    """The same, nobody giving more than he has: whole shares may be a hair too much to ask."""
    found, missing = {}, ZERO
    for strategy, part in parts.items():
        found[strategy] = min(part, shares[strategy])
        missing += part - found[strategy]
    for strategy, part in found.items():
        more = min(missing, shares[strategy] - part)
        found[strategy], missing = part + more, missing - more
    return found


# --- what is paid on shares -----------------------------------------------------------------------


def portions(book: Book, symbol: Symbol, amount: Decimal) -> tuple[Portion, ...]:
    """An amount in whole cents by what each held, external too; it is external's where nobody did.

    The book is that of the day that counts: of the ex-date, or of the night.
    """
    held: dict[StrategyName | None, Decimal] = {s: abs(q) for s, q in _shares(book, symbol).items()}
    if outside := book.outside(symbol).quantity:
        held[None] = abs(outside)
    if not held:
        return (Portion(strategy=None, amount=amount),)
    parts = apportioned(amount, held, CENT)
    return tuple(Portion(strategy=s, amount=part) for s, part in parts.items() if part)


# --- dust -----------------------------------------------------------------------------------------


def dust(book: Book) -> Mapping[Key, Decimal]:
    """Shares of less than one, signed: nobody can sell them, so they are external's."""
    return {key: p.quantity for key, p in book.positions.items() if 0 < abs(p.quantity) < ONE_SHARE}


# --- what is unexplained --------------------------------------------------------------------------


@frozen(kw_only=True)
class Residual:
    """What the venue holds of a symbol and our books do not explain; it is nobody's.

    All quantities are signed.
    """

    symbol: Symbol
    venue: Decimal
    shares: Decimal
    external: Decimal

    @property
    def quantity(self) -> Decimal:
        """The venue's, less all shares and what is external: 0 where the books are right."""
        return self.venue - self.shares - self.external


def residuals(book: Book, held: Mapping[Symbol, Decimal]) -> tuple[Residual, ...]:
    """Every symbol in which the venue holds something else than we think, by name.

    `held` is a full answer of the venue's: a symbol that is not in it is flat there.
    """
    known = {symbol for symbol, p in book.holdings() if p.quantity}
    found = (
        Residual(
            symbol=symbol,
            venue=held.get(symbol, ZERO),
            shares=book.own(symbol),
            external=book.outside(symbol).quantity,
        )
        for symbol in sorted(known | held.keys())
    )
    return tuple(residual for residual in found if residual.quantity)


def cash_residual(book: Book, cash: Decimal) -> Decimal:
    """What the venue has of cash and our books do not explain, in dollars."""
    return cash - (book.cash or ZERO)
