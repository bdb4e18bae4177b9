"""What an account's line to its venue remembers."""

from attrs import Factory, define

from actors.interests import interest
from actors.memory import Memory
from actors.risk import WIRE_FACTS
from trading.desk import Desk, evolve_desk, new_desk
from trading.events import AlertAccepted, Event
from trading.marks import Mark
from trading.vocabulary import AccountName, Symbol


@define
class Line:
    """An account as its venue concerns it, and of alerts, which are decided elsewhere, the prices.

    Owned by one thread.
    """

    desk: Desk
    marks: dict[Symbol, Mark] = Factory(dict)

    def after(self, event: Event) -> "Line":
        """The same line, one fact later."""
        if not isinstance(event, AlertAccepted):
            self.desk = evolve_desk(self.desk, event)
        elif event.price is not None:
            self.marks[event.symbol] = Mark(event.price, event.at)
        return self


def wire_memory(account: AccountName) -> Memory[Line]:
    """The memory of an account's BrokerActor."""
    return Memory(
        name=f"broker:{account}",
        kind=Line,
        begin=lambda: Line(new_desk(account)),
        step=Line.after,
        interest=interest(WIRE_FACTS, account),
    )
