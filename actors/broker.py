"""BrokerActor: an account's orders on the wire, from the last gate to the last fill."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from actors.jobs import Job
from actors.market_messages import BarEnded, Quoted, ShowHistory, ShowQuotes
from actors.messages import CancelOrders, Fate, Reported, Sent, Tick
from actors.reconciled_account import ReconciledAccount
from actors.reports import (
    fact_of_replacing,
    fact_of_sending,
    trouble_of_sending,
)
from actors.resetting import BeginAnew
from actors.runtime import Address, Alarms, Birth
from actors.session_close import SessionClose
from actors.thawing import ThawSymbol
from brokers.base import Ended, Replaced, Venue, VenueStatus
from journal import Recorded
from journal.recall import Recall
from trading.event import Event
from trading.hours import Hours
from trading.last_gate import OPEN_GATE, before_submit
from trading.marks import Mark
from trading.order_events import (
    CancelRequested,
    OrderAbandoned,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderPlanned,
    OrderRefused,
    OrderRejected,
    SubmitStarted,
)
from trading.orders import Order
from trading.rules import StrategyRules
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import (
    AccountName,
    Code,
    OrderId,
    OrderStatus,
    OrderType,
    StrategyName,
    Symbol,
)


class BrokerActor(ReconciledAccount):
    """Sends and cancels, and takes in what the venue reports. It never sends what it may have sent
    before.
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
        rules: Mapping[StrategyName, StrategyRules],
        orphan: StrategyRules,
        login: Address | None = None,
    ) -> None:
        super().__init__(
            birth,
            journal=journal,
            reader=reader,
            account=account,
            make_venue=make_venue,
            alarms=alarms,
            login=login,
        )
        self._rules = rules
        self._orphan = orphan

    def forget(self) -> None:
        """An empty desk, nothing to be sent."""
        super().forget()
        self._session = SessionClose(self._alarms, self.address, self.clock, lambda: self.wire)
        self._to_send: list[Job] = []
        self._to_start: dict[OrderId, None] = {}
        self._priced: set[OrderId] = set()
        self._observed: dict[Symbol, Mark] = {}

    def fold(self, event: Event) -> None:
        """One fact onto the desk; what is not started yet, and what has a price, is kept at hand.

        So a publication costs what it brings, not what is live.
        """
        super().fold(event)
        match event:
            case OrderPlanned(order_id=order_id, order_type=order_type):
                self._to_start[order_id] = None
                if order_type is not OrderType.MARKET:
                    self._priced.add(order_id)
            case (
                SubmitStarted(order_id=order_id)
                | OrderAbandoned(order_id=order_id)
                | OrderRefused(order_id=order_id)
            ):
                self._to_start.pop(order_id, None)
            case _:
                pass

    def recovered(self) -> None:
        """What is kept at hand follows from the desk, which may come whole from a snapshot."""
        orders = self._desk.orders
        self._to_start = {i: None for i, o in orders.items() if o.status is OrderStatus.PLANNED}
        self._priced = {i for i, o in orders.items() if o.is_resting}
        super().recovered()

    def _hours(self) -> Mapping[StrategyName, Hours]:
        return {name: rules.hours for name, rules in self._rules.items()}

    # --- replaced while it hangs ----------------------------------------------------------------

    def revoked(self) -> None:
        """Nothing more leaves on the wire of an actor that was given up, whatever its thread does.

        A wire that it opens only now finds the actor over, one that it opened before is here.
        """
        if self._wire is not None:
            self._wire.sever()

    def _open_wire(self) -> None:
        super()._open_wire()
        if self.is_over:
            self.wire.sever()

    # --- what is left undone --------------------------------------------------------------------

    def settle(self) -> None:
        """Start what is planned, cancel what a stop covers, pass on what the venue should know."""
        super().settle()
        if self._to_send:
            self._send()
        if self._orphan.hours is Hours.EXCHANGE:
            self._session.keep(self._desk.book.calendar)
        if not self._desk.venue_ready:
            return
        for order in self._to_see_to():
            if order.status is OrderStatus.PLANNED:
                self._start(order)
            elif order.status in AT_THE_VENUE:
                self._watch_over(order)

    def _send(self) -> None:
        """Let out what is durable; siblings that go together wait for each other's commit."""
        jobs, self._to_send = self._to_send, []
        if self.wire.siblings_go_together:
            here = {job.plan.order_id for job in jobs}
            coming = {
                order.plan.oco_id
                for order in self._desk.live()
                if order.status is OrderStatus.SUBMITTED and order.plan.order_id not in here
            } - {None}
            self._to_send = [job for job in jobs if job.plan.oco_id in coming]
            jobs = [job for job in jobs if job.plan.oco_id not in coming]
        if jobs:
            self.wire.submit(jobs)

    def _connected(self, cash: Decimal) -> None:
        """A session may have closed while the venue could not be told."""
        super()._connected(cash)
        self._session.look()

    def _to_see_to(self) -> Iterable[Order]:
        """All live orders where a stop or a price may concern them, else those just planned."""
        orders = self._desk.orders
        self._priced &= orders.keys()
        if self._desk.stops.in_force or self._priced:
            return tuple(orders.values())
        return [orders[order_id] for order_id in self._to_start if order_id in orders]

    def _start(self, order: Order) -> None:
        rules = self._rules.get(order.plan.strategy, self._orphan)
        if self.is_deadly(order.plan.order_id):
            self._about(order, OrderAbandoned, code=Code.QUARANTINED)
            return
        gate = OPEN_GATE.informed(self._desk.stops)
        self.take_in_hand(order.plan.order_id)
        turned = before_submit(self._desk, order, gate, rules, self.clock.now())
        self.take_in_hand(None)
        if turned is not None:
            self._about(order, OrderRefused, code=turned.code, inputs=turned.inputs)
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
        if plan.order_type is not OrderType.MARKET:
            mark = self._desk.book.marks.get(plan.symbol)
            if mark is not None:
                self._observe(plan.symbol, mark)

    def _observe(self, symbol: Symbol, mark: Mark) -> None:
        if self._observed.get(symbol) != mark:
            self._observed[symbol] = mark
            self.wire.observe(symbol, mark.price, mark.at)

    def committed(self, recorded: Recorded) -> None:
        """A SubmitStarted is durable, and only therefore its order leaves; likewise a cancel."""
        super().committed(recorded)
        match recorded.event:
            case SubmitStarted(order_id=order_id, generation=generation, at=at):
                order = self._desk.orders.get(order_id)
                if order is not None:
                    self._to_send.append(Job(order.plan, generation, at))
            case CancelRequested(order_id=order_id) | OrderAccepted(order_id=order_id):
                self._cancel_if_asked(order_id)
            case _:
                pass

    # --- messages -------------------------------------------------------------------------------

    def hear(self, message: object) -> None:
        """What the wire, the breaker, risk and the timers tell."""
        match message:
            case Sent():
                self._sent(message)
            case Reported(report=Ended() as ended):
                self._ended(ended)
            case Reported(report=Replaced() as replaced):
                self._replaced(replaced)
            case Quoted(quote=quote):
                self.wire.tell_venue(lambda venue: venue.quoted(quote))
            case BarEnded(bar=bar):
                self.wire.tell_venue(lambda venue: venue.bar_ended(bar))
            case ShowHistory() | ShowQuotes() | ThawSymbol() | BeginAnew():
                self.wire.ask_venue(message.asked)
            case Tick(name="session_may_be_over"):
                self._session.look()
            case CancelOrders(order_ids=order_ids, code=code):
                for order_id in order_ids:
                    if order := self._desk.orders.get(order_id):
                        self._cancel(order, code)
            case _:
                super().hear(message)

    # --- the outcome of a send ------------------------------------------------------------------

    def _sent(self, sent: Sent) -> None:
        order = self._desk.orders.get(sent.order_id)
        if order is None:
            return
        self._append_about(order, fact_of_sending(order, sent, self.clock.now()))
        trouble = trouble_of_sending(sent)
        if trouble is not None:
            self._failed(trouble, sent.detail)
        if sent.fate is Fate.UNKNOWN:
            self._find_later(sent.order_id)

    # --- what the venue reports -----------------------------------------------------------------

    def _ended(self, ended: Ended) -> None:
        order = self._desk.orders.get(ended.order_id) if ended.order_id else None
        if order is None:
            return
        if ended.status is VenueStatus.REJECTED:
            self._about(order, OrderRejected, code=Code.VENUE_REJECTED, reason="ended by the venue")
        elif ended.status is VenueStatus.EXPIRED:
            self._about(order, OrderExpired)
        else:
            self._about(order, OrderCancelled)

    def _replaced(self, replaced: Replaced) -> None:
        order = self._desk.orders.get(replaced.order_id) if replaced.order_id else None
        if order is not None and order.broker_order_id != replaced.new_id:
            self._append_about(order, fact_of_replacing(order, replaced, self.clock.now()))

    def _cancel(self, order: Order, code: Code) -> None:
        if order.status is not OrderStatus.PENDING_CANCEL:
            self._about(order, CancelRequested, code=code)
