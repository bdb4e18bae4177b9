"""When trading must stop, and what it takes to start again."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.changed import changed
from trading.event import Event
from trading.events import (
    AccountParked,
    Halted,
    Healed,
    Resumed,
    Scope,
    Tripped,
    VenueFailed,
)
from trading.money import ZERO, plain
from trading.order_events import OrderAccepted
from trading.positions import Book
from trading.vocabulary import AccountName, Code, ErrorKind, Sides, StrategyName, TradingState


@frozen(kw_only=True)
class Stop:
    """One latched stop: what it covers, since when, and who or what put it there."""

    scope: Scope
    state: TradingState
    generation: int
    code: Code
    reason: str
    by: str
    at: datetime


@frozen(kw_only=True, slots=False)
class Stops:
    """All stops in force. `generation` counts every stop and start, and never goes back.

    `started` is the generation of the last start.
    """

    in_force: tuple[Stop, ...] = ()
    generation: int = 0
    started: int = 0

    def covering(self, account: str, strategy: str, symbol: str) -> Stop | None:
        """The gravest stop over an order of this account, strategy and symbol."""
        if not self.in_force:
            return None
        found = [s for s in self.in_force if s.scope.covers(account, strategy, symbol)]
        return max(found, key=lambda s: s.state is TradingState.HALTED, default=None)

    def over_account(self, account: AccountName) -> Stop | None:
        """The gravest stop over an account as a whole."""
        return self.covering(account, "", "")

    @property
    def state(self) -> TradingState:
        """The worst state that holds anywhere."""
        states = {s.state for s in self.in_force}
        for state in (TradingState.HALTED, TradingState.REDUCING):
            if state in states:
                return state
        return TradingState.ACTIVE


NO_STOPS = Stops()

STOP_FACTS: Final = (Halted, Tripped, AccountParked, Resumed, Healed)
"""All that stops trading or starts it again."""


def evolve_stops(stops: Stops, event: Event) -> Stops:
    """The stops after one event."""
    match event:
        case Halted():
            added = Stop(
                scope=event.scope,
                state=TradingState.HALTED,
                generation=event.generation,
                code=event.code,
                reason=event.reason,
                by=event.by,
                at=event.at,
            )
            return _with(stops, added)
        case Tripped():
            added = Stop(
                scope=event.scope,
                state=event.state,
                generation=event.generation,
                code=event.code,
                reason=", ".join(f"{k}={v}" for k, v in event.inputs.items()),
                by="circuit breaker",
                at=event.at,
            )
            return _with(stops, added)
        case AccountParked():
            added = Stop(
                scope=Scope(account=event.account),
                state=TradingState.HALTED,
                generation=event.generation,
                code=Code.ACCOUNT_PARKED,
                reason=f"{event.actor}: {event.reason}",
                by="supervisor",
                at=event.at,
            )
            return _with(stops, added)
        case Resumed():
            return changed(
                stops,
                in_force=tuple(s for s in stops.in_force if not _lifts(event, s)),
                generation=max(stops.generation, event.generation),
                started=max(stops.started, event.generation),
            )
        case Healed():
            kept = tuple(s for s in stops.in_force if not _is_healed(event, s))
            return stops if len(kept) == len(stops.in_force) else changed(stops, in_force=kept)
        case _:
            return stops


def _with(stops: Stops, added: Stop) -> Stops:
    kept = tuple(s for s in stops.in_force if (s.scope, s.code) != (added.scope, added.code))
    generation = max(stops.generation, added.generation)
    return changed(stops, in_force=(*kept, added), generation=generation)


def _lifts(resumed: Resumed, stop: Stop) -> bool:
    """A resume lifts the stops inside its scope that stood when it was asked for, no later one."""
    return _inside(stop.scope, resumed.scope) and stop.generation < resumed.generation


def _is_healed(healed: Healed, stop: Stop) -> bool:
    same = (stop.scope, stop.code) == (healed.scope, healed.code)
    return same and stop.generation <= healed.generation


def _inside(scope: Scope, wider: Scope) -> bool:
    return all(
        outer in (None, inner)
        for outer, inner in (
            (wider.account, scope.account),
            (wider.strategy, scope.strategy),
            (wider.symbol, scope.symbol),
        )
    )


# --- what trips ---------------------------------------------------------------------------------


@frozen(kw_only=True)
class BreakerLimits:
    """When an account's breaker trips; None is off. `max_daily_loss` is in dollars."""

    max_consecutive_errors: int | None
    max_daily_loss: Decimal | None
    max_daily_loss_percent: Decimal | None


@frozen(kw_only=True, slots=False)
class Watch:
    """What an account's breaker watches: its book, the stops, and errors since the last success."""

    book: Book
    stops: Stops = NO_STOPS
    errors: int = 0
    funds_missing: str = ""


WATCH_FACTS: Final = (OrderAccepted, VenueFailed, Resumed)
"""What the errors of a watch are made of."""


def evolve_watch(watch: Watch, event: Event) -> Watch:
    """The watch after one event; the book and the stops have been folded already."""
    account = watch.book.account
    match event:
        case VenueFailed(kind=ErrorKind.FUNDS, detail=detail) if event.account == account:
            return changed(watch, errors=watch.errors + event.count, funds_missing=detail)
        case VenueFailed() if event.account == account:
            return changed(watch, errors=watch.errors + event.count)
        case OrderAccepted() if event.account == account:
            return changed(watch, errors=0) if watch.errors else watch
        case Resumed(scope=scope) if _inside(Scope(account=account), scope):
            return changed(watch, errors=0, funds_missing="")
        case _:
            return watch


SidesOf = Mapping[StrategyName, Sides]
"""Which positions each strategy may hold."""


@frozen
class Trip:
    """A reason to stop an account, with its numbers."""

    state: TradingState
    code: Code
    inputs: Mapping[str, str]


def due_trips(watch: Watch, limits: BreakerLimits, sides: SidesOf) -> tuple[Trip, ...]:
    """The stops the watch calls for that are not in force yet."""
    in_force = {s.code for s in watch.stops.in_force if s.scope.account == watch.book.account}
    found = (
        _funds(watch),
        _errors(watch, limits),
        _daily_loss(watch, limits),
        _reversed(watch, sides),
    )
    return tuple(trip for trip in found if trip is not None and trip.code not in in_force)


def _funds(watch: Watch) -> Trip | None:
    if not watch.funds_missing:
        return None
    return Trip(TradingState.HALTED, Code.INSUFFICIENT_FUNDS, {"venue_says": watch.funds_missing})


def _errors(watch: Watch, limits: BreakerLimits) -> Trip | None:
    limit = limits.max_consecutive_errors
    if limit is None or watch.errors < limit:
        return None
    return Trip(
        TradingState.REDUCING,
        Code.CONSECUTIVE_ERRORS,
        {"errors": str(watch.errors), "max_consecutive_errors": str(limit)},
    )


def _daily_loss(watch: Watch, limits: BreakerLimits) -> Trip | None:
    limit = daily_loss_limit(watch.book, limits.max_daily_loss, limits.max_daily_loss_percent)
    if limit is None:
        return None
    pnl = watch.book.day_pnl()
    if pnl >= 0 or pnl > -limit:
        return None
    return Trip(
        TradingState.HALTED,
        Code.MAX_DAILY_LOSS,
        {"day_pnl": plain(pnl), "max_daily_loss": plain(limit)},
    )


def _reversed(watch: Watch, sides: SidesOf) -> Trip | None:
    """Fills carried a share through zero to where its strategy may hold nothing: a person brings it
    back. Who is no longer in the settings holds nothing short.
    """
    wrong = {
        f"{strategy} {symbol}": plain(position.quantity)
        for (strategy, symbol), position in watch.book.positions.items()
        if position.quantity
        and not sides.get(strategy, Sides.LONG_ONLY).may_hold(position.quantity)
    }
    return Trip(TradingState.REDUCING, Code.SHARE_REVERSED, wrong) if wrong else None


def daily_loss_limit(
    book: Book, absolute: Decimal | None, percent: Decimal | None
) -> Decimal | None:
    """The smaller of the two limits in force, in dollars; the percentage is of opening equity."""
    if percent is not None:
        relative = book.opening_equity * percent / 100
        absolute = relative if absolute is None else min(absolute, relative)
    return None if absolute is None else max(absolute, ZERO)
