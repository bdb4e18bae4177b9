"""Each actor crashed on purpose in a running daemon under load: back at once, nobody disturbed."""

import random
import threading
import time
from collections import Counter
from typing import Any

from tests.campaigns.table import Findings, seconds, trial
from tests.crash.harness import Trial
from tests.crash.load import Load
from tests.crash.process import Process


ACTORS = (
    "journal",
    "breaker:*",
    "market",
    "book:paper",
    "breaker:paper",
    "broker:paper",
    "risk:paper",
    "dashboard",
    "snapshots",
    "webhook",
)
BACK_WITHIN_S = 1.0
ALL_BACK_WITHIN_S = 3.0
BETWEEN_S = 0.5
MAY_TURN_AWAY = {"journal", "webhook"}
"""Whose death may be answered 503, to those who wait for a commit that nobody will tell them of."""


def campaign(seed: int, runs: int) -> Findings:
    """Every actor once a run, in a random order."""
    chance = random.Random(seed)
    found = Findings((14, 9, 18, 5, 5, 8))
    found.head("actor", "back in", "also restarted", "200", "503", "verdict")
    for run in range(runs):
        with trial(f"actors-{seed}-{run}") as attempt:
            with attempt.daemon() as daemon:
                if not daemon.is_ready():
                    raise AssertionError((attempt.folder / "daemon.log").read_text())
                load = attempt.load(daemon)
                for actor in chance.sample(ACTORS, len(ACTORS)):
                    _crash(actor, daemon, load, attempt, found)
                attempt.enough(load)
                told = len(attempt.found)
                attempt.rest(daemon)
            attempt.found = attempt.judged()
            found.row("at rest", "", "", "", "", found=attempt.found[told:])
    return found


def _crash(actor: str, daemon: Process, load: Load, attempt: Trial, found: Findings) -> None:
    """Crash one, and look at how long it was away and who else noticed."""
    threading.Event().wait(BETWEEN_S)
    began = time.monotonic()
    told = daemon.crash(actor)
    threading.Event().wait(BETWEEN_S)
    answers = load.answers(began, time.monotonic())
    wrong = list(_wrong(actor, told, answers))
    also = _restarted(told) - {actor}
    every = "all" if len(also) == len(ACTORS) - 1 else " ".join(sorted(also))
    cells = (seconds(told["seconds"]), every or "nobody", answers[200], answers[503])
    attempt.found += wrong
    found.row(actor, *cells, found=wrong)


def _restarted(told: dict[str, Any]) -> set[str]:
    return {name for name, count in told["after"].items() if count != told["before"][name]}


def _wrong(actor: str, told: dict[str, Any], answers: Counter[int]) -> list[str]:
    limit = ALL_BACK_WITHIN_S if actor == "journal" else BACK_WITHIN_S
    meant = set(ACTORS) if actor == "journal" else {actor}
    wrong = []
    if not told["is_back"] or told["seconds"] > limit:
        wrong.append(f"{actor} was away for {told['seconds']:.2f} s; {limit:g} s are allowed")
    if _restarted(told) != meant:
        wrong.append(f"with {actor} these were restarted: {sorted(_restarted(told))}")
    if any(told["after"][name] > told["before"][name] + 1 for name in meant):
        wrong.append(f"{actor} or another was started more than once")
    if actor == "journal" and not answers[503]:
        wrong.append("no alert was answered 503 while the journal was away")
    if actor not in MAY_TURN_AWAY and answers[503]:
        wrong.append(
            f"{answers[503]} alerts were turned away, and {actor} is none of their business"
        )
    if set(answers) - {200, 503}:
        wrong.append(f"alerts were answered {sorted(set(answers) - {200, 503})}")
    return wrong
