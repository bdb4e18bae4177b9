"""How an account's desk follows from the facts."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from trading.again import evolve_exits
from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    SignalApproved,
    SignalHeld,
    SignalRead,
    SignalRefused,
    StillHeld,
)
from trading.bookings import ExternalTraded
from trading.bookkeeping import evolve_book
from trading.breaker import evolve_stops
from trading.changed import changed
from trading.desk import Approved, Desk, Held, cost_of, kind_of
from trading.differences import AccountReconciled, DifferenceExplained, DifferenceFound
from trading.event import Event
from trading.events import (
    EVENT_TYPES,
    AccountParked,
    ActorStarted,
    Halted,
    Healed,
    Resumed,
    Tripped,
    VenueLost,
    VenueReady,
)
from trading.guarding import evolve_guards
from trading.money import ZERO
from trading.order_events import OrderEvent, OrderPlanned
from trading.orders import Order, evolve_order
from trading.positions import Book, roll
from trading.sign_ins import VenueSignedIn, VenueSignedOut
from trading.vocabulary import (
    AlertId,
    OrderStatus,
    Origin,
    StrategyName,
    Symbol,
)


K = TypeVar("K")
V = TypeVar("V")

REMEMBERED = timedelta(hours=1)
"""How long an approved signal is remembered for comparison with the next one like it."""

MANY = 1_000
"""How many kinds are remembered before those past their time are dropped."""

FROM_ORDERS: Final = ("by_symbol", "buying", "unknowns")
"""The fields of a desk that follow from its orders."""

OF_SIGNALS: Final = dict[str, Any](
    undecided={}, approved={}, last_fired={}, held={}, read={}, flattened={}, still_held={}
)
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
        if desk.flattened or desk.still_held:
            changes |= _left(desk, book, changes)
    after = changed(desk, **changes) if changes else desk
    guards = evolve_guards(desk, after, event)
    again = evolve_exits(desk.again, desk.account, desk.orders, event)
    if guards is desk.guards and again is desk.again:
        return after
    return changed(after, guards=guards, again=again)


def _left(desk: Desk, book: Book, changes: Changes) -> Changes:
    """Of shares that have been left nothing is remembered that was asked or told of them."""

    def rest(of: Mapping[tuple[StrategyName, Symbol], V]) -> Mapping[Any, V]:
        return {share: it for share, it in of.items() if book.position(*share).quantity}

    flattened = changes.get("flattened", desk.flattened)
    still_held = changes.get("still_held", desk.still_held)
    return {"flattened": rest(flattened), "still_held": rest(still_held)}


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
    changes: Changes = {"undecided": {**desk.undecided, event.alert_id: event}}
    if event.origin is Origin.SCHEDULE:
        share = (event.strategy, event.symbol)
        changes["flattened"] = {**desk.flattened, share: event.at}
    return changes


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
    if alert_id in desk.read:
        changes["read"] = _without(desk.read, alert_id)
    return changes


def _held(desk: Desk, event: SignalHeld) -> Changes:
    if event.account != desk.account or event.alert_id not in desk.undecided:
        return {}
    held = Held(until=event.until, code=event.code)
    return {"held": {**desk.held, event.alert_id: held}}


def _read(desk: Desk, event: SignalRead) -> Changes:
    if event.account != desk.account or event.alert_id not in desk.undecided:
        return {}
    return {"read": {**desk.read, event.alert_id: event.before}}


def _still_held(desk: Desk, event: StillHeld) -> Changes:
    if event.account != desk.account:
        return {}
    share = (event.strategy, event.symbol)
    return {"still_held": {**desk.still_held, share: event.code}}


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
        "buying": desk.buying + cost_of(order),
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
            changes["buying"] = desk.buying - cost_of(before) + cost_of(after)
    if after.executions is not before.executions:
        changes["reads"] = 0
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
    buying = desk.buying - cost_of(order) if orders else ZERO
    return {"orders": orders, "by_symbol": by_symbol, "buying": buying}


def _stops(desk: Desk, event: Event) -> Changes:
    return {"stops": evolve_stops(desk.stops, event)}


def _venue(desk: Desk, event: VenueReady | VenueLost) -> Changes:
    if event.account != desk.account:
        return {}
    return {"venue_ready": isinstance(event, VenueReady)}


def _actor_started(desk: Desk, event: ActorStarted) -> Changes:
    return {"venue_ready": False} if event.actor == f"broker:{desk.account}" else {}


def _difference(desk: Desk, event: DifferenceFound | DifferenceExplained) -> Changes:
    if event.account != desk.account:
        return {}
    if isinstance(event, DifferenceFound):
        return {"differences": {**desk.differences, event.key: event}}
    return {"differences": _without(desk.differences, event.key)}


def _reconciled(desk: Desk, event: AccountReconciled) -> Changes:
    if event.account != desk.account:
        return {}
    return {"reconciled_at": event.upto, "reads": desk.reads + 1}


def _traded_outside(desk: Desk, event: ExternalTraded) -> Changes:
    return {"reads": 0} if event.account == desk.account else {}


def _signed_in(desk: Desk, event: VenueSignedIn) -> Changes:
    return {"signed_in_until": event.until} if event.account == desk.account else {}


def _signed_out(desk: Desk, event: VenueSignedOut) -> Changes:
    return {"signed_in_until": event.at} if event.account == desk.account else {}


FOLDS: Final[Mapping[type[Event], Callable[[Desk, Any], Changes]]] = {
    AlertAccepted: _alert_accepted,
    SignalApproved: _approved,
    SignalRefused: _refused,
    AlertQuarantined: _refused,
    SignalHeld: _held,
    SignalRead: _read,
    StillHeld: _still_held,
    OrderPlanned: _planned,
    **{kind: _order_event for kind in EVENT_TYPES if issubclass(kind, OrderEvent)},
    ExternalTraded: _traded_outside,
    Halted: _stops,
    Tripped: _stops,
    AccountParked: _stops,
    Resumed: _stops,
    Healed: _stops,
    VenueReady: _venue,
    VenueLost: _venue,
    ActorStarted: _actor_started,
    DifferenceFound: _difference,
    DifferenceExplained: _difference,
    AccountReconciled: _reconciled,
    VenueSignedIn: _signed_in,
    VenueSignedOut: _signed_out,
}
"""What an event means to a desk beside its book, by the event's type."""


def _without(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    rest = dict(mapping)
    rest.pop(key, None)
    return rest
