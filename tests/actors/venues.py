"""A venue that does what the test says, and writes down what it was asked."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from brokers.base import (
    Balances,
    Bygone,
    Change,
    Execution,
    MayLeave,
    Recalled,
    Report,
    Ticket,
    Transaction,
    VenueOrder,
    let_out,
)
from brokers.market import Candle, MarketHours, Quote
from brokers.sign_in import Access
from trading.sessions import Calendar
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


def nothing() -> None:
    pass


class ScriptedVenue:
    """Answers `submit`, `cancel`, `find` and `connect` with what stands in its fields.

    An error that stands there is raised; `hang` makes every answer wait for ever.
    """

    knows_our_ids = True
    siblings_go_together = False

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.looks: list[str] = []
        self.admitted: list[Access | None] = []
        self.recalled: list[Recalled] = []
        self.bygone: list[Bygone] = []
        self.held: dict[Symbol, Decimal] = {}
        self.cash = Decimal(25_000)
        self.foreign: list[Execution] = []
        self.transactions: list[Transaction] = []
        self.prices: dict[Symbol, Quote] = {}
        self.look_errors: list[Exception] = []
        self.connect_errors: list[Exception] = []
        self.submit_error: Exception | None = None
        self.cancel_error: Exception | None = None
        self.find_error: Exception | None = None
        self.history_error: Exception | None = None
        self.quotes_error: Exception | None = None
        self.orders: dict[str, VenueOrder] = {}
        self.hang = False
        self.on_submit: Callable[[], None] = nothing
        self.on_find: Callable[[], None] = nothing
        self.report: Callable[[Report], None] | None = None
        self.is_closed = False

    async def connect(self, report: Callable[[Report], None]) -> None:
        self.calls.append("connect")
        self.report = report
        if self.connect_errors:
            raise self.connect_errors.pop(0)

    async def close(self) -> None:
        self.is_closed = True

    async def balances(self) -> Balances:
        return Balances(cash=self.cash)

    async def positions(self) -> Mapping[Symbol, Decimal]:
        if self.look_errors:
            raise self.look_errors.pop(0)
        return dict(self.held)

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        self.calls.append(f"submit {ticket.order_id}")
        self.on_submit()
        await self._maybe_hang()
        may_leave()
        if self.submit_error is not None:
            raise self.submit_error
        return BrokerOrderId(f"V-{ticket.order_id}")

    def admit(self, access: Access | None) -> None:
        """Note it."""
        self.admitted.append(access)

    def wake(self) -> None:
        """Note it."""
        self.calls.append("wake")

    def recall(self, earlier: Recalled | Bygone) -> None:
        """Note it."""
        if isinstance(earlier, Bygone):
            self.bygone.append(earlier)
        else:
            self.recalled.append(earlier)

    async def submit_siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        self.calls.append(" ".join(["siblings", *(t.order_id for t in tickets)]))
        may_leave()
        if self.submit_error is not None:
            raise self.submit_error
        return {t.order_id: BrokerOrderId(f"V-{t.order_id}") for t in tickets}

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        self.calls.append(f"cancel {broker_order_id}")
        if self.cancel_error is not None:
            raise self.cancel_error

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        self.calls.append(f"replace {broker_order_id} {change.quantity}")
        return BrokerOrderId(f"{broker_order_id}'")

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        self.calls.append(f"find {order_id}")
        self.on_find()
        await self._maybe_hang()
        if self.find_error is not None:
            raise self.find_error
        return self.orders.get(order_id)

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        known = (o for o in self.orders.values() if o.broker_order_id == broker_order_id)
        return next(known, None)

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        self.looks.append(f"orders {at:%H:%M}")
        return tuple(self.orders.values())

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        self.looks.append(f"executions {at:%H:%M}")
        ours = [e for order in self.orders.values() for e in order.executions]
        return (*ours, *self.foreign)

    async def transactions_since(self, at: datetime) -> Sequence[Transaction]:
        self.looks.append(f"transactions {at:%H:%M}")
        return tuple(self.transactions)

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        self.looks.append(f"quotes {' '.join(sorted(symbols))}")
        if self.quotes_error is not None:
            raise self.quotes_error
        return {s: self.prices[s] for s in symbols if s in self.prices}

    async def history(self, symbol: Symbol, length: timedelta, since: datetime) -> Sequence[Candle]:
        self.calls.append(f"history {symbol} {length} {since:%H:%M}")
        if self.history_error is not None:
            raise self.history_error
        return ()

    async def market_hours(self, at: datetime) -> MarketHours | None:
        self.calls.append(f"market_hours {at:%H:%M}")
        return None

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        self.calls.append(f"observe {symbol} {price} {at:%H:%M}")

    def quoted(self, quote: Quote) -> None:
        self.calls.append(f"quoted {quote.symbol} {quote.price} {quote.at:%H:%M}")

    def bar_ended(self, bar: Candle) -> None:
        self.calls.append(f"bar_ended {bar.symbol} {bar.close} {bar.at:%H:%M}")

    def keep_hours(self, calendar: Calendar) -> None:
        self.calls.append(f"keep_hours {len(calendar.closed)}")

    def session_closed(self) -> None:
        self.calls.append("session_closed")

    async def _maybe_hang(self) -> None:
        if self.hang:
            await asyncio.Event().wait()

    def asked_to(self, what: str) -> list[str]:
        return [call for call in self.calls if call.startswith(what)]
