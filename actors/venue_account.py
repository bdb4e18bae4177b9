"""An account and its line to the venue: connecting, reading back, counting what goes wrong."""

import abc
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count

from actors.event_sourced import EventSourced
from actors.failure_count import FailureCount
from actors.jobs import ticket_of
from actors.login_messages import Admitted, LetIn, TokenRefused
from actors.messages import (
    CancelFailed,
    CloseGate,
    Connected,
    ConnectFailed,
    FoundOut,
    GateClosed,
    Heard,
    LookFor,
    Reported,
    Tick,
)
from actors.read_back import ReadBack
from actors.reports import about, facts_of_finding
from actors.runtime import Address, Alarms, Birth
from actors.wire import Wire
from actors.wire_memory import wire_memory
from brokers.base import Recalled, Venue, VenueOrder
from brokers.sign_in import AccessRefused
from journal.recall import Recall
from trading.desk import Desk
from trading.event import Event
from trading.events import VenueFailed, VenueLost, VenueReady
from trading.last_gate import OPEN_GATE, SEND_WITHIN
from trading.money import ZERO
from trading.order_events import OrderAbsent, SubmitUnknown
from trading.orders import Order, may_follow
from trading.vocabulary import AccountName, ErrorKind, OrderId, OrderStatus


SECOND_IS_OVER = Tick("second_is_over")
TWICE = "looked for twice, and the venue does not know it"
SHOWN_WITHIN = timedelta(seconds=10 + 120)
"""The time of a request, and what a venue may take to show what it was sent."""

RECONNECT_FIRST_S = 1.0
RECONNECT_CAP_S = 30.0


class VenueAccount(EventSourced[Desk]):
    """Opens an account's venue and stays in step with it; what to send is its subclass's to say.

    `make_venue` makes the account's venue; each incarnation opens one of its own on a loop of its
    own and closes both at its end. `login` keeps the sign-in, where the venue has one.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        make_venue: Callable[[], Venue],
        alarms: Alarms,
        login: Address | None = None,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=wire_memory(account))
        self._account = account
        self._make_venue = make_venue
        self._alarms = self.own(alarms)
        self._wire: Wire | None = None
        self._wires = count(1)
        self._gate = OPEN_GATE
        self._login = login
        self._admitted = Admitted(None)
        self.forget()

    # --- memory ---------------------------------------------------------------------------------

    @property
    def _desk(self) -> Desk:
        return self.state

    def forget(self) -> None:
        """An empty desk; what a halt has closed stays closed."""
        super().forget()
        self._read_back = ReadBack()
        self._failures = FailureCount()
        self._connect_s = RECONNECT_FIRST_S
        self._cash = ZERO
        self._is_reconciled = False

    def recovered(self) -> None:
        """Orders that were started and have no answer are of unknown fate; then connect."""
        for order in tuple(self._desk.live()):
            if order.is_unanswered:
                self._about(order, SubmitUnknown, reason="restarted before the venue's answer")
        self._open_wire()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Close the venue; nothing of this incarnation can send any more."""
        if self._wire is not None:
            self._wire.close()

    def settle(self) -> None:
        """Let the gate on the wire know the stops in force."""
        if self._desk.stops is not self._gate.stops:
            self._gate = self._gate.informed(self._desk.stops)
            self.wire.inform(self._desk.stops)

    # --- messages -------------------------------------------------------------------------------

    def receive(self, message: object) -> None:
        """A gate is closed at once, whether or not the journal answers."""
        match message:
            case CloseGate():
                self._close_gate(message)
            case _:
                super().receive(message)

    def handle(self, message: object) -> None:
        """Take in one message, or all that the wire told at once; then see what is to be done."""
        for each in message.messages if isinstance(message, Heard) else (message,):
            self.hear(each)
        self.settle()

    def hear(self, message: object) -> None:
        """What the wire and the timers tell of the venue."""
        match message:
            case Connected(wire=wire, balances=balances):
                if wire == self.wire.name:  # a former wire says nothing of this one
                    self._connected(balances.cash)
            case ConnectFailed():
                if message.wire == self.wire.name:
                    self._not_connected(message)
            case Admitted():
                self._admit(message)
            case Reported(report=AccessRefused(token=token)):
                if self._login is not None:
                    self._login.tell(TokenRefused(token), control=True)
            case FoundOut():
                self._found_out(message)
            case CancelFailed(order_id=order_id):
                self._find_later(order_id)  # found working, it is cancelled again
            case LookFor(order_id=order_id):
                self._find(order_id)
            case Tick(name="second_is_over"):
                self._failures.second_is_over()
                self._tell_failures()
            case Tick(name=name) if name.startswith("connect:"):
                if name == f"connect:{self.wire.name}":
                    self._connect()
            case Tick(name=name) if name.startswith("find:"):
                self._find(OrderId(name.removeprefix("find:")))
            case _:
                raise TypeError(f"the BrokerActor does not know {message!r}")

    # --- the wire -------------------------------------------------------------------------------

    @property
    def wire(self) -> Wire:
        """The current wire; there is one from the first fold on."""
        assert self._wire is not None  # noqa: S101 - opened before anything is handled
        return self._wire

    def _open_wire(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._gate = self._gate.informed(self._desk.stops)
        name = f"{self.address.name}/{self.incarnation}.{next(self._wires)}"
        self._wire = Wire(name, self._make_venue(), self.clock, self._tell_self, self._gate)
        self._is_connecting = self._is_connected = False
        if self._login is None:
            self._connect()
        else:
            self._admit(self._admitted)
            self._login.tell(LetIn(self._account, self.address), control=True)

    def _connect(self) -> None:
        if not self._is_connecting:
            self._is_connecting = True
            self.wire.connect()

    def _admit(self, admitted: Admitted) -> None:
        """Go by another access, or by none; nobody is waited for who does not sign in."""
        self._admitted, access = admitted, admitted.access
        self.wire.tell_venue(lambda venue: venue.admit(access))
        if access is None:
            self._is_connected = False
            self._lost(admitted.reason)
        elif not self._is_connected:
            self._connect()

    def _tell_self(self, message: object) -> None:
        self.address.tell(message, control=True)

    def _close_gate(self, message: CloseGate) -> None:
        self._gate = self._gate.closed(message.scope, message.generation)
        closed = GateClosed(self._account, message.generation)

        def confirm() -> None:
            message.reply_to.tell(closed, control=True)

        if self._wire is None:  # nothing can leave, and the wire to come begins with this gate
            confirm()
        else:
            self._wire.close_gate(message.scope, message.generation, confirm)

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
        self._is_connecting, self._is_connected = False, True
        self._connect_s = RECONNECT_FIRST_S
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
        live = [(o.plan, o.submitted_at, o.broker_order_id) for o in self._desk.live()]
        again = [(again.plan, again.plan.at, None) for again in self._desk.again.values()]
        for plan, sent_at, known_as in (*live, *again):
            if sent_at is not None:
                earlier = Recalled(
                    ticket=ticket_of(plan), sent_at=sent_at, broker_order_id=known_as
                )
                self.wire.tell_venue(partial(_recall, earlier=earlier))

    @abc.abstractmethod
    def _look(self) -> None:
        """See what the venue did meanwhile; the account is reconciling until it is in our books."""

    def _ready_when_read(self) -> None:
        """Ready is: connected, reconciled, and every order that was out asked for once."""
        if not self._is_reconciled or self._desk.venue_ready:
            return
        if self._read_back.is_complete():
            ready = VenueReady(at=self.clock.now(), account=self._account, cash=self._cash)
            self.append(ready, cause=f"broker:{self._account}")

    def _not_connected(self, failed: ConnectFailed) -> None:
        """Try again later; a venue that asks to wait says when, and that is no trouble, nor is that
        nobody is signed in.
        """
        self._is_connecting = self._is_connected = False
        self._lost(failed.reason)
        delay_s = RECONNECT_CAP_S if failed.is_signed_out else failed.retry_after_s
        if delay_s is None:
            self._failed(ErrorKind.TRANSPORT, failed.reason)
            delay_s = self._connect_s
        self._alarms.after(delay_s, self.address, Tick(f"connect:{self.wire.name}"))
        self._connect_s = min(self._connect_s * 2, RECONNECT_CAP_S)

    def _lost(self, reason: str) -> None:
        if self._desk.venue_ready:
            lost = VenueLost(at=self.clock.now(), account=self._account, reason=reason)
            self.append(lost, cause=f"broker:{self._account}")

    # --- errors that count ----------------------------------------------------------------------

    def _failed(self, kind: ErrorKind, detail: str) -> None:
        """Count trouble towards the breaker: an event at once, then at most one a second."""
        if self._failures.add(kind, detail):
            self._tell_failures()

    def _tell_failures(self) -> None:
        counted = self._failures.take()
        for each in counted:
            failed = VenueFailed(
                at=self.clock.now(),
                account=self._account,
                kind=each.kind,
                detail=each.detail,
                count=each.count,
            )
            self.append(failed, cause=f"broker:{self._account}")
        if counted and self._failures.gather():
            self._alarms.after(1.0, self.address, SECOND_IS_OVER)


def _recall(venue: Venue, earlier: Recalled) -> None:
    venue.recall(earlier)
