"""A paper venue over real books, for tests: a disk that can be broken, a clock that stands."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol, TypeVar

from attrs import define, field

from brokers.base import Ended, Execution, Replaced, Report, Ticket
from brokers.ledger_events import LEDGER_EVENTS
from brokers.market import Quote
from brokers.paper import PaperVenue
from brokers.paper_faults import NO_FAULTS, Faults
from brokers.paper_rules import DEFAULT_MARKET, MarketRules
from brokers.quote_file import Shown
from brokers.rehearsal import RehearsalVenue
from journal import (
    Codec,
    Draft,
    MemoryReader,
    MemoryStore,
    Outcome,
    Reader,
    SqliteReader,
    SqliteStore,
    Store,
    StoreFailed,
)
from tests.trading.builders import AAPL, AT, Number, decimal
from trading.event import Event
from trading.sessions import Calendar
from trading.vocabulary import OrderId, OrderType, Side, Symbol


CODEC: Final = Codec(LEDGER_EVENTS)
WITHIN_S: Final = 10.0
FULL: Final = "the disk is full"

T = TypeVar("T")


class StandingClock:
    """Shows one instant for ever."""

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return 0.0


class CountedStore:
    """A store that remembers how many drafts each of its commits held."""

    def __init__(self, store: Store, commits: list[int]) -> None:
        self._store = store
        self._commits = commits

    @property
    def head(self) -> int:
        return self._store.head

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self._commits.append(len(drafts))
        return self._store.commit(drafts)

    def checkpoint(self) -> None:
        self._store.checkpoint()

    def close(self) -> None:
        self._store.close()


class Disk(Protocol):
    """Where a ledger lies; what is written stays when the books are closed."""

    def open(self) -> tuple[Store, Reader]: ...

    def fail(self) -> None:
        """Refuse every write from now on."""

    def heal(self) -> None:
        """Write again."""


@define
class MemoryDisk:
    """A ledger in memory that outlives the stores opened on it."""

    _held: MemoryStore = field(factory=lambda: MemoryStore(CODEC))
    _is_failing: bool = False

    def open(self) -> tuple[Store, Reader]:
        again = MemoryStore(CODEC)
        again.rows, again.keys = self._held.rows, self._held.keys
        again.refusal = FULL if self._is_failing else None
        self._held = again
        return again, MemoryReader(again)

    def fail(self) -> None:
        self._is_failing = True
        self._held.refusal = FULL

    def heal(self) -> None:
        self._is_failing = False
        self._held.refusal = None


class UnflushedStore(MemoryStore):
    """Takes what it is given, and says that it could not."""

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        raise StoreFailed(f"the flush failed, {super().commit(drafts)}")


@define
class FlushFailingDisk:
    """A ledger whose writes, while it fails, are there after all when it is opened again."""

    _held: MemoryStore = field(factory=lambda: MemoryStore(CODEC))
    _open: MemoryStore = field(factory=lambda: MemoryStore(CODEC))
    _is_failing: bool = False

    def open(self) -> tuple[Store, Reader]:
        self._open = MemoryStore(CODEC)
        self._open.rows, self._open.keys = self._held.rows, self._held.keys
        return _Unsteady(self, self._open), MemoryReader(self._open)

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        if not self._is_failing:
            return self._open.commit(drafts)
        self._held = UnflushedStore(CODEC)
        self._held.rows, self._held.keys = list(self._open.rows), dict(self._open.keys)
        return self._held.commit(drafts)

    def fail(self) -> None:
        self._is_failing = True

    def heal(self) -> None:
        self._is_failing = False


@define
class _Unsteady:
    """The store of such a disk."""

    _disk: FlushFailingDisk
    _store: MemoryStore

    @property
    def head(self) -> int:
        return self._store.head

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        return self._disk.commit(drafts)

    def checkpoint(self) -> None:
        self._store.checkpoint()

    def close(self) -> None:
        self._store.close()


@define
class SqliteDisk:
    """A ledger in a file; another writer that holds its lock makes every commit fail."""

    path: Path
    _other: sqlite3.Connection | None = None

    def open(self) -> tuple[Store, Reader]:
        store = SqliteStore(self.path, CODEC, busy_timeout_s=0.01)
        return store, SqliteReader(self.path, CODEC, busy_timeout_s=0.01)

    def fail(self) -> None:
        self._other = sqlite3.connect(self.path, isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def heal(self) -> None:
        if self._other is not None:
            self._other.close()
            self._other = None


class Mail:
    """What a venue reports, in order; waiting for it ends in an error rather than never."""

    def __init__(self) -> None:
        self._reports: asyncio.Queue[Report] = asyncio.Queue()
        self.put = self._reports.put_nowait

    @property
    def is_empty(self) -> bool:
        return self._reports.empty()

    async def execution(self) -> Execution:
        report = await asyncio.wait_for(self._reports.get(), WITHIN_S)
        assert isinstance(report, Execution), report
        return report

    async def replaced(self) -> Replaced:
        report = await asyncio.wait_for(self._reports.get(), WITHIN_S)
        assert isinstance(report, Replaced), report
        return report

    async def end(self) -> Ended:
        report = await asyncio.wait_for(self._reports.get(), WITHIN_S)
        assert isinstance(report, Ended), report
        return report


Scenario = Callable[[PaperVenue, Mail], Awaitable[T]]


@define
class House:
    """One paper account on one disk; each `run` is a daemon's life: connect, work, close."""

    disk: Disk
    commits: list[int] = field(factory=list)
    readers: list[Reader] = field(factory=list)
    rules: MarketRules = DEFAULT_MARKET
    tape: list[Shown] | None = None
    calendar: Calendar | None = None
    _venue: PaperVenue | None = None

    def open_books(self) -> tuple[Store, Reader]:
        store, reader = self.disk.open()
        self.readers.append(reader)
        return CountedStore(store, self.commits), reader

    def venue(self, cash: Number = 25_000, faults: Faults = NO_FAULTS) -> PaperVenue:
        return RehearsalVenue(
            account="paper",
            starting_cash=Decimal(cash),
            open_books=self.open_books,
            clock=StandingClock(),
            faults=faults,
            rules=self.rules,
            tape=None if (tape := self.tape) is None else lambda: tape,
        )

    def run(self, scenario: Scenario[T], cash: Number = 25_000, faults: Faults = NO_FAULTS) -> T:
        async def life() -> T:
            venue, mail = self.venue(cash, faults), Mail()
            self._venue = venue
            try:
                await venue.connect(mail.put)
                if self.calendar is not None:
                    venue.keep_hours(self.calendar)
                return await scenario(venue, mail)
            finally:
                await venue.close()

        return asyncio.run(asyncio.wait_for(life(), WITHIN_S))

    def move(self, price: Number, symbol: Symbol = AAPL) -> None:
        """An alert, or where there is a market a quote, tells this price to the open account."""
        assert self._venue is not None
        if self.tape is None:
            self._venue.observe(symbol, Decimal(price), AT)
        else:
            self._venue.quoted(Quote(symbol=symbol, at=AT, source="file", last=Decimal(price)))

    def facts(self) -> list[Event]:
        """What stands in the ledger on disk."""
        store, reader = self.disk.open()
        try:
            return [recorded.event for recorded in reader.events()]
        finally:
            reader.close()
            store.close()


def ticket(
    side: Side = Side.BUY,
    quantity: Number = 10,
    *,
    order_id: str = "o1",
    limit: Number | None = None,
    price: Number | None = 100,
    symbol: Symbol = AAPL,
) -> Ticket:
    return Ticket(
        order_id=OrderId(order_id),
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=decimal(limit),
        reference_price=decimal(price),
    )
