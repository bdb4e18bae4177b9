"""PositionBook: what an account holds and what it earned. One per account."""

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import BookChanged, ShowBook
from actors.runtime import Address, Birth, MailboxFull
from journal.recall import Recall
from trading.bookkeeping import evolve_book
from trading.events import AccountOpened, AlertAccepted, OrderFilled
from trading.positions import Book, roll
from trading.vocabulary import AccountName


BOOK_FACTS = (AccountOpened, AlertAccepted, OrderFilled)


def book_memory(account: AccountName) -> Memory[Book]:
    """What an account's PositionBook remembers."""
    return Memory(
        name=f"book:{account}",
        kind=Book,
        begin=lambda: Book(account=account),
        step=evolve_book,
        interest=interest(BOOK_FACTS, account),
    )


class PositionBook(EventSourced[Book]):
    """Folds fills and prices, and shows the book to the dashboard."""

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        dashboard: Address,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=book_memory(account))
        self._dashboard = dashboard

    def handle(self, message: object) -> None:
        """Someone wants to see the book."""
        if message != ShowBook():
            raise TypeError(f"the PositionBook does not know {message!r}")
        self.settle()

    def settle(self) -> None:
        """Show the latest; a dashboard too busy to look gets the next one."""
        if self.is_over:  # its successor's book is the newer one
            return
        try:
            self._dashboard.tell(BookChanged(self._seen, roll(self.state, self.clock.now())))
        except MailboxFull:
            return
