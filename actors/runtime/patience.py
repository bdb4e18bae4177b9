"""How many deaths are too many: a sliding window for each group, and one for those of no group."""

from collections import defaultdict, deque

from attrs import define, field


@define
class Patience:
    """More than `intensity` deaths within `period_s` in one group are one too many."""

    intensity: int
    period_s: float
    _deaths: defaultdict[str | None, deque[float]] = field(
        init=False, factory=lambda: defaultdict(deque)
    )

    def is_one_too_many(self, group: str | None, now: float) -> bool:
        """Count a death at the monotonic instant `now`, and say whether it was."""
        deaths = self._deaths[group]
        deaths.append(now)
        while deaths[0] <= now - self.period_s:
            deaths.popleft()
        return len(deaths) > self.intensity

    def renew(self, group: str) -> None:
        """Forget the deaths of a group."""
        self._deaths.pop(group, None)
