"""Alerts and orders page by page, newest first, back to the first one ever."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Generic, TypeVar

from attrs import evolve, frozen

from actors.views import AlertView, DecisionView, OrderView, Verdict, View
from journal import Reader, Recorded
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
ALERTS: Final = (AlertAccepted, AlertUnreadable)
PREFIX_REACH: Final = 10_000
"""Among how many of the newest alerts the beginning of an id is looked for."""

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """Some items and where the next page begins; None at the end."""

    items: tuple[T, ...]
    next: str | None


# --- pages --------------------------------------------------------------------------------------
#
# The journal says what there is and in which order, so that nothing is given twice or left out
# while new things arrive; what the view holds is taken from there, only what is older is folded.


def orders_page(
    reader: Reader, view: View, *, limit: int, before: int | None, account: AccountName | None
) -> Page[OrderView]:
    """Orders, newest first; `before` is where the page before ended."""
    held = {o.order.plan.order_id: o for o in view.orders}
    records = reader.events(
        types=(OrderPlanned,), account=account, upto=_upto(before), newest_first=True
    )

    def shown(event: Event) -> OrderView | None:
        assert isinstance(event, OrderPlanned)  # noqa: S101 - the only type asked for
        return held.get(event.order_id) or order_of(reader, event.order_id)

    return _page(records, shown, limit)


def alerts_page(
    reader: Reader, view: View, *, limit: int, before: int | None, account: AccountName | None
) -> Page[AlertView]:
    """Alerts, newest first; of one account those that were routed to it."""
    held = {a.alert_id: a for a in view.alerts}
    records = reader.events(types=ALERTS, upto=_upto(before), newest_first=True)

    def shown(event: Event) -> AlertView | None:
        assert isinstance(event, AlertAccepted | AlertUnreadable)  # noqa: S101 - types asked for
        if account is not None and account not in getattr(event, "routes", ()):
            return None
        return held.get(event.alert_id) or alert_of(reader, event.alert_id)

    return _page(records, shown, limit)


def _page(records: Iterable[Recorded], shown: Callable[[Event], T | None], limit: int) -> Page[T]:
    """One more than asked for is looked at, to know whether there is a next page."""
    found = ((r.seq, item) for r in records if (item := shown(r.event)) is not None)
    rows = list(islice(found, limit + 1))
    more = len(rows) > limit
    items = tuple(item for _, item in rows[:limit])
    return Page(items, _cursor(rows[limit - 1][0]) if more else None)


def _upto(before: int | None) -> int | None:
    return None if before is None else before - 1


def _cursor(seq: int) -> str:
    return base64.urlsafe_b64encode(b"%d" % seq).decode().rstrip("=")


def read_cursor(text: str) -> int | None:
    """Where a page ended, from what it gave as `next`; None where it gave no such thing."""
    try:
        seq = int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    return seq if 0 < seq < 2**63 else None


# --- one of them --------------------------------------------------------------------------------


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


def alert_ids(reader: Reader, prefix: str) -> Iterator[AlertId]:
    """The ids that begin so, newest first, among the newest alerts."""
    records = reader.events(types=ALERTS, newest_first=True, limit=PREFIX_REACH)
    for record in records:
        event = record.event
        if isinstance(event, ALERTS) and event.alert_id.startswith(prefix):
            yield event.alert_id


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
