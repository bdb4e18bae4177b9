"""Exits that came to nothing: what a person should look at, until an exit is made after all."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from attrs import Factory, define

from actors.views import NeedsYou
from trading.alert_events import AlertQuarantined, SignalRefused
from trading.orders import Order
from trading.vocabulary import AccountName, AlertId, Code, OrderStatus


KEPT: Final = 200
QUIET_EXITS: Final = frozenset({Code.NOTHING_TO_DO, Code.EXIT_ALREADY_FILLED, Code.REPEATED_SIGNAL})
"""Refused exits that leave nobody holding more than he thinks."""

MORE: Final = "you may hold more than your strategy thinks"
UNPROTECTED: Final = "the position may be unprotected; it is tried again"
CAME_TO_NOTHING: Final = frozenset(
    {
        OrderStatus.REJECTED,
        OrderStatus.REFUSED,
        OrderStatus.ABANDONED,
        OrderStatus.ABSENT,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
    }
)
"""How an exit ends that leaves something unsold."""


@define
class MissedExits:
    """The last of them, newest last; owned by one thread."""

    _missed: OrderedDict[tuple[AlertId, AccountName], NeedsYou] = Factory(OrderedDict)

    def __reversed__(self) -> Iterator[NeedsYou]:
        return reversed(self._missed.values())

    def refused(self, event: SignalRefused) -> None:
        """A signal was turned down."""
        if event.is_exit and event.code not in QUIET_EXITS:
            what = f"an exit of {event.strategy} in {event.symbol} was not made ({event.code})"
            self._note((event.alert_id, event.account), event.at, what)

    def quarantined(self, event: AlertQuarantined) -> None:
        """A signal was set aside undecided."""
        kind = "an exit" if event.is_exit else "an entry"
        of = f"{kind} of {event.strategy} in {event.symbol}"
        what = f"{of} is quarantined: it brought down whoever decided it"
        self._note((event.alert_id, event.account), event.at, what)

    def moved(self, order: Order, at: datetime) -> None:
        """An order has changed: an exit may have ended unfilled, or have been filled after all."""
        plan, key = order.plan, (order.plan.alert_id, order.plan.account)
        if order.is_protective:
            self._leg_moved(order, at)
        elif order.status is OrderStatus.FILLED:
            self._missed.pop(key, None)
        elif order.status in CAME_TO_NOTHING and not order.is_entry:
            ended = f"the exit {plan.order_id} of {plan.symbol} ended {order.status}"
            self._note(key, at, f"{ended}: {order.error}" if order.error else ended)

    def _leg_moved(self, order: Order, at: datetime) -> None:
        """A leg that the venue refuses leaves a share unprotected until one is taken."""
        plan, key = order.plan, (order.plan.alert_id, order.plan.account)
        if order.status is OrderStatus.REJECTED:
            what = f"the venue refused {plan.order_id}, which was to protect {plan.symbol}"
            self._note(key, at, f"{what}: {order.error}", UNPROTECTED)
        elif order.status in (OrderStatus.ACCEPTED, OrderStatus.FILLED):
            self._missed.pop(key, None)

    def _note(
        self, key: tuple[AlertId, AccountName], since: datetime, what: str, meaning: str = MORE
    ) -> None:
        self._missed[key] = NeedsYou(since=since, what=what, meaning=meaning)
        if len(self._missed) > KEPT:
            self._missed.popitem(last=False)
