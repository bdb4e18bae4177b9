"""The built-in paper venue: the rules of real orders, nobody's money, its ledger as the judge."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from brokers import paper_answers as answers
from brokers.bars import meet_bar
from brokers.base import (
    Balances,
    Change,
    Execution,
    MayLeave,
    NotOfferedError,
    OutcomeUnknownError,
    RejectedError,
    Report,
    Ticket,
    Transaction,
    UnreachableError,
    VenueOrder,
    let_out,
)
from brokers.candles import aggregated
from brokers.ledger import Ledger, folded
from brokers.ledger_events import (
    LedgerOpened,
    PaperAccepted,
    PaperReplaced,
)
from brokers.lent import borrowed
from brokers.market import FROM_ALERT, Candle, MarketHours, Quote, regular_hours
from brokers.matching import expire, match
from brokers.own_kind import PartOfUs
from brokers.paper_books import PaperBooks
from brokers.paper_by_persons import ByPersons
from brokers.paper_orders import Conditions, cancel, replace, take
from brokers.paper_rules import DEFAULT_MARKET, MarketRules
from brokers.quote_file import Shown
from brokers.quote_tape import as_quote, bars_and_quotes, last_quotes
from journal import Reader, Store
from trading.clock import Clock
from trading.event import Event
from trading.sessions import Calendar
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


class PaperVenue(ByPersons, PartOfUs):
    """One paper account. Decisions run on the loop, its disk writes on one thread of their own.

    `tape` reads all that a file shows, where there is one; with `by_quotes_only` a symbol that was
    never quoted is refused, whatever an alert says of it. `open_books` opens the
    ledger's store and reader; it is called at each connect, and `fold` then makes the ledger of
    them. `session_of` names the session at an instant, or the next one; None: the account trades at
    all hours. A symbol that was ever quoted trades by quotes alone.
    """

    def __init__(
        self,
        *,
        account: str,
        starting_cash: Decimal,
        open_books: Callable[[], tuple[Store, Reader]],
        clock: Clock,
        fold: Callable[[Reader], Ledger] = folded,
        session_of: Callable[[datetime], MarketHours] | None = None,
        rules: MarketRules = DEFAULT_MARKET,
        tape: Callable[[], list[Shown]] | None = None,
        by_quotes_only: bool = False,
    ) -> None:
        self._account = account
        self._starting_cash = starting_cash
        self._clock = clock
        self._books = PaperBooks(account, open_books, fold, self._report_late)
        self._last: dict[Symbol, Decimal] = {}
        self._session_of = session_of
        self._rules = rules
        self._tape = tape
        self._quotes = {} if tape is None else dict(last_quotes(tape(), clock.now()))
        self._by_quotes_only = by_quotes_only
        self._watching: set[asyncio.Task[None]] = set()
        self._unreported: list[Event] = []

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
        except OutcomeUnknownError as error:
            raise UnreachableError(str(error)) from error

    async def close(self) -> None:
        """Finish the write under way and close the ledger."""
        for task in self._watching:
            task.cancel()
        await self._books.close()

    async def balances(self) -> Balances:
        """Cash as the ledger counts it."""
        ledger = self._books.ledger
        return Balances(
            cash=ledger.cash,
            buying_power=ledger.free_at(self._clock.now()) - ledger.reserved,
            rehearsal=ledger.rehearsal,
        )

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """Holdings as the ledger counts them."""
        return dict(self._books.ledger.holdings)

    # --- orders ---------------------------------------------------------------------------------

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        """Take an order and, where it trades at once, fill it in the same transaction.

        Nothing else runs between the guard's word and the ledger's.
        """
        events = await self._take(ticket, may_leave)
        accepted = events[0]
        assert isinstance(accepted, PaperAccepted)  # noqa: S101 - what `take` promises
        self._report_soon(events)
        return accepted.broker_order_id

    async def _take(self, ticket: Ticket, may_leave: MayLeave) -> Sequence[Event]:
        """What an order causes on arrival, durable and not yet reported."""
        may_leave()
        self._books.refuse_in_doubt()
        now, last = self._clock.now(), self._last.get(ticket.symbol)
        conditions = self._conditions(ticket.symbol, now)
        events = take(self._books.ledger, ticket, last, now, conditions)
        await self._books.record(*events)
        return events

    async def replace(self, broker_order_id: BrokerOrderId, change: Change) -> BrokerOrderId:
        """Give an order on the book other terms and a new id."""
        self._books.refuse_in_doubt()
        now, ledger = self._clock.now(), self._books.ledger
        order = ledger.resting.get(broker_order_id)
        symbol = None if order is None else order.terms.symbol
        replaced = replace(ledger, broker_order_id, change, now, self._conditions(symbol, now))
        await self._books.record(replaced)
        self._report_soon((replaced,))
        return replaced.new_id

    async def cancel(self, broker_order_id: BrokerOrderId) -> None:
        """Take a resting order off the book; nothing happens to one that rests no longer."""
        await self._books.settle()
        if events := cancel(self._books.ledger, broker_order_id, self._clock.now()):
            await self._books.record(*events)
            self._tell(events)

    def _conditions(self, symbol: Symbol | None, now: datetime) -> Conditions:
        quote = self._quotes.get(symbol) if symbol is not None else None
        session = self._session_of(now) if self._session_of is not None else None
        if quote is None and self._by_quotes_only:
            raise RejectedError(f"{symbol} is unknown: nothing was ever quoted of it")
        return Conditions(quote=quote, session=session, rules=self._rules)

    # --- asking ---------------------------------------------------------------------------------

    async def find(self, order_id: OrderId) -> VenueOrder | None:
        """The order under our id, as the ledger on disk holds it."""
        return answers.order_of(await self._books.facts(order_id))

    async def order(self, broker_order_id: BrokerOrderId) -> VenueOrder | None:
        """The order under the venue's id, as the ledger on disk holds it."""
        return answers.order_under(await self._books.facts(), broker_order_id)

    async def orders_since(self, at: datetime) -> Sequence[VenueOrder]:
        """All orders taken since then."""
        return answers.orders_in(await self._books.facts_since(at), at)

    async def executions_since(self, at: datetime) -> Sequence[Execution]:
        """All executions since then."""
        return answers.executions_in(await self._books.facts_since(at), at)

    async def transactions_since(self, at: datetime) -> Sequence[Transaction]:
        """What moved without an order since then, splits excepted: they are found, not told."""
        if not self._books.ledger.movements:
            return ()
        return answers.transactions_in(await self._books.facts_since(at), at)

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """The last quotes, where there is a market to watch; what alerts said is none."""
        return {symbol: self._quotes[symbol] for symbol in symbols if symbol in self._quotes}

    async def history(self, symbol: Symbol, length: timedelta, since: datetime) -> Sequence[Candle]:
        """What its file of quotes comes to by now, if it has one."""
        if self._tape is None:
            raise NotOfferedError("an account without a file of quotes keeps none")
        shown = await asyncio.to_thread(self._tape)
        return aggregated(bars_and_quotes(shown, symbol), length, since, self._clock.now())

    async def market_hours(self, at: datetime) -> MarketHours | None:
        """The session at an instant or the next one; None: the account trades at all hours."""
        return self._session_of(at) if self._session_of is not None else None

    # --- prices ---------------------------------------------------------------------------------

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """A price that an alert said; it fills what rests, unless there are quotes to do that."""
        self._last[symbol] = price
        if symbol not in self._quotes and any(
            order.terms.symbol == symbol for order in self._books.ledger.resting.values()
        ):
            said = Quote(symbol=symbol, at=at, source=FROM_ALERT, last=price)
            self._spawn(self._happens(lambda ledger: self._meet(ledger, said, None)))

    def quoted(self, quote: Quote) -> None:
        """A quote of a market; the orders that wait for one meet it, in the order of quotes."""
        before = self._quotes.get(quote.symbol)
        if before is None or quote.at >= before.at:
            if quote.is_sound:
                self._quotes[quote.symbol] = quote
            self._spawn(self._happens(lambda ledger: self._meet(ledger, quote, before)))

    def bar_ended(self, bar: Candle) -> None:
        """A bar of the market is over; the orders that were there before it meet it."""
        before, close = self._quotes.get(bar.symbol), as_quote(bar)
        if before is None or close.at >= before.at:
            self._quotes[bar.symbol] = close
            self._spawn(self._happens(lambda ledger: self._meet_bar(ledger, bar, before)))

    def keep_hours(self, calendar: Calendar) -> None:
        """From now on nothing fills outside of the regular sessions, and day orders end by them."""
        self._session_of = lambda at: regular_hours(calendar, at)
        self._rules = self._rules.by_days_of(calendar)

    def session_closed(self) -> None:
        """Day orders expire, a night's borrowing is paid for; may be called at any time."""
        self._spawn(self._happens(self._end_of_session))

    def _end_of_session(self, ledger: Ledger) -> Sequence[Event]:
        now = self._clock.now()
        session = self._session_of(now) if self._session_of is not None else None
        fees = borrowed(ledger, self._rules.lends, session, now, self._price_of)
        return (*expire(ledger, now), *fees)

    def _price_of(self, symbol: Symbol) -> Decimal | None:
        quote = self._quotes.get(symbol)
        return self._last.get(symbol) if quote is None else quote.price

    async def happen(self, *events: Event) -> None:
        """Something comes about that no order of ours asked for; executions are reported."""
        await self._books.settle()
        await self._record_and_tell(events)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    def _meet(self, ledger: Ledger, quote: Quote, before: Quote | None) -> Sequence[Event]:
        # Of an alert's price the age is no matter: whoever passes it on has judged that.
        now = quote.at if quote.source == FROM_ALERT else self._clock.now()
        session = self._session_of(quote.at) if self._session_of is not None else None
        return match(ledger, quote, before=before, now=now, session=session, rules=self._rules)

    def _meet_bar(self, ledger: Ledger, bar: Candle, before: Quote | None) -> Sequence[Event]:
        now = self._clock.now()
        session = self._session_of(bar.at) if self._session_of is not None else None
        return meet_bar(ledger, bar, before=before, now=now, session=session, rules=self._rules)

    async def _happens(self, events_of: Callable[[Ledger], Sequence[Event]]) -> None:
        # What could not be written rests on and fills at a later price, unless it was written all
        # the same: then it is found when the books are settled, and reported late.
        with suppress(UnreachableError, OutcomeUnknownError):
            await self._books.settle()
            await self._record_and_tell(events_of(self._books.ledger))

    async def _record_and_tell(self, events: Sequence[Event]) -> None:
        if events:
            await self._books.record(*events)
            self._unreported += events
            self._report_now()

    # --- reports --------------------------------------------------------------------------------

    def _report_soon(self, events: Iterable[Event]) -> None:
        """The acknowledgement goes out before the rest: a report never overtakes its order."""
        if not self._unreported:
            asyncio.get_running_loop().call_soon(self._report_now)
        self._unreported += events

    def _report_now(self) -> None:
        """Tell, in order, what happened to all orders that one write made durable."""
        unreported, self._unreported = self._unreported, []
        self._tell(unreported)

    def _report_late(self, events: Sequence[Event]) -> None:
        """What was written although the disk said otherwise; who sent an order asks for it."""
        asked_for = {e.order_id for e in events if isinstance(e, PaperAccepted | PaperReplaced)}
        self._tell(e for e in events if getattr(e, "order_id", None) not in asked_for)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            if (report := answers.report_of(event)) is not None:
                self._report(report)
