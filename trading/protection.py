"""What is to be done so that each share is protected by its bracket: one look, no memory.

What rests is compared with what should: whatever was interrupted, the next look goes on from there.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.again import Again, planned_again
from trading.alert_events import ProtectionRemoved
from trading.closing import closable
from trading.desk import Desk
from trading.guarding import legs_of
from trading.guards import Guard
from trading.legs import planned_legs, wanted_quantity
from trading.order_events import CancelOverdue, OrderPlanned
from trading.orders import Order
from trading.pending import leaves
from trading.positions import Key
from trading.rules import RulesOf
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import (
    Code,
    OrderId,
    OrderStatus,
)


QUIET: Final = timedelta(seconds=5)
"""How long after its last fill an entry's rest is given up, so that what it filled is protected."""

EXIT_TAKES: Final = timedelta(seconds=15)
"""How long legs stay away for an exit that does not come about."""

CANCEL_TAKES: Final = timedelta(seconds=30)
"""How long the venue may take to answer a cancel before a person is told."""

FIRST_RETRY: Final = timedelta(seconds=5)
LAST_RETRY: Final = timedelta(minutes=15)
"""After how long legs that were refused are sent again: longer each time, for ever."""

REISSUED_AFTER: Final = timedelta(days=150)
"""After how long legs are placed anew: Schwab ends what is good till cancelled after 180 days."""

RIVALS_HEARD: Final = timedelta(seconds=5)
"""How long the fill may take that explains why the venue cancelled the other leg."""


@frozen(kw_only=True)
class Step:
    """One thing to do now: plan orders together, cancel some, look for one at the venue, write
    something down; or look again at an instant.
    """

    plan: tuple[OrderPlanned, ...] = ()
    cancel: tuple[OrderId, ...] = ()
    look_for: OrderId | None = None
    code: Code = Code.PROTECTION_RESIZED
    overdue: CancelOverdue | None = None
    removed: ProtectionRemoved | None = None
    look_at: datetime | None = None


def is_watched(order: Order) -> bool:
    """Whether time alone may ask for something to be done about an order."""
    plan = order.plan
    return (
        order.cancel_asked_at is not None
        or plan.ends_at is not None
        or plan.take_profit is not None
        or plan.stop_loss is not None
    )


def see_to_protection(
    desk: Desk, rules: RulesOf, watched: Iterable[Order], now: datetime
) -> Iterator[Step]:
    """What to do about every guarded share of an account, and about cancels without an answer.

    `watched` are the live orders that are to be watched, or more.
    """
    for order in watched:
        for look in (_unanswered, _quiet, _timed):
            if step := look(order, now):
                yield step
    if not desk.venue_ready:
        return
    for again in desk.again.values():
        if step := _once_more(desk, again, now):
            yield step
    for key, guard in desk.guards.items():
        if not guard.is_over and (step := _protect(desk, rules, key, now)):
            yield step


def _unanswered(order: Order, now: datetime) -> Step | None:
    asked_at = order.cancel_asked_at
    if order.status is not OrderStatus.PENDING_CANCEL or asked_at is None:
        return None
    if order.is_cancel_overdue:
        return None
    if now < asked_at + CANCEL_TAKES:
        return Step(look_at=asked_at + CANCEL_TAKES)
    plan = order.plan
    overdue = CancelOverdue(
        at=now,
        order_id=plan.order_id,
        alert_id=plan.alert_id,
        account=plan.account,
        asked_at=asked_at,
    )
    return Step(overdue=overdue)


def _quiet(order: Order, now: datetime) -> Step | None:
    """A native bracket would leave a part unprotected until the whole has filled."""
    plan = order.plan
    if plan.take_profit is None and plan.stop_loss is None:
        return None
    if order.filled_at is None or not _can_be_cancelled(order):
        return None
    if now < order.filled_at + QUIET:
        return Step(look_at=order.filled_at + QUIET)
    return Step(cancel=(plan.order_id,), code=Code.PARTLY_FILLED)


def _timed(order: Order, now: datetime) -> Step | None:
    """An entry has its time to live; an exit that could have filled goes on at the market."""
    ends_at = order.plan.ends_at
    if ends_at is None or not _can_be_cancelled(order):
        return None
    if now < ends_at:
        return Step(look_at=ends_at)
    code = Code.ENTRY_TTL if order.is_entry else Code.EXIT_TO_MARKET
    return Step(cancel=(order.plan.order_id,), code=code)


# --- exits once more ------------------------------------------------------------------------------


def _once_more(desk: Desk, again: Again, now: datetime) -> Step | None:
    """What rests in its way first, as for any exit; then no more than is there to be closed."""
    plan = again.plan
    if now < again.due:
        return Step(look_at=again.due)
    if not again.is_proved:
        return Step(look_for=plan.order_id)
    own = desk.live(plan.symbol, plan.strategy)
    if any(o.plan.symbol == plan.symbol for o in desk.unknown()):
        return None
    if in_the_way := [o for o in own if o.is_entry or o.is_resting]:
        there = tuple(o.plan.order_id for o in in_the_way if _can_be_cancelled(o))
        return Step(cancel=there, code=Code.CANCELLED_FIRST) if there else None
    quantity = min(again.quantity, closable(desk, plan.strategy, plan.symbol, plan.side))
    return Step(plan=(planned_again(again, quantity, now),)) if quantity >= 1 else None


# --- one share ------------------------------------------------------------------------------------


def _protect(desk: Desk, rules: RulesOf, key: Key, now: datetime) -> Step | None:
    """What rests too much or too little goes first; only a bare share gets new legs."""
    guard, wanted, legs = desk.guards[key], wanted_quantity(desk, key), legs_of(desk, key)
    if wanted >= 1 and (step := _told_of(desk, key, wanted, now)):
        return step
    restores = rules(key[0]).restore_protection
    if not legs:
        return _dress(desk, rules, key, wanted, now)
    if _fits(legs, guard, wanted):
        return _take_off(legs) if any(_is_old(leg, now) for leg in legs) else None
    is_theirs = _is_anothers(guard) and not (restores and guard.is_told)
    if is_theirs and all(_covers(leg, wanted) for leg in legs):
        return None  # who took the other off wants it so, or its fill is still to be heard of
    again = None if guard.failed_at is None else _again_at(guard, guard.failed_at)
    if again is not None and now < again and all(_covers(leg, wanted) for leg in legs):
        return Step(look_at=again)  # one leg is better than none until both are tried again
    return _take_off(legs)


def _is_old(leg: Order, now: datetime) -> bool:
    """Good till cancelled is not for ever (trading rules, row 25)."""
    return leg.submitted_at is not None and now - leg.submitted_at >= REISSUED_AFTER


def _told_of(desk: Desk, key: Key, wanted: Decimal, now: datetime) -> Step | None:
    """A person hears of protection that somebody else took off, unless its fill explains it."""
    guard = desk.guards[key]
    if guard.is_told or guard.taken_off_at is None or not _is_anothers(guard):
        return None
    if now < guard.taken_off_at + RIVALS_HEARD:
        return Step(look_at=guard.taken_off_at + RIVALS_HEARD)
    removed = ProtectionRemoved(
        at=now,
        account=desk.account,
        strategy=key[0],
        symbol=key[1],
        alert_id=guard.alert_id,
        entry_id=guard.entry_id,
        quantity=wanted,
    )
    return Step(removed=removed)


def _take_off(legs: list[Order]) -> Step | None:
    there = tuple(leg.plan.order_id for leg in legs if _can_be_cancelled(leg))
    return Step(cancel=there) if there else None


def _fits(legs: list[Order], guard: Guard, wanted: Decimal) -> bool:
    """Whether these are all legs of the bracket in force, for just what is to be protected."""
    return len(legs) == guard.legs and all(
        leg.plan.parent_id == guard.entry_id and _covers(leg, wanted) for leg in legs
    )


def _covers(leg: Order, wanted: Decimal) -> bool:
    return leg.exposed_quantity == wanted and leg.status is not OrderStatus.PENDING_CANCEL


def _can_be_cancelled(order: Order) -> bool:
    return order.status in AT_THE_VENUE and order.status is not OrderStatus.PENDING_CANCEL


def _dress(desk: Desk, rules: RulesOf, key: Key, wanted: Decimal, now: datetime) -> Step | None:
    """New legs, unless an exit is just coming, or the last were refused a moment ago."""
    if wanted < 1:
        return None
    guard, due = desk.guards[key], _due(desk, rules, key)
    if due is not None and now < due:
        return Step(look_at=due)
    if _is_anothers(guard) and not rules(key[0]).restore_protection:
        return None
    return Step(plan=tuple(planned_legs(desk, key, wanted, now)))


def _due(desk: Desk, rules: RulesOf, key: Key) -> datetime | None:
    """When new legs may be planned; None: at once."""
    guard, dues = desk.guards[key], list[datetime]()
    if guard.failed_at is not None:
        dues.append(_again_at(guard, guard.failed_at))
    if guard.bare_since is not None and _exit_is_coming(desk, rules, key):
        dues.append(guard.bare_since + EXIT_TAKES)
    if guard.taken_off_at is not None and _is_anothers(guard):
        dues.append(guard.taken_off_at + RIVALS_HEARD)
    return max(dues, default=None)


def _is_anothers(guard: Guard) -> bool:
    """Whether somebody else cancelled a leg: the venue does that only where the other traded."""
    return guard.taken_off_at is not None and not guard.has_traded


def _again_at(guard: Guard, failed_at: datetime) -> datetime:
    doubled = FIRST_RETRY * (1 << min(guard.failures - 1, 10))
    return failed_at + min(doubled, LAST_RETRY)


def _exit_is_coming(desk: Desk, rules: RulesOf, key: Key) -> bool:
    """Whether an exit waits to be decided; one that waits for the open leaves the legs alone."""
    if any((a.plan.strategy, a.plan.symbol) == key for a in desk.again.values() if a.is_proved):
        return True
    return any(
        (alert.strategy, alert.symbol) == key
        and alert.alert_id not in desk.held
        and leaves(desk, alert, rules(alert.strategy))
        for alert in desk.undecided.values()
    )
