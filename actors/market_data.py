"""MarketData: what is known of the market. In this version that is its calendar."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import Tick
from actors.runtime import Address, Alarms, Birth
from journal.recall import Recall
from trading.events import CalendarApplied, Event
from trading.sessions import Calendar


LOOK_AGAIN: Final = Tick("look_again")
LOOK_AGAIN_S: Final = 3600.0
"""How often it looks whether a new year has come: the calendar reaches years ahead."""


def market_memory() -> Memory[Calendar]:
    """What MarketData remembers."""
    return Memory(
        name="market",
        kind=Calendar,
        begin=Calendar,
        step=_applied,
        interest=interest((CalendarApplied,)),
    )


def _applied(calendar: Calendar, event: Event) -> Calendar:
    return event.calendar if isinstance(event, CalendarApplied) else calendar


class MarketData(EventSourced[Calendar]):
    """Makes the calendar in force a fact: at the start and at each new year, where it has changed.

    It starts before the accounts, so that each of them has folded the calendar when it begins.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        calendar: Callable[[datetime], Calendar],
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=market_memory())
        self._calendar = calendar
        self._looking = self.own(alarms).every(LOOK_AGAIN_S, self.address, LOOK_AGAIN)

    def handle(self, message: object) -> None:
        """An hour has passed."""
        if message != LOOK_AGAIN:
            raise TypeError(f"MarketData does not know {message!r}")
        self.settle()

    def settle(self) -> None:
        """Write down the calendar of now, unless it is the one in force."""
        now = self.clock.now()
        calendar = self._calendar(now)
        if calendar != self.state:
            self.append(CalendarApplied(at=now, calendar=calendar), cause="market")

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look no more."""
        self._looking.cancel()
