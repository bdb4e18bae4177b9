"""When a venue's session ends: its calendar is passed on, and each close is told in time."""

from collections.abc import Callable
from typing import Final

from actors.messages import Tick
from actors.runtime import Address, Cancel
from actors.runtime.own_alarms import OwnAlarms
from actors.wire import Wire
from trading.clock import Clock
from trading.sessions import Calendar


CLOSE: Final = Tick("session_may_be_over")
FAR_OFF_S: Final = 3600.0
"""The longest wait for a close in one piece: the clock may be set meanwhile."""


class SessionClose:
    """Lets the venue of an account with the exchange's hours know them, and when they end."""

    def __init__(
        self, alarms: OwnAlarms, address: Address, clock: Clock, wire: Callable[[], Wire]
    ) -> None:
        self._alarms = alarms
        self._address = address
        self._clock = clock
        self._wire = wire
        self._calendar: Calendar | None = None
        self._waiting: Cancel | None = None

    def forget(self) -> None:
        """The next venue knows nothing yet."""
        self._calendar = None

    def keep(self, calendar: Calendar) -> None:
        """Pass a calendar on, once."""
        if calendar is not self._calendar:
            self._calendar = calendar
            self._wire().tell_venue(lambda venue: venue.keep_hours(calendar))
            self._await_close(calendar)

    def look(self) -> None:
        """A session may have closed; that it has not costs nothing."""
        if self._calendar is not None:
            self._wire().tell_venue(lambda venue: venue.session_closed())
            self._await_close(self._calendar)

    def _await_close(self, calendar: Calendar) -> None:
        now = self._clock.now()
        delay_s = (calendar.next_close(now) - now).total_seconds()
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self._alarms.after(min(delay_s, FAR_OFF_S), self._address, CLOSE)
