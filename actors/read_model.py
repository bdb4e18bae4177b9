"""The dashboard's memory: what is current, and the last 200 of everything else."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from attrs import Factory, define, evolve

from actors.missed_exits import MissedExits
from actors.needs import needs_you, sign_in_due
from actors.tally import Tally
from actors.views import (
    AccountView,
    AlertView,
    Decision,
    NeedsYou,
    OrderView,
    Verdict,
    View,
    decided,
    first_view,
    moved,
)
from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    AlertUnreadable,
    ProtectionRemoved,
    SignalApproved,
    SignalHeld,
    SignalRefused,
    StillHeld,
)
from trading.breaker import NO_STOPS, Stops, evolve_stops
from trading.changed import changed
from trading.differences import (
    DifferenceExplained,
    DifferenceFound,
    DifferenceKey,
)
from trading.event import Event
from trading.events import (
    AccountParked,
    ActorStarted,
    CalendarApplied,
    CommandQuarantined,
    Halted,
    Healed,
    Resumed,
    Tripped,
    VenueFailed,
    VenueLost,
    VenueReady,
)
from trading.order_events import OrderEvent, OrderPlanned
from trading.orders import Order
from trading.planning import decides
from trading.sessions import Calendar
from trading.sign_ins import NO_STANDING, SignInDue, VenueSignedIn, VenueSignedOut
from trading.statement import Statement, new_statement
from trading.vocabulary import (
    AccountName,
    AlertId,
    OrderId,
    OrderStatus,
    StrategyName,
    Symbol,
)


KEPT: Final = 200


@define
class ReadModel:
    """A fold of all events into what pages show; owned by one thread."""

    _accounts: dict[AccountName, AccountView]
    _alerts: OrderedDict[AlertId, AlertView] = Factory(OrderedDict)
    _orders: OrderedDict[OrderId, OrderView] = Factory(OrderedDict)
    _tally: Tally = Factory(Tally)
    _stops: Stops = NO_STOPS
    _missed_exits: MissedExits = Factory(MissedExits)
    _still_held: dict[tuple[AccountName, StrategyName, Symbol], StillHeld] = Factory(dict)
    _bare: dict[tuple[AccountName, StrategyName, Symbol], ProtectionRemoved] = Factory(dict)
    _has_seen_alert: bool = False
    _restarts: tuple[ActorStarted, ...] = ()
    _quarantined: dict[str, CommandQuarantined] = Factory(dict)
    _calendar: Calendar = Calendar()  # noqa: RUF009 - immutable
    _differences: dict[tuple[AccountName, DifferenceKey], DifferenceFound] = Factory(dict)

    # --- folding --------------------------------------------------------------------------------

    def fold(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case OrderEvent():
                self._order_event(event)
            case AlertAccepted() | AlertUnreadable():
                self._alert(event)
            case SignalApproved() | SignalHeld():
                self._decided(event)
            case OrderPlanned():
                self._planned(event)
            case SignalRefused():
                self._refused(event)
            case AlertQuarantined():
                self._alert_quarantined(event)
            case StillHeld(account=account, strategy=strategy, symbol=symbol):
                self._still_held[account, strategy, symbol] = event
            case ProtectionRemoved():
                self._bare[event.account, event.strategy, event.symbol] = event
            case CommandQuarantined():
                self._quarantined[event.what] = event
            case Halted() | Tripped() | AccountParked() | Resumed() | Healed():
                self._stops = evolve_stops(self._stops, event)
            case VenueReady() | VenueLost() | VenueFailed() | ActorStarted():
                self._venue(event)
            case VenueSignedIn() | VenueSignedOut() | SignInDue():
                self._signed(event)
            case CalendarApplied(calendar=calendar):
                self._calendar = calendar
            case DifferenceFound():
                self._differences[event.account, event.key] = event
            case DifferenceExplained():
                self._differences.pop((event.account, event.key), None)
            case _:
                pass

    def _alert(self, event: AlertAccepted | AlertUnreadable) -> None:
        self._has_seen_alert = True
        self._tally.last_alert_at = event.at
        alert = self._alerts[event.alert_id] = first_view(event)
        self._judged(alert)
        while len(self._alerts) > KEPT:
            oldest = next(iter(self._alerts))
            if self._alerts[oldest].verdict is Verdict.PENDING:
                self._trim_alerts()
                return
            del self._alerts[oldest]

    def _trim_alerts(self) -> None:
        """Drop the oldest that are decided; what waits stays, however much it is."""
        decided = [i for i, a in self._alerts.items() if a.verdict is not Verdict.PENDING]
        for alert_id in decided[: max(len(self._alerts) - KEPT, 0)]:
            del self._alerts[alert_id]

    def _decided(self, event: Decision) -> None:
        before = self._alerts.get(event.alert_id)
        if before is None:
            return
        alert = self._alerts[event.alert_id] = decided(before, event)
        if before.verdict is Verdict.PENDING:
            self._judged(alert)

    def _refused(self, event: SignalRefused) -> None:
        self._tally.refuse(event)
        self._decided(event)
        self._missed_exits.refused(event)

    def _alert_quarantined(self, event: AlertQuarantined) -> None:
        self._decided(event)
        self._missed_exits.quarantined(event)

    def _judged(self, alert: AlertView) -> None:
        """Count an alert's verdict, if it has come to one."""
        if alert.verdict is Verdict.REJECTED:  # the strategy it names may be any text
            self._tally.decided("", alert.verdict)
        elif alert.verdict is not Verdict.PENDING:
            self._tally.decided(alert.strategy or "", alert.verdict)

    def _planned(self, event: OrderPlanned) -> None:
        alert = self._alerts.get(event.alert_id)
        self._orders[event.order_id] = OrderView(
            order=Order(plan=event),
            planned_at=event.at,
            changed_at=event.at,
            asked_at=None if alert is None or event.parent_id else alert.received_at,
        )
        if decides(event):
            self._decided(event)
        while len(self._orders) > KEPT:
            oldest = next((i for i, o in self._orders.items() if o.order.is_terminal), None)
            if oldest is None:
                return
            del self._orders[oldest]

    def _order_event(self, event: OrderEvent) -> None:
        before = self._orders.get(event.order_id)
        if before is None:
            return
        view = self._orders[event.order_id] = moved(before, event)
        status = view.order.status
        if status is not before.order.status:
            self._tally.order(view.order.plan, status, event, view.asked_at)
        self._missed_exits.moved(view.order, event.at)
        plan = view.order.plan
        if plan.parent_id is not None and status is OrderStatus.ACCEPTED:
            self._bare.pop((plan.account, plan.strategy, plan.symbol), None)

    def _venue(self, event: VenueReady | VenueLost | VenueFailed | ActorStarted) -> None:
        if isinstance(event, ActorStarted):
            if event.last_error is not None:
                self._restarts = (*self._restarts, event)[-KEPT:]
            _, _, account = event.actor.partition("broker:")
            name = AccountName(account)
            if name in self._accounts:
                # Without a sign-in nothing is tried, so that nothing else will be said of it.
                out = (self._accounts[name].sign_in or NO_STANDING).reason
                self._change(name, venue_ready=False, venue_reason=out or "connecting")
        elif event.account in self._accounts:
            if isinstance(event, VenueReady):
                self._change(
                    event.account,
                    venue_ready=True,
                    venue_reason="",
                    venue_cash=event.cash,
                    rehearsal=event.rehearsal,
                )
            elif isinstance(event, VenueLost):
                self._change(event.account, venue_ready=False, venue_reason=event.reason)
            elif not self._accounts[event.account].venue_ready:
                self._change(event.account, venue_reason=event.detail)

    def _signed(self, event: VenueSignedIn | VenueSignedOut | SignInDue) -> None:
        if (before := self._accounts.get(event.account)) is None:
            return
        standing = (before.sign_in or NO_STANDING).after(event)
        self._change(event.account, sign_in=standing)
        if not before.venue_ready and standing.reason:
            self._change(event.account, venue_reason=standing.reason)

    def show(self, statement: Statement) -> None:
        """Take the latest statement of an account from whoever keeps it."""
        account = statement.book.account
        if account in self._accounts:
            self._change(account, statement=statement)

    def _change(self, account: AccountName, **changes: object) -> None:
        self._accounts[account] = changed(self._accounts[account], **changes)  # type: ignore[arg-type]  # named above

    # --- showing --------------------------------------------------------------------------------

    def view(self, seq: int, now: datetime) -> View:
        """Everything as it stands, newest first."""
        orders = tuple(reversed(self._orders.values()))
        return View(
            seq=seq,
            at=now,
            accounts=dict(self._accounts),
            alerts=tuple(reversed(self._alerts.values())),
            orders=orders,
            stops=self._stops,
            tally=self._tally.copy(),
            needs_you=needs_you(
                stops=self._stops.in_force,
                orders=orders,
                differences=self._differences.values(),
                quarantined=self._quarantined.values(),
                still_held=self._still_in(),
                bare=self._unprotected(),
                missed=reversed(self._missed_exits),
                sign_ins=self._to_sign_in(),
            ),
            has_seen_alert=self._has_seen_alert,
            restarts=tuple(reversed(self._restarts)),
            calendar=self._calendar,
            differences=tuple(self._differences.values()),
        )

    def _to_sign_in(self) -> Iterator[NeedsYou]:
        for account, view in self._accounts.items():
            standing = view.sign_in
            if standing is not None and (standing.reason or standing.told is not None):
                resting = (
                    o
                    for o in self._orders.values()
                    if o.order.plan.account == account
                    if o.order.is_resting and not o.order.is_terminal
                )
                yield sign_in_due(account, standing, resting)

    def _still_in(self) -> Iterator[StillHeld]:
        """What was to be left before a close, as long as it is held, by what is held now."""
        for (account, strategy, symbol), event in self._still_held.items():
            book = self._accounts[account].statement.book
            if held := book.position(strategy, symbol).quantity:
                yield evolve(event, quantity=held)

    def _unprotected(self) -> Iterator[ProtectionRemoved]:
        """What somebody took the protection off, as long as it is held."""
        for key, event in tuple(self._bare.items()):
            account, strategy, symbol = key
            if self._accounts[account].statement.book.position(strategy, symbol).quantity:
                yield event
            else:
                del self._bare[key]


def new_model(accounts: tuple[AccountName, ...]) -> ReadModel:
    """What pages show before the first event."""
    return ReadModel({a: AccountView(account=a, statement=new_statement(a)) for a in accounts})
