"""How often the journal's log is moved to its place: at once when idle, rarely when busy."""

from typing import Final


TICKS: Final = 10
EVENTS: Final = 2_000


class CheckpointPace:
    """Says at each tick whether to checkpoint.

    Whoever appends during a checkpoint waits for it, some ten milliseconds. So while somebody does,
    there is one only every ten ticks or 2,000 events, whichever comes first.
    """

    def __init__(self) -> None:
        self._head = 0
        self._moved = 0
        self._busy_ticks = 0

    def is_due(self, head: int) -> bool:
        """Whether it is time, with the store's head at this tick."""
        is_busy, self._head = head != self._head, head
        self._busy_ticks = self._busy_ticks + 1 if is_busy else 0
        if is_busy and self._busy_ticks < TICKS and head - self._moved < EVENTS:
            return False
        self._busy_ticks, self._moved = 0, head
        return True
