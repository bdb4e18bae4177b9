"""Dashboard: the read model, published as one immutable view."""

from collections.abc import Callable, Mapping

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import BookChanged, ShowBook, Tick
from actors.read_model import ReadModel, new_model
from actors.runtime import Address, Alarms, Birth, Publication
from actors.views import View
from journal import Recorded
from journal.recall import Recall
from trading.event import Event
from trading.events import EVENT_TYPES
from trading.vocabulary import AccountName


PUBLISH = Tick("publish")
PUBLISH_EVERY_S = 0.05
"""How often at most a new view is made: nobody looks more often, and making one costs."""


def model_memory(accounts: tuple[AccountName, ...]) -> Memory[ReadModel]:
    """What the Dashboard remembers of these accounts, but for their books."""
    return Memory(
        name="dashboard",
        kind=ReadModel,
        begin=lambda: new_model(accounts),
        step=_read,
        interest=interest(EVENT_TYPES),
    )


def _read(model: ReadModel, event: Event) -> ReadModel:
    model.fold(event)
    return model


class Dashboard(EventSourced[ReadModel]):
    """Folds everything and publishes what pages and the API show; at once when it is idle.

    It also has each event noted that comes, `note` being the log's way in: here, because whoever
    trades should not spend time on it.
    """

    linger_s = 0.004

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        books: Mapping[AccountName, Address],
        view: Publication[View],
        note: Callable[[Recorded], None],
    ) -> None:
        memory = model_memory(tuple(books))
        super().__init__(birth, journal=journal, reader=reader, memory=memory)
        self._alarms = self.own(alarms)
        self._books = books
        self._view = view
        self._note = note
        self._published_at = -PUBLISH_EVERY_S
        self._is_due = False

    def heard(self, recorded: Recorded) -> None:
        """What is new goes to the log too; what is folded at a start went there before."""
        self._note(recorded)

    def recovered(self) -> None:
        """Books are kept elsewhere; ask to see them."""
        for book in self._books.values():
            book.tell(ShowBook(), control=True)

    def handle(self, message: object) -> None:
        """Publish what was put off."""
        match message:
            case Tick(name="publish"):
                self._is_due = False
                self._publish()
            case BookChanged(statement=statement):
                self.state.show(statement)
                self.settle()
            case _:
                raise TypeError(f"the Dashboard does not know {message!r}")

    def settle(self) -> None:
        """Publish now, or soon where that was done a moment ago."""
        if self._is_due:
            return
        if self.clock.monotonic() - self._published_at >= PUBLISH_EVERY_S:
            self._publish()
        else:
            self._is_due = True
            self._alarms.after(PUBLISH_EVERY_S, self.address, PUBLISH)

    def _publish(self) -> None:
        if self.is_over:  # its successor's view is the newer one
            return
        self._published_at = self.clock.monotonic()
        self._view.publish(self.state.view(self._seen, self.clock.now()))
