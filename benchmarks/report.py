"""What was measured, as a table for people and as JSON for programs."""

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from benchmarks.fsync_probe import Flushes
from journal.sqlite import SQLITE_VERSION


@frozen(kw_only=True)
class Figures:
    """A rate per second and how long it took, in milliseconds."""

    per_s: float
    p50_ms: float
    p99_ms: float


@frozen(kw_only=True)
class Row:
    """One try of one series.

    `fills` are from the alert's due instant to the first sight of its fill; `ratio` is to the no-op
    at the same connections in the same run; `turns` are how many million turns of an empty loop a
    processor made in a second just before: machines are shared, and not equally fast all day.
    `faults` are wrong answers, losses, doubles.
    """

    what: str
    load: str
    answers: Figures
    fills: Figures | None = None
    ratio: float | None = None
    before: Flushes
    after: Flushes
    turns: float
    attempt: int
    faults: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the disk was quiet and everything that had to be there was."""
        return self.before.is_quiet and self.after.is_quiet and not self.faults


@frozen(kw_only=True)
class Goal:
    """Something the figures of one counted series should show."""

    text: str
    what: str
    load: str
    met: bool | None
    shown: str


HEADER = (
    f"{'what':<16} {'load':>10} {'req/s':>7} {'p50':>7} {'p99':>7} {'ratio':>5} "
    f"{'fills/s':>7} {'p50':>7} {'p99':>7} {'fsync max':>11} {'cpu':>4} {'try':>3}  counts"
)


def line(row: Row) -> str:
    """A row of the table; times in milliseconds."""
    answers, fills = row.answers, row.fills
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    filled = f"{'':>23}" if fills is None else _three(fills)
    flushes = f"{row.before.max_ms:.1f} {row.after.max_ms:.1f}"
    counts = "; ".join(row.faults) or ("yes" if row.counts else "no, the disk was disturbed")
    return (
        f"{row.what:<16} {row.load:>10} {_three(answers)} {ratio:>5} "
        f"{filled} {flushes:>11} {row.turns:>4.0f} {row.attempt:>3}  {counts}"
    )


def _three(figures: Figures) -> str:
    return f"{figures.per_s:>7.0f} {figures.p50_ms:>7.2f} {figures.p99_ms:>7.2f}"


def machine(folder: Path) -> dict[str, str]:
    """What the figures were measured on; the file system is that of the state folder."""
    return {
        "cpus": str(os.cpu_count()),
        "python": f"{platform.python_version()} at {Path(sys.executable).resolve()}",
        "sqlite": SQLITE_VERSION,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "file_system": _file_system(folder),
    }


def _file_system(folder: Path) -> str:
    """The type of the file system a folder is on, as Linux tells it; a tmpfs flushes nothing."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    types = {Path(at): kind for _, at, kind, *_ in map(str.split, mounts.read_text().splitlines())}
    return next(types[at] for at in (folder, *folder.parents) if at in types)


# --- goals --------------------------------------------------------------------------------------


def goals(rows: Sequence[Row]) -> Iterator[Goal]:
    """Each goal of a series that was tried; None where no try of it counts."""
    tried = {(row.what, row.load) for row in rows}
    counted = {(row.what, row.load): row for row in rows if row.counts}
    every = (
        *(_accept_goal(counted, f"c={connections}") for connections in (16, 64, 200)),
        _fill_goal(counted, "20/s new", p50_ms=8, p99_ms=25),
        _fill_goal(counted, "500/s kept", p99_ms=100),
        _fill_goal(counted, "1000/s kept", p99_ms=100),
    )
    yield from (goal for goal in every if (goal.what, goal.load) in tried)


def _accept_goal(counted: dict[tuple[str, str], Row], load: str) -> Goal:
    what = "durable accept"
    row = counted.get((what, load))
    met, shown = None, "no try counts"
    if row is not None and row.ratio is not None:
        met = row.answers.per_s >= 2000 and row.ratio >= 0.20
        shown = f"{row.answers.per_s:.0f}/s, {row.ratio:.2f}"
    return Goal(
        text="at least 2,000/s and 0.20 of the no-op", what=what, load=load, met=met, shown=shown
    )


def _fill_goal(
    counted: dict[tuple[str, str], Row],
    load: str,
    *,
    p99_ms: float,
    p50_ms: float = float("inf"),
) -> Goal:
    what = "alert to fill"
    row = counted.get((what, load))
    met, shown = None, "no try counts"
    if row is not None and row.fills is not None:
        met = row.fills.p50_ms <= p50_ms and row.fills.p99_ms <= p99_ms
        shown = f"p50 {row.fills.p50_ms:.1f}, p99 {row.fills.p99_ms:.1f} ms"
    median = f"p50 <= {p50_ms:g}, " if p50_ms < float("inf") else ""
    text = f"none lost, {median}p99 <= {p99_ms:g} ms"
    return Goal(text=text, what=what, load=load, met=met, shown=shown)


def goal_line(goal: Goal) -> str:
    """A goal and whether it was met."""
    verdict = {True: "met", False: "MISSED", None: ""}[goal.met]
    return f"{goal.what:<16} {goal.load:>10} {goal.text}: {goal.shown} {verdict}".rstrip()
