"""How durations are spread: counts by upper bound, as Prometheus draws them."""

from bisect import bisect_left
from datetime import timedelta
from typing import Final

from attrs import frozen


BOUNDS_S: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""From one millisecond, a good disk's commit, to a minute; what lies on a bound is within it."""

_BOUNDS_US: Final = tuple(round(bound * 1_000_000) for bound in BOUNDS_S)
_MICROSECOND: Final = timedelta(microseconds=1)


@frozen
class Histogram:
    """Durations, counted: one number for each of BOUNDS_S and, last, one for all beyond.

    Whole microseconds, so that the same durations always make the same sum.
    """

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    total_us: int = 0

    def with_one(self, duration: timedelta) -> "Histogram":
        """With one more; a negative duration (the clock was set back) counts as none."""
        microseconds = max(duration // _MICROSECOND, 0)
        counts = list(self.counts)
        counts[bisect_left(_BOUNDS_US, microseconds)] += 1
        return Histogram(tuple(counts), self.total_us + microseconds)
