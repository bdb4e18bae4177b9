"""A paper venue that makes trouble on purpose: lost answers, broken lines, fills told wrongly.

Its ledger is marked for ever: what it comes to proves nothing about a strategy.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, NoReturn

from brokers.base import (
    Balances,
    Change,
    Execution,
    MayLeave,
    OutcomeUnknownError,
    RateLimitedError,
    Report,
    Ticket,
    Transaction,
    UnreachableError,
    VenueOrder,
    let_out,
)
from brokers.ledger import Ledger
from brokers.ledger_events import FaultDrawn, PaperAccepted, RehearsalMarked
from brokers.market import Candle, Quote
from brokers.paper import PaperVenue
from brokers.paper_faults import FAULTY, NEVER_TAKEN, NO_FAULTS, Dice, Drawn, Fate, Faults
from brokers.paper_outside import by_an_outsider, by_the_company
from brokers.unruly import UnrulyReports
from trading.event import Event
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


RETRY_AFTER_S: Final = 1.0


class RehearsalVenue(PaperVenue):
    """A paper account with faults, drawn from their seed; what strikes stands in the ledger.

    Each life begins at the seed anew. Without faults it is a paper venue like any other.
    """

    def __init__(self, *, faults: Faults = NO_FAULTS, **of_account: Any) -> None:
        super().__init__(**of_account)
        self._faults = faults
        self._dice = Dice(faults.seed)
        self._unruly: UnrulyReports | None = None

    # --- the account ----------------------------------------------------------------------------

    async def connect(self, report: Callable[[Report], None]) -> None:
        """Open the ledger and, where there are faults, mark it."""
        if not self._faults.any:
            await super().connect(report)
            return
        self._unruly = UnrulyReports(report, self._faults, self._dice, self._note)
        await super().connect(self._unruly)
        if self._books.ledger.rehearsal:
            return
        marked = RehearsalMarked(at=self._clock.now(), reason="faults are on")
        try:
            await self._books.record(marked)
        except OutcomeUnknownError as error:
            raise UnreachableError(str(error)) from error

    async def close(self) -> None:
        """What was held back is not told any more."""
        if self._unruly is not None:
            self._unruly.close()
        await super().close()

    # --- orders ---------------------------------------------------------------------------------

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        """Take an order, if it comes so far, and answer, if the answer does."""
        if not self._faults.any:
            return await super().submit(ticket, may_leave)
        fate, late_s = await self._drawn("submit", ticket.order_id)
        if fate in NEVER_TAKEN:
            may_leave()
            await self._fail(fate)
        events = await self._take(ticket, may_leave)
        await self._answers(fate, late_s)
        accepted = events[0]
        assert isinstance(accepted, PaperAccepted)  # noqa: S101 - what `take` promises
        self._report_soon(events)
        return accepted.broker_order_id

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        """Change an order, with the same trouble."""
        fate, late_s = await self._drawn("replace", broker_order_id)
        if fate in NEVER_TAKEN:
            await self._fail(fate)
        new_id = await super().replace(broker_order_id, change)
        await self._answers(fate, late_s)
        return new_id

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Take an order off the book, with the same trouble."""
        fate, late_s = await self._drawn("cancel", broker_order_id)
        if fate in NEVER_TAKEN:
            await self._fail(fate)
        await super().cancel(broker_order_id)
        await self._answers(fate, late_s)

    async def _drawn(self, asked: str, about: str) -> tuple[Fate, Decimal]:
        """What becomes of a request, and by how many seconds its answer is late."""
        if not self._faults.any:
            return Fate.NONE, Decimal(0)
        draw = self._dice.draw()
        fate, number = self._faults.fate(draw), self._dice.count
        late_s = self._dice.part_of(self._faults.latency_s)
        if fate is not Fate.NONE or late_s:
            drawn = Drawn(number, draw, late_s)
            fault = "latency" if fate is Fate.NONE else str(fate)
            await self._books.record(self._struck(fault, asked, about, drawn))
        return fate, late_s

    async def _fail(self, fate: Fate) -> NoReturn:
        match fate:
            case Fate.DROP:
                raise UnreachableError("the connection broke, by a fault on purpose")
            case Fate.RATE_LIMITED:
                raise RateLimitedError(RETRY_AFTER_S)
            case Fate.SERVER_ERROR | Fate.SERVER_ERROR_AFTER_ACCEPT:
                raise OutcomeUnknownError("503 Service Unavailable, by a fault on purpose")
            case _:
                await asyncio.sleep(self._faults.answer_timeout_s)
                raise OutcomeUnknownError(f"no answer within {self._faults.answer_timeout_s:g} s")

    async def _answers(self, fate: Fate, late_s: Decimal) -> None:
        """Answer late, or not at all."""
        if float(late_s) > self._faults.answer_timeout_s:
            fate = Fate.TIMEOUT_AFTER_ACCEPT
        elif late_s:
            await asyncio.sleep(float(late_s))
        if fate is not Fate.NONE:
            await self._fail(fate)

    # --- asking ---------------------------------------------------------------------------------

    async def balances(self) -> Balances:
        """Money, if the question gets through."""
        await self._asked("balances")
        return await super().balances()

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Holdings, likewise."""
        await self._asked("positions")
        return await super().positions()

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """An order under our id, likewise."""
        await self._asked("find", order_id)
        return await super().find(order_id)

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        """An order under the venue's id, likewise."""
        await self._asked("order", broker_order_id)
        return await super().order(broker_order_id)

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        """Orders, likewise."""
        await self._asked("orders")
        return await super().orders_since(at)

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        """Executions, likewise."""
        await self._asked("executions")
        return await super().executions_since(at)

    async def transactions_since(self, at: datetime) -> Sequence[Transaction]:
        """Transactions, likewise."""
        await self._asked("transactions")
        return await super().transactions_since(at)

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Quotes, likewise."""
        await self._asked("quotes")
        return await super().quotes(symbols)

    async def _asked(self, what: str, about: str = "") -> None:
        """Let a question through, late perhaps; of what it cannot suffer from nothing comes."""
        fate, late_s = await self._drawn(what, about)
        if float(late_s) > self._faults.answer_timeout_s:
            await asyncio.sleep(self._faults.answer_timeout_s)
            raise UnreachableError(f"no answer within {self._faults.answer_timeout_s:g} s")
        if late_s:
            await asyncio.sleep(float(late_s))
        if fate is Fate.RATE_LIMITED:
            raise RateLimitedError(RETRY_AFTER_S)
        if fate in FAULTY:
            raise UnreachableError(f"{fate.replace('_', ' ')}, by a fault on purpose")

    # --- what happens besides -------------------------------------------------------------------

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """A price of an alert, and whatever others do at it."""
        super().observe(symbol, price, at)
        self._others(symbol, price)

    def quoted(self, quote: Quote) -> None:
        """A quote, likewise."""
        super().quoted(quote)
        if quote.is_sound and quote.price is not None:
            self._others(quote.symbol, quote.price)

    def bar_ended(self, bar: Candle) -> None:
        """A bar, likewise."""
        super().bar_ended(bar)
        self._others(bar.symbol, bar.close)

    def _others(self, symbol: Symbol, price: Decimal) -> None:
        """Somebody else trades on the account, or the company acts, as the dice have it."""
        dice, now = self._dice, self._clock.now()
        for name, probability, of in (
            ("external_trade", self._faults.external_trade, by_an_outsider),
            ("corporate_action", self._faults.corporate_action, by_the_company),
        ):
            if (draw := dice.strikes(probability)) is None:
                continue
            drawn = Drawn(dice.count, draw)
            unique = f"{now:%y%m%d%H%M%S}-{drawn.number}"
            does = partial(
                of, symbol=symbol, price=price, now=now, chosen=dice.draw(), number=unique
            )
            struck = self._struck(name, "price", symbol, drawn)
            self._spawn(self._happens(partial(_with_its_cause, struck, does)))

    # --- the ledger's word ----------------------------------------------------------------------

    def _struck(self, fault: str, asked: str, about: str, drawn: Drawn) -> FaultDrawn:
        return FaultDrawn(
            at=self._clock.now(),
            fault=fault,
            asked=asked,
            about=about,
            seed=self._faults.seed,
            number=drawn.number,
            draw=drawn.draw,
            seconds=drawn.seconds,
        )

    def _note(self, fault: str, about: str, drawn: Drawn) -> None:
        self._spawn(self._written(self._struck(fault, "report", about, drawn)))

    async def _written(self, event: Event) -> None:
        with suppress(UnreachableError, OutcomeUnknownError):
            await self._books.record(event)


def _with_its_cause(
    struck: FaultDrawn, does: Callable[[Ledger], Sequence[Event]], ledger: Ledger
) -> Sequence[Event]:
    events = does(ledger)
    return (struck, *events) if events else ()
