"""Where a floor trades: venues that its broker is given, prices they show, ledgers that judge."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, Protocol

from attrs import define, field

from actors.runtime.testing import ManualClock
from brokers.base import MayLeave, RejectedError, Report, Ticket, UnreachableError, Venue, let_out
from brokers.ledger_events import LEDGER_EVENTS, PaperFilled
from brokers.paper_faults import NO_FAULTS, Faults
from brokers.paper_rules import DEFAULT_MARKET, MarketRules
from brokers.rehearsal import RehearsalVenue
from brokers.sign_in import SignIn
from journal import Codec, MemoryReader, MemoryStore
from trading.vocabulary import AccountName, BrokerOrderId, Symbol


LEDGER: Final = Codec(LEDGER_EVENTS)
CENT: Final = Decimal("0.01")
CASH_ACCOUNT: Final = "12345679"
ANSWERS_WITHIN_S: Final = 0.3
"""Real seconds until a client of the simulator has had enough of waiting."""


class Market(Protocol):
    """One account of a venue that outlives whoever trades there.

    `counts_itself`: `is_busy` knows of all that is asked of it and not answered yet.
    """

    counts_itself: bool

    def make_venue(self) -> Venue:
        """What a broker of a new life goes by."""

    def make_sign_in(self) -> SignIn | None:
        """What its sign-in is kept alive by; None: nobody signs in there."""

    def price(self, price: Decimal, symbol: Symbol) -> None:
        """It trades there now."""

    def time_passed(self) -> None:
        """The clock has moved."""

    def is_busy(self) -> bool:
        """Whether something is under way that no clock has to move for."""

    def is_away(self, reason: str) -> None:
        """It cannot be reached from now on; no reason: it can again."""

    def refuses(self, reason: str) -> None:
        """It takes no order from now on; no reason: it does again."""

    def at_venue(self, symbol: Symbol) -> Decimal:
        """What the account holds by the venue's own ledger."""

    def close(self) -> None:
        """The test is over."""


# --- paper ----------------------------------------------------------------------------------------


class Ledger(MemoryStore):
    """What is written stays when the books are closed."""

    def close(self) -> None:
        """Nothing is let go of."""


class TroubledVenue(RehearsalVenue):
    """A paper venue that cannot be reached, or takes nothing, while its market says why."""

    market: "PaperMarket"

    async def connect(self, report: Callable[[Report], None]) -> None:
        if self.market.away:
            raise UnreachableError(self.market.away)
        await super().connect(report)

    async def submit(self, ticket: Ticket, may_leave: MayLeave = let_out) -> BrokerOrderId:
        if self.market.refusal:
            raise RejectedError(self.market.refusal)
        return await super().submit(ticket, may_leave)


@define
class PaperMarket:
    """The built-in venue: prices are those of alerts."""

    counts_itself = False

    clock: ManualClock
    account: AccountName
    starting_cash: Decimal
    faults: Faults = NO_FAULTS
    rules: MarketRules = DEFAULT_MARKET
    away: str = ""
    refusal: str = ""
    ledger: Ledger = field(factory=lambda: Ledger(LEDGER))
    _venue: TroubledVenue | None = None

    def make_venue(self) -> Venue:
        self._venue = TroubledVenue(
            account=self.account,
            starting_cash=self.starting_cash,
            open_books=lambda: (self.ledger, MemoryReader(self.ledger)),
            clock=self.clock,
            faults=self.faults,
            rules=self.rules,
        )
        self._venue.market = self
        return self._venue

    def make_sign_in(self) -> SignIn | None:
        return None

    def price(self, price: Decimal, symbol: Symbol) -> None:
        """Nothing: its broker is told, as by an alert."""

    def time_passed(self) -> None:
        """Nothing: it goes by the clock itself."""

    def is_busy(self) -> bool:
        return False

    def is_away(self, reason: str) -> None:
        self.away = reason

    def refuses(self, reason: str) -> None:
        self.refusal = reason

    def at_venue(self, symbol: Symbol) -> Decimal:
        filled = (it.event for it in MemoryReader(self.ledger).events())
        return sum(
            (
                fill.side.sign * fill.quantity
                for fill in filled
                if isinstance(fill, PaperFilled) and fill.symbol == symbol
            ),
            Decimal(0),
        )

    def close(self) -> None:
        """Nothing is open."""
