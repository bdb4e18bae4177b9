"""Sending at Schwab: once, remembered before, never beside a like order of unknown fate."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from attrs import evolve

from brokers.base import (
    BrokerError,
    MayLeave,
    OutcomeUnknownError,
    RejectedError,
    Ticket,
    TurnedAwayError,
    UnreachableError,
    VenueStatus,
    let_out,
)
from brokers.schwab.asking import Asking
from brokers.schwab.budget import Urgency
from brokers.schwab.client import SchwabClient
from brokers.schwab.last_look import LastLook, Rules, urgency_of
from brokers.schwab.memory import Attempt, Memory, Sent, is_like, location_id
from brokers.schwab.orders import (
    Body,
    Fingerprint,
    fingerprint_of,
    single,
    together,
)
from brokers.schwab.wire_orders import OrderRecord, walked
from brokers.schwab.wire_words import Status, status_of
from trading.clock import Clock
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


A_WHILE: Final = timedelta(days=3)
"""How long ago an entry of an earlier life may have been sent whose legs come alive now."""


def is_working(record: OrderRecord) -> bool:
    """Whether it may still trade."""
    return status_of(record.status) is VenueStatus.WORKING


def is_alive(record: OrderRecord) -> bool:
    """Whether it may still trade, or has to its end."""
    return status_of(record.status) in (VenueStatus.WORKING, VenueStatus.FILLED)


def id_of(record: OrderRecord) -> BrokerOrderId:
    """Under which id it goes."""
    return BrokerOrderId(record.order_id)


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
        rules: Rules,
    ) -> None:
        self._client = client
        self._ask = ask
        self._memory = memory
        self._last = last
        self._clock = clock
        self._wake = wake
        self._has_brackets = rules.native_brackets
        self._like_order_waits_s = rules.like_order_waits_s
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
        if not self._has_brackets:
            tickets = [evolve(ticket, bracket=None) for ticket in tickets]
        body = together(tickets)
        urgency = urgency_of(tickets[0])
        attempts = await self._noted(tickets, body)
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

    async def one(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        """Send an order that has no siblings, unless Schwab works it already."""
        there = await self._at_work([ticket])
        if there:
            return there[ticket.order_id]
        return await self.together([ticket], may_leave)

    async def siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Send orders of which one cancels the others, and look up under which ids they work."""
        if there := await self._at_work(tickets):
            return there
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

    async def _at_work(self, tickets: Sequence[Ticket]) -> Mapping[OrderId, BrokerOrderId]:
        """What Schwab has put to work by itself as an entry completed, taken for these orders.

        What it works and is not just these is taken off, so that they can be sent.

        Raises:
            UnreachableError: it cannot be seen now, or not taken off; nothing was sent.
        """
        first = tickets[0]
        if not self._has_brackets or first.protects is None:
            return {}
        entry = self._memory.attempts.get(first.protects)
        try:
            if entry is not None and entry.newest is not None:
                record = await self._ask.order(entry.newest)
                legs = self._free_legs(record, first.symbol)
                return self._taken_for(tickets, legs) or await self._taken_off(legs)
            for record in walked(await self._ask.orders(self._clock.now() - A_WHILE)):
                legs = self._free_legs(record, first.symbol)
                # Whose they are nobody knows any more: only those that work, and are just these.
                if all(is_working(leg) for leg in legs) and self._is_just(tickets, legs):
                    return self._taken_for(tickets, legs)
        except BrokerError as error:
            raise UnreachableError(f"not sent: {error}") from error
        return {}

    def _free_legs(self, entry: OrderRecord | None, symbol: Symbol) -> list[OrderRecord]:
        """The legs that an entry's completion has brought to life and that are nobody's yet."""
        if entry is None or entry.status is not Status.FILLED or not entry.is_by_program:
            return []
        if entry.leg is None or entry.leg.instrument.share != symbol:
            return []
        legs = list(walked(entry.child_order_strategies))
        is_free = all(self._memory.owner(leg.order_id) is None for leg in legs)
        return legs if is_free and any(is_alive(leg) for leg in legs) else []

    async def _taken_off(self, legs: Sequence[OrderRecord]) -> Mapping[OrderId, BrokerOrderId]:
        for leg in filter(is_working, legs):
            path = f"{self._ask.path}/orders/{leg.order_id}"
            with suppress(RejectedError):  # a leg has gone with its sibling
                await self._client.write("DELETE", path, None, Urgency.EXIT)
        return {}

    def _taken_for(
        self, tickets: Sequence[Ticket], legs: Sequence[OrderRecord]
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Each order's id; none, if the legs are not just these orders."""
        if not self._is_just(tickets, legs):
            return {}
        now, taken = self._clock.now(), dict[OrderId, BrokerOrderId]()
        for ticket in tickets:
            known_by = self._known_by(ticket)
            (leg,) = (leg for leg in legs if is_like(leg, known_by))
            self._memory.note(Sent(ticket=ticket, fingerprint=known_by, sent_at=now))
            self._memory.bind(ticket.order_id, taken.setdefault(ticket.order_id, id_of(leg)))
        self._wake()
        return taken

    def _is_just(self, tickets: Sequence[Ticket], legs: Sequence[OrderRecord]) -> bool:
        """Whether each order has one leg with its terms, and there is no other."""
        wanted = [self._known_by(ticket) for ticket in tickets]
        return len(legs) == len(tickets) and all(
            sum(is_like(leg, known_by) for leg in legs) == 1 for known_by in wanted
        )

    def _known_by(self, ticket: Ticket) -> Fingerprint:
        return fingerprint_of(single(ticket), ticket.symbol)

    def _recognise(self, attempt: Attempt, record: OrderRecord | None) -> None:
        found = [] if record is None else self._memory.recognised(attempt, [record])
        if len(found) == 1:
            self._memory.bind(attempt.ticket.order_id, BrokerOrderId(found[0].order_id))

    async def _noted(self, tickets: Sequence[Ticket], body: Body) -> list[Attempt]:
        """Wait until no like order is in doubt, and remember what is sent now."""
        fingerprint = fingerprint_of(body, tickets[0].symbol)
        try:
            async with asyncio.timeout(self._like_order_waits_s):
                while self._memory.in_doubt(fingerprint, self._clock.now()):
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            raise UnreachableError("not sent: a like order's fate is not known") from None
        now = self._clock.now()
        return [
            self._memory.note(Sent(ticket=ticket, fingerprint=self._known_by(ticket), sent_at=now))
            for ticket in tickets
        ]
