"""Bugs planted in the running daemon: a checker that finds none of them would prove nothing."""

from typing import Final

from tests.campaigns.table import Findings, seconds, trial


BUGS: Final = (
    # what is wrong, where it dies, the promises of which one must be found broken
    ("double-send", "", ("I2",)),
    ("ack-before-commit", "before-commit:AlertAccepted", ("I1",)),
    ("send-before-commit", "before-commit:SubmitStarted", ("I8",)),
    # A buy sent again is bought twice (I2); of a sale sent again the venue says "oversold", and
    # what it did the first time is nowhere in the journal (I8).
    ("resend-after-restart", "after-commit:PaperAccepted", ("I2", "I8")),
)


def campaign(seed: int, runs: int) -> Findings:
    """Plant each bug, and find it."""
    found = Findings((20, 28, 9, 12, 8))
    found.head("bug", "dies at", "at rest", "found", "verdict")
    for run in range(runs):
        for bug, point, promises in BUGS:
            with trial(f"{seed}-{run}-{bug}") as attempt:
                if point:
                    attempt.die_at(point, 5, plant=bug)
                took = attempt.heal(plant=bug)
                caught = attempt.judged()
                attempt.found.clear()
            broken = sorted({line[:2] for line in caught if line.startswith("I")})
            missed = [] if set(promises) & set(broken) else [f"{bug} was not found by {promises}"]
            told = " ".join(broken) or "nothing"
            found.row(bug, point or "lives", seconds(took), told, found=missed)
    return found
