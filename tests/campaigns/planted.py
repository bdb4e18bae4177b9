"""Bugs planted in the running daemon: a checker that finds none of them would prove nothing."""

from typing import Final

from tests.campaigns.table import Findings, seconds, trial


BUGS: Final = (
    # what is wrong, where it dies, the promises of which one must be found broken
    ("double-send", "", ("I2",)),
    ("ack-before-commit", "before-commit:AlertAccepted", ("I1",)),
    ("send-before-commit", "before-commit:SubmitStarted", ("I8",)),
    # A buy sent again is bought twice (I2); a sale sent again the venue may refuse as oversold.
    ("resend-after-restart", "after-commit:PaperAccepted", ("I2", "I8")),
)
LIVES: Final = 4
"""In so many lives, each dying at a later order, a bug must have shown at least once."""


def campaign(seed: int, runs: int) -> Findings:
    """Plant each bug, and find it."""
    found = Findings((20, 28, 9, 12, 8))
    found.head("bug", "dies at", "at rest", "found", "verdict")
    for run in range(runs):
        for bug, point, promises in BUGS:
            for life in range(LIVES):
                broken, took = _judged(f"{seed}-{run}-{bug}-{life}", bug, point, 5 + life)
                if set(promises) & broken or not point:
                    break
            missed = [] if set(promises) & broken else [f"{bug} was not found by {promises}"]
            told = " ".join(sorted(broken)) or "nothing"
            found.row(bug, point or "lives", seconds(took), told, found=missed)
    return found


def _judged(name: str, bug: str, point: str, nth: int) -> tuple[set[str], float | None]:
    """The promises that a life with the bug broke, and how long it took to come to rest."""
    with trial(name) as attempt:
        if point:
            attempt.die_at(point, nth, plant=bug)
        took = attempt.heal(plant=bug)
        caught = attempt.judged()
        attempt.found.clear()
    return {line[:2] for line in caught if line.startswith("I")}, took
