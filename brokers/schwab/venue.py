"""One account at Schwab as a venue: sent once, recognised by its terms, told as REST has it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve

from brokers.base import (
    Balances,
    Bygone,
    Change,
    Execution,
    MayLeave,
    OutcomeUnknownError,
    Recalled,
    RejectedError,
    Replaced,
    Report,
    Ticket,
    Transaction,
    VenueOrder,
    VenueStatus,
    let_out,
)
from brokers.market import Candle, MarketHours, Quote
from brokers.own_kind import InTheMarket
from brokers.schwab.access import GivenAccess
from brokers.schwab.asking import Asking
from brokers.schwab.budget import Urgency
from brokers.schwab.client import SchwabClient
from brokers.schwab.last_look import EXITS, LastLook, Rules
from brokers.schwab.memory import Memory, Sent, location_id
from brokers.schwab.orders import (
    changed_terms,
    fingerprint_of,
    replacement,
    single,
)
from brokers.schwab.reading import Reading
from brokers.schwab.sending import Sending
from brokers.schwab.watch import Watch
from brokers.schwab.wire_accounts import balances_of
from brokers.schwab.wire_market import SOURCE
from brokers.schwab.wire_words import Kind, status_of
from brokers.sign_in import Access, AccessRefused
from trading.clock import Clock
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


log = logging.getLogger("trading_bot.schwab")


class SchwabVenue(InTheMarket):
    """One account. Every method runs on the loop that it was connected on.

    Schwab does not know our ids. So `recall` has to be told of earlier lives' orders before they
    can be found, and of two like orders the second waits until the first one's id is known.
    """

    knows_our_ids = False
    siblings_go_together = True

    def __init__(
        self,
        *,
        client: SchwabClient,
        account_number: str,
        access: GivenAccess,
        clock: Clock,
        rules: Rules,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._access = access
        self._clock = clock
        self._sleep = sleep
        self._is_rehearsal = rules.is_rehearsal
        self._memory = Memory()
        self._ask = Asking(client, account_number, clock)
        self._last = LastLook(self._ask, clock, rules)
        self._reading = Reading(self._ask, self._memory)
        self._watch = Watch(self._ask, self._memory, clock, self._last.refresh)
        self._sending = Sending(
            client=client,
            ask=self._ask,
            memory=self._memory,
            last=self._last,
            clock=clock,
            wake=self._watch.wake,
            rules=rules,
        )

    # --- the account ----------------------------------------------------------------------------

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Find the account, see what it holds, and watch its orders from now on."""
        self._access.tell_refused(lambda token: report(AccessRefused(token)))
        await self._client.open()
        await self._ask.find_account()
        await self._last.refresh()
        self._watch.start(report, self._sleep)

    async def close(self) -> None:
        """Watch no longer and close the session."""
        await self._watch.stop()
        await self._client.close()

    def wake(self) -> None:
        """Something happened at Schwab, says the stream: look now."""
        self._watch.wake()

    def admit(self, access: Access | None) -> None:
        """Go by this access from now on; None: nobody is signed in."""
        self._access.give(access)

    def recall(self, earlier: Recalled | Bygone) -> None:
        """Learn of an order of an earlier life, so that it can be recognised or followed; or of
        those that have ended, so that they are not taken for another.
        """
        if isinstance(earlier, Bygone):
            self._memory.leave_aside(earlier)
            return
        ticket = earlier.ticket
        if ticket.order_id in self._memory.attempts:
            return  # it is of this life
        body = single(ticket)
        known_by = fingerprint_of(body, ticket.symbol)
        if self._last.is_collared(ticket):
            # At which limit it went nobody wrote down.
            known_by = evolve(known_by, kind=Kind.LIMIT)
        sent = Sent(
            ticket=ticket,
            fingerprint=known_by,
            sent_at=earlier.sent_at,
            broker_order_id=earlier.broker_order_id,
        )
        self._memory.note(sent)
        self._watch.wake()

    async def balances(self) -> Balances:
        """The account's money."""
        seen = balances_of(await self._ask.account())
        return evolve(seen, rehearsal=self._is_rehearsal)

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """The shares held, signed."""
        return await self._last.positions()

    # --- sending --------------------------------------------------------------------------------

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        """Send one order once. Orders of a family go by `submit_together`."""
        if ticket.parent_id is not None or ticket.oco_id is not None:
            raise RejectedError("it goes to Schwab together with its family, or not at all")
        return await self._sending.one(ticket, may_leave)

    async def submit_together(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> BrokerOrderId:
        """Send a bracket or two siblings in one request; the id is that of the whole."""
        return await self._sending.together(tickets, may_leave)

    async def submit_siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Send orders of which one cancels the others, and look up under which ids they work."""
        return await self._sending.siblings(tickets, may_leave)

    # --- changing -------------------------------------------------------------------------------

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Ask for an order's end, under the id that it has now; may come too late."""
        owner = self._memory.owner(broker_order_id)
        newest = self._memory.attempts[owner].newest if owner is not None else None
        known_as = newest or broker_order_id
        if not known_as.isdigit():
            return
        path = f"{self._ask.path}/orders/{known_as}"
        try:
            await self._client.write("DELETE", path, None, Urgency.EXIT)
        except RejectedError:
            record = await self._ask.order(known_as)
            if record is not None and status_of(record.status) is VenueStatus.WORKING:
                raise
        finally:
            self._watch.wake()

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        """Give a working order other terms: a whole new order for what has not traded."""
        owner = self._memory.owner(broker_order_id)
        record = await self._ask.order(broker_order_id)
        if owner is None or record is None or record.leg is None:
            raise RejectedError(f"{broker_order_id} is no order of ours at Schwab")
        if status_of(record.status) is not VenueStatus.WORKING:
            raise RejectedError(f"{broker_order_id} works no longer: {record.status}")
        attempt = self._memory.attempts[owner]
        instruction = record.leg.instruction
        filled = sum((e.quantity for e in await self._reading.traded(attempt)), ZERO)
        body = replacement(attempt.ticket, change, filled, instruction)
        urgency = Urgency.EXIT if instruction in EXITS else Urgency.ENTRY
        path = f"{self._ask.path}/orders/{broker_order_id}"
        answer = await self._client.write("PUT", path, body, urgency)
        new_id = location_id(answer.location, self._ask.account_hash)
        if new_id is None:
            raise OutcomeUnknownError("Schwab replaced it and did not say under which id")
        self._memory.bind(owner, new_id)
        attempt.ticket = changed_terms(attempt.ticket, change)
        attempt.fingerprint = fingerprint_of(body, attempt.ticket.symbol)
        self._watch.tell_soon(
            Replaced(
                broker_order_id=broker_order_id,
                order_id=owner,
                new_id=new_id,
                quantity=change.quantity,
                limit_price=change.limit_price,
                stop_price=change.stop_price,
            )
        )
        return new_id

    # --- reading back ---------------------------------------------------------------------------

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order with this one's terms; None: none is there yet.

        Raises:
            OutcomeUnknownError: several could be it; a person has to say which.
            BrokerError: nobody told us of its terms.
        """
        found = await self._reading.find(order_id)
        self._sending.found_out()
        return found

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        """The order under this id, with what it traded under earlier ones."""
        return await self._reading.order(broker_order_id)

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        """Every order taken since then, whoever sent it; of a replaced one the last id only."""
        return await self._reading.orders_since(at)

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        """Every execution since then, also of orders that have rested since long before."""
        return await self._reading.executions_since(at)

    async def transactions_since(self, at: datetime) -> Sequence[Transaction]:
        """What else moved the account since then."""
        return await self._ask.transactions(at)

    # --- the market -----------------------------------------------------------------------------

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """The last quotes, in real time only."""
        told = await self._ask.quotes(symbols)
        self._last.quoted(told)
        return told

    async def history(self, symbol: Symbol, length: timedelta, since: datetime) -> Sequence[Candle]:
        """Bars of 1, 5, 10, 15 or 30 minutes, or of a day."""
        return await self._ask.history(symbol, length, since)

    async def market_hours(self, at: datetime) -> MarketHours | None:
        """The regular session at an instant or the next one."""
        return await self._ask.market_hours(at)

    def quoted(self, quote: Quote) -> None:
        """A quote bounds the next market entry, if it is Schwab's own."""
        if quote.source == SOURCE:
            self._last.quoted({quote.symbol: quote})
