"""What a person may say to a paper account, and to no other."""

from decimal import Decimal

from brokers.freezing import thawed
from brokers.paper_books import PaperBooks
from brokers.resetting import begun_anew
from trading.clock import Clock
from trading.vocabulary import Symbol


class ByPersons:
    """Of a paper account: its word goes into the ledger like any other fact."""

    _books: PaperBooks
    _clock: Clock
    _starting_cash: Decimal

    async def thaw(self, symbol: Symbol, reason: str) -> None:
        """A person says that a jump was real: the symbol trades again today."""
        await self._books.settle()
        ledger, now = self._books.ledger, self._clock.now()
        await self._books.record(thawed(ledger, symbol, reason, now))

    async def reset(self, reason: str) -> Decimal:
        """A person lets the account begin anew with its starting cash, which is told."""
        await self._books.settle()
        ledger, cash = self._books.ledger, self._starting_cash
        await self._books.record(*begun_anew(ledger, cash, reason, self._clock.now()))
        return cash
