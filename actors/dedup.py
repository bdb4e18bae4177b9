"""When two alerts are one: the key under which the journal takes an alert once."""

import re
from datetime import datetime, timedelta

from trading.alerts import Signal, fingerprint
from trading.events import AlertAccepted


WINDOWED = re.compile(r"(accept:[0-9a-f]{32})/(\d+)")
"""The key of a body that nothing tells apart from the next one like it, and its count."""


class Dedup:
    """Knows when a body without id or fire time was accepted last, and how often before.

    Such a body is the same alert for a window longer than all of TradingView's re-sends, counted
    from the first of them; then it is a new one under a key with a higher count.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._last: dict[str, tuple[int, datetime]] = {}

    def forget(self) -> None:
        """Nothing was accepted yet."""
        self._last.clear()

    def fold(self, event: AlertAccepted) -> None:
        """Remember an acceptance; a repetition of it never moves its window."""
        key = WINDOWED.fullmatch(event.dedup)
        if key is None:
            return
        count = int(key[2])
        known, _ = self._last.get(key[1], (-1, event.at))
        if count > known:
            self._last[key[1]] = (count, event.at)

    def key(self, signal: Signal, body: bytes, at: datetime, *, id_is_unique: bool) -> str:
        """The key of an alert received at an instant: for ever the same where its sender's id or
        its fire time tells it apart from tomorrow's.
        """
        if id_is_unique and signal.client_id is not None:
            return f"accept:{signal.strategy}:{signal.client_id}"
        same = f"accept:{fingerprint(signal.strategy, body)}"
        if signal.fired_at is not None:
            return same
        count, last = self._last.get(same, (0, None))
        is_new = last is not None and at - last > self._window
        return f"{same}/{count + 1 if is_new else count}"
