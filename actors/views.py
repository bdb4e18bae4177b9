"""What the dashboard shows: immutable, published whole, read by any thread."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from trading.breaker import Stops
from trading.orders import Order
from trading.positions import Book
from trading.vocabulary import AccountName, Action, AlertId, OrderId, StrategyName, Symbol


class Verdict(StrEnum):
    """What became of an alert; `recorded` is the end of one that no account was to decide."""

    PENDING = "pending"
    ORDERED = "ordered"
    REFUSED = "refused"
    EXPIRED = "expired"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    RECORDED = "recorded"


@frozen(kw_only=True)
class DecisionView:
    """One account's decision on an alert."""

    verdict: Verdict
    code: str = ""
    inputs: Mapping[str, str] = {}
    order_id: OrderId | None = None


@frozen(kw_only=True)
class AlertView:
    """One alert and what became of it, account by account; `reason` is for people."""

    alert_id: AlertId
    received_at: datetime
    strategy: StrategyName | None
    symbol: Symbol | None = None
    action: Action | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    decisions: Mapping[AccountName, DecisionView] = {}
    verdict: Verdict = Verdict.PENDING
    code: str = ""
    reason: str = ""


@frozen(kw_only=True)
class OrderView:
    """One order with the instants of its plan and of its last change."""

    order: Order
    planned_at: datetime
    changed_at: datetime
    label: str = ""


@frozen(kw_only=True)
class AccountView:
    """One account: its book, whether its venue answers, and the venue's last word on cash."""

    account: AccountName
    book: Book
    venue_ready: bool = False
    venue_reason: str = "connecting"
    venue_cash: Decimal | None = None


@frozen(kw_only=True)
class NeedsYou:
    """Something that waits for a person: what happened, since when, what it means."""

    since: datetime
    what: str
    meaning: str


@frozen(kw_only=True)
class View:
    """Everything current and the last 200 alerts and orders, as of `seq`; newest first.

    `unfinished` counts alerts without a decision and orders that were planned or sent without an
    outcome: what a clean stop waits for.
    """

    seq: int = 0
    at: datetime | None = None
    accounts: Mapping[AccountName, AccountView] = {}
    alerts: tuple[AlertView, ...] = ()
    orders: tuple[OrderView, ...] = ()
    stops: Stops = Stops()  # noqa: RUF009 - immutable
    needs_you: tuple[NeedsYou, ...] = ()
    has_seen_alert: bool = False
    unfinished: int = 0

    def alert(self, alert_id: str) -> AlertView | None:
        """The alert of this id, if it is among those held here."""
        return next((a for a in self.alerts if a.alert_id == alert_id), None)
