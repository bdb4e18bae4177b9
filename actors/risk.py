"""RiskActor: may this signal become this order? One per account."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from actors.by_hand import BookByHand, BookedByHand, Waiting, concerned
from actors.event_sourced import EventSourced
from actors.market_messages import BarEnded, Quoted
from actors.messages import CancelOrders, LookFor, Tick
from actors.risk_memory import risk_memory
from actors.runtime import Address, Alarms, Birth, Cancel, MailboxFull
from journal import Recorded
from journal.recall import Recall
from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    ProtectionRemoved,
    SignalHeld,
)
from trading.bookings import ByHand
from trading.by_hand import Declined, decide_by_hand
from trading.changed import changed
from trading.decisions import decide, undecided
from trading.desk import Desk
from trading.desk_fold import as_of
from trading.event import Event
from trading.events import ActorStarted
from trading.excess import closed_now
from trading.flatten import asked_now, flattens, look_again, told_now
from trading.marks import Shown
from trading.missed import rearmed
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    CancelRequested,
    OrderPlanned,
)
from trading.outcomes import Plan, Refuse, Reverse, Wait
from trading.pending import first_read, leaves
from trading.planning import CLOSE
from trading.protection import is_watched, see_to_protection
from trading.rules import StrategyRules
from trading.vocabulary import AccountName, Code, OrderId, StrategyName, Symbol


RECHECK = Tick("recheck")
NOT_BOOKED = "the journal cannot commit; nothing was booked"
LOOK_WITHIN_S = 30.0
"""How long at most until it looks again while alerts wait: timers stand still while the machine
sleeps, and the market opens by the wall clock."""


class RiskActor(EventSourced[Desk]):
    """Decides every alert routed to its account exactly once, in the order they came.

    `rules` hold each strategy as this account trades it; `orphan` is for alerts of a strategy that
    is no longer in the settings: exits only.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        broker: Address,
        alarms: Alarms,
        rules: Mapping[StrategyName, StrategyRules],
        orphan: StrategyRules,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=risk_memory(account))
        self._account = account
        self._broker = broker
        self._alarms = self.own(alarms)
        self._rules = rules
        self._orphan = orphan
        self._flattens = any(map(flattens, rules.values()))
        self._recheck: tuple[datetime, Cancel] | None = None
        self._cancelling: set[OrderId] = set()
        self._watched: dict[OrderId, None] = {}
        self._looking: set[OrderId] = set()
        self._by_hand = Waiting()
        self._shown: dict[Symbol, Shown] = {}

    @property
    def _desk(self) -> Desk:
        return self.state

    def forget(self) -> None:
        """An empty desk; what was booked on the former one and is not durable is not booked."""
        super().forget()
        self._cancelling.clear()
        self._looking.clear()
        self._watched.clear()
        self._by_hand.give_up(NOT_BOOKED)

    def recovered(self) -> None:
        """What is watched follows from the desk, which may come whole from a snapshot."""
        self._watched = {i: None for i, o in self._desk.orders.items() if is_watched(o)}

    def fold(self, event: Event) -> None:
        """One fact onto the desk."""
        super().fold(event)
        if isinstance(event, ActorStarted) and event.actor == self._broker.name:
            self._cancelling.clear()  # a new incarnation may never have read what was asked
            self._looking.clear()
        elif isinstance(event, CancelRejected):
            self._cancelling.discard(event.order_id)  # who still wants it ended asks again
        elif isinstance(event, OrderPlanned | CancelRequested):
            order = self._desk.orders.get(event.order_id)
            if order is not None and is_watched(order):
                self._watched[event.order_id] = None

    def handle(self, message: object) -> None:
        """A waiting alert may have reached its age, or the market's open; or a person asks.

        Quotes are only noted: they come by the thousand, and no alert waits for one.
        """
        match message:
            case Quoted(quote=quote):
                self._shown[quote.symbol] = Shown(quote.at)
                return
            case BarEnded(bar=bar):
                self._shown[bar.symbol] = Shown(bar.ends_at, bar.length)
                return
            case BookByHand():
                self._book(message)
            case _ if message == RECHECK:
                self._recheck = None
            case _:
                raise TypeError(f"the RiskActor does not know {message!r}")
        self.settle()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Leave no alarm behind for the next incarnation, and nobody waiting."""
        self._look_again(None)
        self._by_hand.give_up(NOT_BOOKED)

    def committed(self, recorded: Recorded) -> None:
        """What a person asked for is durable."""
        if isinstance(recorded.event, ByHand):
            self._by_hand.durable(recorded.event)

    def _book(self, message: BookByHand) -> None:
        """Decided here because here it is known what orders may still fill."""
        ask, signature = message.ask, message.signature
        before = concerned(self._desk, ask)
        decided = decide_by_hand(self._desk, self._rules_of, ask, signature)
        if isinstance(decided, Declined):
            message.reply.set(BookedByHand(declined=decided, before=before, after=before))
            return
        try:
            key = f"booking:{self._account}/{decided.booking_id}"
            self.append(decided, keys=(key,), cause=signature.act_id)
        except MailboxFull:
            message.reply.set(BookedByHand(failed=NOT_BOOKED, before=before, after=before))
            return
        answer = BookedByHand(before=before, after=concerned(self._desk, ask))
        self._by_hand.add(decided, message.reply, answer)

    def settle(self) -> None:
        """Decide what can be decided now; look again when the first of the rest is too old."""
        waits: list[Wait] = []
        again = self._leave_before_the_close() if self._flattens else None
        self._ask(closed_now(self._desk, self._rules, self.clock.now()))
        for alert in undecided(self._desk):
            if self.is_deadly(alert.alert_id):
                self._quarantine(alert)
                continue
            rules = self._rules_of(alert.strategy)
            self.take_in_hand(alert.alert_id)
            if noted := first_read(self._desk, alert, rules, self.clock.now()):
                self.append(noted, cause=alert.alert_id)
            if healed := rearmed(self._desk, alert, self.clock.now()):
                self.append(healed, cause=alert.alert_id)
            decision = decide(self._seeing(), alert, rules, self.clock.now())
            self.take_in_hand(None)
            match decision:
                case Plan(approved=approved, order=order):
                    self._decided(alert, approved, order)
                case Reverse(order=order, held=held):
                    self._reverse(order, held)
                case Refuse(refused=refused):
                    self._decided(alert, refused)
                case Wait(held=held):
                    waits.append(decision)
                    self._cancel(decision.cancel, Code.CANCELLED_FIRST)
                    if held is not None:
                        self.append(held, cause=alert.alert_id)
        dues = [w.until for w in waits if w.until is not None]
        dues += [*self._protect(), *([again] if again else [])]
        self._look_again(min(dues, default=None))

    def _rules_of(self, strategy: StrategyName) -> StrategyRules:
        return self._rules.get(strategy, self._orphan)

    def _seeing(self) -> Desk:
        """The desk, and when the market last showed what."""
        return changed(self._desk, shown=self._shown) if self._shown else self._desk

    def _leave_before_the_close(self) -> datetime | None:
        """Ask for what our own clock wants left, tell of what is still held; when to look again."""
        now = self.clock.now()
        desk = as_of(self._desk, now)
        for told in told_now(desk, self._rules, now):
            self.append(told, cause=self.address.name)
        if desk.venue_ready:
            self._ask(asked_now(desk, self._rules, now))
        return look_again(desk, self._rules, now)

    def _ask(self, alerts: Iterable[AlertAccepted]) -> None:
        """What our own clock wants is asked for as by an alert."""
        for alert in alerts:
            self.append(alert, keys=(f"accept:{alert.alert_id}",), cause=alert.alert_id)

    def _protect(self) -> Iterator[datetime]:
        """Have each share protected by its bracket; when to look again, for time changes it too."""
        orders = self._desk.orders
        for ended in [order_id for order_id in self._watched if order_id not in orders]:
            del self._watched[ended]
        watched = [orders[order_id] for order_id in self._watched]
        for step in see_to_protection(self._desk, self._rules_of, watched, self.clock.now()):
            if step.plan:
                self._planned(step.plan)
            if step.cancel:
                self._cancel(step.cancel, step.code)
            if step.look_for is not None:
                self._look_for(step.look_for)
            if step.overdue is not None:
                self._overdue(step.overdue)
            if step.removed is not None:
                self._removed(step.removed)
            if step.look_at is not None:
                yield step.look_at

    def _planned(self, legs: Sequence[OrderPlanned]) -> None:
        """Legs under fixed ids, by keys that the journal gives away once."""
        start = len(f"{legs[0].alert_id}.{self._account}.")
        names = (leg.order_id[start:] for leg in legs)
        keys = tuple(f"plan:{legs[0].alert_id}/{self._account}/{name}" for name in names)
        self.append(*legs, keys=keys, cause=legs[0].alert_id)

    def _look_for(self, order_id: OrderId) -> None:
        """Have an exit looked for once more; a busy broker is asked next time."""
        if order_id not in self._looking:
            with contextlib.suppress(MailboxFull):
                self._broker.tell(LookFor(order_id))
                self._looking.add(order_id)

    def _overdue(self, overdue: CancelOverdue) -> None:
        self.append(overdue, keys=(f"overdue:{overdue.order_id}",), cause=overdue.alert_id)

    def _removed(self, removed: ProtectionRemoved) -> None:
        """Told once a round: what comes back may be taken off again."""
        rounds = self._desk.guards[removed.strategy, removed.symbol].rounds
        key = f"removed:{removed.entry_id}/{rounds}"
        self.append(removed, keys=(key,), cause=removed.alert_id)

    def _quarantine(self, alert: AlertAccepted) -> None:
        """An alert that nobody survives deciding is the end of that alert, not of the account."""
        quarantined = AlertQuarantined(
            at=self.clock.now(),
            alert_id=alert.alert_id,
            account=self._account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            is_exit=leaves(self._desk, alert, self._rules_of(alert.strategy)),
        )
        self._decided(alert, quarantined)

    def _decided(self, alert: AlertAccepted, *events: Event) -> None:
        """One decision per alert and account, by a key that the journal gives away once."""
        name = f"{alert.alert_id}/{self._account}"
        keys = (f"decide:{name}",) + ((f"plan:{name}/1",) if len(events) > 1 else ())
        self.append(*events, keys=keys, cause=alert.alert_id)

    def _reverse(self, order: OrderPlanned, held: SignalHeld) -> None:
        """The close goes at once, by a key that the journal gives away once; the alert waits."""
        key = f"plan:{order.alert_id}/{self._account}/{CLOSE}"
        self.append(order, held, keys=(key,), cause=order.alert_id)

    def _cancel(self, order_ids: Sequence[OrderId], code: Code) -> None:
        """Have orders cancelled that are in the way; a busy broker is asked next time."""
        asked = tuple(o for o in order_ids if o not in self._cancelling)
        if not asked:
            return
        try:
            self._broker.tell(CancelOrders(asked, code))
        except MailboxFull:
            return
        self._cancelling.update(asked)

    def _look_again(self, until: datetime | None) -> None:
        """Have one alarm, for the first alert that gets too old or may trade. It may ring early;
        then it is set again.
        """
        if self._recheck is not None:
            at, alarm = self._recheck
            if at == until:
                return
            alarm.cancel()
            self._recheck = None
        if until is not None:
            seconds = min((until - self.clock.now()).total_seconds() + 0.01, LOOK_WITHIN_S)
            alarm = self._alarms.after(max(seconds, 0.01), self.address, RECHECK)
            self._recheck = (until, alarm)
