"""How fast alerts are accepted and become fills, measured on this machine with the real daemon.

    python -m benchmarks.alert_path [--quick] [--only accept|line|paced|sustained] [--json FILE]

accept  durable accepts (the strategy `record` orders nothing) beside a server that does nothing,
        at 1, 16, 64 and 200 connections, each sending its next alert when the last is answered
line    the whole way on paper at the same connections: accepts/s, and fills/s up to the last fill
paced   the whole way at an even pace however slow the answers: 20/s on a new connection each,
        500/s on kept-alive ones
sustained  the same at 1,000/s for five minutes; only when it is asked for by --only

Server, client and watcher are processes of their own and share the machine. Each try has a new
daemon with a new journal, warms up for a second, and is checked: every answer must be 200 accepted,
the journal must hold exactly the accepted alerts, and on paper each of them exactly one fill.

A closed loop's answers are timed from when the alert is sent, a paced one's from when it was DUE: a
server that falls behind cannot hide it. "Alert to fill" ends at the first sight of the committed
OrderFilled by another process (see first_sight.py), up to 1.1 ms late, and the client's own timer
may be 1 ms late too (both a quarter of that at 20/s). Both stand in the figures, never for them.

The disk is probed just before and just after each try: where a flush took 5 ms or more, the try
does not count and is repeated, up to five tries; all are shown. Figures of a state folder on tmpfs
say nothing about a disk: --folder names a folder on one. Column cpu tells how fast the processor
was (million turns of an empty loop a second): compare only runs in which it is alike.

Exit status 1: an alert was lost, doubled or answered wrongly. Slowness is no failure here, it is
what is being measured.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import asdict, evolve, frozen

from benchmarks.cpu_probe import million_turns_per_s
from benchmarks.fsync_probe import probe
from benchmarks.plans import ClosedLoop, OpenLoop, Plan
from benchmarks.report import HEADER, Row, goal_line, goals, line, machine
from benchmarks.tries import Measured, try_accept, try_noop, try_way


CONNECTIONS = (1, 16, 64, 200)


@frozen(kw_only=True)
class Effort:
    """How long each part takes, in seconds, and how often a disturbed series is tried."""

    probe_s: float = 3.0
    warm_s: float = 1.0
    closed_s: float = 10.0
    paced_s: float = 60.0
    sustained_s: float = 300.0
    tries: int = 5


QUICK = Effort(probe_s=0.5, warm_s=0.5, closed_s=2.0, paced_s=3.0, sustained_s=10.0, tries=1)


Try = Callable[[Path, Plan], Measured]
"""Measures once, with a new folder on the disk in question."""


@frozen(kw_only=True)
class Bench:
    """A run: where the state folders are made, and how much effort is spent."""

    folder: Path
    effort: Effort

    def accept(self) -> Iterator[Row]:
        """Durable accepts, each series right after the no-op at the same connections."""
        for connections in CONNECTIONS:
            plan = self._closed(connections)
            load = f"c={connections}"
            rate = 0.0
            for row in self._series("no-op", load, try_noop, plan):
                rate = row.answers.per_s
                yield row
            accept = self._series("durable accept", load, try_accept, plan)
            for row in accept:
                yield evolve(row, ratio=row.answers.per_s / rate)

    def line(self) -> Iterator[Row]:
        """The whole way, as fast as it goes."""
        for connections in CONNECTIONS:
            plan = self._closed(connections)
            load = f"c={connections}"
            yield from self._series("whole way", load, try_way, plan)

    def paced(self) -> Iterator[Row]:
        """The whole way at a pace."""
        yield from self._at_pace(20, self.effort.paced_s, new=True)
        yield from self._at_pace(500, self.effort.paced_s, new=False)

    def sustained(self) -> Iterator[Row]:
        """The whole way at a high pace, for long."""
        yield from self._at_pace(1000, self.effort.sustained_s, new=False)

    def _at_pace(self, rate: int, seconds: float, *, new: bool) -> Iterator[Row]:
        warm_s = self.effort.warm_s
        plan = OpenLoop(rate=rate, new_connections=new, warm_s=warm_s, seconds=seconds)
        load = f"{rate}/s {'new' if new else 'kept'}"
        yield from self._series("alert to fill", load, try_way, plan)

    def _closed(self, connections: int) -> ClosedLoop:
        effort = self.effort
        return ClosedLoop(connections=connections, warm_s=effort.warm_s, seconds=effort.closed_s)

    def _series(self, what: str, load: str, measure: Try, plan: Plan) -> Iterator[Row]:
        """Try until the disk was quiet, or often enough."""
        for attempt in range(1, self.effort.tries + 1):
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="alert-path-") as name:
                folder = Path(name)
                before = probe(folder, self.effort.probe_s)
                turns = million_turns_per_s()
                measured = measure(folder, plan)
                after = probe(folder, self.effort.probe_s)
            row = Row(
                what=what,
                load=load,
                answers=measured.answers,
                fills=measured.fills,
                before=before,
                after=after,
                turns=turns,
                attempt=attempt,
                faults=measured.faults,
            )
            yield row
            if row.counts or row.faults:
                return


# --- the program --------------------------------------------------------------------------------


def main() -> int:
    """Measure, print, and say whether anything was lost."""
    options = _options()
    effort = QUICK if options.quick else Effort()
    bench = Bench(folder=options.folder, effort=effort)
    series = {
        "accept": bench.accept,
        "line": bench.line,
        "paced": bench.paced,
        "sustained": bench.sustained,
    }
    about = machine(options.folder)
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(HEADER, flush=True)
    rows: list[Row] = []
    for name in (options.only,) if options.only else ("accept", "line", "paced"):
        for row in series[name]():
            rows.append(row)
            print(line(row), flush=True)
    print("\n" + "\n".join(goal_line(goal) for goal in goals(rows)))
    if options.json:
        _write(options.json, about, rows)
    return 1 if any(row.faults for row in rows) else 0


def _write(path: Path, about: dict[str, str], rows: list[Row]) -> None:
    content = {
        "machine": about,
        "rows": [{**asdict(row), "counts": row.counts} for row in rows],
        "goals": [asdict(goal) for goal in goals(rows)],
    }
    path.write_text(json.dumps(content, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.alert_path",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="2 s series, one try each")
    parser.add_argument("--only", choices=("accept", "line", "paced", "sustained"))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as JSON")
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        default=Path(tempfile.gettempdir()),
        help="where state folders are made, on the disk to be measured (%(default)s)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
