"""What the dashboard shows: immutable, published whole, read by any thread."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import frozen

from actors.tally import NO_TALLY, Tally
from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    AlertUnreadable,
    SignalApproved,
    SignalHeld,
    SignalRefused,
)
from trading.breaker import Stops
from trading.changed import changed
from trading.differences import DifferenceFound
from trading.event import Event
from trading.events import ActorStarted
from trading.order_events import OrderEvent, OrderFilled, OrderPlanned
from trading.orders import Order, evolve_order
from trading.positions import Book
from trading.sessions import Calendar, in_new_york
from trading.sign_ins import Standing
from trading.statement import Statement
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    Code,
    OrderId,
    OrderStatus,
    Origin,
    StrategyName,
    Symbol,
)
from trading.words import in_words


class Verdict(StrEnum):
    """What became of an alert; `recorded` is the end of one that no account was to decide."""

    PENDING = "pending"
    ORDERED = "ordered"
    REFUSED = "refused"
    EXPIRED = "expired"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    RECORDED = "recorded"


EXPIRED: Final = frozenset({Code.STALE, Code.BROKER_NOT_READY, Code.UNKNOWN_ORDER})
"""Refusals that mean "too late", not "no"."""

GRAVITY: Final = (
    Verdict.PENDING,
    Verdict.QUARANTINED,
    Verdict.EXPIRED,
    Verdict.REFUSED,
    Verdict.ORDERED,
)
"""Which of several accounts' decisions stands for the alert: pending first, then the gravest."""


UNDER_WAY: Final = frozenset({OrderStatus.PLANNED, OrderStatus.SUBMITTED})
"""Statuses of an order that a clean stop waits for."""


@frozen(kw_only=True)
class DecisionView:
    """One account's decision on an alert; pending with a code is one that waits for the market."""

    verdict: Verdict
    code: str = ""
    inputs: Mapping[str, str] = {}
    order_id: OrderId | None = None


WAITING: Final = DecisionView(verdict=Verdict.PENDING)
APPROVED: Final = DecisionView(verdict=Verdict.ORDERED)
QUARANTINED: Final = DecisionView(verdict=Verdict.QUARANTINED, code=str(Code.QUARANTINED))


@frozen(kw_only=True, slots=False)
class AlertView:
    """One alert and what became of it, account by account; `reason` is for people."""

    alert_id: AlertId
    received_at: datetime
    strategy: StrategyName | None
    symbol: Symbol | None = None
    action: Action | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    origin: Origin = Origin.WEBHOOK
    decisions: Mapping[AccountName, DecisionView] = {}
    verdict: Verdict = Verdict.PENDING
    code: str = ""
    reason: str = ""

    @property
    def is_in_hand(self) -> bool:
        """Whether a decision on it is to be expected now, and not when the market opens."""
        if self.verdict is not Verdict.PENDING:
            return False
        return any(d.verdict is Verdict.PENDING and not d.code for d in self.decisions.values())


@frozen(kw_only=True, slots=False)
class OrderView:
    """One order with the instants of its plan and of its last change.

    `asked_at` is when its alert was accepted, None where only the order's own past is known.
    """

    order: Order
    planned_at: datetime
    changed_at: datetime
    label: str = ""
    asked_at: datetime | None = None


@frozen(kw_only=True, slots=False)
class AccountView:
    """One account: its statement, whether its venue answers, and the venue's last word on cash.

    `sign_in` is how it stands with a venue where people sign in, None at all others.
    `rehearsal`: its venue is a simulator, or made trouble on purpose; no performance counts it.
    """

    account: AccountName
    statement: Statement
    venue_ready: bool = False
    venue_reason: str = "connecting"
    venue_cash: Decimal | None = None
    sign_in: Standing | None = None
    rehearsal: bool = False

    @property
    def book(self) -> Book:
        """What it holds."""
        return self.statement.book


@frozen(kw_only=True)
class NeedsYou:
    """Something that waits for a person: what happened, since when, what it means."""

    since: datetime
    what: str
    meaning: str


@frozen(kw_only=True)
class View:
    """Everything current and the last 200 alerts and orders, as of `seq`; newest first.

    `restarts` are the last 200 starts after a death.
    """

    seq: int = 0
    at: datetime | None = None
    accounts: Mapping[AccountName, AccountView] = {}
    alerts: tuple[AlertView, ...] = ()
    orders: tuple[OrderView, ...] = ()
    stops: Stops = Stops()  # noqa: RUF009 - immutable
    tally: Tally = NO_TALLY
    needs_you: tuple[NeedsYou, ...] = ()
    has_seen_alert: bool = False
    restarts: tuple[ActorStarted, ...] = ()
    calendar: Calendar = Calendar()  # noqa: RUF009 - immutable
    differences: tuple[DifferenceFound, ...] = ()

    @property
    def unfinished(self) -> int:
        """How many alerts are to be decided now, and orders were planned or sent without an
        outcome: what a clean stop waits for. Counted when it is asked for, not in every view.
        """
        in_hand = sum(alert.is_in_hand for alert in self.alerts)
        return in_hand + sum(order.order.status in UNDER_WAY for order in self.orders)

    def alert(self, alert_id: str) -> AlertView | None:
        """The alert of this id, if it is among those held here."""
        return next((a for a in self.alerts if a.alert_id == alert_id), None)


# --- folding ------------------------------------------------------------------------------------


Decision: TypeAlias = SignalApproved | SignalHeld | SignalRefused | AlertQuarantined | OrderPlanned
"""What an account may say to an alert; an order is planned beside an approval."""


def evolve_alert(alert: AlertView | None, event: Event) -> AlertView | None:
    """An alert after one event about it; None before it was accepted or found unreadable."""
    if isinstance(event, AlertAccepted | AlertUnreadable):
        return first_view(event)
    if alert is None or not isinstance(event, Decision):
        return alert
    return decided(alert, event)


def first_view(event: AlertAccepted | AlertUnreadable) -> AlertView:
    """An alert as it came in."""
    if isinstance(event, AlertUnreadable):
        return AlertView(
            alert_id=event.alert_id,
            received_at=event.at,
            strategy=event.strategy,
            verdict=Verdict.REJECTED,
            code="INVALID_ALERT",
            reason="; ".join(event.faults),
        )
    return AlertView(
        alert_id=event.alert_id,
        received_at=event.at,
        strategy=event.strategy,
        symbol=event.symbol,
        action=event.action,
        quantity=event.quantity,
        price=event.price,
        origin=event.origin,
        decisions=dict.fromkeys(event.routes, WAITING),
        verdict=Verdict.PENDING if event.routes else Verdict.RECORDED,
    )


def decided(alert: AlertView, event: Decision) -> AlertView:
    """An alert after an account has decided it."""
    worst = decision = _decision(event)
    decisions = {**alert.decisions, event.account: decision}
    if len(decisions) > 1:
        worst = min(decisions.values(), key=lambda d: GRAVITY.index(d.verdict))
    return changed(
        alert,
        decisions=decisions,
        verdict=worst.verdict,
        code=worst.code,
        reason=in_words(worst.code, worst.inputs) if worst.code else "",
    )


def _decision(event: Decision) -> DecisionView:
    match event:
        case SignalApproved():
            return APPROVED
        case OrderPlanned():
            return DecisionView(verdict=Verdict.ORDERED, order_id=event.order_id)
        case SignalHeld(code=code, until=until):
            inputs = {"waits_until": in_new_york(until)}
            return DecisionView(verdict=Verdict.PENDING, code=str(code), inputs=inputs)
        case AlertQuarantined():
            return QUARANTINED
        case SignalRefused():
            verdict = Verdict.EXPIRED if event.code in EXPIRED else Verdict.REFUSED
            return DecisionView(verdict=verdict, code=str(event.code), inputs=event.inputs)


def evolve_order_view(view: OrderView | None, event: Event) -> OrderView | None:
    """An order after one event about it; None before it was planned."""
    if isinstance(event, OrderPlanned):
        return OrderView(order=Order(plan=event), planned_at=event.at, changed_at=event.at)
    if view is None or not isinstance(event, OrderEvent):
        return view
    return moved(view, event)


def moved(view: OrderView, event: OrderEvent) -> OrderView:
    """An order after one more event of its life."""
    order = evolve_order(view.order, event)
    if isinstance(event, OrderFilled):
        return changed(view, order=order, changed_at=event.at, label=event.label)
    return changed(view, order=order, changed_at=event.at)
