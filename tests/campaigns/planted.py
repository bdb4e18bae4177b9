"""Bugs planted in the running daemon: a checker that finds none of them would prove nothing."""

from typing import Final

from tests.campaigns.table import Findings, seconds, trial


BUGS: Final = (
    # what is wrong, where it dies, the promise that must be found broken
    ("double-send", "", "I2"),
    ("ack-before-commit", "before-commit:AlertAccepted", "I1"),
    ("send-before-commit", "before-commit:SubmitStarted", "I8"),
    ("resend-after-restart", "after-commit:PaperAccepted", "I2"),
)


def campaign(seed: int, runs: int) -> Findings:
    """Plant each bug, and find it."""
    found = Findings((20, 28, 9, 12, 8))
    found.head("bug", "dies at", "at rest", "found", "verdict")
    for run in range(runs):
        for bug, point, promise in BUGS:
            with trial(f"{seed}-{run}-{bug}") as attempt:
                if point:
                    attempt.die_at(point, 5, plant=bug)
                took = attempt.heal(plant=bug)
                caught = attempt.judged()
                attempt.found.clear()
            missed = [] if _names(promise, caught) else [f"{bug} was not found by {promise}"]
            promises = " ".join(sorted({line[:2] for line in caught if line.startswith("I")}))
            found.row(bug, point or "lives", seconds(took), promises or "nothing", found=missed)
    return found


def _names(promise: str, caught: list[str]) -> bool:
    return any(line.startswith(f"{promise}:") for line in caught)
