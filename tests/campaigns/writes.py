"""Each write, flush and truncation of a store fails in turn, until a run passes clean.

Eight runs try all of them, one run every eighth.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

from attrs import frozen

from journal import SqliteReader, verify
from tests.campaigns.table import Findings
from tests.crash.failing_disk import Failure, compiled
from tests.crash.process import HOUSE
from tests.journal.samples import CODEC


KINDS: Final = (
    # the call, how many fail in a row, with what, and whether the program crashes at the end
    ("write", 1, "ENOSPC", True),
    ("write", 3, "EIO", False),
    ("sync", 1, "EIO", True),
    ("sync", 3, "EIO", True),
    ("sync", 1, "EIO", False),
    ("truncate", 1, "EIO", False),
)
COMMITS: Final = 8
RUNS_FOR_ALL: Final = 8
WITHIN_S: Final = 30.0
_TOLD: Final = re.compile(r"(committed|taken|refused) (\d+)")


@frozen(kw_only=True)
class Outcome:
    """What became of one program whose nth call failed."""

    came: bool
    refused: int
    wrong: tuple[str, ...]


def campaign(seed: int, runs: int) -> Findings:
    """Every kind of call, from the first to the last there is."""
    found = Findings((10, 7, 8, 8, 7, 8, 8))
    found.head("fails", "times", "with", "crashes", "calls", "refused", "verdict")
    with tempfile.TemporaryDirectory(prefix="campaign-writes-") as folder:
        library = compiled(Path(folder))
        for call, times, error, crashes in KINDS:
            tried, refused, wrong = 0, 0, []
            for nth in turns(seed, runs):
                failure = Failure(
                    folder=Path(folder),
                    path="/tried/",
                    call=call,
                    nth=nth,
                    count=times,
                    error=error,
                )
                outcome = _attempt(failure, library, crashes=crashes)
                if not outcome.came:
                    break
                tried, refused = tried + 1, refused + outcome.refused
                wrong += [f"{call} {nth}: {line}" for line in outcome.wrong]
            cells = (call, times, error, "yes" if crashes else "no", tried, refused)
            found.row(*cells, found=wrong)
    return found


def turns(seed: int, runs: int) -> Iterator[int]:
    """Which call fails: every one, or in fewer runs only so many of each eight."""
    wanted = {(seed + run) % RUNS_FOR_ALL for run in range(runs)}
    return (nth for nth in count(1) if nth % RUNS_FOR_ALL in wanted)


def _attempt(failure: Failure, library: Path, *, crashes: bool) -> Outcome:
    with tempfile.TemporaryDirectory(dir=failure.folder) as own:
        path = Path(own) / "tried" / "journal.db"
        here = Failure(
            folder=Path(own),
            path=failure.path,
            call=failure.call,
            nth=failure.nth,
            count=failure.count,
            error=failure.error,
        )
        command = [sys.executable, "-m", "tests.crash.commits", str(path), str(COMMITS)]
        said = subprocess.run(
            [*command, *(["crash"] if crashes else [])],
            cwd=HOUSE,
            env=here.environ(library),
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN_S,
        )
        told = _TOLD.findall(said.stdout)
        wrong = [*_ended(said), *_judged(path, [int(n) for word, n in told if word != "refused"])]
        refused = sum(1 for word, _ in told if word == "refused")
        return Outcome(came=here.has_come, refused=refused, wrong=tuple(wrong))


def _ended(said: "subprocess.CompletedProcess[str]") -> Iterator[str]:
    if said.returncode != 0 or not said.stdout.endswith("ended\n"):
        yield f"the program ended with {said.returncode}: {said.stderr[-300:]}"


def _judged(path: Path, promised: list[int]) -> Iterator[str]:
    """What was promised is there once and in order, nothing else is, and the file is sound."""
    if promised != list(range(1, COMMITS + 1)):
        yield f"promised were {promised}"
    with closing(SqliteReader(path, CODEC)) as reader:
        numbers = [recorded.number for recorded in reader.events()]
    if numbers != promised:
        yield f"promised were {promised}, stored are {numbers}"
    yield from verify(path, CODEC).faults
