"""What a start must not change: where an account points, and who answers for what is still open."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from trading.alert_events import AlertAccepted, AlertQuarantined, SignalApproved, SignalRefused
from trading.bookings import Booking
from trading.bookkeeping import FOLDS, evolve_book
from trading.event import Event
from trading.events import AccountOpened, SettingsApplied
from trading.in_force import AccountInForce
from trading.money import ZERO, plain
from trading.order_events import OrderEvent, OrderPlanned
from trading.orders import Order, evolve_order
from trading.positions import Book
from trading.vocabulary import (
    AccountName,
    AlertId,
    OrderId,
    OrderStatus,
    Sides,
    StrategyName,
    Symbol,
)


OPEN_FACTS: Final = (
    OrderPlanned,
    OrderEvent,
    AlertAccepted,
    SignalApproved,
    SignalRefused,
    AlertQuarantined,
    AccountOpened,
    Booking,
)
"""The events that `open_ends` folds."""

PUT_BACK: Final = "put it back (with `retired: true` it may only leave what it has)"


LEAVES_FIRST: Final = "give it back its sides until that is gone (`retired: true`: exits only)"


@frozen
class OpenEnd:
    """Something that an account and a strategy are still answerable for, as a sentence.

    The strategy is None where the account alone can end it. `quantity` are the shares that are
    held or may come to be, below 0 where they are short.
    """

    account: AccountName
    strategy: StrategyName | None
    what: str
    quantity: Decimal = ZERO


@frozen
class Objection:
    """Why the daemon must not start by these settings; `path` is the setting to mend."""

    path: tuple[str, ...]
    message: str


def objections(
    now: SettingsApplied,
    known: Mapping[AccountName, AccountInForce],
    ends: Iterable[OpenEnd],
    allowed: Mapping[StrategyName, Sides],
) -> Iterator[Objection]:
    """Every account that points elsewhere than it did, and every open end left to nobody, or to
    a strategy that may not have it any more.

    `known` is each account as it was last in force, `allowed` which sides each strategy had.
    """
    for account in now.accounts:
        if account.account in known:
            yield from _moved(known[account.account], account)
    accounts = {one.account for one in now.accounts}
    routes = {one.strategy: one.accounts for one in now.strategies}
    sides = {one.strategy: one.sides for one in now.strategies}
    for end in ends:
        if end.account not in accounts:
            yield Objection(("accounts", end.account), f"is gone, but {end.what}; {PUT_BACK}")
        if end.strategy is None:
            continue
        if end.strategy not in routes:
            yield Objection(("strategies", end.strategy), f"is gone, but {end.what}; {PUT_BACK}")
        elif end.account not in routes[end.strategy]:
            message = f"no longer names {end.account}, but {end.what}; name it again"
            yield Objection(("strategies", end.strategy, "accounts"), message)
        # What came about against its sides is no reason to stay away: its breaker sees to that.
        elif _was_allowed(allowed, end) and not sides[end.strategy].may_hold(end.quantity):
            message = f"is {sides[end.strategy]}, but {end.what}; {LEAVES_FIRST}"
            yield Objection(("strategies", end.strategy, "sides"), message)


def _was_allowed(allowed: Mapping[StrategyName, Sides], end: OpenEnd) -> bool:
    """Whether its strategy could have this by the sides that it had."""
    had = None if end.strategy is None else allowed.get(end.strategy)
    return had is not None and had.may_hold(end.quantity)


def may_leave_ends(before: SettingsApplied, now: SettingsApplied) -> bool:
    """Whether an account, a strategy, a route or a side of one is gone since the last start."""
    accounts = {one.account for one in now.accounts}
    sides = {one.strategy: one.sides for one in now.strategies}
    if any(sides.get(one.strategy, one.sides) is not one.sides for one in before.strategies):
        return True
    routes = {one.strategy: set(one.accounts) for one in now.strategies}
    return any(one.account not in accounts for one in before.accounts) or any(
        one.strategy not in routes or not routes[one.strategy].issuperset(one.accounts)
        for one in before.strategies
    )


def _moved(was: AccountInForce, now: AccountInForce) -> Iterator[Objection]:
    if was.broker != now.broker:
        message = (
            f"{now.account} was at {was.broker} and its books are kept from there; "
            f"write {was.broker} again, or give the account at {now.broker} a name of its own"
        )
        yield Objection(("accounts", now.account, "broker"), message)
    elif now.number and was.number != now.number:
        message = (
            f"is not the number that {now.account} had, and its books are of that account; "
            "write the former number again, or give this account a name of its own"
        )
        yield Objection(("accounts", now.account, "account_number"), message)


# --- what is open -------------------------------------------------------------------------------


def open_ends(events: Iterable[Event]) -> tuple[OpenEnd, ...]:
    """Positions held, orders that may still fill, and alerts nobody has decided."""
    books: dict[AccountName, Book] = {}
    orders: dict[OrderId, Order] = {}
    waiting: dict[tuple[AlertId, AccountName], AlertAccepted] = {}
    for event in events:
        match event:
            case AlertAccepted():
                waiting |= {(event.alert_id, account): event for account in event.routes}
            case SignalApproved() | SignalRefused() | AlertQuarantined():
                waiting.pop((event.alert_id, event.account), None)
            case OrderPlanned():
                orders[event.order_id] = Order(plan=event)
            case OrderEvent():
                _follow(orders, event)
                _keep(books, event.account, event)
            case AccountOpened() | Booking():
                _keep(books, event.account, event)
            case _:
                pass
    return (
        *(end for _, book in sorted(books.items()) for end in _shares(book)),
        *(_order(order) for order in orders.values() if not order.is_terminal),
        *(_alert(account, alert) for (_, account), alert in waiting.items()),
    )


def _keep(books: dict[AccountName, Book], account: AccountName, event: Event) -> None:
    if type(event) in FOLDS:
        books[account] = evolve_book(books.get(account) or Book(account=account), event)


def _shares(book: Book) -> Iterator[OpenEnd]:
    """What strategies hold; what is external needs none of them."""
    for (strategy, symbol), position in sorted(book.positions.items()):
        if position.quantity:
            yield _position(book.account, strategy, symbol, position.quantity)


def _follow(orders: dict[OrderId, Order], event: OrderEvent) -> None:
    """Let go of an order that ended; one that was not found may be found yet."""
    order = orders.get(event.order_id)
    if order is None:
        return
    order = orders[event.order_id] = evolve_order(order, event)
    if order.is_terminal and order.status is not OrderStatus.ABSENT:
        del orders[event.order_id]


def _position(
    account: AccountName, strategy: StrategyName, symbol: Symbol, quantity: Decimal
) -> OpenEnd:
    holds = "holds" if quantity > 0 else "is short"
    return OpenEnd(
        account,
        strategy,
        f"{strategy} {holds} {plain(abs(quantity))} {symbol} on {account}",
        quantity,
    )


def _order(order: Order) -> OpenEnd:
    plan = order.plan
    asked = f"{plan.side} {plain(order.remaining_quantity)} {plan.symbol}"
    fate = (
        "was sent and its fate is not known"
        if order.status is OrderStatus.UNKNOWN
        else f"is {order.status}"
    )
    what = f"order {plan.order_id} of {plan.strategy} on {plan.account} ({asked}) {fate}"
    coming = plan.side.sign * order.exposed_quantity if order.is_entry else ZERO
    return OpenEnd(plan.account, plan.strategy, what, coming)


def _alert(account: AccountName, alert: AlertAccepted) -> OpenEnd:
    what = (
        f"alert {alert.alert_id} of {alert.strategy} ({alert.action} {alert.symbol}) "
        f"is accepted and not yet decided on {account}"
    )
    return OpenEnd(account, None, what)  # one of a strategy that is gone is decided as such
