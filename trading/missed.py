"""After a gap in which nobody watched: who holds something may have missed the way out, or more."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from trading.alert_events import AlertAccepted
from trading.breaker import Stop
from trading.desk import Desk
from trading.events import Healed, Scope, Tripped
from trading.hours import Hours
from trading.sessions import Calendar, Session
from trading.vocabulary import Code, StrategyName, TradingState


GAP: Final = timedelta(seconds=60)
"""How long nobody may have watched without a strategy being asked where it stands."""


def exits_only(desk: Desk, hours: Mapping[StrategyName, Hours], now: datetime) -> Iterator[Tripped]:
    """A stop for each strategy and symbol that is held over a gap inside its session.

    Exits pass. It heals by an alert whose position before it equals the share, or by a person.
    """
    since = desk.reconciled_at
    if since is None or now - since <= GAP:
        return
    for (strategy, symbol), position in sorted(desk.book.positions.items()):
        scope = Scope(account=desk.account, strategy=strategy, symbol=symbol)
        keeps_hours = hours.get(strategy, Hours.EXCHANGE) is Hours.EXCHANGE
        if not position.quantity or _stop(desk, scope) is not None:
            continue
        if keeps_hours and not was_open(desk.book.calendar, since, now):
            continue
        yield Tripped(
            at=now,
            scope=scope,
            generation=desk.stops.generation + 1,
            state=TradingState.REDUCING,
            code=Code.MISSED_ALERTS,
            inputs={
                "share": f"{position.quantity}",
                "from": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                "seconds": f"{(now - since).total_seconds():.0f}",
            },
        )


def was_open(calendar: Calendar, since: datetime, now: datetime) -> bool:
    """Whether any of the regular session lies between two instants."""
    return calendar.session(since) is Session.REGULAR or calendar.next_open(since) < now


def rearmed(desk: Desk, alert: AlertAccepted, now: datetime) -> Healed | None:
    """What ends such a stop: before this alert its strategy's chart held just what is held here."""
    if alert.prev_position_size is None:
        return None
    scope = Scope(account=desk.account, strategy=alert.strategy, symbol=alert.symbol)
    stop = _stop(desk, scope)
    share = desk.book.position(alert.strategy, alert.symbol).quantity
    if stop is None or share != alert.prev_position_size:
        return None
    return Healed(at=now, scope=scope, generation=stop.generation, code=stop.code)


def _stop(desk: Desk, scope: Scope) -> Stop | None:
    ours = (s for s in desk.stops.in_force if s.code is Code.MISSED_ALERTS)
    return next((s for s in ours if s.scope == scope), None)
