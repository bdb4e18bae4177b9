"""What a venue of a kind need not do, so that each says only what it does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from brokers.base import Bygone, MayLeave, NotOfferedError, Recalled, Ticket, let_out
from brokers.market import Candle
from brokers.sign_in import Access
from trading.sessions import Calendar
from trading.vocabulary import BrokerOrderId, OrderId, Symbol


class PartOfUs:
    """A venue in this very process: nobody signs in, and it has every order under our own id."""

    knows_our_ids = True
    siblings_go_together = False

    def admit(self, access: Access | None) -> None:
        """Nothing: here nobody signs in."""

    def recall(self, earlier: Recalled | Bygone) -> None:
        """Nothing: it remembers by itself."""

    def wake(self) -> None:
        """Nothing: it tells by itself."""

    async def submit_siblings(
        self, tickets: Sequence[Ticket], may_leave: MayLeave = let_out
    ) -> Mapping[OrderId, BrokerOrderId]:
        """Never: here each goes by itself."""
        del tickets, may_leave
        raise NotOfferedError("siblings are sent one by one")


class InTheMarket:
    """A venue that has quotes, bars and sessions of its own."""

    def observe(self, symbol: Symbol, price: Decimal, at: datetime) -> None:
        """Nothing: it has quotes of its own."""

    def bar_ended(self, bar: Candle) -> None:
        """Nothing: it keeps bars of its own."""

    def keep_hours(self, calendar: Calendar) -> None:
        """Nothing: the exchange keeps them, and the venue says which."""

    def session_closed(self) -> None:
        """Nothing: it ends the orders of a day by itself."""
