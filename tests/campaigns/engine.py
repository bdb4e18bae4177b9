"""Each actor crashing, hanging, slow and poisoned in a running daemon under load.

What hangs wakes up again after its successor has taken over: what it then writes and sends must be
refused. What is poisoned cannot fold a fact any more: an account and the dashboard are parked, the
others end the daemon, which is started again as systemd would.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from tests.campaigns.actors import ACTORS
from tests.campaigns.table import Findings, seconds, trial
from tests.crash.harness import Trial
from tests.crash.load import Load
from tests.crash.process import Process


PROBE_S = 0.2
BETWEEN_S = 0.4
FOLD_NOTHING = ("snapshots", "market")
"""Who is told of nothing under load, so that no fact can poison them."""

OF_ACCOUNT = ("book:paper", "breaker:paper", "broker:paper", "risk:paper")
LIMIT_S = {"crash": 3.0, "hang": 6 * PROBE_S + 3.0, "slow": 5.0, "poison": 8.0, "unwritable": 3.0}
"""Within which all must be well again; a hang is found out after three to four rounds."""


@frozen
class Happened:
    """What came of one trouble."""

    what: str
    seconds: float | None
    wrong: Sequence[str] = ()


def campaign(seed: int, runs: int) -> Findings:
    """Every trouble for every actor, so many times; a folder and a judgement for each actor."""
    found = Findings((14, 10, 44, 9, 5, 5, 4, 7, 8))
    found.head("actor", "trouble", "what happened", "well in", "200", "503", "lost", "doubled", "")
    for run in range(runs):
        for actor in ACTORS:
            with trial(f"engine-{seed}-{run}-{actor.replace(':*', '')}") as attempt:
                _one_actor(actor, attempt, found)
    return found


def _one_actor(actor: str, attempt: Trial, found: Findings) -> None:
    with attempt.daemon(probe_s=PROBE_S) as daemon:
        if not daemon.is_ready():
            raise AssertionError((attempt.folder / "daemon.log").read_text())
        ward = Ward(actor, daemon, attempt.load(daemon), attempt, found)
        for trouble in ("crash", "hang", "slow"):
            ward.make(trouble)
        last = "unwritable" if actor == "journal" else "poison"
        ends = actor not in FOLD_NOTHING and ward.make(last)
        attempt.enough(ward.load)
        if not ends:
            attempt.rest(daemon)
        elif actor == "dashboard":
            daemon.end()
    if ends:
        attempt.heal()
    told = len(attempt.found)
    attempt.found = attempt.judged()
    new = attempt.found[told:]
    lost = sum(line.startswith(("I1", "I3", "I8")) for line in new)
    doubled = sum(line.startswith("I2") for line in new)
    found.row(actor, "judged", "", "", "", "", lost, doubled, found=new)


@frozen
class Ward:
    """One actor of one daemon under load."""

    actor: str
    daemon: Process
    load: Load
    attempt: Trial
    found: Findings

    def make(self, trouble: str) -> bool:
        """Make one trouble, and look at what came of it; whether only a new start ends it."""
        threading.Event().wait(BETWEEN_S)
        began = time.monotonic()
        happened, ends = _make(self.actor, trouble, self.daemon)
        threading.Event().wait(BETWEEN_S)
        answers = self.load.answers(began, time.monotonic())
        wrong = [*happened.wrong, *_turned_away(self.actor, trouble, answers)]
        limit = LIMIT_S[trouble]
        if happened.seconds is None or happened.seconds > limit:
            wrong.append(f"{self.actor} after {trouble}: not well within {limit:g} s")
        self.attempt.found += wrong
        cells = (self.actor, trouble, happened.what, seconds(happened.seconds))
        self.found.row(*cells, answers[200], answers[503], "", "", found=wrong)
        return ends


def _make(actor: str, trouble: str, daemon: Process) -> tuple[Happened, bool]:
    if trouble == "poison":
        return _poison(actor, daemon)
    # A draft that cannot be written is its writer's mistake, and the journal's trouble.
    writer = "risk:paper" if trouble == "unwritable" else actor
    told = daemon.trouble(trouble, writer)
    if told is None:
        return Happened("the daemon ended", None), True
    restarted = sorted(n for n, count in told["after"].items() if count != told["before"][n])
    meant = _meant(writer, trouble)
    wrong = [] if restarted == meant else [f"{trouble} of {writer} restarted {restarted}"]
    who = "all" if len(restarted) == len(ACTORS) else " ".join(restarted) or "nobody"
    states = ", ".join(s for s in told["seen"] if s not in {"starting", "stopped"}) or "running"
    what = f"{states}; restarted: {who}"
    return Happened(what, told["seconds"] if told["is_back"] else None, wrong), False


def _meant(actor: str, trouble: str) -> list[str]:
    """Who may have been started again."""
    if trouble == "slow" or (trouble == "hang" and actor == "journal"):
        return []
    return sorted(ACTORS) if actor == "journal" else [actor]


def _poison(actor: str, daemon: Process) -> tuple[Happened, bool]:
    """Parked, and resumed where a person can; or the end of the daemon."""
    began = time.monotonic()
    if actor in {"breaker:*", "webhook"}:
        daemon.trouble("poison-only", actor)
        # Both fold little but their own past: the next fact for them comes with a start.
        daemon.trouble("crash-only", "broker:paper" if actor == "breaker:*" else actor)
        status = daemon.ended()
        wrong = [] if status == 1 else [f"the daemon ended with {status}, not with 1"]
        return Happened(f"the daemon ended with {status}", time.monotonic() - began, wrong), True
    told = daemon.trouble("poison", actor)
    if told is None or not told["is_back"]:
        return Happened("was not parked", None), told is None
    parked_in = told["seconds"]
    threading.Event().wait(BETWEEN_S)  # no person resumes what he has not been shown yet
    daemon.trouble("cure", actor)
    if actor == "dashboard":
        return Happened("parked; back with the next start", parked_in), True
    back: dict[str, Any] = daemon.trouble("resume", actor) or {"is_back": False}
    took = back["seconds"] if back["is_back"] else None
    return Happened(f"account parked in {parked_in:.2f} s; resumed", took), False


def _turned_away(actor: str, trouble: str, answers: Counter[int]) -> list[str]:
    """Whose trouble is none of the webhook's business may not cost an alert its answer."""
    strange = sorted(set(answers) - {200, 503})
    wrong = [f"alerts were answered {strange}"] if strange else []
    if answers[503] and actor not in {"journal", "webhook"} and trouble != "poison":
        wrong.append(f"{answers[503]} alerts were turned away for a {trouble} of {actor}")
    return wrong
