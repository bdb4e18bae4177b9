"""What is known of an account without waiting, and what an order becomes by it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from brokers.base import BrokerError, RejectedError, Ticket, UnreachableError
from brokers.market import Quote, market_day
from brokers.schwab.asking import Asking
from brokers.schwab.budget import Urgency
from brokers.schwab.orders import check_session, marketable
from brokers.schwab.wire_accounts import positions_of
from brokers.schwab.wire_words import Instruction
from trading.clock import Clock
from trading.vocabulary import OrderType, Symbol


QUOTE_LASTS: Final = timedelta(seconds=5)
"""How old a quote may be that bounds what an entry pays."""

WANTED_FOR: Final = timedelta(seconds=60)
"""How long a symbol's quote is asked for together with others'."""

EXITS: Final = (Instruction.SELL, Instruction.BUY_TO_COVER)


@frozen(kw_only=True)
class Rules:
    """What an account may do here.

    `collar_percent`: a market entry goes as a limit so far beyond the other side; None: as it is.
    `native_brackets`: protection goes with its entry, and works even if we are gone.
    `like_order_waits_s`: how long an order waits for a like one's answer, less than its own send
    deadline. `is_rehearsal`: this Schwab is a simulator, its figures prove nothing.
    """

    gates_sessions: bool = True
    collar_percent: Decimal | None = None
    native_brackets: bool = True
    like_order_waits_s: float = 4.0
    is_rehearsal: bool = False


class LastLook:
    """Holdings, quotes and hours as they were seen last: an order seldom has to wait for them."""

    def __init__(self, ask: Asking, clock: Clock, rules: Rules) -> None:
        self._ask = ask
        self._clock = clock
        self._rules = rules
        self._may_short = False
        self._quotes: dict[Symbol, Quote] = {}
        self._wanted: dict[Symbol, datetime] = {}

    async def refresh(self) -> None:
        """See again what is held, and once a day when the exchange is open."""
        await self.positions()
        if self._rules.gates_sessions:
            await self._ask.hours_on(self._today())

    async def positions(self) -> Mapping[Symbol, Decimal]:
        """The shares held, signed."""
        account = await self._ask.account()
        self._may_short = account.may_sell_short
        return positions_of(account)

    def quoted(self, quotes: Mapping[Symbol, Quote]) -> None:
        """Take note of quotes of Schwab's own, from wherever they come."""
        self._quotes |= quotes

    async def freshen(self, ticket: Ticket) -> None:
        """Ask for the hours and the quote that an entry needs, where none are at hand.

        Raises:
            UnreachableError: there is no fresh quote to be had; the order is not sent.
        """
        if not ticket.opens:
            return  # an exit waits for nothing
        if self._rules.gates_sessions and not self._ask.knows_hours_of(self._today()):
            with suppress(BrokerError):  # `ready` says what goes without
                await self._ask.hours_on(self._today())
        needs_quote = self.is_collared(ticket) or ticket.sells_short
        if not needs_quote or self._is_fresh(ticket.symbol):
            return
        try:
            self.quoted(await self._ask.quotes(self._wanted_with(ticket.symbol)))
        except BrokerError as error:
            raise UnreachableError(f"not sent: no quote of {ticket.symbol}: {error}") from error

    def _wanted_with(self, symbol: Symbol) -> list[Symbol]:
        """All that were wanted lately, too: one question serves the next orders."""
        now = self._clock.now()
        self._wanted[symbol] = now
        self._wanted = {s: at for s, at in self._wanted.items() if now - at <= WANTED_FOR}
        return list(self._wanted)

    def _today(self) -> date:
        return market_day(self._clock.now())

    def _is_fresh(self, symbol: Symbol) -> bool:
        quote = self._quotes.get(symbol)
        now = self._clock.now()
        return quote is not None and quote.is_sound and quote.age(now) <= QUOTE_LASTS

    def is_collared(self, ticket: Ticket) -> bool:
        """Whether it goes as a limit although it is a market order. The collar binds no exits."""
        return (
            self._rules.collar_percent is not None
            and ticket.order_type is OrderType.MARKET
            and ticket.opens
        )

    def ready(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """The orders as they are sent now; those that follow the first wait for it.

        Raises:
            RejectedError: Schwab would keep it for the next open, or lends no shares of it.
            UnreachableError: too little is known to send an entry.
        """
        first, *rest = tickets
        self._check_session(first)
        self._check_lent(first)
        return [self._collared(first), *rest]

    def _check_session(self, ticket: Ticket) -> None:
        if not self._rules.gates_sessions:
            return
        today = self._today()
        if self._ask.knows_hours_of(today):
            check_session(ticket, self._ask.known_hours(today), self._clock.now())
        elif ticket.opens:
            raise UnreachableError("not sent: today's market hours are not known yet")

    def _check_lent(self, ticket: Ticket) -> None:
        if not ticket.sells_short:
            return
        if not self._may_short:
            raise RejectedError("this account may not sell short: it is no margin account")
        if not self._is_fresh(ticket.symbol):
            raise UnreachableError(f"not sent: no fresh quote of {ticket.symbol}")
        if not self._quotes[ticket.symbol].is_lent:
            raise RejectedError(f"Schwab lends no {ticket.symbol}, or not easily: not sold short")

    def _collared(self, ticket: Ticket) -> Ticket:
        collar = self._rules.collar_percent
        if collar is None or not self.is_collared(ticket):
            return ticket
        if not self._is_fresh(ticket.symbol):
            raise UnreachableError(f"not sent: no fresh quote of {ticket.symbol}")
        return marketable(ticket, self._quotes[ticket.symbol], collar)


def urgency_of(ticket: Ticket) -> Urgency:
    """Whether an order leads out of a position."""
    return Urgency.ENTRY if ticket.opens else Urgency.EXIT
