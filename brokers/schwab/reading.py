"""Reading orders back: recognised by their terms, followed through all of their ids."""

import logging
from collections.abc import Sequence
from datetime import datetime

from brokers.base import BrokerError, Execution, OutcomeUnknownError, VenueOrder, VenueStatus
from brokers.schwab.asking import Asking
from brokers.schwab.memory import Attempt, Memory, is_like
from brokers.schwab.wire_orders import OrderRecord, executions_of, venue_order_of, walked
from brokers.schwab.wire_words import status_of
from trading.vocabulary import BrokerOrderId, OrderId


log = logging.getLogger("trading_bot.schwab")


class Reading:
    """Answers of what became of orders. Runs on the venue's loop; raises as `read` does."""

    def __init__(self, ask: Asking, memory: Memory) -> None:
        self._ask = ask
        self._memory = memory

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order with this one's terms; None: none is there yet.

        Raises:
            OutcomeUnknownError: several could be it; a person has to say which.
            BrokerError: nobody told us of its terms.
        """
        attempt = self._memory.attempts.get(order_id)
        if attempt is None:
            raise BrokerError(f"{order_id}: its terms are not known here")
        if attempt.newest is None:
            records = await self._ask.orders(attempt.sent_at)
            self._bind_if_one(attempt, records)
        if attempt.newest is None:
            return None
        found = await self.order(attempt.newest)
        if found is None:
            raise BrokerError(f"{attempt.newest} was accepted and is not shown yet")
        return found

    def _bind_if_one(self, attempt: Attempt, records: Sequence[OrderRecord]) -> None:
        matches = self._memory.recognised(attempt, records)
        if len(matches) > 1:
            ids = ", ".join(record.order_id for record in matches)
            raise OutcomeUnknownError(f"{len(matches)} orders could be it: {ids}")
        if matches:
            self._memory.bind(attempt.ticket.order_id, BrokerOrderId(matches[0].order_id))

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        """The order under this id, with what it traded under earlier ones."""
        record = await self._ask.order(broker_order_id)
        if record is None:
            return None
        owner = self._memory.owner(broker_order_id)
        if owner is None:
            return venue_order_of(record)
        attempt = self._memory.attempts[owner]
        if not is_like(record, attempt.fingerprint) and broker_order_id == attempt.newest:
            log.warning("schwab_order_differs", extra={"broker_order_id": broker_order_id})
        place = attempt.ids.index(broker_order_id)
        replaced_by = attempt.ids[place + 1] if place + 1 < len(attempt.ids) else None
        before = await self.traded(attempt, attempt.ids[:place])
        return venue_order_of(record, owner, replaced_by=replaced_by, before=before)

    async def traded(
        self, attempt: Attempt, ids: Sequence[BrokerOrderId] | None = None
    ) -> tuple[Execution, ...]:
        """What an order traded under some of its ids; None: under all of them."""
        told: tuple[Execution, ...] = ()
        for known_as in attempt.ids if ids is None else ids:
            record = await self._ask.order(known_as)
            told += () if record is None else executions_of(record, attempt.ticket.order_id)
        return told

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        """Every order taken since then, whoever sent it; of a replaced one the last id only."""
        records = walked(await self._ask.orders(at))
        told = [
            venue_order_of(record, self._memory.owner(record.order_id))
            for record in records
            if record.entered_time >= at.replace(microsecond=0)
            and status_of(record.status) is not VenueStatus.REPLACED
        ]
        return sorted(told, key=lambda order: (order.taken_at or at, order.broker_order_id))

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        """Every execution since then, also of orders that have rested since long before."""
        records = walked(await self._ask.orders_that_traded_since(at))
        told = [e for r in records for e in executions_of(r, self._memory.owner(r.order_id))]
        whole = at.replace(microsecond=0)
        return sorted(
            (e for e in told if e.executed_at >= whole),
            key=lambda e: (e.executed_at, e.execution_id),
        )
