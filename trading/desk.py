"""What an account's risk decisions stand on: positions, live orders, undecided alerts, stops."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from trading.again import Again
from trading.alert_events import (
    AlertAccepted,
)
from trading.breaker import NO_STOPS, Stops
from trading.differences import DifferenceFound, DifferenceKey
from trading.guards import Guard
from trading.marks import Shown
from trading.money import ZERO
from trading.orders import Order
from trading.positions import Book
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    Code,
    OrderId,
    OrderStatus,
    Side,
    StrategyName,
    Symbol,
)


SHORT_MARGIN: Final = Decimal("0.5")
"""What a short sale needs beside what it brings in, as a part of its value (Regulation T)."""

SignalKind = tuple[StrategyName, Symbol, Action, Decimal | None]
"""What makes two signals look the same: strategy, symbol, action and size."""


@frozen(kw_only=True)
class Approved:
    """When the last approved signal of a kind came, and what tells it from a repetition."""

    client_id: str | None
    at: datetime
    position_size: Decimal | None = None


@frozen(kw_only=True)
class Held:
    """Until when an alert waits, and what for."""

    until: datetime
    code: Code


@frozen(kw_only=True, slots=False)
class Desk:
    """One account as its RiskActor sees it; a fold of its events.

    `held` are the undecided alerts that wait for the market to open, or for what they reverse to be
    closed; `read` is what strategies held before those that do not say it. `flattened` is when our
    clock last asked for a share to be left, `still_held` what a person was told of
    shares that were to be left. `guards` say what protects each share, `again` which exits are to
    be planned once more. `differences` are in what the venue says otherwise than the book, and
    `reconciled_at` is until when everything that the venue did is known to be in it, `reads` how
    often that has been found since the last execution. Where people
    sign in at the venue, `signed_in_until` is until when. `shown` is no fact and is not folded:
    who decides knows when a market last showed each symbol. The last three follow from `orders`:
    which are live in a symbol, what live buys may still cost in dollars, how many are of unknown
    fate. They are kept up order by order: no backlog slows a decision down.
    """

    account: AccountName
    book: Book
    orders: Mapping[OrderId, Order] = {}
    undecided: Mapping[AlertId, AlertAccepted] = {}
    stops: Stops = NO_STOPS
    venue_ready: bool = False
    approved: Mapping[SignalKind, Approved] = {}
    last_fired: Mapping[tuple[StrategyName, Symbol], datetime] = {}
    held: Mapping[AlertId, Held] = {}
    read: Mapping[AlertId, Decimal] = {}
    flattened: Mapping[tuple[StrategyName, Symbol], datetime] = {}
    still_held: Mapping[tuple[StrategyName, Symbol], Code] = {}
    differences: Mapping[DifferenceKey, DifferenceFound] = {}
    reconciled_at: datetime | None = None
    reads: int = 0
    signed_in_until: datetime | None = None
    guards: Mapping[tuple[StrategyName, Symbol], Guard] = {}
    again: Mapping[OrderId, Again] = {}
    shown: Mapping[Symbol, Shown] = {}
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
        return sum((cost_of(order) for order in self.orders.values()), ZERO)

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
        return at_worst(self.live(symbol, side=side))

    def unknown(self) -> Sequence[Order]:
        """Orders sent whose outcome is not known."""
        if not self.unknowns:
            return ()
        return tuple(o for o in self.orders.values() if o.status is OrderStatus.UNKNOWN)


def new_desk(account: AccountName) -> Desk:
    """An account before its first event."""
    return Desk(account=account, book=Book(account=account))


def kind_of(alert: AlertAccepted) -> SignalKind:
    """What another alert must share to be taken for a repetition of this one."""
    return (alert.strategy, alert.symbol, alert.action, alert.quantity)


def at_worst(orders: Iterable[Order]) -> Decimal:
    """How much these orders may still fill; of those tied to each other only one can."""
    alone, tied = ZERO, dict[str, Decimal]()
    for order in orders:
        oco_id, quantity = order.plan.oco_id, order.exposed_quantity
        if oco_id is None:
            alone += quantity
        else:
            tied[oco_id] = max(tied.get(oco_id, ZERO), quantity)
    return sum(tied.values(), alone)


def cost_of(order: Order) -> Decimal:
    """The dollars that an order of ours may still need: of a short sale its margin, of an exit
    none. What buys back a short is set aside while it is open.
    """
    if not order.is_entry:
        return ZERO
    reserved = order.reserved_value
    return reserved if order.plan.side is Side.BUY else reserved * SHORT_MARGIN
