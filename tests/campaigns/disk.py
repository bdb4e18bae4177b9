"""The daemon on a disk that fails or is full, under load: refuses, sends nothing, comes back."""

import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.campaigns.table import Findings, figures, seconds, trial
from tests.crash.failing_disk import Failure, compiled
from tests.crash.harness import Trial
from tests.crash.process import Process


@frozen
class Kind:
    """What fails: calls on files of this name, so many of them (0: for as long as it lasts)."""

    path: str
    call: str
    error: str
    count: int
    dies: bool = False


KINDS: Final = (
    Kind("state/journal.", "write", "ENOSPC", 0),
    Kind("state/journal.", "sync", "EIO", 1),
    Kind("state/journal.", "sync", "EIO", 0, dies=True),
    Kind("state/paper-", "write", "ENOSPC", 0),
    Kind("state/paper-", "sync", "EIO", 3),
)
LATEST: Final = 150
"""The first failure is the first to 150th such call: in the start, or under load."""
LASTS_S: Final = 0.8
COMES_WITHIN_S: Final = 15.0
TMPFS_MIB: Final = 48
PROMISES_BEFORE_FULL: Final = 25


def campaign(seed: int, runs: int) -> Findings:
    """Every kind once a run, at a random call, and a disk that runs full."""
    chance = random.Random(seed)
    found = Findings((36, 5, 5, 5, 5, 7, 6, 9, 8))
    found.head("fails", "nth", "200", "503", "acks", "alerts", "venue", "at rest", "verdict")
    with tempfile.TemporaryDirectory(prefix="campaign-disk-") as folder:
        library = compiled(Path(folder))
        for run in range(runs):
            for kind in KINDS:
                _fail(kind, chance.randint(1, LATEST), f"disk-{seed}-{run}", library, found)
            _fill(f"full-{seed}-{run}", found)
            _forbid(f"read-only-{seed}-{run}", found)
    return found


def _fail(kind: Kind, nth: int, seed: str, library: Path, found: Findings) -> None:
    with trial(seed) as attempt:
        failure = Failure(
            folder=attempt.folder,
            path=kind.path,
            call=kind.call,
            nth=nth,
            count=kind.count,
            error=kind.error,
        )
        name = f"{kind.path.split('/')[1]} {kind.call} {kind.error} " + (
            "then killed" if kind.dies else f"{kind.count} times" if kind.count else "for a while"
        )
        with attempt.daemon(environ=failure.environ(library)) as daemon:
            healer = threading.Thread(target=_heal_after, args=(failure, daemon, kind))
            healer.start()
            answers, took = _live(attempt, daemon, lambda: not healer.is_alive(), dies=kind.dies)
            healer.join()
        if kind.dies:
            took = attempt.heal(seconds=0.2)
        if not failure.has_come:
            attempt.found.append(f"there was no {kind.call} number {nth}")
        _judge(attempt, found, (name, nth), answers, took)


def _heal_after(failure: Failure, daemon: Process, kind: Kind) -> None:
    """Let it last for a while once it has come; or end it all then."""
    _wait(lambda: failure.has_come, COMES_WITHIN_S)
    threading.Event().wait(LASTS_S)
    failure.heal()
    if kind.dies:
        daemon.kill()


def _live(
    attempt: Trial, daemon: Process, is_over: Callable[[], bool], *, dies: bool
) -> tuple[tuple[int, int], float | None]:
    """Load until it is over and a little longer, then rest; answers of 200 and 503."""
    if not daemon.is_ready():
        if not dies:
            attempt.found.append("the daemon did not start")
        return (0, 0), None
    load = attempt.load(daemon)
    _wait(is_over, 2 * COMES_WITHIN_S)
    threading.Event().wait(0.3)
    answers = load.answers()
    attempt.enough(load)
    began = time.monotonic()
    rested = not dies and attempt.rest(daemon)
    return (answers[200], answers[503]), time.monotonic() - began if rested else None


def _judge(
    attempt: Trial,
    found: Findings,
    what: tuple[str, object],
    answers: tuple[int, int],
    took: float | None,
) -> None:
    attempt.found = attempt.judged()
    told = figures(attempt.evidence())
    found.row(*what, *answers, *told, seconds(took), found=attempt.found)


# --- a disk that is full ------------------------------------------------------------------------


def _fill(seed: str, found: Findings) -> None:
    """The state folder on a small disk of its own, filled to the last byte and freed."""
    with trial(seed) as attempt:
        attempt.state.mkdir()
        with _mounted(attempt.state) as reason:
            if reason:
                print(f"disk full: not tried, {reason}", flush=True)
                return
            filler = attempt.state / "filler"
            with attempt.daemon() as daemon:
                filling = threading.Thread(target=_fill_and_free, args=(filler, attempt.acks))
                filling.start()
                answers, took = _live(attempt, daemon, lambda: not filling.is_alive(), dies=False)
                filling.join()
            if not answers[1]:
                attempt.found.append("no alert was answered 503 while the disk was full")
            _judge(attempt, found, (f"full disk of {TMPFS_MIB} MiB", ""), answers, took)


def _forbid(seed: str, found: Findings) -> None:
    """A daemon that starts on a read-only disk, until somebody mounts it as it should be."""
    with trial(seed) as attempt:
        attempt.state.mkdir()
        with _mounted(attempt.state) as reason:
            if reason:
                print(f"read-only disk: not tried, {reason}", flush=True)
                return
            attempt.heal(seconds=0.3)
            subprocess.run(["mount", "-o", "remount,ro", str(attempt.state)], check=True)
            with attempt.daemon() as daemon:
                allowing = threading.Thread(target=_allow, args=(attempt.state,))
                allowing.start()
                answers, took = _live(attempt, daemon, lambda: not allowing.is_alive(), dies=False)
                allowing.join()
            _judge(attempt, found, ("read-only disk at start", ""), answers, took)


def _allow(folder: Path) -> None:
    threading.Event().wait(2 * LASTS_S)
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def _fill_and_free(filler: Path, acks: Path) -> None:
    _wait(lambda: _lines(acks) >= PROMISES_BEFORE_FULL, COMES_WITHIN_S)
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    threading.Event().wait(LASTS_S)
    filler.unlink()


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


@contextmanager
def _mounted(folder: Path) -> Iterator[str]:
    """A tmpfs on a folder; yields why not where that is not permitted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MIB}m,mode=0700", "tmpfs", str(folder)]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        yield "there is no mount command here"
        return
    if said.returncode:
        yield said.stderr.strip()
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _wait(holds: Callable[[], bool], timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not holds() and time.monotonic() < end:
        threading.Event().wait(0.01)
