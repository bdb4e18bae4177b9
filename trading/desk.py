"""What an account's risk decisions stand on: positions, live orders, undecided alerts, stops."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import field, frozen

from trading.bookkeeping import evolve_book
from trading.breaker import NO_STOPS, Stops, evolve_stops
from trading.changed import changed
from trading.events import (
    EVENT_TYPES,
    AccountParked,
    ActorStarted,
    AlertAccepted,
    AlertQuarantined,
    Event,
    Halted,
    OrderEvent,
    OrderPlanned,
    Resumed,
    SignalApproved,
    SignalHeld,
    SignalRefused,
    Tripped,
    VenueLost,
    VenueReady,
)
from trading.money import ZERO
from trading.orders import Order, evolve_order
from trading.positions import Book, roll
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
    """When the last approved signal of a kind came, and what tells it from a repetition."""

    client_id: str | None
    at: datetime
    position_size: Decimal | None = None


@frozen(kw_only=True, slots=False)
class Desk:
    """One account as its RiskActor sees it; a fold of its events.

    `held` are the undecided alerts that wait for the market to open, and until when. The last three
    follow from `orders`: which are live in a symbol, what live buys may still cost in dollars, how
    many are of unknown fate. They are kept up order by order: no backlog slows a decision down.
    """

    account: AccountName
    book: Book
    orders: Mapping[OrderId, Order] = {}
    undecided: Mapping[AlertId, AlertAccepted] = {}
    stops: Stops = NO_STOPS
    venue_ready: bool = False
    approved: Mapping[SignalKind, Approved] = {}
    last_fired: Mapping[tuple[StrategyName, Symbol], datetime] = {}
    held: Mapping[AlertId, datetime] = {}
    by_symbol: Mapping[Symbol, tuple[OrderId, ...]] = field(init=False, eq=False, repr=False)
    buying: Decimal = field(init=False, eq=False, repr=False)
    unknowns: int = field(init=False, eq=False, repr=False)

    @by_symbol.default
    def _by_symbol(self) -> Mapping[Symbol, tuple[OrderId, ...]]:
        found: dict[Symbol, tuple[OrderId, ...]] = {}
        for order_id, order in self.orders.items():
            found[order.plan.symbol] = (*found.get(order.plan.symbol, ()), order_id)
        return found

    @buying.default
    def _buying(self) -> Decimal:
        return sum((_cost(order) for order in self.orders.values()), ZERO)

    @unknowns.default
    def _unknowns(self) -> int:
        return sum(order.status is OrderStatus.UNKNOWN for order in self.orders.values())

    def live(
        self,
        symbol: Symbol | None = None,
        strategy: StrategyName | None = None,
        side: Side | None = None,
    ) -> Sequence[Order]:
        """Orders that can still fill: planned, under way, working or of unknown fate."""
        found: list[Order] = []
        for order_id in self.orders if symbol is None else self.by_symbol.get(symbol, ()):
            plan = self.orders[order_id].plan
            if strategy in (None, plan.strategy) and side in (None, plan.side):
                found.append(self.orders[order_id])
        return found

    def remaining(self, symbol: Symbol, side: Side) -> Decimal:
        """How much of a symbol could still be bought, or sold, by live orders."""
        return sum((o.exposed_quantity for o in self.live(symbol, side=side)), ZERO)

    def unknown(self) -> Sequence[Order]:
        """Orders sent whose outcome is not known."""
        if not self.unknowns:
            return ()
        return tuple(o for o in self.orders.values() if o.status is OrderStatus.UNKNOWN)


def new_desk(account: AccountName) -> Desk:
    """An account before its first event."""
    return Desk(account=account, book=Book(account=account))


# --- the fold -----------------------------------------------------------------------------------


FROM_ORDERS: Final = ("by_symbol", "buying", "unknowns")
"""The fields of a desk that follow from its orders."""

OF_SIGNALS: Final[Mapping[str, Any]] = {
    "undecided": {},
    "approved": {},
    "last_fired": {},
    "held": {},
}
"""The fields of a desk that only alerts and their decisions move, as they are before the first."""

Changes = dict[str, Any]
"""The fields of a desk that an event changes, with their new values."""


def evolve_desk(desk: Desk, event: Event) -> Desk:
    """The desk after one event; it never fails."""
    fold = FOLDS.get(type(event))
    changes = {} if fold is None else fold(desk, event)
    book = evolve_book(desk.book, event)
    if book is not desk.book:
        changes["book"] = book
    return changed(desk, **changes) if changes else desk


def priced(desk: Desk, alert: AlertAccepted) -> Desk:
    """The desk after what an alert says of the price, and nothing else of it."""
    book = evolve_book(desk.book, alert)
    return desk if book is desk.book else changed(desk, book=book)


def as_of(desk: Desk, at: datetime) -> Desk:
    """The desk at a later instant: past the end of the day its figures have started anew."""
    book = roll(desk.book, at)
    return desk if book is desk.book else changed(desk, book=book)


def _alert_accepted(desk: Desk, event: AlertAccepted) -> Changes:
    if desk.account not in event.routes:
        return {}
    return {"undecided": {**desk.undecided, event.alert_id: event}}


def _approved(desk: Desk, event: SignalApproved) -> Changes:
    alert = desk.undecided.get(event.alert_id)
    if alert is None or event.account != desk.account:
        return {}
    recent = dict(desk.approved)
    if len(recent) > MANY:
        recent = {k: a for k, a in recent.items() if event.at - a.at < REMEMBERED}
    recent[kind_of(alert)] = Approved(
        client_id=alert.client_id, at=alert.at, position_size=alert.position_size
    )
    changes = _decided(desk, event.alert_id) | {"approved": recent}
    if alert.fired_at is not None:
        fired = {**desk.last_fired, (alert.strategy, alert.symbol): alert.fired_at}
        changes["last_fired"] = fired
    return changes


def _refused(desk: Desk, event: SignalRefused | AlertQuarantined) -> Changes:
    if event.account != desk.account:
        return {}
    return _decided(desk, event.alert_id)


def _decided(desk: Desk, alert_id: AlertId) -> Changes:
    changes: Changes = {"undecided": _without(desk.undecided, alert_id)}
    if alert_id in desk.held:
        changes["held"] = _without(desk.held, alert_id)
    return changes


def _held(desk: Desk, event: SignalHeld) -> Changes:
    if event.account != desk.account or event.alert_id not in desk.undecided:
        return {}
    return {"held": {**desk.held, event.alert_id: event.until}}


def _planned(desk: Desk, event: OrderPlanned) -> Changes:
    if event.account != desk.account:
        return {}
    order = Order(plan=event)
    orders = {**desk.orders, event.order_id: order}
    if event.order_id in desk.orders:  # its key forbids that; then everything is counted anew
        anew = Desk(account=desk.account, book=desk.book, orders=orders)
        return {"orders": orders} | {name: getattr(anew, name) for name in FROM_ORDERS}
    in_symbol = (*desk.by_symbol.get(event.symbol, ()), event.order_id)
    return {
        "orders": orders,
        "by_symbol": {**desk.by_symbol, event.symbol: in_symbol},
        "buying": desk.buying + _cost(order),
    }


def _order_event(desk: Desk, event: OrderEvent) -> Changes:
    """Live orders only: one that ended leaves, so that cost stays flat as history grows."""
    before = desk.orders.get(event.order_id)
    if before is None or event.account != desk.account:
        return {}
    after = evolve_order(before, event)
    if after.is_terminal:
        changes = _gone(desk, before)
    else:
        changes = {"orders": {**desk.orders, event.order_id: after}}
        if not after.reserves_like(before):
            changes["buying"] = desk.buying - _cost(before) + _cost(after)
    was, now = before.status is OrderStatus.UNKNOWN, after.status is OrderStatus.UNKNOWN
    if was is not now:
        changes["unknowns"] = desk.unknowns - was + now
    return changes


def _gone(desk: Desk, order: Order) -> Changes:
    """An order that has ended reserves nothing and is in nobody's way."""
    order_id, symbol = order.plan.order_id, order.plan.symbol
    orders, by_symbol = _without(desk.orders, order_id), _without(desk.by_symbol, symbol)
    rest = tuple([other for other in desk.by_symbol[symbol] if other != order_id])
    if rest:
        by_symbol[symbol] = rest
    # From nothing at all each time, so that no sum drags the digits of former orders along.
    buying = desk.buying - _cost(order) if orders else ZERO
    return {"orders": orders, "by_symbol": by_symbol, "buying": buying}


def _stops(desk: Desk, event: Event) -> Changes:
    return {"stops": evolve_stops(desk.stops, event)}


def _venue(desk: Desk, event: VenueReady | VenueLost) -> Changes:
    if event.account != desk.account:
        return {}
    return {"venue_ready": isinstance(event, VenueReady)}


def _actor_started(desk: Desk, event: ActorStarted) -> Changes:
    return {"venue_ready": False} if event.actor == f"broker:{desk.account}" else {}


FOLDS: Final[Mapping[type[Event], Callable[[Desk, Any], Changes]]] = {
    AlertAccepted: _alert_accepted,
    SignalApproved: _approved,
    SignalRefused: _refused,
    AlertQuarantined: _refused,
    SignalHeld: _held,
    OrderPlanned: _planned,
    **{kind: _order_event for kind in EVENT_TYPES if issubclass(kind, OrderEvent)},
    Halted: _stops,
    Tripped: _stops,
    AccountParked: _stops,
    Resumed: _stops,
    VenueReady: _venue,
    VenueLost: _venue,
    ActorStarted: _actor_started,
}
"""What an event means to a desk beside its book, by the event's type."""


def kind_of(alert: AlertAccepted) -> SignalKind:
    """What another alert must share to be taken for a repetition of this one."""
    return (alert.strategy, alert.symbol, alert.action, alert.quantity)


def _cost(order: Order) -> Decimal:
    return order.reserved_value if order.plan.side is Side.BUY else ZERO


def _without(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    rest = dict(mapping)
    rest.pop(key, None)
    return rest
