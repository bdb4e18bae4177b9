"""Each write, flush and truncation of the whole daemon fails in turn, until a run passes clean.

A run is a short life: a start in an empty folder, a few alerts one after the other, an orderly end.
The disk fails once and is well again; what the daemon makes of it is judged. Eight runs try every
call, one run every eighth; of the short writes always only a quarter.
"""

import random
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import frozen

from brokers.ledger_events import LEDGER_EVENTS
from journal import Codec, verify
from tests.campaigns.disk import Kind
from tests.campaigns.table import Findings, seconds, trial
from tests.campaigns.writes import turns
from tests.crash.failing_disk import Failure, compiled
from tests.crash.harness import Trial
from tests.crash.process import Process
from trading.events import EVENT_TYPES


FILES: Final = {"journal": "state/journal.", "ledger": "state/paper-"}
CALLS: Final = (
    # the call, with what it fails, how many in a row, whether the process is killed then, and
    # which of the calls are tried: every one, or every so many
    ("write", "ENOSPC", 1, False, 1),
    ("write", "EIO", 1, False, 1),
    ("write", "SHORT", 2, False, 4),
    ("sync", "EIO", 1, False, 1),
    ("sync", "EIO", 1, True, 1),
    ("truncate", "EIO", 1, False, 1),
)
HISTORY: Final[tuple[Mapping[str, str], ...]] = (
    {"ticker": "AAPL", "action": "buy", "quantity": "5", "price": "100.10"},
    {"ticker": "AAPL", "action": "sell", "quantity": "2", "price": "101.20"},
    {"ticker": "MSFT", "action": "close_long", "price": "50"},
    {"ticker": "AAPL", "action": "close_long", "price": "99.90"},
)
CHECKPOINT_S: Final = 0.05
"""So that the log is moved to its place within so short a life, not only at its ends."""
LANES: Final = 3
"""So many daemons at a time."""
LATEST: Final = 5_000
KILLED_WITHIN_S: Final = 0.3
"""A process that is killed dies so long after the failure: before, while or after it recovers."""


@frozen(kw_only=True)
class Outcome:
    """What became of one life whose nth call failed."""

    came: bool
    refused: int
    restarted: bool
    took_s: float
    found: tuple[str, ...]


def campaign(seed: int, runs: int) -> Findings:
    """Every kind of call on the journal's files and on the ledger's, from the first to the last."""
    found = Findings((8, 9, 7, 7, 6, 6, 8, 8, 8))
    found.head("file", "fails", "with", "killed", "calls", "503", "restarts", "slowest", "verdict")
    with tempfile.TemporaryDirectory(prefix="campaign-daemon-writes-") as folder:
        library = compiled(Path(folder))
        for file, path in FILES.items():
            for call, error, count, dies, every in CALLS:
                kind = Kind(path, call, error, count, dies)
                wanted = list(islice(turns(seed, runs), 0, LATEST, every))
                tried = [each for each in _sweep(kind, wanted, library) if each.came]
                cells = (
                    len(tried),
                    sum(each.refused for each in tried),
                    sum(each.restarted for each in tried),
                    seconds(max((each.took_s for each in tried), default=None)),
                )
                wrong = [line for each in tried for line in each.found]
                found.row(file, call, error, "yes" if dies else "no", *cells, found=wrong)
    return found


def _sweep(kind: Kind, wanted: Iterable[int], library: Path) -> list[Outcome]:
    """The calls in order, each lane taking the next; a life in which none failed ends it."""
    waiting, is_over = iter(wanted), threading.Event()
    outcomes: list[Outcome] = []

    def work() -> None:
        while not is_over.is_set() and (nth := next(waiting, None)) is not None:
            outcome = _attempt(kind, nth, library)
            outcomes.append(outcome)
            if not outcome.came:
                is_over.set()

    with ThreadPoolExecutor(LANES) as lanes:
        for lane in [lanes.submit(work) for _ in range(LANES)]:
            lane.result()
    return outcomes


def _attempt(kind: Kind, nth: int, library: Path) -> Outcome:
    """A life whose nth call fails, another one where it did not come to an orderly end."""
    began = time.monotonic()
    with trial(f"{kind.call}-{kind.error}-{nth}") as attempt:
        failure = Failure(
            folder=attempt.folder,
            path=kind.path,
            call=kind.call,
            nth=nth,
            count=kind.count,
            error=kind.error,
        )
        environ = {**failure.environ(library), "CHECKPOINT_S": str(CHECKPOINT_S)}
        with attempt.daemon(environ=environ) as daemon:
            if kind.dies:
                _kill_after(failure, daemon, random.Random(nth).uniform(0.0, KILLED_WITHIN_S))
            status = _live(attempt, daemon, dies=kind.dies)
        if status != 0:
            attempt.heal(seconds=0.0)
        attempt.found = [f"{nth}: {line}" for line in [*attempt.judged(), *_unsound(attempt)]]
        return Outcome(
            came=failure.has_come,
            refused=attempt.answers[503],
            restarted=status != 0,
            took_s=time.monotonic() - began,
            found=tuple(attempt.found),
        )


def _live(attempt: Trial, daemon: Process, *, dies: bool) -> int | None:
    """The whole history and an orderly end, as far as it comes; the exit status."""
    if not daemon.is_ready() and daemon.ended() is None:
        attempt.found.append("the daemon was neither ready nor over in time")
        daemon.kill()
    attempt.one_by_one(daemon, HISTORY)
    if dies:
        return daemon.end()
    if daemon.is_over:
        attempt.found.append(f"the daemon ended by itself, with {daemon.end()}")
    else:
        attempt.rest(daemon)
    return daemon.end()


def _kill_after(failure: Failure, daemon: Process, wait_s: float) -> None:
    """See to it that the process dies so long after its disk has failed."""

    def watch() -> None:
        while not failure.has_come:
            if daemon.is_over:
                return
            threading.Event().wait(0.002)
        threading.Event().wait(wait_s)
        daemon.kill()

    threading.Thread(target=watch).start()


def _unsound(attempt: Trial) -> Iterator[str]:
    """What a thorough look at the files finds, and the next start would."""
    for name, types in (("journal.db", EVENT_TYPES), ("paper-paper.db", LEDGER_EVENTS)):
        for fault in verify(attempt.state / name, Codec(types)).faults:
            yield f"{name}: {fault}"
