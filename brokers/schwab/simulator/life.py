"""The life of an order: entered, refused or working, filled by quotes, ended. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from brokers.fees import fee_of
from brokers.paper_rules import is_marketable, reaches_stop
from brokers.schwab.simulator.booking import booked
from brokers.schwab.simulator.model import (
    ENDED,
    MARKETABLE,
    Activity,
    Order,
    Request,
    Status,
    World,
)
from brokers.schwab.simulator.refusals import refusal
from brokers.schwab.simulator.trailing import trailed
from brokers.schwab.simulator.validity import AT_ONCE, is_over, trades
from trading.money import ZERO
from trading.sessions import Calendar


TAG = "TA_simulator"


def place(
    world: World,
    account: str,
    request: Request,
    now: datetime,
    calendar: Calendar,
    *,
    tag: str = TAG,
) -> tuple[World, int]:
    """The world with an order entered, and its id; it may have been rejected or filled."""
    first = world.next_order
    world = _entered(world, account, request, now, tag=tag)
    if world.pace.acknowledge:
        due = now + world.pace.acknowledge
        return _with(world, first, status=Status.PENDING_ACKNOWLEDGEMENT, due=due), first
    world = _released(world, first, now, calendar)
    return match(world, now, calendar), first


def cancel(world: World, order_id: int, now: datetime) -> World:
    """The world with an order and its children cancelled; a leg of an OCO takes the other along."""
    order = world.orders[order_id]
    if order.parent is not None and world.orders[order.parent].strategy == "OCO":
        order = world.orders[order.parent]
    if world.pace.cancel:
        return _going(world, order.order_id, now + world.pace.cancel)
    return _ended(world, order.order_id, Status.CANCELED, now)


def replace(
    world: World,
    order_id: int,
    request: Request,
    now: datetime,
    calendar: Calendar,
    *,
    tag: str = TAG,
) -> tuple[World, int]:
    """The world with an order replaced by another one, and the new one's id."""
    account = world.orders[order_id].account
    world = _ended(world, order_id, Status.REPLACED, now)
    return place(world, account, request, now, calendar, tag=tag)


def match(world: World, now: datetime, calendar: Calendar) -> World:
    """The world after every order has met the clock and the quotes."""
    session = calendar.session(now)
    for order_id in world.live:
        if (order := world.orders[order_id]).status in ENDED:
            continue
        if is_over(order, now, calendar):
            world = _ended(world, order_id, Status.EXPIRED, now)
        elif order.due is not None and now >= order.due:
            world = _went_on(world, order, now, calendar)
        elif order.status is Status.PENDING_ACTIVATION and trades(order, session):
            world = _released(world, order_id, now, calendar)
        if world.orders[order_id].status in MARKETABLE and trades(order, session):
            world = _worked(world, world.orders[order_id], now, calendar)
            if (terms := order.terms) is not None and terms.duration in AT_ONCE:
                world = _ended(world, order_id, Status.CANCELED, now)
    return world


def _went_on(world: World, order: Order, now: datetime, calendar: Calendar) -> World:
    """The world after what an order waited for at Schwab's desk is done."""
    if order.status is Status.PENDING_CANCEL:
        return _ended(world, order.order_id, Status.CANCELED, now)
    if order.status is Status.PENDING_ACKNOWLEDGEMENT:
        later = now + world.pace.acknowledge
        return _with(world, order.order_id, status=Status.QUEUED, due=later)
    return _released(_with(world, order.order_id, due=None), order.order_id, now, calendar)


def _going(world: World, order_id: int, due: datetime) -> World:
    """The world with an order's cancel asked for; what waits for its parent ends with that one."""
    order = world.orders[order_id]
    if order.status in ENDED or order.status is Status.AWAITING_PARENT_ORDER:
        return world
    if order.status is not Status.PENDING_CANCEL:
        world = _with(world, order_id, status=Status.PENDING_CANCEL, due=due)
    for child in order.children:
        world = _going(world, child, due)
    return world


# --- entering -----------------------------------------------------------------------------------


def _entered(
    world: World,
    account: str,
    request: Request,
    now: datetime,
    *,
    tag: str,
    parent: int | None = None,
) -> World:
    order_id = world.next_order
    order = Order(
        order_id=order_id,
        account=account,
        strategy=request.strategy,
        status=Status.AWAITING_PARENT_ORDER,
        entered_at=now.replace(microsecond=0),
        tag=tag,
        terms=request.terms,
        stop_price=request.terms.stop_price if request.terms is not None else None,
        parent=parent,
    )
    world = attrs.evolve(
        world,
        orders={**world.orders, order_id: order},
        live=(*world.live, order_id),
        next_order=order_id + 1,
    )
    children: list[int] = []
    for child in request.children:
        children.append(world.next_order)
        world = _entered(world, account, child, now, tag=tag, parent=order_id)
    return _with(world, order_id, children=tuple(children))


def _released(world: World, order_id: int, now: datetime, calendar: Calendar) -> World:
    """The world with a node, and what stands under an OCO node, set to work or rejected."""
    order = world.orders[order_id]
    if order.terms is None:
        world = _with(world, order_id, status=Status.WORKING)
        for child in order.children:
            world = _released(world, child, now, calendar)
        return world
    account = world.accounts[order.account]
    if (reason := refusal(world, account, order)) is not None:
        world = _with(world, order_id, description=reason)
        return _ended(world, order_id, Status.REJECTED, now)
    if not trades(order, calendar.session(now)):
        return _with(world, order_id, status=Status.PENDING_ACTIVATION)
    waits = order.terms.order_type in ("STOP", "STOP_LIMIT", "TRAILING_STOP")
    status = Status.AWAITING_STOP_CONDITION if waits else Status.WORKING
    return _with(world, order_id, status=status)


# --- working ------------------------------------------------------------------------------------


def _worked(world: World, order: Order, now: datetime, calendar: Calendar) -> World:
    terms = order.terms
    quote = world.quotes.get(terms.symbol) if terms is not None else None
    if terms is None or quote is None or not quote.is_sound:
        return world
    if order.status is Status.AWAITING_STOP_CONDITION:
        if terms.trail is not None:
            stop = trailed(terms, order.stop_price, quote)
            if stop != order.stop_price:
                world = _with(world, order.order_id, stop_price=stop)
                order = world.orders[order.order_id]
        price = quote.towards_stop(terms.side)
        if order.stop_price is None or price is None:
            return world
        if not reaches_stop(terms.side, order.stop_price, price):
            return world
        world = _with(world, order.order_id, status=Status.WORKING)
    if terms.price is not None and not is_marketable(terms.side, terms.price, quote):
        return world
    quantity = min(order.open_quantity, world.most_at_once or order.open_quantity)
    if terms.duration == "FILL_OR_KILL" and quantity < order.open_quantity:
        return world
    price = quote.against(terms.side) or quote.price
    return filled(
        world,
        order.order_id,
        quantity=quantity,
        price=price or ZERO,
        now=now,
        calendar=calendar,
    )


def filled(
    world: World,
    order_id: int,
    *,
    quantity: Decimal,
    price: Decimal,
    now: datetime,
    calendar: Calendar,
) -> World:
    """The world with an execution booked, its order ended if that was all, and what follows."""
    order = world.orders[order_id]
    assert order.terms is not None  # noqa: S101 - an OCO node is never filled
    remaining = order.open_quantity - quantity
    report = Activity(
        activity_id=world.next_activity,
        quantity=quantity,
        remaining=remaining,
        price=price,
        fee=fee_of(order.terms.side, quantity, price, now),
        at=now,
    )
    account = booked(world.accounts[order.account], order.terms, report)
    world = attrs.evolve(
        world,
        accounts={**world.accounts, account.number: account},
        next_activity=report.activity_id + 1,
    )
    world = _with(world, order_id, activities=(*order.activities, report))
    world = _siblings_cancelled(world, order, now)
    if remaining > ZERO:
        return world
    world = _with(world, order_id, status=Status.FILLED, closed_at=now)
    if order.parent is not None and world.orders[order.parent].strategy == "OCO":
        world = _with(world, order.parent, status=Status.FILLED, closed_at=now)
    for child in order.children:
        world = _released(world, child, now, calendar)
    return world


def _siblings_cancelled(world: World, order: Order, now: datetime) -> World:
    if order.parent is None or (node := world.orders[order.parent]).strategy != "OCO":
        return world
    for sibling in node.children:
        if sibling != order.order_id:
            world = _ended(world, sibling, Status.CANCELED, now)
    return world


# --- ending -------------------------------------------------------------------------------------


def _ended(world: World, order_id: int, status: Status, now: datetime) -> World:
    """The world with a node and everything under it ended; what has ended already stays."""
    order = world.orders[order_id]
    if order.status not in ENDED:
        if status in (Status.CANCELED, Status.REPLACED) and order.terms is not None:
            report = Activity(
                activity_id=world.next_activity,
                quantity=order.open_quantity,
                remaining=ZERO,
                price=ZERO,
                fee=ZERO,
                at=now,
                is_cancel=True,
            )
            world = attrs.evolve(world, next_activity=report.activity_id + 1)
            world = _with(world, order_id, activities=(*order.activities, report))
        world = _with(world, order_id, status=status, closed_at=now)
    under = Status.CANCELED if status is Status.REPLACED else status
    for child in order.children:
        world = _ended(world, child, under, now)
    return world


def _with(world: World, order_id: int, **changes: Any) -> World:
    order = attrs.evolve(world.orders[order_id], **changes)
    orders = {**world.orders, order_id: order}
    if order.status not in ENDED:
        return attrs.evolve(world, orders=orders)
    live = tuple(each for each in world.live if each != order_id)
    return attrs.evolve(world, orders=orders, live=live)
