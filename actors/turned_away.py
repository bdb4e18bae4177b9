"""Requests that are turned away, in the log: often enough to be seen, too rarely to fill a disk."""

import logging
from typing import Final

from attrs import define, field

from actors.messages import Answer


log = logging.getLogger("trading_bot.webhook")

QUIET_S: Final = 60.0
"""How long after a line there is none with the same code: anybody can cause them."""


@define
class TurnedAway:
    """Counts by code; `since_last` of a line are those that were not told before, itself too."""

    _told_at: dict[str, float] = field(factory=dict)
    _untold: dict[str, int] = field(factory=dict)

    def note(self, answer: Answer, address: str, now: float) -> None:
        """Count an answer that is no acceptance, and say so unless that was done a moment ago."""
        code = str(answer.body["code"])
        self._untold[code] = self._untold.get(code, 0) + 1
        if now - self._told_at.get(code, -QUIET_S) < QUIET_S:
            return
        self._told_at[code] = now
        count = self._untold.pop(code)
        log.warning(
            "alert_turned_away", extra={"code": code, "since_last": count, "address": address}
        )
