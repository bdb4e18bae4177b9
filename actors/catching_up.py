"""What a venue did without us, and what it did with our orders, brought into our books."""

import abc
from decimal import Decimal
from typing import Final

from actors.looks import Looked, external_trade_of, movement_of, price_of
from actors.messages import FoundOut
from actors.reports import facts_of_late_fill, fill_key, fill_of
from actors.venue_account import VenueAccount
from brokers.base import Execution, Transaction, VenueOrder, VenueStatus
from journal import Draft, Recorded
from trading.bookings import ExternallyClosed
from trading.desk import at_worst
from trading.event import Event
from trading.external import taken_from_shares
from trading.movements import booking_of
from trading.order_events import OrderPlanned
from trading.orders import Order
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import Code, OrderId, StrategyName


ASKED_AT_ONCE: Final = 10
"""How many orders at most are asked for by name after one look."""


class CatchingUp(VenueAccount):
    """Books what a look shows and we do not know of, under the venue's own ids, once ever."""

    def forget(self) -> None:
        """Nothing seen yet."""
        super().forget()
        self._seen_ids: set[str] = set()
        self._under_way: dict[str, int] = {}
        self._absent: set[OrderId] = set()

    def _catch_up(self, looked: Looked) -> None:
        """Book what the venue did and we do not know of, in the order in which it happened."""
        for execution in looked.executions:
            if execution.execution_id not in self._seen_ids:
                self._take_execution(execution)
        self._take_orders(looked)
        for transaction in looked.transactions:
            if transaction.transaction_id not in self._seen_ids:
                self._take_transaction(transaction, looked)
        ids: set[str] = {e.execution_id for e in looked.executions}
        self._seen_ids &= ids | {t.transaction_id for t in looked.transactions}

    def _take_execution(self, execution: Execution) -> None:
        key = self._booking_key(execution.execution_id)
        if self._executed(execution) or self._is_booked(key) or self._is_filled(execution):
            self._seen_ids.add(execution.execution_id)
        elif not self._may_be_ours(execution):
            trade = external_trade_of(self._account, execution, self.clock.now())
            taken = taken_from_shares(self._desk.book, trade, self._closing(execution))
            self.append(trade, *taken, keys=(key,), cause=f"broker:{self._account}")
            self._seen_ids.add(execution.execution_id)
            for closed in taken:
                self._cancel_what_closes_too_much(closed)

    def _cancel_what_closes_too_much(self, closed: ExternallyClosed) -> None:
        """No exit may rest that would sell what is not there any more; the newest goes first.

        Protection sees to itself: it follows the share.
        """
        strategy, symbol, side = closed.strategy, closed.symbol, closed.side
        share = abs(self._desk.book.position(strategy, symbol).quantity)
        closing = [o for o in self._desk.live(symbol, strategy, side) if not o.is_protective]
        over = at_worst(closing) - share
        for order in reversed(closing):
            if over > 0 and order.is_resting and order.status in AT_THE_VENUE:
                over -= order.exposed_quantity
                self._cancel(order, Code.EXTERNALLY_CLOSED)

    @abc.abstractmethod
    def _cancel(self, order: Order, code: Code) -> None:
        """Ask the venue for an order's end."""

    def _closing(self, execution: Execution) -> dict[StrategyName, Decimal]:
        """What exits of ours may take of each share, or have taken already."""
        live = self._desk.live(execution.symbol, side=execution.side)
        exits = [order for order in live if not order.is_protective]
        strategies = {order.plan.strategy for order in exits}
        return {
            strategy: at_worst(o for o in exits if o.plan.strategy == strategy)
            for strategy in strategies
        }

    def _executed(self, execution: Execution) -> bool:
        """Take in an execution of an order of ours; whether it is one, known before or not."""
        order = self._order_of(execution)
        if order is None:
            return execution.order_id is not None and self._executed_late(execution)
        if execution.execution_id not in order.executions:
            fill = fill_of(order.plan, execution, self.clock.now())
            keys = (fill_key(self._account, execution),)
            self.append(fill, keys=keys, cause=order.plan.alert_id)
        return True

    def _order_of(self, execution: Execution) -> Order | None:
        """The live order that was executed, by our id or the venue's."""
        if execution.order_id is not None:
            return self._desk.orders.get(execution.order_id)
        ours = (o for o in self._desk.live(execution.symbol) if o.broker_order_id is not None)
        return next((o for o in ours if o.broker_order_id == execution.broker_order_id), None)

    def _executed_late(self, execution: Execution) -> bool:
        if self._is_filled(execution):
            return True
        plans = self._reader.events(order_id=execution.order_id, types=(OrderPlanned,))
        plan = next((r.event for r in plans if isinstance(r.event, OrderPlanned)), None)
        if plan is None or plan.account != self._account:
            return False
        generation = self._desk.stops.generation + 1
        facts = facts_of_late_fill(plan, execution, generation, self.clock.now())
        key = fill_key(self._account, execution)
        self.append(*facts, keys=(key,), cause=plan.alert_id)
        return True

    def _may_be_ours(self, execution: Execution) -> bool:
        """Whether it may be that of an order whose id at the venue is not known yet."""
        if self.wire.knows_our_ids:
            return False
        live = self._desk.live(execution.symbol, side=execution.side)
        return any(order.broker_order_id is None for order in live)

    def _take_orders(self, looked: Looked) -> None:
        """Take in what became of orders; ask by name for those that are not in the look."""
        by_id = {o.order_id: o for o in looked.orders}
        by_venue = {o.broker_order_id: o for o in looked.orders}
        to_ask: list[OrderId] = []
        for order in tuple(self._desk.live()):
            if order.status not in AT_THE_VENUE:
                continue
            found = by_id.get(order.plan.order_id)
            if found is None and order.broker_order_id is not None:
                found = by_venue.get(order.broker_order_id)
            if found is None:
                to_ask.append(order.plan.order_id)
                continue
            self._absent.discard(order.plan.order_id)
            if _says_more(order, found):
                self._bind(order, found)
        for order_id in to_ask[:ASKED_AT_ONCE]:
            self._find(order_id)

    def _noted_absence(self, message: FoundOut) -> None:
        """An order that is said to work and is not there: no verdict, but a difference."""
        order = self._desk.orders.get(message.order_id)
        self._absent.discard(message.order_id)
        if order is None or message.found is not None or message.error:
            return
        sent_at = order.submitted_at
        if order.status not in AT_THE_VENUE or sent_at is None:
            return
        if message.asked_at > sent_at + self._settles_in:
            self._absent.add(message.order_id)

    def _take_transaction(self, transaction: Transaction, looked: Looked) -> None:
        key = self._booking_key(transaction.transaction_id)
        if not self._is_booked(key):
            price = Decimal(0)
            if transaction.symbol is not None:
                known = self._desk.book.mark(transaction.symbol)
                price = price_of(looked, transaction.symbol) or known or price
            moved = movement_of(transaction)
            booking = booking_of(self._desk.book, moved, price, self.clock.now())
            if booking is None:
                return  # what nobody understands stays a difference, for a person
            self.append(booking, keys=(key,), cause=f"broker:{self._account}")
        self._seen_ids.add(transaction.transaction_id)

    # --- once ever ------------------------------------------------------------------------------

    def append(self, *events: Event, keys: tuple[str, ...] = (), cause: str = "") -> Draft:
        """Keep in mind which keys are on their way to the disk."""
        draft = super().append(*events, keys=keys, cause=cause)
        self._under_way.update(dict.fromkeys(keys, draft.number))
        return draft

    def committed(self, recorded: Recorded) -> None:
        """What is on disk is found there."""
        if self._under_way and next(iter(self._under_way.values())) <= recorded.number:
            settled = [k for k, n in self._under_way.items() if n <= recorded.number]
            for key in settled:
                del self._under_way[key]

    def _booking_key(self, booking_id: str) -> str:
        return f"booking:{self._account}/{booking_id}"

    def _is_filled(self, execution: Execution) -> bool:
        return self._is_booked(fill_key(self._account, execution))

    def _is_booked(self, key: str) -> bool:
        return key in self._under_way or self._reader.first_of(key) is not None


def _says_more(order: Order, found: VenueOrder) -> bool:
    """Whether a venue's order tells of something that we do not know."""
    if found.status is not VenueStatus.WORKING:
        return True
    return any(e.execution_id not in order.executions for e in found.executions)
