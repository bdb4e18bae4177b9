"""The built-in paper venue: the rules of real orders, nobody's money, its ledger as the judge."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

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
    folded,
    on_price,
    take,
)
from brokers.paper_books import PaperBooks
from journal import Reader, Store
from trading.clock import Clock
from trading.events import Event
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


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

    `open_books` opens the ledger's store and reader; it is called at each connect, and `fold` then
    makes the ledger of them.
    """

    knows_our_ids = True

    def __init__(
        self,
        *,
        account: str,
        starting_cash: Decimal,
        open_books: Callable[[], tuple[Store, Reader]],
        clock: Clock,
        fold: Callable[[Reader], Ledger] = folded,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._account = account
        self._starting_cash = starting_cash
        self._clock = clock
        self._faults = faults
        self._chance = random.Random(faults.seed)  # noqa: S311 - faults are drawn, not secrets
        self._books = PaperBooks(account, open_books, fold, self._report_late)
        self._last: dict[Symbol, Decimal] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._unreported: list[PaperFilled] = []

    # --- the account ----------------------------------------------------------------------------

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Open the ledger, making it at the first connect."""
        self._report = report
        await self._books.open()
        try:
            if self._books.ledger.opened_at is None:
                await self._books.record(
                    LedgerOpened(
                        at=self._clock.now(), account=self._account, cash=self._starting_cash
                    )
                )
            if self._faults.any and not self._books.ledger.rehearsal:
                await self._books.record(
                    RehearsalMarked(at=self._clock.now(), reason="faults are on")
                )
        except OutcomeUnknownError as error:
            raise UnreachableError(str(error)) from error

    async def close(self) -> None:
        """Finish the write under way and close the ledger."""
        for task in self._watching:
            task.cancel()
        await self._books.close()

    async def balances(self) -> Balances:
        """Cash as the ledger counts it."""
        return Balances(cash=self._books.ledger.cash)

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Holdings as the ledger counts them."""
        return dict(self._books.ledger.holdings)

    # --- orders ---------------------------------------------------------------------------------

    async def submit(self, ticket: Ticket) -> BrokerOrderId:
        """Take an order and, where it trades at once, fill it in the same transaction.

        Nothing else runs before it is decided: who sends it has just looked at his gate.
        """
        self._books.refuse_in_doubt()
        events = take(self._books.ledger, ticket, self._last.get(ticket.symbol), self._clock.now())
        loses_answer = self._chance.random() < self._faults.timeout_after_accept
        await self._books.record(*events)
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
        await self._books.settle()
        resting = self._books.ledger.resting.get(broker_order_id)
        if resting is None:
            return
        cancelled = PaperCancelled(
            at=self._clock.now(), broker_order_id=broker_order_id, order_id=resting.order_id
        )
        await self._books.record(cancelled)
        self._report_cancelled(cancelled)

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order under our id, as the ledger on disk holds it."""
        facts = await self._books.facts(order_id)
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
        fills = tuple(on_price(self._books.ledger, symbol, price, at))
        if fills:
            task = asyncio.get_running_loop().create_task(self._fill(symbol, price, at))
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)

    async def _fill(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        # What could not be written rests on and fills at a later price, unless it was written all
        # the same: then it is found when the books are settled, and reported late.
        with suppress(UnreachableError, OutcomeUnknownError):
            await self._books.settle()
            if fills := tuple(on_price(self._books.ledger, symbol, price, at)):
                await self._books.record(*fills)
                self._unreported += fills
                self._report_fills()

    def _report_cancelled(self, event: PaperCancelled) -> None:
        self._report(
            Ended(
                broker_order_id=event.broker_order_id,
                order_id=event.order_id,
                status=VenueStatus.CANCELLED,
            )
        )

    def _report_late(self, events: Sequence[Event]) -> None:
        """What was written although the disk said otherwise; who sent an order asks for it."""
        asked_for = {event.order_id for event in events if isinstance(event, PaperAccepted)}
        for event in events:
            if isinstance(event, PaperFilled) and event.order_id not in asked_for:
                self._report(_execution(event))
            if isinstance(event, PaperCancelled):
                self._report_cancelled(event)

    def _report_fills(self) -> None:
        """Tell, in order, the fills of all orders that one write made durable."""
        unreported, self._unreported = self._unreported, []
        for fill in unreported:
            self._report(_execution(fill))


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
