"""SIGKILL at random instants under load, sometimes again while it starts; one history for all."""

import random
import threading

from tests.campaigns.table import Findings, figures, seconds, trial
from tests.crash.checker import summary
from tests.crash.harness import Trial


def campaign(seed: int, runs: int) -> Findings:
    """So many kills in one state folder, judged after each."""
    chance = random.Random(seed)
    found = Findings((4, 12, 12, 5, 7, 6, 9, 8))
    found.head("kill", "under load", "at start", "acks", "alerts", "venue", "at rest", "verdict")
    slowest = 0.0
    with trial(f"kills-{seed}") as attempt:
        for run in range(1, runs + 1):
            loaded = chance.uniform(0.02, 1.2)
            starting = chance.uniform(0.05, 2.0) if chance.random() < 0.4 else None
            _kill_under_load(attempt, loaded)
            if starting is not None:
                _kill_at_start(attempt, starting)
            took = attempt.heal(seconds=0.2)
            slowest = max(slowest, took or 0.0)
            new = attempt.judged()
            when = "" if starting is None else seconds(starting)
            cells = (run, seconds(loaded), when, *figures(attempt.evidence()), seconds(took))
            found.row(*cells, found=new)
            if new:
                attempt.found = new
                break
        print(f"\n{summary(attempt.evidence())}" if not attempt.found else "")
    print(f"{runs} times killed under load; slowest until at rest {slowest:.2f} s")
    return found


def _kill_under_load(attempt: Trial, after_s: float) -> None:
    with attempt.daemon() as daemon:
        if not daemon.is_ready():
            attempt.found.append("the daemon did not start again")
            return
        load = attempt.load(daemon)
        threading.Event().wait(after_s)
        daemon.kill()
        attempt.enough(load)


def _kill_at_start(attempt: Trial, after_s: float) -> None:
    with attempt.daemon() as daemon:
        threading.Event().wait(after_s)
        daemon.kill()
