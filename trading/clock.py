"""What time is, to everyone who needs it: injected, so that tests and replays own it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where an instant comes from; safe to call from any thread."""

    def now(self) -> datetime:
        """The wall clock as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, for deadlines and durations."""
        ...
