"""BrokerActor: an account's orders on the wire, from the last gate to the last fill."""

from collections.abc import Callable, Mapping

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.messages import (
    CancelOrders,
    CloseGate,
    Connected,
    ConnectFailed,
    Fate,
    FoundOut,
    GateClosed,
    Reported,
    Sent,
    Tick,
)
from actors.reports import facts_of_finding, fill_of
from actors.risk import RISK_FACTS
from actors.runtime import Address, Alarms, Birth
from actors.wire import Job, Wire
from brokers.base import Ended, Execution, Venue, VenueStatus
from journal import Reader, Recorded
from trading.desk import evolve_desk, new_desk
from trading.events import (
    AccountOpened,
    CancelRequested,
    Event,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderPlanned,
    OrderRejected,
    Scope,
    SubmitStarted,
    SubmitUnknown,
    Tripped,
    VenueFailed,
    VenueLost,
    VenueReady,
)
from trading.last_gate import OPEN_GATE, SEND_WITHIN, before_submit
from trading.orders import AT_THE_VENUE, Order, may_follow
from trading.positions import Mark
from trading.rules import StrategyRules
from trading.vocabulary import (
    AccountName,
    Code,
    ErrorKind,
    OrderId,
    OrderStatus,
    StrategyName,
    Symbol,
    TradingState,
)


CONNECT = Tick("connect")
COUNT_FAILURES = Tick("count_failures")
RECONNECT_FIRST_S = 1.0
RECONNECT_CAP_S = 30.0
READ_BACK_S = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""How long after each fruitless read-back the next one is made; the last goes on for ever."""


class BrokerActor(EventSourced):
    """Sends, cancels, reads back. It never sends what it may have sent before.

    `make_venue` makes the account's venue; each incarnation opens one of its own on a loop of its
    own and closes both at its end.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Reader,
        account: AccountName,
        make_venue: Callable[[], Venue],
        alarms: Alarms,
        rules: Mapping[StrategyName, StrategyRules],
        orphan: StrategyRules,
    ) -> None:
        super().__init__(
            birth, journal=journal, reader=reader, interest=interest(RISK_FACTS, account)
        )
        self._account = account
        self._make_venue = make_venue
        self._alarms = alarms
        self._rules = rules
        self._orphan = orphan
        self._wire: Wire | None = None
        self.forget()

    # --- memory ---------------------------------------------------------------------------------

    def forget(self) -> None:
        """An empty desk, nothing on the wire."""
        self._desk = new_desk(self._account)
        self._to_send: list[Job] = []
        self._unread: set[OrderId] | None = None
        self._tries: dict[OrderId, int] = {}
        self._connect_s = RECONNECT_FIRST_S
        self._failures: dict[ErrorKind, tuple[int, str]] = {}
        self._failures_due = False
        self._observed: dict[Symbol, Mark] = {}
        self._informed = OPEN_GATE.stops

    def fold(self, event: Event) -> None:
        """One fact onto the desk."""
        self._desk = evolve_desk(self._desk, event)

    def recovered(self) -> None:
        """Orders that were started and have no answer are of unknown fate; then connect."""
        for order in tuple(self._desk.live()):
            if order.status is OrderStatus.SUBMITTED:
                self._about(order, SubmitUnknown, reason="restarted before the venue's answer")
        self._open_wire()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Close the venue; nothing of this incarnation can send any more."""
        if self._wire is not None:
            self._wire.close()

    def _open_wire(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = Wire(self.address.name, self._make_venue(), self.clock, self._tell_self)
        self._wire.inform(self._desk.stops)
        self._informed = self._desk.stops
        self._wire.connect()

    def _tell_self(self, message: object) -> None:
        self.address.tell(message, control=True)

    # --- what is left undone --------------------------------------------------------------------

    def settle(self) -> None:
        """Start what is planned, cancel what a stop covers, pass on what the venue should know."""
        assert self._wire is not None  # noqa: S101 - opened when recovered
        if self._desk.stops is not self._informed:
            self._informed = self._desk.stops
            self._wire.inform(self._desk.stops)
        if self._to_send:
            jobs, self._to_send = self._to_send, []
            self._wire.submit(jobs)
        if not self._desk.venue_ready:
            return
        for order in tuple(self._desk.live()):
            if order.status is OrderStatus.PLANNED:
                self._start(order)
            elif order.status in AT_THE_VENUE:
                self._watch_over(order)

    def _start(self, order: Order) -> None:
        limits = self._rules.get(order.plan.strategy, self._orphan).limits
        gate = OPEN_GATE.informed(self._desk.stops)
        turned = before_submit(self._desk, order, gate, limits, self.clock.now())
        if turned is not None:
            self._about(order, OrderAbandoned, code=turned.code, inputs=turned.inputs)
            return
        self._about(
            order,
            SubmitStarted,
            keys=(f"send:{order.plan.order_id}",),
            generation=gate.generation,
        )

    def _watch_over(self, order: Order) -> None:
        plan = order.plan
        stopped = self._desk.stops.covering(plan.account, plan.strategy, plan.symbol)
        if stopped is not None and order.is_entry:
            self._cancel(order, Code(stopped.state.value))
        mark = self._desk.book.marks.get(plan.symbol)
        if plan.limit_price is not None and mark is not None:
            self._observe(plan.symbol, mark)

    def _observe(self, symbol: Symbol, mark: Mark) -> None:
        if self._wire is not None and self._observed.get(symbol) != mark:
            self._observed[symbol] = mark
            self._wire.observe(symbol, mark.price, mark.at)

    def committed(self, recorded: Recorded) -> None:
        """A SubmitStarted is durable, and only therefore its order leaves; likewise a cancel."""
        match recorded.event:
            case SubmitStarted(order_id=order_id, generation=generation, at=at):
                order = self._desk.orders.get(order_id)
                if order is not None:
                    self._to_send.append(Job(order.plan, generation, at))
            case CancelRequested(order_id=order_id):
                order = self._desk.orders.get(order_id)
                if order is not None and order.broker_order_id and self._wire is not None:
                    self._wire.cancel(order.broker_order_id)
            case _:
                pass

    # --- messages -------------------------------------------------------------------------------

    def handle(self, message: object) -> None:
        """What the wire, the breaker, risk and the timers tell."""
        match message:
            case Sent():
                self._sent(message)
            case Reported(report=Execution() as execution):
                self._executed(execution)
            case Reported(report=Ended() as ended):
                self._ended(ended)
            case FoundOut():
                self._found_out(message)
            case Connected(balances=balances):
                self._connected(balances.cash)
            case ConnectFailed(error=error):
                self._not_connected(str(error))
            case CloseGate():
                self._close_gate(message)
            case CancelOrders(order_ids=order_ids, code=code):
                for order_id in order_ids:
                    if order := self._desk.orders.get(order_id):
                        self._cancel(order, code)
            case Tick(name="connect") if self._wire is not None:
                self._wire.connect()
            case Tick(name="count_failures"):
                self._count_failures()
            case Tick(name=name) if name.startswith("find:"):
                self._find(OrderId(name.removeprefix("find:")))
            case _:
                raise TypeError(f"the BrokerActor does not know {message!r}")

    def _close_gate(self, message: CloseGate) -> None:
        confirm = GateClosed(self._account, message.generation)
        if self._wire is not None:
            self._wire.close_gate(
                message.scope,
                message.generation,
                lambda: message.reply_to.tell(confirm, control=True),
            )

    # --- the outcome of a send ------------------------------------------------------------------

    def _sent(self, sent: Sent) -> None:
        order = self._desk.orders.get(sent.order_id)
        if order is None:
            return
        match sent.fate:
            case Fate.ACCEPTED:
                self._about(order, OrderAccepted, broker_order_id=sent.broker_order_id)
            case Fate.REJECTED:
                self._about(order, OrderRejected, code=sent.code, reason=sent.detail)
                self._failed(ErrorKind.REJECTED, sent.detail)
            case Fate.FUNDS:
                self._about(order, OrderRejected, code=sent.code, reason=sent.detail)
                self._failed(ErrorKind.FUNDS, sent.detail)
            case Fate.NOT_SENT:
                inputs = sent.inputs | ({"reason": sent.detail} if sent.detail else {})
                self._about(order, OrderAbandoned, code=sent.code, inputs=inputs)
                if sent.code is Code.NOT_SENT:
                    self._failed(ErrorKind.TRANSPORT, sent.detail)
            case Fate.UNKNOWN:
                self._about(order, SubmitUnknown, reason=sent.detail)
                self._failed(ErrorKind.UNKNOWN, sent.detail)
                self._find_later(sent.order_id)
        self.settle()

    def _about(
        self, order: Order, fact: type[Event], keys: tuple[str, ...] = (), **more: object
    ) -> None:
        """Append one fact about an order, where it may follow what is known of it."""
        plan = order.plan
        event = fact(
            at=self.clock.now(),
            order_id=plan.order_id,
            alert_id=plan.alert_id,
            account=plan.account,
            **more,
        )  # type: ignore[call-arg]  # every OrderEvent takes these four
        if may_follow(order, event):
            self.append(event, keys=keys, cause=plan.alert_id)

    # --- what the venue reports -----------------------------------------------------------------

    def _executed(self, execution: Execution) -> None:
        if execution.order_id is None:
            return
        key = f"fill:{self._account}/{execution.execution_id}"
        order = self._desk.orders.get(execution.order_id)
        if order is None:
            self._executed_late(execution, key)
        elif execution.execution_id not in order.executions:
            fill = fill_of(order.plan, execution, self.clock.now())
            self.append(fill, keys=(key,), cause=order.plan.alert_id)
            self.settle()

    def _executed_late(self, execution: Execution, key: str) -> None:
        """A fill of an order that had ended counts all the same, and nobody trades on until a
        person has seen it.
        """
        if self._reader.first_of(key) is not None:
            return
        plans = self._reader.events(order_id=execution.order_id, types=(OrderPlanned,))
        plan = next((r.event for r in plans if isinstance(r.event, OrderPlanned)), None)
        if plan is None:
            return
        now = self.clock.now()
        trip = Tripped(
            at=now,
            scope=Scope(account=self._account),
            generation=self._desk.stops.generation + 1,
            state=TradingState.REDUCING,
            code=Code.LATE_FILL,
            inputs={"order_id": plan.order_id, "execution_id": execution.execution_id},
        )
        self.append(fill_of(plan, execution, now), trip, keys=(key,), cause=plan.alert_id)

    def _ended(self, ended: Ended) -> None:
        order = self._desk.orders.get(ended.order_id) if ended.order_id else None
        if order is None:
            return
        if ended.status is VenueStatus.REJECTED:
            self._about(order, OrderRejected, code=Code.VENUE_REJECTED, reason="ended by the venue")
        else:
            self._about(order, OrderCancelled)
        self.settle()

    def _cancel(self, order: Order, code: Code) -> None:
        if order.status is not OrderStatus.PENDING_CANCEL:
            self._about(order, CancelRequested, code=code)

    # --- reading back ---------------------------------------------------------------------------

    def _find(self, order_id: OrderId) -> None:
        if order_id in self._desk.orders and self._wire is not None:
            self._wire.find(order_id)

    def _find_later(self, order_id: OrderId) -> None:
        tries = self._tries.get(order_id, 0)
        self._tries[order_id] = tries + 1
        delay = READ_BACK_S[min(tries, len(READ_BACK_S) - 1)]
        self._alarms.after(delay, self.address, Tick(f"find:{order_id}"))

    def _found_out(self, message: FoundOut) -> None:
        order = self._desk.orders.get(message.order_id)
        if order is not None:
            if message.error or (message.found is None and not self._is_absent(order)):
                self._find_later(message.order_id)
            elif message.found is None:
                self._about(order, OrderAbsent, reason="the venue does not know it")
            else:
                self._bind(order, message)
        if self._unread is not None:
            self._unread.discard(message.order_id)
            self._ready_when_read()
        self.settle()

    def _is_absent(self, order: Order) -> bool:
        """Whether not finding it is final: nothing sent before the deadline can arrive any more."""
        if order.status is not OrderStatus.UNKNOWN or order.submitted_at is None:
            return False
        return self.clock.now() > order.submitted_at + SEND_WITHIN

    def _bind(self, order: Order, message: FoundOut) -> None:
        assert message.found is not None  # noqa: S101 - the caller has looked
        for event, key in facts_of_finding(order, message.found, self.clock.now()):
            self.append(event, keys=(key,) if key else (), cause=order.plan.alert_id)
        self._tries.pop(order.plan.order_id, None)
        still = self._desk.orders.get(order.plan.order_id)
        if still and still.status is OrderStatus.PENDING_CANCEL and self._wire is not None:
            self._wire.cancel(message.found.broker_order_id)

    # --- the account ----------------------------------------------------------------------------

    def _connected(self, cash: object) -> None:
        self._connect_s = RECONNECT_FIRST_S
        self._cash = cash
        if self._desk.book.cash is None:
            self.append(AccountOpened(at=self.clock.now(), account=self._account, cash=cash))  # type: ignore[arg-type]
        sent = [o for o in self._desk.live() if o.status is not OrderStatus.PLANNED]
        self._unread = {o.plan.order_id for o in sent}
        for order in sent:
            self._find(order.plan.order_id)
        self._ready_when_read()
        self.settle()

    def _ready_when_read(self) -> None:
        """Ready is: connected, and every order that was out has been asked for once."""
        if self._unread is not None and not self._unread and not self._desk.venue_ready:
            self._unread = None
            ready = VenueReady(at=self.clock.now(), account=self._account, cash=self._cash)  # type: ignore[arg-type]
            self.append(ready, cause=f"broker:{self._account}")

    def _not_connected(self, reason: str) -> None:
        if self._desk.venue_ready:
            lost = VenueLost(at=self.clock.now(), account=self._account, reason=reason)
            self.append(lost, cause=f"broker:{self._account}")
        self._failed(ErrorKind.TRANSPORT, reason)
        self._alarms.after(self._connect_s, self.address, CONNECT)
        self._connect_s = min(self._connect_s * 2, RECONNECT_CAP_S)

    # --- errors that count ----------------------------------------------------------------------

    def _failed(self, kind: ErrorKind, detail: str) -> None:
        """Count trouble towards the breaker: an event at once, then at most one a second."""
        count, _ = self._failures.get(kind, (0, ""))
        self._failures[kind] = (count + 1, detail)
        if not self._failures_due or kind is ErrorKind.FUNDS:
            self._count_failures(again=not self._failures_due)

    def _count_failures(self, *, again: bool = True) -> None:
        counted, self._failures = self._failures, {}
        for kind, (count, detail) in counted.items():
            failed = VenueFailed(
                at=self.clock.now(), account=self._account, kind=kind, detail=detail, count=count
            )
            self.append(failed, cause=f"broker:{self._account}")
        if again:
            self._failures_due = bool(counted)
            if counted:
                self._alarms.after(1.0, self.address, COUNT_FAILURES)
