"""How long commits take of late, and whether that is too long."""

import logging
from collections import deque
from datetime import timedelta
from typing import Final

from attrs import Factory, define

from actors.histogram import Histogram
from actors.messages import JournalHealth


log = logging.getLogger("trading_bot.journal")

ALARM_ABOVE_S: Final = 0.05
LATEST: Final = 200
WITHIN_S: Final = 60.0
FEWEST: Final = 20
"""Below so many commits a 95th percentile is one commit's bad luck."""
TELL_EVERY_S: Final = 60.0


@define
class CommitLatency:
    """The latest commits of the last minute, and `timed` all of them; times are monotonic seconds.

    `p95` is what 95 of 100 stay within as of the last look, 0 where there are too few to tell;
    `slow` the alarm as a sentence, empty where they are quick enough.
    """

    timed: Histogram
    last: float = 0.0
    p95: float = 0.0
    slow: str = ""
    _commits: deque[tuple[float, float]] = Factory(lambda: deque(maxlen=LATEST))
    _untold: list[float] = Factory(list)
    _told_at: float = float("-inf")

    def add(self, at: float, seconds: float) -> None:
        """Take note of a commit."""
        self.last = seconds
        self._untold.append(seconds)
        self._commits.append((at, seconds))

    def look(self, now: float) -> None:
        """Look at them anew; an alarm is logged, once a minute at most."""
        while self._commits and self._commits[0][0] < now - WITHIN_S:
            self._commits.popleft()
        ordered = sorted(seconds for _, seconds in self._commits)
        enough = len(ordered) >= FEWEST
        self.p95 = ordered[-(-len(ordered) * 95 // 100) - 1] if enough else 0.0
        self.slow = _sentence(self.p95)
        if self.slow and now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            log.warning("journal_slow", extra={"said": self.slow, "p95_s": round(self.p95, 3)})

    def health(self, head: int) -> JournalHealth:
        """The health of a journal that commits and stands at `head`."""
        for seconds in self._untold:
            self.timed = self.timed.with_one(timedelta(seconds=seconds))
        self._untold.clear()
        return JournalHealth(
            commits=True,
            reason="",
            head=head,
            commit_seconds=self.last,
            commits_timed=self.timed,
            p95_seconds=self.p95,
            slow=self.slow,
        )


def _sentence(p95: float) -> str:
    if p95 <= ALARM_ABOVE_S:
        return ""
    return (
        f"the journal's disk is slow: one commit in twenty takes {p95 * 1000:.0f} ms or more,"
        f" the alarm is at {ALARM_ABOVE_S * 1000:.0f} ms"
    )
