"""How long the real daemon takes from its start to /ready 200, by the length of its past.

    python -m benchmarks.cold_start [EVENTS ...] [--tries N] [--folder FOLDER] [--json FILE]

For each number of events (200,000 and 1,000,000 unless told otherwise) it makes a journal and a
paper ledger through the real codec and store (see history.py; a million takes some minutes), then
starts the daemon on it, first without a snapshot, then with the one that the daemon left, as often
as `tries` says; the median stands in the table. The files are in the page cache, as after a restart
of the daemon, not of the machine. Busy is the processor time that the daemon has used by then: what
others do on the machine stretches it less. RSS is the kernel's figure right after /ready, peak the
most it ever was. Cpu tells how fast the processor was (million turns of an empty loop a second):
compare only rows in which it is alike.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

from attrs import asdict, frozen

from benchmarks import history
from benchmarks.cpu_probe import million_turns_per_s
from benchmarks.daemon_process import DaemonProcess


READY_WITHIN_S = 600.0
HEADER = (
    f"{'events':>10} {'snapshot':>9} {'to /ready':>10} {'busy':>8} "
    f"{'RSS':>7} {'peak':>7} {'cpu':>5}"
)


@frozen(kw_only=True)
class Start:
    """One start: how long it took and how long it was busy, in seconds, and its memory, in MiB."""

    events: int
    snapshot: bool
    seconds: float
    busy_s: float
    rss_mb: float
    peak_mb: float
    cpu: float

    def line(self) -> str:
        """The row of the table."""
        told = f"{self.events:>10,} {'yes' if self.snapshot else 'no':>9} {self.seconds:>8.2f} s"
        told = f"{told} {self.busy_s:>6.2f} s"
        return f"{told} {self.rss_mb:>4.0f} MB {self.peak_mb:>4.0f} MB {self.cpu:>5.1f}"


def start(folder: Path, events: int) -> Start:
    """Start the daemon on a folder that has a past, and stop it again."""
    snapshot = (folder / "state" / "journal.snapshot").exists()
    before = million_turns_per_s()
    with DaemonProcess(folder, ready_within_s=READY_WITHIN_S) as daemon:
        return Start(
            events=events,
            snapshot=snapshot,
            seconds=daemon.seconds,
            busy_s=daemon.busy_s(),
            rss_mb=daemon.memory_mb(),
            peak_mb=daemon.memory_mb("VmHWM"),
            cpu=(before + million_turns_per_s()) / 2,
        )


def starts(folder: Path, events: int, tries: int) -> list[Start]:
    """The median start without a snapshot, and with one."""
    history.write(folder / "state", events)
    without = []
    for _ in range(tries):
        for snapshot in (folder / "state").glob("*.snapshot"):
            snapshot.unlink()
        without.append(start(folder, events))
    return [_middle(without), _middle([start(folder, events) for _ in range(tries)])]


def _middle(found: list[Start]) -> Start:
    wanted = median(each.seconds for each in found)
    return min(found, key=lambda each: abs(each.seconds - wanted))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time from start to /ready, by length of the past")
    parser.add_argument("events", type=int, nargs="*", default=[200_000, 1_000_000])
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="on which disk; the system's temporary one")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    asked = parser.parse_args()
    print(HEADER)
    rows: list[Start] = []
    for events in asked.events:
        with tempfile.TemporaryDirectory(prefix="cold-start-", dir=asked.folder) as folder:
            for row in starts(Path(folder), events, asked.tries):
                print(row.line(), flush=True)
                rows.append(row)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
