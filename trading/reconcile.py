"""Our books against the venue's: what is missing in ours, and what nothing explains. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.breaker import Stop, Stops
from trading.differences import (
    DifferenceExplained,
    DifferenceFound,
    DifferenceKey,
    DifferenceKind,
)
from trading.events import Healed, Scope, Tripped
from trading.external import cash_residual, residuals
from trading.money import CENT, ZERO, plain
from trading.orders import Order
from trading.positions import Book
from trading.vocabulary import AccountName, Code, OrderId, Symbol, TradingState


BELIEVED_FOR: Final = timedelta(seconds=30)
"""How long books and venue may differ before it is a fact: reports are under way for a while."""

SYMBOLS_FOR_ACCOUNT: Final = 2
"""In how many symbols they differ before the whole account is stopped."""


@frozen(kw_only=True)
class Difference:
    """Something the venue says otherwise than our books at one look."""

    kind: DifferenceKind
    symbol: Symbol | None = None
    order_id: OrderId | None = None
    ours: Decimal
    venue: Decimal

    @property
    def key(self) -> DifferenceKey:
        """What it is about."""
        return (self.kind, self.order_id or self.symbol or "")

    @property
    def residual(self) -> Decimal:
        """What is unexplained: the venue's less ours."""
        return self.venue - self.ours


Doubts = Mapping[DifferenceKey, datetime]
"""Since when venue and books differ in something, whether or not that is a fact by now."""

NO_DOUBTS: Final[Doubts] = {}


# --- comparing ------------------------------------------------------------------------------------


def differences(
    book: Book, held: Mapping[Symbol, Decimal], cash: Decimal, absent: Sequence[Order] = ()
) -> tuple[Difference, ...]:
    """Everything in which a venue's full answer differs from our books.

    `held` is a full answer: a symbol that is not in it is flat there. `absent` are orders of ours
    that should be at the venue and were asked for by name.
    """
    return (
        *_of_positions(book, held),
        *_of_cash(book, cash),
        *(_of_order(order) for order in absent),
    )


def _of_positions(book: Book, held: Mapping[Symbol, Decimal]) -> Iterator[Difference]:
    for found in residuals(book, held):
        yield Difference(
            kind=DifferenceKind.POSITION,
            symbol=found.symbol,
            ours=found.shares + found.external,
            venue=found.venue,
        )


def _of_cash(book: Book, cash: Decimal) -> Iterator[Difference]:
    """Venues count money in cents, whatever a fee or a price comes to."""
    if abs(cash_residual(book, cash)) >= CENT:
        yield Difference(kind=DifferenceKind.CASH, ours=book.cash or ZERO, venue=cash)


def _of_order(order: Order) -> Difference:
    return Difference(
        kind=DifferenceKind.ORDER,
        symbol=order.plan.symbol,
        order_id=order.plan.order_id,
        ours=order.exposed_quantity,
        venue=ZERO,
    )


# --- believing ------------------------------------------------------------------------------------


def doubts_of(before: Doubts, found: Sequence[Difference], now: datetime) -> Doubts:
    """Since when each of these differences has been there without a break."""
    return {difference.key: before.get(difference.key, now) for difference in found}


def facts_of_differences(
    account: AccountName,
    named: Mapping[DifferenceKey, DifferenceFound],
    found: Sequence[Difference],
    doubts: Doubts,
    now: datetime,
) -> Iterator[DifferenceFound | DifferenceExplained]:
    """What is to be written down: what has lasted, or has other numbers now; what is explained."""
    for difference in found:
        known, since = named.get(difference.key), doubts[difference.key]
        if known is None and now - since < BELIEVED_FOR:
            continue
        if known is None or (known.ours, known.venue) != (difference.ours, difference.venue):
            yield DifferenceFound(
                at=now,
                account=account,
                kind=difference.kind,
                symbol=difference.symbol,
                order_id=difference.order_id,
                ours=difference.ours,
                venue=difference.venue,
                residual=difference.residual,
                since=since if known is None else known.since,
            )
    for key, known in named.items():
        if key not in doubts:
            yield DifferenceExplained(
                at=now,
                account=account,
                kind=known.kind,
                symbol=known.symbol,
                order_id=known.order_id,
            )


# --- what a difference stops ----------------------------------------------------------------------


def stops_of_differences(
    account: AccountName,
    named: Mapping[DifferenceKey, DifferenceFound],
    stops: Stops,
    now: datetime,
) -> Iterator[Tripped | Healed]:
    """The stops that the named differences call for and that are not in force, and those of theirs
    that are and that nothing calls for any more.

    One symbol is stopped by itself, two stop the account. Cash stops nothing: it sizes no order.
    """
    ours = {s.scope: s for s in stops.in_force if _is_ours(s, account)}
    wanted = dict(_wanted(account, named))
    for scope, inputs in wanted.items():
        if scope not in ours:
            yield Tripped(
                at=now,
                scope=scope,
                generation=stops.generation + 1,
                state=TradingState.REDUCING,
                code=Code.POSITION_DIFFERENCE,
                inputs=inputs,
            )
    for scope, stop in ours.items():
        if scope not in wanted:
            yield Healed(
                at=now, scope=scope, generation=stop.generation, code=Code.POSITION_DIFFERENCE
            )


SILENT_FOR: Final = timedelta(seconds=30)
"""How long an account may not be seen before nothing is entered on it."""


def stop_of_silence(
    account: AccountName, since: datetime, reason: str, stops: Stops, now: datetime
) -> Tripped | None:
    """The stop of an account whose venue has not said since then what it holds; once."""
    if now - since < SILENT_FOR or _silence(account, stops) is not None:
        return None
    return Tripped(
        at=now,
        scope=Scope(account=account),
        generation=stops.generation + 1,
        state=TradingState.REDUCING,
        code=Code.VENUE_SILENT,
        inputs={"seconds": f"{(now - since).total_seconds():.0f}", "because": reason},
    )


def end_of_silence(account: AccountName, stops: Stops, now: datetime) -> Healed | None:
    """What ends that stop, once the account has been seen."""
    stop = _silence(account, stops)
    if stop is None:
        return None
    return Healed(at=now, scope=stop.scope, generation=stop.generation, code=stop.code)


def _silence(account: AccountName, stops: Stops) -> Stop | None:
    scope = Scope(account=account)
    ours = (s for s in stops.in_force if s.code is Code.VENUE_SILENT and s.scope == scope)
    return next(ours, None)


def _is_ours(stop: Stop, account: AccountName) -> bool:
    return stop.code is Code.POSITION_DIFFERENCE and stop.scope.account == account


def _wanted(
    account: AccountName, named: Mapping[DifferenceKey, DifferenceFound]
) -> Iterator[tuple[Scope, dict[str, str]]]:
    by_symbol = {d.symbol: d for d in named.values() if d.symbol is not None}
    for symbol, difference in by_symbol.items():
        yield (
            Scope(account=account, symbol=symbol),
            {
                "ours": plain(difference.ours),
                "venue": plain(difference.venue),
                "residual": plain(difference.residual),
            },
        )
    if len(by_symbol) >= SYMBOLS_FOR_ACCOUNT:
        yield Scope(account=account), {"symbols": ", ".join(sorted(by_symbol))}
