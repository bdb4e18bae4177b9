"""Watching an account's orders: a look every second or two while one lives, at once when woken."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from brokers.base import BrokerError, Ended, Replaced, Report, VenueStatus
from brokers.schwab.asking import Asking
from brokers.schwab.memory import Attempt, Memory, successor
from brokers.schwab.wire_orders import OrderRecord, executions_of, walked
from brokers.schwab.wire_words import Status, status_of
from trading.clock import Clock
from trading.vocabulary import BrokerOrderId


log = logging.getLogger("trading_bot.schwab")

LIVE_EVERY_S: Final = 1.5
IDLE_EVERY_S: Final = 30.0

FEW: Final = 3
"""So many are asked for one by one: a day's list of orders is long."""

Sleep = Callable[[float], Awaitable[None]]


class Watch:
    """Reports what becomes of our orders, each thing once. Runs on the venue's loop.

    `after_trades` is awaited when something traded, and now and then: what is held has changed.
    """

    def __init__(
        self,
        ask: Asking,
        memory: Memory,
        clock: Clock,
        after_trades: Callable[[], Awaitable[None]],
    ) -> None:
        self._ask = ask
        self._memory = memory
        self._clock = clock
        self._after_trades = after_trades
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._report: Callable[[Report], None] = _nobody
        self._around_s = clock.monotonic()

    def start(self, report: Callable[[Report], None], sleep: Sleep) -> None:
        """Look from now on; a second start only changes who is told."""
        self._report = report
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(sleep))

    async def stop(self) -> None:
        """Look no more, tell no more."""
        self._report = _nobody
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """Look as soon as possible."""
        self._woken.set()

    def tell_soon(self, report: Report) -> None:
        """Tell what we did ourselves: after its acknowledgement, never before."""
        asyncio.get_running_loop().call_soon(lambda: self._report(report))

    async def _run(self, sleep: Sleep) -> None:
        while True:
            self._woken.clear()
            try:
                await self.look()
            except BrokerError as error:
                log.warning("schwab_not_seen", extra={"reason": str(error)})
            except Exception:
                # A bug in reading one answer must not end the looking.
                log.exception("schwab_look_failed_oddly")
            await self._pause(LIVE_EVERY_S if self._memory.live() else IDLE_EVERY_S, sleep)

    async def _pause(self, seconds: float, sleep: Sleep) -> None:
        loop = asyncio.get_running_loop()
        waits = {
            loop.create_task(self._woken.wait()),
            asyncio.ensure_future(sleep(seconds)),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def look(self) -> None:
        """One look at all our orders that are not over; an order's own questions come first."""
        await self._ask.leisure()
        live = self._memory.live()
        if not live:
            await self._look_around()
            return
        records = await self._records(live)
        self._memory.saw(records, self._clock.now())
        by_id = {record.order_id: record for record in walked(records)}
        has_traded = [self._take(attempt, records, by_id) for attempt in live]
        if any(has_traded) or self._clock.monotonic() >= self._around_s + IDLE_EVERY_S:
            await self._look_around()

    async def _records(self, live: Sequence[Attempt]) -> Sequence[OrderRecord]:
        """Each by its id while they are few; else all that were entered since the oldest was."""
        if len(live) <= FEW and all(len(attempt.ids) == 1 for attempt in live):
            found = [await self._ask.order(attempt.ids[0]) for attempt in live]
            there = [record for record in found if record is not None]
            if len(there) == len(live) and not any(r.status is Status.REPLACED for r in there):
                return there
        return await self._ask.orders(min(attempt.sent_at for attempt in live))

    async def _look_around(self) -> None:
        self._around_s = self._clock.monotonic()
        await self._after_trades()

    def _take(
        self,
        attempt: Attempt,
        records: Sequence[OrderRecord],
        by_id: dict[str, OrderRecord],
    ) -> bool:
        """Tell what is new of one order; whether it traded."""
        if attempt.newest is None:
            self._recognise(attempt, records)
        has_traded = False
        for known_as in tuple(attempt.ids):
            if (record := by_id.get(known_as)) is not None:
                has_traded |= self._told_trades(attempt, record)
        newest = by_id.get(attempt.newest or "")
        if newest is not None and status_of(newest.status) is not VenueStatus.WORKING:
            self._end(attempt, newest, by_id)
        return has_traded

    def _recognise(self, attempt: Attempt, records: Sequence[OrderRecord]) -> None:
        matches = self._memory.recognised(attempt, records)
        if len(matches) == 1:
            self._memory.bind(attempt.ticket.order_id, BrokerOrderId(matches[0].order_id))

    def _told_trades(self, attempt: Attempt, record: OrderRecord) -> bool:
        new = [
            execution
            for execution in executions_of(record, attempt.ticket.order_id)
            if execution.execution_id not in attempt.told
        ]
        for execution in new:
            attempt.told.add(execution.execution_id)
            self._report(execution)
        return bool(new)

    def _end(self, attempt: Attempt, record: OrderRecord, by_id: dict[str, OrderRecord]) -> None:
        status = status_of(record.status)
        if status is VenueStatus.REPLACED:
            self._follow(attempt, record, by_id)
            return
        self._memory.over(attempt)
        if status is not VenueStatus.FILLED:
            self._report(
                Ended(
                    broker_order_id=BrokerOrderId(record.order_id),
                    order_id=attempt.ticket.order_id,
                    status=status,
                    reason=self._ask.hidden(record.status_description),
                )
            )

    def _follow(self, attempt: Attempt, record: OrderRecord, by_id: dict[str, OrderRecord]) -> None:
        """Somebody else replaced it, in thinkorswim: it goes on under the new id, if we find it."""
        new = successor(record, by_id)
        if new is None or self._memory.owner(new.order_id) is not None:
            return
        order_id = attempt.ticket.order_id
        self._memory.bind(order_id, BrokerOrderId(new.order_id))
        traded = sum((e.quantity for e in executions_of(record, order_id)), start=new.quantity)
        self._report(
            Replaced(
                broker_order_id=BrokerOrderId(record.order_id),
                order_id=order_id,
                new_id=BrokerOrderId(new.order_id),
                quantity=traded,
                limit_price=new.price,
                stop_price=new.stop_price,
            )
        )
        self.wake()


def _nobody(report: Report) -> None:
    del report
