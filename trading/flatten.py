"""Leaving before the close: which shares a strategy does not keep over night, and what is asked.

Source: trading rules, row 13. It starts so many minutes before the close, a half day's included;
whoever is still in five minutes before it is named to a person; at the close nothing more is sent
and what is held is booked as HELD_OVERNIGHT_UNINTENDED, to be left a minute after the next open.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from trading.alert_events import AlertAccepted, StillHeld
from trading.closed_market import EXIT_CUTOFF
from trading.desk import Desk
from trading.hours import Hours
from trading.pending import leaves
from trading.rules import StrategyRules
from trading.vocabulary import Action, AlertId, Code, Origin, StrategyName, Symbol


TELL_BEFORE: Final = timedelta(minutes=5)
"""How long before the close a person is told of what is still held."""

AFTER_OPEN: Final = timedelta(seconds=60)
"""How long after an open that is left which was held over night unintended."""

ASK_AGAIN: Final = timedelta(seconds=60)
"""How long after an exit that came to nothing the next one is asked for."""

Rules = Mapping[StrategyName, StrategyRules]
Share = tuple[StrategyName, Symbol]


def flattens(rules: StrategyRules) -> bool:
    """Whether a strategy keeps nothing over night."""
    return rules.hours is Hours.EXCHANGE and rules.limits.flatten_before_close_minutes is not None


def asked_now(desk: Desk, rules: Rules, now: datetime) -> Iterator[AlertAccepted]:
    """The exits that our own clock asks for at an instant, each for all that a strategy holds.

    An exit that is under way is let be; one that ended without leaving is asked for again.
    """
    for share in _held(desk, rules):
        begins, ends = _window(desk, rules, share, now)
        last = desk.flattened.get(share)
        if not begins <= now < ends or (last is not None and now - last < ASK_AGAIN):
            continue
        if not _is_leaving(desk, share, rules[share[0]]):
            yield _exit(desk, share, now)


def told_now(desk: Desk, rules: Rules, now: datetime) -> Iterator[StillHeld]:
    """What a person is to hear of at an instant: who is still in, told once before the close and
    once after it.
    """
    for strategy, symbol in _held(desk, rules):
        left = desk.book.calendar.to_close(now)
        if left is not None and left > TELL_BEFORE:
            continue
        code = Code.FLATTEN_LATE if left is not None else Code.HELD_OVERNIGHT_UNINTENDED
        if desk.still_held.get((strategy, symbol)) not in (code, Code.HELD_OVERNIGHT_UNINTENDED):
            yield StillHeld(
                at=now,
                account=desk.account,
                strategy=strategy,
                symbol=symbol,
                quantity=desk.book.position(strategy, symbol).quantity,
                code=code,
            )


def look_again(desk: Desk, rules: Rules, now: datetime) -> datetime | None:
    """The next instant at which something may be asked for or told; None while nothing is held."""
    shares = list(_held(desk, rules))
    if not shares:
        return None
    calendar = desk.book.calendar
    closes, opens = calendar.next_close(now), calendar.next_open(now)
    instants = {closes - TELL_BEFORE, closes, opens + AFTER_OPEN, now + ASK_AGAIN}
    instants |= {_window(desk, rules, share, now)[0] for share in shares}
    return min(instant for instant in instants if instant > now)


def _held(desk: Desk, rules: Rules) -> Iterator[Share]:
    """Whole shares of strategies that keep none over night; less than one is dust."""
    for (strategy, symbol), position in desk.book.positions.items():
        of = rules.get(strategy)
        if of is not None and abs(position.quantity) >= 1 and flattens(of):
            yield strategy, symbol


def _window(desk: Desk, rules: Rules, share: Share, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a share is left, of the session that runs or comes next."""
    calendar = desk.book.calendar
    closes = calendar.next_close(now)
    if desk.still_held.get(share) is Code.HELD_OVERNIGHT_UNINTENDED:
        hours = calendar.hours_at(closes)
        begins = closes if hours is None else hours.opens + AFTER_OPEN
    else:
        minutes = rules[share[0]].limits.flatten_before_close_minutes
        begins = closes - timedelta(minutes=float(minutes or 0))
    return begins, closes - EXIT_CUTOFF


def _is_leaving(desk: Desk, share: Share, rules: StrategyRules) -> bool:
    strategy, symbol = share
    waiting = any(
        (alert.strategy, alert.symbol) == share and leaves(desk, alert, rules)
        for alert in desk.undecided.values()
    )
    own = desk.live(symbol, strategy)
    return waiting or any(not order.is_entry and not order.is_resting for order in own)


def _exit(desk: Desk, share: Share, now: datetime) -> AlertAccepted:
    """Named after its instant: an exit asked for again is another one."""
    strategy, symbol = share
    name = f"flatten-{now:%Y%m%dT%H%M%S}-{desk.account}-{strategy}-{symbol}"
    held = desk.book.position(strategy, symbol).quantity
    return AlertAccepted(
        at=now,
        alert_id=AlertId(name),
        strategy=strategy,
        routes=(desk.account,),
        symbol=symbol,
        action=Action.CLOSE_LONG if held > 0 else Action.CLOSE_SHORT,
        origin=Origin.SCHEDULE,
        message="nothing is kept over night",
    )
