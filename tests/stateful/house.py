"""An account's real actors over the real paper venue, in one thread but for the wire's loop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from actors.breaker import AccountBreaker
from actors.broker import BrokerActor
from actors.by_hand import BookByHand, BookedByHand
from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.messages import Join, Joined
from actors.position_book import PositionBook
from actors.risk import RiskActor
from actors.runtime import ThreadReply
from brokers.base import MayLeave, OutcomeUnknownError, Ticket, UnreachableError, let_out
from brokers.ledger import Ledger
from brokers.ledger_events import PaperMoved
from brokers.market import Quote
from brokers.paper import PaperVenue
from brokers.paper_outside import split, traded_outside
from brokers.paper_rules import Lending, MarketRules
from journal import MemoryStore
from tests.actors.facts import AAPL, PAPER, alert
from tests.actors.room import CODEC, OPEN, ORPHAN, Room, append_of
from tests.brokers.paper_house import MemoryDisk
from tests.trading.builders import Number
from trading.alert_events import AlertAccepted
from trading.breaker import BreakerLimits
from trading.by_hand import Ask, Signature
from trading.desk import Desk
from trading.event import Event
from trading.events import Resumed, Scope
from trading.positions import Book
from trading.rules import StrategyRules
from trading.statement import Statement
from trading.vocabulary import Action, BrokerOrderId, Side, StrategyName, Symbol


NO_BREAKER: Final = BreakerLimits(
    max_consecutive_errors=None, max_daily_loss=None, max_daily_loss_percent=None
)
WITHIN_S: Final = 10.0
T = TypeVar("T")


def rules_named(name: str, **more: Any) -> StrategyRules:
    """A strategy without limits that may add and repeat."""
    free: dict[str, Any] = {"limits": OPEN, "allow_add": True, "allow_repeats": True}
    return StrategyRules(name=StrategyName(name), **(free | more))


class TroubledVenue(PaperVenue):
    """A paper venue that on demand loses its reports, an answer, or its readiness to tell."""

    is_deaf = False
    loses_next_answer = False
    fails_looks = 0

    def _tell(self, events: Any) -> None:
        if not self.is_deaf:
            super()._tell(events)

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        taken = await super().submit(ticket, may_leave)
        if self.loses_next_answer:
            self.loses_next_answer = False
            raise OutcomeUnknownError("no answer")
        return taken

    async def positions(self) -> Mapping[Symbol, Decimal]:
        if self.fails_looks:
            self.fails_looks -= 1
            raise UnreachableError("away")
        return await super().positions()


class Account:
    """One account from its first day on; `restart` ends a daemon's life and begins the next.

    After every call all is quiet: nothing is under way at the venue or between the actors.
    """

    def __init__(
        self, *rules: StrategyRules, cash: int = 25_000, lends: Lending | None = None
    ) -> None:
        self.rules = {each.name: each for each in rules or (rules_named("demo"),)}
        self.cash = Decimal(cash)
        self.lends = lends
        self.disk = MemoryDisk()
        self.room = Room()
        self.lives = 0
        self.alerts = 0
        self.outside = 0
        self.fails_looks = 0
        """How many looks of the next life fail."""
        self._live()

    # --- lives ----------------------------------------------------------------------------------

    def _live(self) -> None:
        self.lives += 1
        self.room.journal()
        self.epoch = self._let_in("others")
        shared: dict[str, Any] = {
            "journal": self.room.address("journal"),
            "reader": self.room.reader,
            "account": PAPER,
        }
        self.book = PositionBook(
            self.room.birth("book:paper", self.lives),
            **shared,
            alarms=self.room.timers,
            dashboard=self.room.address("dashboard"),
        )
        self.breaker = AccountBreaker(
            self.room.birth("breaker:paper", self.lives),
            **shared,
            limits=NO_BREAKER,
            rules=self.rules,
        )
        ruled = {**shared, "alarms": self.room.timers, "rules": self.rules, "orphan": ORPHAN}
        self.broker = BrokerActor(
            self.room.birth("broker:paper", self.lives), **ruled, make_venue=self._make_venue
        )
        self.risk = RiskActor(
            self.room.birth("risk:paper", self.lives),
            **ruled,
            broker=self.room.address("broker:paper"),
        )
        for actor in (self.book, self.breaker, self.broker, self.risk):
            self.room.begin(actor)
        self.quiet()

    def _let_in(self, name: str) -> int:
        address = self.room.address(name)
        self.room.address("journal").tell(Join(address, interest(()), self.lives))
        self.room.run()
        (joined,) = [m for m in address.take() if isinstance(m, Joined)]
        return joined.epoch

    def _make_venue(self) -> PaperVenue:
        self.venue = TroubledVenue(
            account="paper",
            starting_cash=self.cash,
            open_books=self.disk.open,
            clock=self.room.clock,
            rules=MarketRules(lends=self.lends),
        )
        self.venue.fails_looks, self.fails_looks = self.fails_looks, 0
        return self.venue

    def end(self) -> None:
        """The daemon stops; nothing of it is left but what is on disk."""
        for name in ("risk:paper", "broker:paper", "breaker:paper", "book:paper", "journal"):
            self.room.end(name)

    def restart(self, after_s: float = 5.0) -> None:
        """Stop, and start again after so many seconds."""
        self.end()
        self.room.clock.advance(after_s)
        again = MemoryStore(CODEC)
        again.rows, again.keys = self.room.store.rows, self.room.store.keys
        self.room = Room(again, self.room.clock)
        self._live()

    def without_its_journal(self) -> None:
        """Stop, and start on an empty journal beside the same account at the venue."""
        self.end()
        self.room = Room(clock=self.room.clock)
        self._live()

    # --- time -----------------------------------------------------------------------------------

    def quiet(self) -> None:
        """Until nothing is under way: on the wire's loop, at the venue's disk, between actors."""
        while True:
            self.room.run()
            self.on_wire(_others_done())
            letters = [self.room.address(name).letters for name in self.room.actors]
            if not any(letters):
                return

    def on_wire(self, work: Any) -> Any:
        """Do something on the wire's loop, and say what came of it."""
        loop = self.broker.wire._loop._loop
        return asyncio.run_coroutine_threadsafe(work, loop).result(WITHIN_S)

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that was due."""
        self.room.advance(seconds)
        self.quiet()

    def looked(self) -> None:
        """So long that a look has been taken, whatever came before."""
        self.advance(31)

    # --- what happens ---------------------------------------------------------------------------

    def happens(self, *events: Event) -> None:
        """Facts of others."""
        for event in events:
            self.room.address("journal").tell(append_of("others", self.epoch, event))
        self.quiet()

    def alert(
        self, action: Action, strategy: str | None = None, symbol: Symbol = AAPL, **more: Any
    ) -> AlertAccepted:
        """An alert comes in now and is decided."""
        self.alerts += 1
        name = strategy or next(iter(self.rules))
        accepted = alert(
            f"a{self.alerts}",
            action,
            at=self.room.clock.now(),
            strategy=StrategyName(name),
            symbol=symbol,
            **more,
        )
        self.happens(accepted)
        return accepted

    def buy(self, quantity: int, strategy: str | None = None, **more: Any) -> AlertAccepted:
        """An alert to buy at the market, which the venue fills by the alert's price."""
        return self.alert(Action.BUY, strategy, quantity=Decimal(quantity), **more)

    def sell(self, quantity: int, strategy: str | None = None, **more: Any) -> AlertAccepted:
        """An alert to sell at the market."""
        return self.alert(Action.SELL, strategy, quantity=Decimal(quantity), **more)

    def quoted(self, symbol: Symbol, price: Decimal) -> None:
        """The market shows a price; from now on the symbol trades by quotes alone."""
        cent = Decimal("0.01")
        quote = Quote(
            symbol=symbol,
            at=self.room.clock.now(),
            source="test",
            bid=price - cent,
            ask=price + cent,
            last=price,
        )
        self.on_wire(_called(self.venue.quoted, quote))
        self.quiet()

    def traded_outside(
        self, side: Side, quantity: Number, price: Decimal = Decimal(100), symbol: Symbol = AAPL
    ) -> None:
        """Somebody trades at the venue by hand."""
        self.outside += 1
        now, number = self.room.clock.now(), str(self.outside)
        fill = traded_outside(symbol, side, Decimal(quantity), price, now, number=number)
        self.at_venue(fill)

    def split(self, new: int, old: int, symbol: Symbol = AAPL) -> None:
        """Shares become others overnight."""
        self.at_venue(split(self.ledger, symbol, new, old, self.room.clock.now()))

    def moved(self, kind: str, amount: Decimal, **more: Any) -> None:
        """Money or shares move at the venue without an order."""
        self.outside += 1
        self.at_venue(
            PaperMoved(
                at=self.room.clock.now(),
                transaction_id=f"T{self.outside}",
                kind=kind,
                amount=amount,
                **more,
            )
        )

    def at_venue(self, *events: Event) -> None:
        """Something comes about at the venue without us."""
        self.on_wire(self.venue.happen(*events))
        self.quiet()

    def by_hand(self, ask: Ask, reason: str = "put right") -> BookedByHand:
        """A person books something."""
        self.alerts += 1
        reply: ThreadReply[BookedByHand] = ThreadReply()
        signature = Signature(
            act_id=f"act-{self.alerts}", at=self.room.clock.now(), reason=reason, by="ann"
        )
        self.room.address("risk:paper").tell(BookByHand(ask, signature, reply))
        self.quiet()
        return reply.wait(WITHIN_S)

    def resume(self) -> None:
        """A person lets trading start again everywhere."""
        self.happens(
            Resumed(
                at=self.room.clock.now(),
                act_id="resume",
                scope=Scope(),
                generation=self.desk.stops.generation + 1,
                reason="looked",
                by="ann",
            )
        )

    # --- what there is --------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """The account as risk sees it."""
        return self.risk.state

    @property
    def statement(self) -> Statement:
        """The account as the position book shows it."""
        return self.book.state

    @property
    def books(self) -> Book:
        """Its positions and money."""
        return self.statement.book

    @property
    def ledger(self) -> Ledger:
        """The venue's own books."""
        return self.venue._books.ledger

    def held(self, strategy: str | None = None, symbol: Symbol = AAPL) -> Decimal:
        """A strategy's share."""
        name = StrategyName(strategy or next(iter(self.rules)))
        return self.books.position(name, symbol).quantity

    def folded_anew(self, actor: EventSourced[Any]) -> Any:
        """What an actor's memory would be after the whole journal."""
        memory = actor._memory
        state = memory.begin()
        for recorded in self.room.reader.events(types=memory.interest.types):
            if memory.interest.matches(recorded.event):
                state = memory.step(state, recorded.event)
        return state

    @property
    def folding(self) -> Sequence[EventSourced[Any]]:
        """The actors that remember."""
        return (self.book, self.breaker, self.broker, self.risk)


async def _others_done() -> None:
    """Until no other task is left on this loop, and what they said is told."""
    mine = asyncio.current_task()
    while others := [task for task in asyncio.all_tasks() if task is not mine]:
        await asyncio.wait(others)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def _called(function: Callable[..., Awaitable[T] | None], *arguments: Any) -> None:
    function(*arguments)
