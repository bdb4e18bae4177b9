"""Sending at Schwab: once, remembered before, never beside a like order of unknown fate."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve

from brokers.base import (
    BrokerError,
    MayLeave,
    OutcomeUnknownError,
    RejectedError,
    Ticket,
    TurnedAwayError,
    UnreachableError,
    let_out,
)
from brokers.schwab.asking import Asking
from brokers.schwab.client import SchwabClient
from brokers.schwab.last_look import LastLook
from brokers.schwab.memory import Attempt, Memory, Sent, location_id
from brokers.schwab.orders import Body, Holding, fingerprint_of, single, together
from brokers.schwab.wire_orders import OrderRecord
from trading.clock import Clock
from trading.vocabulary import BrokerOrderId, OrderId


class Sending:
    """One account's orders on their way out. Runs on the venue's loop."""

    def __init__(
        self,
        *,
        client: SchwabClient,
        ask: Asking,
        memory: Memory,
        last: LastLook,
        clock: Clock,
        wake: Callable[[], None],
        like_order_waits_s: float,
    ) -> None:
        self._client = client
        self._ask = ask
        self._memory = memory
        self._last = last
        self._clock = clock
        self._wake = wake
        self._like_order_waits_s = like_order_waits_s
        self._answered = asyncio.Event()

    def found_out(self) -> None:
        """More is known of an order: whoever waits for a like one's fate looks again."""
        self._answered.set()

    async def together(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> BrokerOrderId:
        """Send one order, a bracket or siblings in one request; the id is that of the whole.

        The others' ids are learnt by looking. Raises as `submit` of a venue.
        """
        await self._last.freshen(tickets[0])
        tickets = self._last.ready(tickets)
        holding = self._last.holding(tickets[0].symbol)
        body = together(tickets, holding)
        urgency = self._last.urgency(tickets[0])
        attempts = await self._noted(tickets, body, holding)
        try:
            path = f"{self._ask.path}/orders"
            answer = await self._client.write("POST", path, body, urgency, may_leave)
        except (RejectedError, UnreachableError, TurnedAwayError):
            for ticket in tickets:
                self._memory.forget(ticket.order_id)
            raise
        finally:
            self._answered.set()
        known_as = location_id(answer.location, self._ask.account_hash)
        if known_as is None:
            raise OutcomeUnknownError("Schwab took it and did not say under which id")
        if "orderLegCollection" in body:
            self._memory.bind(attempts[0].ticket.order_id, known_as)
        self._wake()
        return known_as

    async def siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Send orders of which one cancels the others, and look up under which ids they work."""
        together = await self.together(tickets, may_leave)
        try:
            record = await self._ask.order(together)
        except BrokerError as error:
            raise OutcomeUnknownError(f"taken, their ids not seen yet: {error}") from error
        attempts = [self._memory.attempts[ticket.order_id] for ticket in tickets]
        for attempt in attempts:
            if attempt.newest is None:  # whoever watches may have recognised it already
                self._recognise(attempt, record)
        known_as = {a.ticket.order_id: a.newest for a in attempts if a.newest is not None}
        if len(known_as) < len(tickets):
            raise OutcomeUnknownError(f"taken as {together}, not recognised one by one")
        return known_as

    def _recognise(self, attempt: Attempt, record: OrderRecord | None) -> None:
        found = [] if record is None else self._memory.recognised(attempt, [record])
        if len(found) == 1:
            self._memory.bind(attempt.ticket.order_id, BrokerOrderId(found[0].order_id))

    async def _noted(
        self, tickets: Sequence[Ticket], body: Body, holding: Holding
    ) -> list[Attempt]:
        """Wait until no like order is in doubt, and remember what is sent now."""
        fingerprint = fingerprint_of(body, tickets[0].symbol)
        try:
            async with asyncio.timeout(self._like_order_waits_s):
                while self._memory.in_doubt(fingerprint, self._clock.now()):
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            raise UnreachableError("not sent: a like order's fate is not known") from None
        now, after = self._clock.now(), holding
        noted = []
        for ticket in tickets:
            known_by = fingerprint_of(single(ticket, after), ticket.symbol)
            noted.append(self._memory.note(Sent(ticket=ticket, fingerprint=known_by, sent_at=now)))
            if ticket.oco_id is None:
                moved = after.quantity + ticket.side.sign * ticket.quantity
                after = evolve(after, quantity=moved)
        return noted
