"""Exits that ended without having done what they were for, and are planned once more.

A limit that was marketable and did not fill goes on at the market; an exit of unknown fate that was
looked for twice and is not there is sent again under an id of its own, once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from trading.event import Event
from trading.order_events import (
    OrderAbsent,
    OrderCancelled,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
)
from trading.orders import Order
from trading.vocabulary import AccountName, Code, OrderId, OrderType


MARKETABLE_FOR: Final = timedelta(seconds=60)
"""How long a limit may rest that could have filled when it was sent."""

LOOKED_AGAIN_AFTER: Final = timedelta(seconds=120)
"""How long after it was not found an exit is looked for once more."""

SECOND: Final = ".2"
"""What the id of an exit's second order has at its end."""


@frozen(kw_only=True)
class Again:
    """An exit to be planned once more: for how many shares, since when, and whether it is proved
    that its first order can do nothing any more.
    """

    plan: OrderPlanned
    quantity: Decimal
    code: Code
    since: datetime
    is_proved: bool = True

    @property
    def due(self) -> datetime:
        """When it goes on."""
        return self.since if self.is_proved else self.since + LOOKED_AGAIN_AFTER

    @property
    def order_id(self) -> OrderId:
        """The id of its second order, now and after any crash."""
        return OrderId(self.plan.order_id + SECOND)


Exits = Mapping[OrderId, Again]
"""What is to be planned once more, by the id of its first order."""


def evolve_exits(
    exits: Exits, account: AccountName, orders: Mapping[OrderId, Order], event: Event
) -> Exits:
    """The exits after one event; `orders` are those that lived before it."""
    if isinstance(event, OrderPlanned):
        return _superseded(exits, event) if exits and event.account == account else exits
    if not isinstance(event, OrderEvent) or event.account != account:
        return exits
    if (again := exits.get(event.order_id)) is not None:
        return _heard_again(exits, again, event)
    order = orders.get(event.order_id)
    made = None if order is None else _made(order, event)
    return exits if made is None else {**exits, event.order_id: made}


def _superseded(exits: Exits, plan: OrderPlanned) -> Exits:
    """A newer order of the strategy in the symbol is what it wants now; a leg says nothing."""
    if plan.parent_id is not None:
        return exits
    of = (plan.strategy, plan.symbol)
    return {i: a for i, a in exits.items() if (a.plan.strategy, a.plan.symbol) != of}


def _heard_again(exits: Exits, again: Again, event: OrderEvent) -> Exits:
    """Not there the second time: proved. A fill after all: a person looks at it."""
    if isinstance(event, OrderAbsent):
        proved = evolve(again, is_proved=True, since=event.at)
        return {**exits, event.order_id: proved}
    if isinstance(event, OrderFilled):
        return {i: a for i, a in exits.items() if i != event.order_id}
    return exits


def _made(order: Order, event: OrderEvent) -> Again | None:
    plan, left = order.plan, order.quantity - order.filled_quantity
    if order.is_entry or order.is_protective or left <= 0 or plan.order_id.endswith(SECOND):
        return None
    if isinstance(event, OrderCancelled) and order.cancel_code is Code.EXIT_TO_MARKET:
        return Again(plan=plan, quantity=left, code=Code.EXIT_TO_MARKET, since=event.at)
    if isinstance(event, OrderAbsent):
        code = Code.UNKNOWN_ORDER
        return Again(plan=plan, quantity=left, code=code, since=event.at, is_proved=False)
    return None


def planned_again(again: Again, quantity: Decimal, now: datetime) -> OrderPlanned:
    """The second order of an exit: as the first was, or at the market where that has waited."""
    terms = evolve(again.plan, at=now, order_id=again.order_id, quantity=quantity, ends_at=None)
    if again.code is not Code.EXIT_TO_MARKET:
        return terms
    return evolve(terms, order_type=OrderType.MARKET, limit_price=None)
