"""How the guards follow from what becomes of orders."""

from typing import Any

from trading.alert_events import ProtectionRemoved
from trading.changed import changed
from trading.desk import Desk
from trading.event import Event
from trading.guards import Guard, Guards
from trading.order_events import (
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
    OrderRefused,
    OrderRejected,
)
from trading.orders import Order
from trading.positions import Key
from trading.vocabulary import OrderStatus


def evolve_guards(before: Desk, after: Desk, event: Event) -> Guards:
    """The guards after one event; the desk's orders and its book have been folded already."""
    guards = before.guards
    if isinstance(event, OrderPlanned):
        guards = _planned(before, event)
    elif isinstance(event, OrderEvent):
        order = before.orders.get(event.order_id)
        if order is not None and event.account == before.account:
            guards = _followed(before, after, order, event)
    elif isinstance(event, ProtectionRemoved):
        guards = _told(before, event)
    return _looked_over(after, guards) if guards else guards


def _told(before: Desk, event: ProtectionRemoved) -> Guards:
    key = (event.strategy, event.symbol)
    guard = before.guards.get(key)
    if guard is None or event.account != before.account or guard.entry_id != event.entry_id:
        return before.guards
    return {**before.guards, key: changed(guard, is_told=True)}


def _planned(before: Desk, plan: OrderPlanned) -> Guards:
    """A leg where none was live begins a new round."""
    key = (plan.strategy, plan.symbol)
    guard = before.guards.get(key)
    if guard is None or plan.parent_id is None or plan.account != before.account:
        return before.guards
    if legs_of(before, key):
        return before.guards
    anew = changed(
        guard,
        rounds=guard.rounds + 1,
        bare_since=None,
        has_traded=False,
        taken_off_at=None,
        is_told=False,
    )
    return {**before.guards, key: anew}


def _followed(before: Desk, after: Desk, order: Order, event: OrderEvent) -> Guards:
    plan = order.plan
    key = (plan.strategy, plan.symbol)
    guard = before.guards.get(key)
    if order.is_entry:
        return _entered(before, key, order, event)
    if guard is None or not order.is_protective:
        return before.guards
    changes = _of_leg(guard, order, event)
    if not legs_of(after, key):
        changes["bare_since"] = event.at
    elif isinstance(event, OrderAccepted) and guard.failures and _all_there(after, key, guard):
        changes |= {"failures": 0, "failed_at": None}
    if isinstance(event, OrderFilled) and after.book.position(*key).quantity == 0:
        changes["closed_by"] = plan.order_id
    return {**before.guards, key: changed(guard, **changes)} if changes else before.guards


def _entered(before: Desk, key: Key, order: Order, event: OrderEvent) -> Guards:
    """From its first fill on an entry's bracket holds; one without leaves what there is."""
    guard, plan = before.guards.get(key), order.plan
    if not isinstance(event, OrderFilled):
        return before.guards
    if plan.take_profit is not None or plan.stop_loss is not None:
        if guard is not None and guard.entry_id == plan.order_id:
            return before.guards
        made = Guard(
            alert_id=plan.alert_id,
            entry_id=plan.order_id,
            side=plan.side,
            take_profit=plan.take_profit,
            stop_loss=plan.stop_loss,
            bare_since=event.at,
        )
        return {**before.guards, key: made}
    if guard is None or not guard.is_over:
        return before.guards
    return {other: kept for other, kept in before.guards.items() if other != key}


def _of_leg(guard: Guard, order: Order, event: OrderEvent) -> dict[str, Any]:
    match event:
        case OrderFilled():
            return {"has_traded": True}
        case OrderRejected() | OrderRefused() | OrderAbandoned() | OrderAbsent():
            return {"failures": guard.failures + 1, "failed_at": event.at}
        case OrderCancelled() if order.status is not OrderStatus.PENDING_CANCEL:
            return {"taken_off_at": event.at}
        case _:
            return {}


def _all_there(after: Desk, key: Key, guard: Guard) -> bool:
    there = [leg for leg in legs_of(after, key) if leg.broker_order_id is not None]
    return len(there) == guard.legs


def _looked_over(after: Desk, guards: Guards) -> Guards:
    """A bracket with nothing left to protect, and nothing that could still be, is over."""
    ended = {
        key: changed(guard, is_over=True)
        for key, guard in guards.items()
        if not guard.is_over and _is_over(after, key)
    }
    return {**guards, **ended} if ended else guards


def _is_over(after: Desk, key: Key) -> bool:
    if after.book.position(*key).quantity:
        return False
    return not any(o.is_entry or o.is_protective for o in after.live(key[1], key[0]))


def legs_of(desk: Desk, key: Key) -> list[Order]:
    """The live legs that protect a share."""
    return [o for o in desk.live(key[1], key[0]) if o.is_protective]
