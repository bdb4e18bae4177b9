"""PositionBook: what an account holds and what it earned. One per account."""

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.messages import BookChanged, ShowBook
from actors.runtime import Address, Birth, MailboxFull
from journal import Reader
from trading.events import AccountOpened, AlertAccepted, Event, OrderFilled
from trading.positions import Book, evolve_book, roll
from trading.vocabulary import AccountName


BOOK_FACTS = (AccountOpened, AlertAccepted, OrderFilled)


class PositionBook(EventSourced):
    """Folds fills and prices, and shows the book to the dashboard."""

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Reader,
        account: AccountName,
        dashboard: Address,
    ) -> None:
        super().__init__(
            birth, journal=journal, reader=reader, interest=interest(BOOK_FACTS, account)
        )
        self._account = account
        self._dashboard = dashboard
        self.forget()

    def forget(self) -> None:
        """An empty book."""
        self._book = Book(account=self._account)

    def fold(self, event: Event) -> None:
        """One fact into the book."""
        self._book = evolve_book(self._book, event)

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
            self._dashboard.tell(BookChanged(self._seen, roll(self._book, self.clock.now())))
        except MailboxFull:
            return
