"""An account at the simulated Schwab, for tests: real sockets, one clock, a market in our hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from aiohttp import web
from attrs import define, evolve, field

from brokers.base import Change, MayLeave, Recalled, Ticket, let_out
from brokers.schwab.access import GivenAccess
from brokers.schwab.last_look import Rules
from brokers.schwab.orders import changed_terms
from brokers.schwab.simulator.desk import Desk, new_desk, read_quote
from brokers.schwab.simulator.server import application
from brokers.schwab.venue import SchwabVenue
from brokers.sign_in import Access
from tests.brokers.paper_house import WITHIN_S, Mail
from tests.brokers.schwab.server import Hands, client_of
from tests.trading.builders import AAPL, AT, Number
from trading.sessions import Calendar
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


TOKEN: Final = "T1"
IN_CASH: Final = "12345679"
ON_MARGIN: Final = "12345678"
T = TypeVar("T")


def desk_of(hands: Hands, cash: Number = 25_000) -> Desk:
    """A Schwab whose accounts have so much each, to which `TOKEN` is good for a year."""
    quotes: dict[str, dict[str, str]] = {AAPL: {"bid": "99.99", "ask": "100.01", "last": "100"}}
    desk = new_desk(quotes=quotes, calendar=Calendar(), now=hands.now)
    accounts = {
        number: evolve(account, starting_cash=Decimal(cash), cash=Decimal(cash))
        for number, account in desk.world.accounts.items()
    }
    desk.world = evolve(desk.world, accounts=accounts)
    desk.grants = evolve(desk.grants, access={TOKEN: AT + timedelta(days=365)})
    return desk


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """The simulator on a port of its own; yields its address."""
    runner = web.AppRunner(application(desk), shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@define
class Bell:
    """Whoever sleeps does so until it is rung."""

    _rung: asyncio.Event = field(factory=asyncio.Event)

    async def sleep(self, _: float) -> None:
        await self._rung.wait()

    def ring(self) -> None:
        self._rung.set()
        self._rung.clear()


class RememberedVenue(SchwabVenue):
    """What it sends is written down as a journal would have it, for the next life."""

    def __init__(self, sent: dict[OrderId, Recalled], **given: Any) -> None:
        super().__init__(**given)
        self._sent = sent

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        self._sent[ticket.order_id] = Recalled(ticket=ticket, sent_at=self._clock.now())
        known_as = await super().submit(ticket, may_leave)
        self._known_as({ticket.order_id: known_as})
        return known_as

    async def submit_siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        known_as = await super().submit_siblings(tickets, may_leave)
        for ticket in tickets:
            self._sent[ticket.order_id] = Recalled(ticket=ticket, sent_at=self._clock.now())
        self._known_as(known_as)
        return known_as

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        new_id = await super().replace(broker_order_id, change)
        (order_id,) = (o for o, e in self._sent.items() if e.broker_order_id == broker_order_id)
        earlier = self._sent[order_id]
        self._sent[order_id] = evolve(earlier, ticket=changed_terms(earlier.ticket, change))
        self._known_as({order_id: new_id})
        return new_id

    def _known_as(self, known_as: Mapping[OrderId, BrokerOrderId]) -> None:
        for order_id, broker_order_id in known_as.items():
            earlier = self._sent[order_id]
            self._sent[order_id] = evolve(earlier, broker_order_id=broker_order_id)


Scenario = Callable[[RememberedVenue, Mail], Awaitable[T]]


@define
class SimulatedHouse:
    """One account at a simulated Schwab that stays; each `run` is a daemon's life."""

    number: str = IN_CASH
    hands: Hands = field(factory=Hands)
    desk: Desk = field(init=False)
    bell: Bell = field(factory=Bell)
    sent: dict[OrderId, Recalled] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.desk = desk_of(self.hands)

    def run(self, scenario: Scenario[T]) -> T:
        async def life() -> T:
            self.bell = Bell()
            async with served(self.desk) as url:
                venue = self._venue(url)
                venue.admit(Access(token=TOKEN, expires_at=AT + timedelta(days=365)))
                mail = Mail()
                try:
                    await venue.connect(mail.put)
                    for earlier in tuple(self.sent.values()):
                        venue.recall(earlier)
                    return await scenario(venue, mail)
                finally:
                    await venue.close()

        return asyncio.run(asyncio.wait_for(life(), WITHIN_S))

    def _venue(self, url: str) -> RememberedVenue:
        return RememberedVenue(
            self.sent,
            client=client_of(url, self.hands),
            account_number=self.number,
            access=GivenAccess(self.hands),
            clock=self.hands,
            rules=Rules(like_order_waits_s=0.05),
            sleep=self.bell.sleep,
        )

    def move(self, price: Number, symbol: Symbol = AAPL) -> None:
        """The market trades there now, a cent around it, and whoever waits looks."""
        at = Decimal(price)
        cent = Decimal("0.01")
        told = {"bid": str(at - cent), "ask": str(at + cent), "last": str(at)}
        self.desk.show(read_quote(symbol, told, self.hands.now()))
        self.bell.ring()
