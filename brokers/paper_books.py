"""The paper venue's books: a ledger on disk, and in memory what is decided on it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from brokers.base import OutcomeUnknownError, UnreachableError
from brokers.disk_thread import DiskThread
from brokers.ledger import Ledger, evolve_ledger
from brokers.ledger_events import PaperFilled
from journal import Draft, JournalError, Reader, Store
from trading.event import Event
from trading.vocabulary import OrderId


WRITER = "paper"

Waiting = tuple[Draft, Ledger, asyncio.Future[None]]
"""What is to be written, the ledger once it is, and what tells that it is."""


class PaperBooks:
    """One account's ledger. Decisions run on the loop, disk writes on one thread of their own.

    A write that fails leaves its outcome open: the flush may have failed with the data written. The
    books are then in doubt until they have been closed, opened and checkpointed again; nothing is
    decided on them before that. `open_books` opens store and reader, `fold` makes the ledger of the
    latter, `late` is told of events that were given up and then found written.
    """

    def __init__(
        self,
        account: str,
        open_books: Callable[[], tuple[Store, Reader]],
        fold: Callable[[Reader], Ledger],
        late: Callable[[Sequence[Event]], None],
    ) -> None:
        self._open_books = open_books
        self._fold = fold
        self._late = late
        self._disk = DiskThread(f"paper-{account}-disk")
        self.ledger = Ledger()
        self._durable = Ledger()
        self._head = 0
        self._pending: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._in_doubt = False
        self._opened: tuple[Store, Reader] | None = None

    async def open(self) -> None:
        """Read the ledger, making it where there never was one.

        Raises:
            UnreachableError: it cannot be opened or read.
        """
        await self.settle()
        try:
            self._take(*await self._disk.do(self._load))
        except JournalError as error:
            raise UnreachableError(f"the paper ledger cannot be opened: {error}") from error

    async def close(self) -> None:
        """Finish the work under way and close the ledger."""
        under_way = [task for task in (self._writing, self._settling) if task is not None]
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._disk.do(self._close)
        self._disk.end()

    async def settle(self) -> None:
        """Make sure that the books are what the disk holds; where they are, nothing else runs.

        Raises:
            UnreachableError: they are in doubt, and the disk does not answer.
        """
        while self._in_doubt:
            await asyncio.shield(self._settled())

    def refuse_in_doubt(self) -> None:
        """For who cannot wait; raises UnreachableError, and sees to it that the doubt ends."""
        if self._in_doubt:
            self._settled()
            raise UnreachableError("the paper ledger is looked over after a write that failed")

    def _settled(self) -> asyncio.Task[None]:
        if self._settling is None:
            self._settling = asyncio.get_running_loop().create_task(self._settle())
            # Perhaps nobody waits for it; then nobody needs to hear of its failure either.
            self._settling.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._settling

    async def record(self, *events: Event) -> None:
        """Apply events at once, so that the next order sees them, and return when they are durable.

        Whoever waits while a write is under way shares the next one.

        Raises:
            UnreachableError: they were never given to the disk.
            OutcomeUnknownError: the disk failed; they may be written all the same.
        """
        self.ledger = evolved(self.ledger, events)
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._pending.append((Draft(events=events, writer=WRITER), self.ledger, written))
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        await written

    async def facts(self, order_id: OrderId | None = None) -> list[Event]:
        """What the disk holds of an order; None: everything.

        Raises:
            UnreachableError: it cannot be read, or it is not certain yet what it holds.
        """
        return await self._read(lambda: self._facts(order_id))

    async def facts_since(self, at: datetime) -> list[Event]:
        """What the disk holds from an instant on, and perhaps a little from before it.

        Raises:
            UnreachableError: it cannot be read, or it is not certain yet what it holds.
        """
        return await self._read(lambda: self._facts_since(at))

    async def _read(self, read: Callable[[], list[Event]]) -> list[Event]:
        if self._writing is not None:
            await asyncio.shield(self._writing)
        await self.settle()
        try:
            return await self._disk.do(read)
        except JournalError as error:
            raise UnreachableError(f"the paper ledger cannot be read: {error}") from error

    # --- writing --------------------------------------------------------------------------------

    async def _write(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                try:
                    head = await self._disk.do(self._commit, [draft for draft, _, _ in batch])
                except JournalError as error:
                    self._give_up(batch, error)
                else:
                    self._written(batch, head)
        finally:
            self._writing = None

    def _written(self, batch: list[Waiting], head: int) -> None:
        self._head = head
        for _, ledger, written in batch:
            self._durable = ledger
            if not written.done():
                written.set_result(None)

    def _give_up(self, batch: list[Waiting], error: JournalError) -> None:
        """Nobody knows what became of the batch; what was decided on top of it is given up.

        In one step with no reading: a disk that fails to write may fail to read as well, and an
        order that came in between would be decided on what never was.
        """
        self._in_doubt = True
        self.ledger = self._durable
        never, self._pending = self._pending, []
        for _, _, written in batch:
            if not written.done():
                written.set_exception(
                    OutcomeUnknownError(f"the paper ledger may not have been written: {error}")
                )
        for _, _, written in never:
            if not written.done():
                written.set_exception(
                    UnreachableError(f"the paper ledger cannot be written: {error}")
                )

    async def _settle(self) -> None:
        try:
            ledger, head, late = await self._disk.do(self._reload)
        except JournalError as error:
            raise UnreachableError(f"the paper ledger cannot be opened: {error}") from error
        finally:
            self._settling = None
        self._take(ledger, head)
        self._in_doubt = False
        self._late(late)

    def _take(self, ledger: Ledger, head: int) -> None:
        self.ledger = self._durable = ledger
        self._head = head

    # --- on the disk's thread -------------------------------------------------------------------

    def _load(self) -> tuple[Ledger, int]:
        if self._opened is None:
            self._opened = self._open_books()
        store, reader = self._opened
        return self._fold(reader), store.head

    def _reload(self) -> tuple[Ledger, int, list[Event]]:
        """Only opening shows what is in the log; only a checkpoint makes it last.

        The ledger, its head, and the events of it that were given up.
        """
        self._close()
        ledger, head = self._load()
        late = [recorded.event for recorded in self._reader.events(after=self._head)]
        self._store.checkpoint()
        return ledger, head, late

    def _close(self) -> None:
        if self._opened is not None:
            store, reader = self._opened
            self._opened = None
            reader.close()
            store.close()

    def _commit(self, drafts: list[Draft]) -> int:
        self._store.commit(drafts)
        return self._store.head

    def _facts(self, order_id: OrderId | None) -> list[Event]:
        return [recorded.event for recorded in self._reader.events(order_id=order_id)]

    def _facts_since(self, at: datetime) -> list[Event]:
        """Backwards, so that it costs what was done since and not what was ever done.

        A fill by an alert's price bears that price's instant, which may be long past.
        """
        found: list[Event] = []
        for recorded in self._reader.events(newest_first=True):
            if recorded.event.at < at and not isinstance(recorded.event, PaperFilled):
                break
            found.append(recorded.event)
        return found[::-1]

    @property
    def _store(self) -> Store:
        assert self._opened is not None  # noqa: S101 - connected first
        return self._opened[0]

    @property
    def _reader(self) -> Reader:
        assert self._opened is not None  # noqa: S101 - connected first
        return self._opened[1]


def evolved(ledger: Ledger, events: Iterable[Event]) -> Ledger:
    """The ledger after these events."""
    for event in events:
        ledger = evolve_ledger(ledger, event)
    return ledger
