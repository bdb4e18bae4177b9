"""When two alerts are one: the key under which the journal takes an alert once."""

import re
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from attrs import Factory, define, frozen

from trading.alert_events import AlertAccepted
from trading.alerts import Signal, fingerprint


WINDOWED = re.compile(r"(accept:[0-9a-f]{32})/(\d+)")
"""The key of a body that nothing tells apart from the next one like it, and its number."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@frozen
class Acceptance:
    """When a body was accepted last, and under which number."""

    number: int
    at: datetime


@define
class Dedup:
    """Knows when a body without id or fire time was accepted last.

    Such a body is the same alert for a `window` longer than all of TradingView's re-sends, counted
    from the first of them; then it is a new one under a key with a higher number. That number is
    the instant in microseconds, so that what is long past can be forgotten and yet no number is
    ever given twice. `last` holds what is younger than two windows, in the order it came.
    """

    window: timedelta
    last: OrderedDict[str, Acceptance] = Factory(OrderedDict)

    def fold(self, event: AlertAccepted) -> None:
        """Remember an acceptance; a repetition of it never moves its window."""
        key = WINDOWED.fullmatch(event.dedup)
        if key is None:
            return
        number, known = int(key[2]), self.last.get(key[1])
        if known is None or number > known.number:
            self.last[key[1]] = Acceptance(number, event.at)
            self.last.move_to_end(key[1])
        self._forget_before(event.at - 2 * self.window)

    def _forget_before(self, instant: datetime) -> None:
        while self.last:
            same, oldest = next(iter(self.last.items()))
            if oldest.at >= instant:
                return
            del self.last[same]

    def key(self, signal: Signal, body: bytes, at: datetime, *, id_is_unique: bool) -> str:
        """The key of an alert received at an instant: for ever the same where its sender's id or
        its fire time tells it apart from tomorrow's.
        """
        if id_is_unique and signal.client_id is not None:
            return f"accept:{signal.strategy}:{signal.client_id}"
        same = f"accept:{fingerprint(signal.strategy, body)}"
        if signal.fired_at is not None:
            return same
        known = self.last.get(same)
        if known is not None and at - known.at <= self.window:
            return f"{same}/{known.number}"
        number = (at - EPOCH) // MICROSECOND
        return f"{same}/{number if known is None else max(number, known.number + 1)}"
