"""An account in step with its venue order by order: reading back what became of each."""

import abc
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import Final

from actors.jobs import ticket_of
from actors.messages import CancelFailed, FoundOut, LookFor, Reported, Tick
from actors.read_back import ReadBack
from actors.reports import about, facts_of_finding
from actors.venue_line import VenueLine
from brokers.base import Bygone, Recalled, Venue, VenueOrder
from trading.event import Event
from trading.events import VenueReady
from trading.last_gate import SEND_WITHIN
from trading.order_events import (
    OrderAbsent,
    OrderAccepted,
    OrderEvent,
    OrderFilled,
    OrderReplaced,
    SubmitUnknown,
)
from trading.orders import Order, may_follow
from trading.vocabulary import BrokerOrderId, ExecutionId, OrderId, OrderStatus


LATELY: Final = timedelta(minutes=5)
"""How long before an order was sent one may have been entered that could be taken for it."""

TWICE: Final = "looked for twice, and the venue does not know it"
SHOWN_WITHIN: Final = timedelta(seconds=10 + 120)
"""The time of a request, and what a venue may take to show what it was sent."""


class VenueAccount(VenueLine):
    """Finds out what became of every order that was out; it is ready once it has."""

    def forget(self) -> None:
        """Nothing has been asked yet."""
        super().forget()
        self._read_back = ReadBack()
        self._is_reconciled = False

    def recovered(self) -> None:
        """Orders that were started and have no answer are of unknown fate; then connect."""
        for order in tuple(self._desk.live()):
            if order.is_unanswered:
                self._about(order, SubmitUnknown, reason="restarted before the venue's answer")
        self._open_wire()

    def hear(self, message: object) -> None:
        """What the wire and the timers tell of orders."""
        match message:
            case FoundOut():
                self._found_out(message)
            case CancelFailed(order_id=order_id):
                self._find_later(order_id)  # found working, it is cancelled again
            case LookFor(order_id=order_id):
                self._find(order_id)
            case Tick(name=name) if name.startswith("find:"):
                self._find(OrderId(name.removeprefix("find:")))
            case _:
                super().hear(message)

    def _cancel_if_asked(self, order_id: OrderId) -> None:
        """Pass a cancel on; one asked for ahead of the venue's id waits for that id."""
        order = self._desk.orders.get(order_id)
        if order is None or order.status is not OrderStatus.PENDING_CANCEL:
            return
        if order.broker_order_id is not None:
            self.wire.cancel(order_id, order.broker_order_id)

    # --- facts ----------------------------------------------------------------------------------

    def _about(
        self, order: Order, fact: type[Event], keys: tuple[str, ...] = (), **more: object
    ) -> None:
        self._append_about(order, about(order, fact, self.clock.now(), **more), keys)

    def _append_about(self, order: Order, event: Event, keys: tuple[str, ...] = ()) -> None:
        """Append one fact about an order, where it may follow what is known of it."""
        if may_follow(order, event):
            self.append(event, keys=keys, cause=order.plan.alert_id)

    # --- reading back ---------------------------------------------------------------------------

    def _find(self, order_id: OrderId) -> None:
        if order_id in self._desk.orders or order_id in self._desk.again:
            self.wire.find(order_id)

    def _find_later(self, order_id: OrderId) -> None:
        delay_s = self._read_back.next_delay_s(order_id, self._final_in_s(order_id))
        self._alarms.after(delay_s, self.address, Tick(f"find:{order_id}"))

    def _found_out(self, message: FoundOut) -> None:
        order = self._desk.orders.get(message.order_id)
        if message.order_id in self._desk.again:
            self._looked_again(message)
        elif order is not None:
            if message.found is not None:
                self._bind(order, message.found)
            elif message.error or not self._is_absent(order, message):
                self._find_later(message.order_id)
            else:
                self._about(order, OrderAbsent, reason="the venue does not know it")
        self._read_back.looked_for(message.order_id)
        self._ready_when_read()

    def _looked_again(self, message: FoundOut) -> None:
        """Not there the second time, an exit is proved absent; else its fills count, late."""
        again = self._desk.again[message.order_id]
        if message.asked_at < again.due:
            return  # an answer to the first look
        if message.error:
            self._find_later(message.order_id)
        elif message.found is not None:
            for execution in message.found.executions:
                self.hear(Reported(execution))
        elif not again.is_proved:
            absent = about(Order(plan=again.plan), OrderAbsent, self.clock.now(), reason=TWICE)
            self.append(absent, cause=again.plan.alert_id)

    def _final_in_s(self, order_id: OrderId) -> float:
        """Seconds until nothing of an order can arrive at the venue any more, and a hair."""
        order = self._desk.orders.get(order_id)
        if order is None or order.submitted_at is None:
            return 0.0
        return (order.submitted_at + self._settles_in - self.clock.now()).total_seconds() + 0.05

    @property
    def _settles_in(self) -> timedelta:
        """How long after its SubmitStarted an order that is not to be found is not there."""
        return SEND_WITHIN if self.wire.knows_our_ids else SEND_WITHIN + SHOWN_WITHIN

    def _is_absent(self, order: Order, message: FoundOut) -> bool:
        """Whether not finding it is final: the look began when nothing could arrive any more."""
        if order.status is not OrderStatus.UNKNOWN or order.submitted_at is None:
            return False
        return message.asked_at > order.submitted_at + self._settles_in

    def _bind(self, order: Order, found: VenueOrder) -> None:
        for event, keys in facts_of_finding(order, found, self.clock.now()):
            self.append(event, keys=keys, cause=order.plan.alert_id)
        self._read_back.found(order.plan.order_id)
        self._cancel_if_asked(order.plan.order_id)

    # --- the account ----------------------------------------------------------------------------

    def _connected(self, cash: Decimal) -> None:
        self._cash = cash
        self._is_reconciled = False
        sent = [o.plan.order_id for o in self._desk.live() if o.status is not OrderStatus.PLANNED]
        self._recall()
        self._read_back.begin(sent)
        for order_id in sent:
            self._find(order_id)
        self._look()

    def _recall(self) -> None:
        """A venue without our ids learns of the orders that it has to recognise."""
        if self.wire.knows_our_ids:
            return
        self.wire.tell_venue(partial(_recall, earlier=self._bygone()))
        live = [(o.plan, o.submitted_at, o.broker_order_id) for o in self._desk.live()]
        again = [(again.plan, again.plan.at, None) for again in self._desk.again.values()]
        for plan, sent_at, known_as in (*live, *again):
            if sent_at is not None:
                earlier = Recalled(
                    ticket=ticket_of(plan), sent_at=sent_at, broker_order_id=known_as
                )
                self.wire.tell_venue(partial(_recall, earlier=earlier))

    def _bygone(self) -> Bygone:
        """The orders that have ended lately: from a while before the oldest that has no id yet."""
        live = {o.plan.order_id: o for o in self._desk.live()}
        sought = [o.submitted_at for o in live.values() if o.broker_order_id is None]
        since = min([self.clock.now(), *(at for at in sought if at is not None)]) - LATELY
        ids, executions = set[BrokerOrderId](), set[ExecutionId]()
        # Backwards and of every type: what is asked for by type is looked for in all of the past.
        recent = (recorded.event for recorded in self._reader.events(newest_first=True))
        for event in takewhile(lambda event: event.at >= since, recent):
            if not isinstance(event, OrderEvent) or event.order_id in live:
                continue
            if isinstance(event, OrderFilled):
                executions.add(event.execution_id)
            elif isinstance(event, OrderAccepted | OrderReplaced):
                ids.add(event.broker_order_id)
        return Bygone(broker_order_ids=frozenset(ids), executions=frozenset(executions))

    @abc.abstractmethod
    def _look(self) -> None:
        """See what the venue did meanwhile; the account is reconciling until it is in our books."""

    def _ready_when_read(self) -> None:
        """Ready is: connected, reconciled, and every order that was out asked for once."""
        if not self._is_reconciled or self._desk.venue_ready:
            return
        if self._read_back.is_complete():
            ready = VenueReady(
                at=self.clock.now(),
                account=self._account,
                cash=self._cash,
                rehearsal=self._is_rehearsal,
            )
            self.append(ready, cause=f"broker:{self._account}")


def _recall(venue: Venue, earlier: Recalled | Bygone) -> None:
    venue.recall(earlier)
