"""SIGKILL at each named point on an alert's way, and at pairs: again while it recovers."""

import random
from typing import Final

from tests.campaigns.table import Findings, figures, seconds, trial


ON_THE_WAY: Final = (
    "AlertAccepted",  # before it nothing is promised; after it, not yet answered
    "OrderPlanned",
    "SubmitStarted",  # after it the POST has not begun
    "PaperAccepted",  # the venue's own commit: the POST has begun; after it, no answer was told
    "OrderAccepted",
    "OrderFilled",
)
POINTS: Final = tuple(
    f"{moment}-commit:{event}" for event in ON_THE_WAY for moment in ("before", "after")
)
PAIRS: Final = (
    ("after-commit:AlertAccepted", "after-commit:OrderPlanned"),
    ("after-commit:OrderPlanned", "before-commit:SubmitStarted"),
    ("after-commit:SubmitStarted", "before-commit:SubmitUnknown"),
    ("after-commit:SubmitStarted", "before-commit:OrderAbsent"),
    ("after-commit:PaperAccepted", "after-commit:SubmitUnknown"),
    ("after-commit:PaperAccepted", "before-commit:OrderFilled"),
    ("after-commit:PaperAccepted", "before-commit:VenueReady"),
)
LATEST = 10
"""The first death comes with the first to tenth such commit; the second one with the first."""


def campaign(seed: int, runs: int) -> Findings:
    """Every point and every pair, so many times."""
    chance = random.Random(seed)
    found = Findings((58, 3, 5, 7, 6, 9, 8))
    found.head("dies at", "nth", "acks", "alerts", "venue", "at rest", "verdict")
    slowest = 0.0
    for run in range(runs):
        for points in (*((point,) for point in POINTS), *PAIRS):
            nth = chance.randint(1, LATEST)
            took = _attempt(f"{seed}-{run}-{chance.randrange(10**6)}", points, nth, found)
            slowest = max(slowest, took or 0.0)
    covered = len(POINTS) + len(PAIRS)
    print(f"\n{covered} of {covered} points and pairs, {runs} times; slowest {slowest:.2f} s")
    return found


def _attempt(seed: str, points: tuple[str, ...], nth: int, found: Findings) -> float | None:
    """Die at each of the points, one life each, then live; seconds until all was at rest."""
    with trial(seed) as attempt:
        for at, count in zip(points, (nth, 1), strict=False):
            attempt.die_at(at, count)
        took = attempt.heal()
        attempt.found = attempt.judged()
        cells = (" > ".join(points), nth, *figures(attempt.evidence()), seconds(took))
        found.row(*cells, found=attempt.found)
    return took
