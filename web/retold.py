"""One alert or one order, folded from its facts: what the view no longer holds."""

from typing import Final

from attrs import evolve

from actors.views import AlertView, DecisionView, OrderView, Verdict
from journal import Reader
from trading.events import (
    AlertAccepted,
    AlertUnreadable,
    Event,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
    SignalApproved,
    SignalRefused,
)
from trading.orders import Order, evolve_order
from trading.vocabulary import AccountName, AlertId, Code, OrderId
from trading.words import in_words


EXPIRED: Final = frozenset({Code.STALE, Code.BROKER_NOT_READY, Code.UNKNOWN_ORDER})
GRAVITY: Final = (
    Verdict.PENDING,
    Verdict.QUARANTINED,
    Verdict.EXPIRED,
    Verdict.REFUSED,
    Verdict.ORDERED,
)


def order_of(reader: Reader, order_id: OrderId) -> OrderView | None:
    """An order folded from its facts; None where there is none."""
    view: OrderView | None = None
    for record in reader.events(order_id=order_id):
        event = record.event
        if isinstance(event, OrderPlanned):
            view = OrderView(order=Order(plan=event), planned_at=event.at, changed_at=event.at)
        elif view is not None and isinstance(event, OrderEvent):
            label = event.label if isinstance(event, OrderFilled) else view.label
            order = evolve_order(view.order, event)
            view = evolve(view, order=order, changed_at=event.at, label=label)
    return view


def alert_of(reader: Reader, alert_id: AlertId) -> AlertView | None:
    """An alert and what became of it, folded from its facts; None where there is none."""
    alert: AlertView | None = None
    for record in reader.events(alert_id=alert_id):
        alert = _told(alert, record.event)
    return alert


def _told(alert: AlertView | None, event: Event) -> AlertView | None:
    match event:
        case AlertAccepted():
            return _accepted(event)
        case AlertUnreadable():
            return AlertView(
                alert_id=event.alert_id,
                received_at=event.at,
                strategy=event.strategy,
                verdict=Verdict.REJECTED,
                code="INVALID_ALERT",
                reason="; ".join(event.faults),
            )
        case SignalApproved() if alert is not None:
            return _decided(alert, event.account, DecisionView(verdict=Verdict.ORDERED))
        case SignalRefused() if alert is not None:
            verdict = Verdict.EXPIRED if event.code in EXPIRED else Verdict.REFUSED
            decision = DecisionView(verdict=verdict, code=event.code, inputs=event.inputs)
            return _decided(alert, event.account, decision)
        case OrderPlanned() if alert is not None:
            decision = DecisionView(verdict=Verdict.ORDERED, order_id=event.order_id)
            return _decided(alert, event.account, decision)
        case _:
            return alert


def _accepted(event: AlertAccepted) -> AlertView:
    waiting = DecisionView(verdict=Verdict.PENDING)
    return AlertView(
        alert_id=event.alert_id,
        received_at=event.at,
        strategy=event.strategy,
        symbol=event.symbol,
        action=event.action,
        quantity=event.quantity,
        price=event.price,
        decisions=dict.fromkeys(event.routes, waiting),
        verdict=Verdict.PENDING if event.routes else Verdict.RECORDED,
    )


def _decided(alert: AlertView, account: AccountName, decision: DecisionView) -> AlertView:
    decisions = {**alert.decisions, account: decision}
    worst = min(decisions.values(), key=lambda d: GRAVITY.index(d.verdict))
    return evolve(
        alert,
        decisions=decisions,
        verdict=worst.verdict,
        code=worst.code,
        reason=in_words(worst.code, worst.inputs) if worst.code else "",
    )
