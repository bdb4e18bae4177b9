"""The built-in paper venue: the rules of real orders, nobody's money, its ledger as the judge."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import ParamSpec, TypeVar

from attrs import frozen

from brokers.base import (
    Balances,
    Ended,
    Execution,
    OutcomeUnknownError,
    Report,
    Ticket,
    UnreachableError,
    VenueOrder,
    VenueStatus,
)
from brokers.ledger import (
    Ledger,
    LedgerOpened,
    PaperAccepted,
    PaperCancelled,
    PaperFilled,
    RehearsalMarked,
    evolve_ledger,
    on_price,
    take,
)
from journal import Draft, JournalError, Reader, Store
from trading.clock import Clock
from trading.events import Event
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


WRITER = "paper"

P = ParamSpec("P")
T = TypeVar("T")

Waiting = tuple[Draft, Ledger, asyncio.Future[None]]
"""What is to be written, the ledger once it is, and what tells that it is."""


@frozen(kw_only=True)
class Faults:
    """Trouble the venue makes on purpose, drawn from a seeded source.

    `timeout_after_accept` is the probability that an order is taken and the answer lost;
    `answer_timeout_s` how long the client then waits for it.
    """

    timeout_after_accept: float = 0.0
    answer_timeout_s: float = 2.0
    seed: int = 1

    @property
    def any(self) -> bool:
        """Whether any fault is switched on."""
        return self.timeout_after_accept > 0


NO_FAULTS = Faults()


class PaperVenue:
    """One paper account. Decisions run on the loop, its disk writes on one thread of their own.

    `open_books` opens the ledger's store and reader; it is called at each connect.
    """

    knows_our_ids = True

    def __init__(
        self,
        *,
        account: str,
        starting_cash: Decimal,
        open_books: Callable[[], tuple[Store, Reader]],
        clock: Clock,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._account = account
        self._starting_cash = starting_cash
        self._open_books = open_books
        self._clock = clock
        self._faults = faults
        self._chance = random.Random(faults.seed)  # noqa: S311 - faults are drawn, not secrets
        self._disk = ThreadPoolExecutor(1, thread_name_prefix=f"paper-{account}")
        self._ledger = Ledger()
        self._durable = Ledger()
        self._last: dict[Symbol, Decimal] = {}
        self._pending: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._watching: set[asyncio.Task[None]] = set()
        self._unreported: list[PaperFilled] = []
        self._books: tuple[Store, Reader] | None = None

    # --- the account ----------------------------------------------------------------------------

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Open the ledger, making it at the first connect."""
        self._report = report
        try:
            self._ledger = self._durable = await self._on_disk(self._load)
            if self._ledger.opened_at is None:
                await self._record(
                    LedgerOpened(
                        at=self._clock.now(), account=self._account, cash=self._starting_cash
                    )
                )
            if self._faults.any and not self._ledger.rehearsal:
                await self._record(RehearsalMarked(at=self._clock.now(), reason="faults are on"))
        except JournalError as error:
            raise UnreachableError(f"the paper ledger cannot be opened: {error}") from error

    def _load(self) -> Ledger:
        if self._books is None:
            self._books = self._open_books()
        return _evolved(Ledger(), (recorded.event for recorded in self._books[1].events()))

    async def close(self) -> None:
        """Finish the write under way and close the ledger."""
        for task in self._watching:
            task.cancel()
        if self._writing is not None:
            await self._writing
        await self._on_disk(self._close_books)
        self._disk.shutdown()

    def _close_books(self) -> None:
        if self._books is not None:
            store, reader = self._books
            reader.close()
            store.close()

    async def balances(self) -> Balances:
        """Cash as the ledger counts it."""
        return Balances(cash=self._ledger.cash)

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Holdings as the ledger counts them."""
        return dict(self._ledger.holdings)

    # --- orders ---------------------------------------------------------------------------------

    async def submit(self, ticket: Ticket) -> BrokerOrderId:
        """Take an order and, where it trades at once, fill it in the same transaction."""
        events = take(self._ledger, ticket, self._last.get(ticket.symbol), self._clock.now())
        loses_answer = self._chance.random() < self._faults.timeout_after_accept
        await self._record(*events)
        if loses_answer:
            await asyncio.sleep(self._faults.answer_timeout_s)
            raise OutcomeUnknownError(f"no answer within {self._faults.answer_timeout_s:g} s")
        accepted = events[0]
        assert isinstance(accepted, PaperAccepted)  # noqa: S101 - what `take` promises
        # The acknowledgement goes out before the fills: a report never overtakes its order.
        if not self._unreported:
            asyncio.get_running_loop().call_soon(self._report_fills)
        self._unreported += [e for e in events if isinstance(e, PaperFilled)]
        return accepted.broker_order_id

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Take a resting order off the book; nothing happens to one that rests no longer."""
        resting = self._ledger.resting.get(broker_order_id)
        if resting is None:
            return
        cancelled = PaperCancelled(
            at=self._clock.now(), broker_order_id=broker_order_id, order_id=resting.order_id
        )
        await self._record(cancelled)
        self._report(
            Ended(
                broker_order_id=broker_order_id,
                order_id=resting.order_id,
                status=VenueStatus.CANCELLED,
            )
        )

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order under our id, as the ledger on disk holds it."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
        try:
            return await self._on_disk(self._find, order_id)
        except JournalError as error:
            raise UnreachableError(f"the paper ledger cannot be read: {error}") from error

    def _find(self, order_id: OrderId) -> VenueOrder | None:
        assert self._books is not None  # noqa: S101 - connected first
        facts = [r.event for r in self._books[1].events(order_id=order_id)]
        taken = next((e for e in facts if isinstance(e, PaperAccepted)), None)
        if taken is None:
            return None
        fills = tuple(_execution(e) for e in facts if isinstance(e, PaperFilled))
        ended = any(isinstance(e, PaperCancelled) for e in facts)
        status = VenueStatus.CANCELLED if ended else VenueStatus.WORKING
        return VenueOrder(
            broker_order_id=taken.broker_order_id,
            order_id=order_id,
            status=VenueStatus.FILLED if fills else status,
            executions=fills,
        )

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """A later price: resting limits it goes through are filled."""
        self._last[symbol] = price
        fills = tuple(on_price(self._ledger, symbol, price, at))
        if fills:
            task = asyncio.get_running_loop().create_task(self._fill(fills))
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)

    async def _fill(self, fills: tuple[PaperFilled, ...]) -> None:
        # What could not be written rests on, and fills at a later price.
        with suppress(UnreachableError):
            await self._record(*fills)
            self._unreported += fills
            self._report_fills()

    def _report_fills(self) -> None:
        """Tell, in order, the fills of all orders that one write made durable."""
        unreported, self._unreported = self._unreported, []
        for fill in unreported:
            self._report(_execution(fill))

    # --- the ledger on disk ---------------------------------------------------------------------

    async def _record(self, *events: Event) -> None:
        """Apply events at once, so that the next order sees them, and return when they are durable.

        Whoever waits while a write is under way shares the next one.
        """
        self._ledger = _evolved(self._ledger, events)
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._pending.append((Draft(events=events, writer=WRITER), self._ledger, written))
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        await written

    async def _write(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                try:
                    await self._on_disk(self._commit, [draft for draft, _, _ in batch])
                except JournalError as error:
                    self._give_up(batch, error)
                else:
                    self._written(batch)
        finally:
            self._writing = None

    def _commit(self, drafts: list[Draft]) -> None:
        assert self._books is not None  # noqa: S101 - connected first
        self._books[0].commit(drafts)

    def _written(self, batch: list[Waiting]) -> None:
        for _, ledger, written in batch:
            self._durable = ledger
            if not written.done():
                written.set_result(None)

    def _give_up(self, batch: list[Waiting], error: JournalError) -> None:
        """Nothing of the batch was written, nor will be what was decided on top of it.

        In one step with no reading: a disk that fails to write may fail to read as well, and an
        order that came in between would be decided on what never was.
        """
        batch += self._pending
        self._pending = []
        self._ledger = self._durable
        for _, _, written in batch:
            if not written.done():
                written.set_exception(UnreachableError(f"the paper ledger cannot write: {error}"))

    async def _on_disk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, lambda: work(*args, **kwargs))


def _evolved(ledger: Ledger, events: Iterable[Event]) -> Ledger:
    for event in events:
        ledger = evolve_ledger(ledger, event)
    return ledger


def _execution(fill: PaperFilled) -> Execution:
    return Execution(
        execution_id=fill.execution_id,
        broker_order_id=fill.broker_order_id,
        order_id=fill.order_id,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        executed_at=fill.at,
        label=fill.label,
    )
