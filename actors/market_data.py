"""MarketData: what is known of the market. In this version that is its calendar."""

from datetime import datetime
from typing import Final, Protocol

from attrs import frozen

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import Tick
from actors.runtime import Address, Alarms, Birth
from journal.recall import Recall
from trading.event import Event
from trading.events import CalendarApplied
from trading.sessions import Calendar


LOOK_AGAIN: Final = Tick("look_again")
LOOK_AGAIN_S: Final = 3600.0
"""How often it looks whether a new year has come: the calendar reaches years ahead."""


class Almanac(Protocol):
    """Knows the exchange's days for the years around an instant."""

    def edition(self, now: datetime) -> str:
        """What its calendar is made of, at no cost: of the same, the same is made."""
        ...

    def calendar(self, now: datetime) -> Calendar:
        """The calendar."""
        ...


@frozen
class Edition:
    """Of what the calendar in force was made; empty where there is none yet."""

    text: str = ""

    def after(self, event: Event) -> "Edition":
        """The edition after one event."""
        return Edition(event.edition) if isinstance(event, CalendarApplied) else self


def market_memory() -> Memory[Edition]:
    """What MarketData remembers."""
    return Memory(
        name="market",
        kind=Edition,
        begin=Edition,
        step=Edition.after,
        interest=interest((CalendarApplied,)),
    )


class MarketData(EventSourced[Edition]):
    """Makes the calendar in force a fact: at the start and at each new year, where it is another.

    It starts before the accounts, so that each of them has folded the calendar when it begins.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        almanac: Almanac,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=market_memory())
        self._almanac = almanac
        self._looking = self.own(alarms).every(LOOK_AGAIN_S, self.address, LOOK_AGAIN)

    def handle(self, message: object) -> None:
        """An hour has passed."""
        if message != LOOK_AGAIN:
            raise TypeError(f"MarketData does not know {message!r}")
        self.settle()

    def settle(self) -> None:
        """Write down the calendar of now, unless it is the one in force."""
        now = self.clock.now()
        edition = self._almanac.edition(now)
        if edition != self.state.text:
            calendar = self._almanac.calendar(now)
            applied = CalendarApplied(at=now, edition=edition, calendar=calendar)
            self.append(applied, cause="market")

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look no more."""
        self._looking.cancel()
