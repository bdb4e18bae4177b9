"""What an account's risk decisions stand on: positions, live orders, undecided alerts, stops."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from attrs import evolve, frozen

from trading.breaker import NO_STOPS, Stops, evolve_stops
from trading.events import (
    AccountParked,
    ActorStarted,
    AlertAccepted,
    AlertQuarantined,
    Event,
    Halted,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
    Resumed,
    SignalApproved,
    SignalRefused,
    Tripped,
    VenueLost,
    VenueReady,
)
from trading.money import ZERO
from trading.orders import Order, evolve_order
from trading.positions import Book, evolve_book
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    OrderId,
    OrderStatus,
    Side,
    StrategyName,
    Symbol,
)


K = TypeVar("K")
V = TypeVar("V")

REMEMBERED = timedelta(hours=1)
"""How long an approved signal is remembered for comparison with the next one like it."""

MANY = 1_000
"""How many kinds are remembered before those past their time are dropped."""

SignalKind = tuple[StrategyName, Symbol, Action, Decimal | None]
"""What makes two signals look the same: strategy, symbol, action and size."""


@frozen(kw_only=True)
class Approved:
    """When the last approved signal of a kind came, and under which id of its sender."""

    client_id: str | None
    at: datetime


@frozen(kw_only=True)
class Desk:
    """One account as its RiskActor sees it; a fold of its events."""

    account: AccountName
    book: Book
    orders: Mapping[OrderId, Order] = {}
    undecided: Mapping[AlertId, AlertAccepted] = {}
    stops: Stops = NO_STOPS
    venue_ready: bool = False
    approved: Mapping[SignalKind, Approved] = {}
    last_fired: Mapping[tuple[StrategyName, Symbol], datetime] = {}

    def live(
        self,
        symbol: Symbol | None = None,
        strategy: StrategyName | None = None,
        side: Side | None = None,
    ) -> Iterator[Order]:
        """Orders that can still fill: planned, under way, working or of unknown fate."""
        for order in self.orders.values():
            plan = order.plan
            if (
                symbol in (None, plan.symbol)
                and strategy in (None, plan.strategy)
                and side in (None, plan.side)
            ):
                yield order

    def remaining(self, symbol: Symbol, side: Side) -> Decimal:
        """How much of a symbol could still be bought, or sold, by live orders."""
        return sum((o.remaining_quantity for o in self.live(symbol, side=side)), ZERO)

    def unknown(self) -> Iterator[Order]:
        """Orders sent whose outcome is not known."""
        return (o for o in self.orders.values() if o.status is OrderStatus.UNKNOWN)


def new_desk(account: AccountName) -> Desk:
    """An account before its first event."""
    return Desk(account=account, book=Book(account=account))


def evolve_desk(desk: Desk, event: Event) -> Desk:
    """The desk after one event; it never fails."""
    book = evolve_book(desk.book, event)
    match event:
        case AlertAccepted() if desk.account in event.routes:
            return evolve(desk, book=book, undecided={**desk.undecided, event.alert_id: event})
        case OrderFilled() if event.account == desk.account and event.order_id in desk.orders:
            return evolve(desk, book=book, orders=_order_evolved(desk.orders, event))
    if book is not desk.book:
        desk = evolve(desk, book=book)
    match event:
        case SignalApproved() if event.account == desk.account:
            return _approved(desk, event)
        case SignalRefused() | AlertQuarantined() if event.account == desk.account:
            return evolve(desk, undecided=_without(desk.undecided, event.alert_id))
        case OrderPlanned() if event.account == desk.account:
            return evolve(desk, orders={**desk.orders, event.order_id: Order(plan=event)})
        case OrderEvent() if event.account == desk.account and event.order_id in desk.orders:
            return evolve(desk, orders=_order_evolved(desk.orders, event))
        case Halted() | Tripped() | AccountParked() | Resumed():
            return evolve(desk, stops=evolve_stops(desk.stops, event))
        case VenueReady(account=desk.account):
            return evolve(desk, venue_ready=True)
        case VenueLost(account=desk.account):
            return evolve(desk, venue_ready=False)
        case ActorStarted(actor=actor) if actor == f"broker:{desk.account}":
            return evolve(desk, venue_ready=False)
        case _:
            return desk


def kind_of(alert: AlertAccepted) -> SignalKind:
    """What another alert must share to be taken for a repetition of this one."""
    return (alert.strategy, alert.symbol, alert.action, alert.quantity)


def _approved(desk: Desk, event: SignalApproved) -> Desk:
    alert = desk.undecided.get(event.alert_id)
    if alert is None:
        return desk
    recent = dict(desk.approved)
    if len(recent) > MANY:
        recent = {k: a for k, a in recent.items() if event.at - a.at < REMEMBERED}
    recent[kind_of(alert)] = Approved(client_id=alert.client_id, at=alert.at)
    fired = desk.last_fired
    if alert.fired_at is not None:
        fired = {**fired, (alert.strategy, alert.symbol): alert.fired_at}
    return evolve(
        desk,
        undecided=_without(desk.undecided, event.alert_id),
        approved=recent,
        last_fired=fired,
    )


def _order_evolved(orders: Mapping[OrderId, Order], event: OrderEvent) -> Mapping[OrderId, Order]:
    """Live orders only: one that ended leaves, so that cost stays flat as history grows."""
    order = evolve_order(orders[event.order_id], event)
    if order.is_terminal:
        return _without(orders, event.order_id)
    return {**orders, event.order_id: order}


def _without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    return {k: v for k, v in mapping.items() if k != key}
