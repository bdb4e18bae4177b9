"""Whether an alert takes longer the longer the past is, with the real daemon.

    python -m benchmarks.long_past [EVENTS ...] [--seconds S] [--folder FOLDER] [--svg FILE]

For each length of the past (see history.py) it starts the daemon, sends 20 alerts a second on
kept-alive connections, and shows the median time to the answer, which is sent when the alert is
durable, and from the accepted alert to its paper fill, by the daemon's own clock; each also as a
ratio to the first row. Column cpu tells how fast the processor was (million turns of an empty loop
a second): the ratios of rows in which it differs say as much of the machine as of the daemon.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from attrs import frozen

from benchmarks import alerts, history
from benchmarks.cpu_probe import million_turns_per_s
from benchmarks.daemon_process import DaemonProcess
from benchmarks.figures import percentile
from benchmarks.plans import OpenLoop
from benchmarks.tries import answered, in_own_process


PER_S = 20
READY_WITHIN_S = 600.0
HEADER = f"{'events':>10} {'to answer':>10} {'ratio':>6} {'to fill':>9} {'ratio':>6} {'cpu':>5}"
FILLS = """SELECT a.at, f.at FROM events a JOIN events f ON f.alert_id = a.alert_id
    WHERE a.type = 'AlertAccepted' AND f.type = 'OrderFilled' AND a.seq > ?"""


@frozen
class Point:
    """The medians of one length of the past, in milliseconds."""

    events: int
    answer_ms: float
    fill_ms: float
    cpu: float

    def line(self, first: "Point") -> str:
        """The row of the table."""
        answer = f"{self.answer_ms:>7.2f} ms {self.answer_ms / first.answer_ms:>6.2f}"
        fill = f"{self.fill_ms:>6.2f} ms {self.fill_ms / first.fill_ms:>6.2f}"
        return f"{self.events:>10,} {answer} {fill} {self.cpu:>5.1f}"


def measure(folder: Path, events: int, seconds: float) -> Point:
    """The point of one past."""
    if events:
        history.write(folder / "state", events)
    before = million_turns_per_s()
    plan = OpenLoop(rate=PER_S, new_connections=False, warm_s=1.0, seconds=seconds)
    with DaemonProcess(folder, ready_within_s=READY_WITHIN_S) as daemon:
        began = head(daemon.journal)
        target = alerts.target(daemon.port, strategy="demo", secret=daemon.secret)
        figures = answered(in_own_process(target, plan))
    took = list(fills(daemon.journal, began))
    cpu = (before + million_turns_per_s()) / 2
    return Point(events, figures.p50_ms, percentile(took, 50), cpu)


def head(journal: Path) -> int:
    """The seq of the last event."""
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])


def fills(journal: Path, after: int) -> Iterable[float]:
    """How long each alert after an event took to its fill, in milliseconds."""
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as db:
        for accepted, filled in db.execute(FILLS, (after,)).fetchall():
            span = datetime.fromisoformat(filled) - datetime.fromisoformat(accepted)
            yield span.total_seconds() * 1000


# --- the picture --------------------------------------------------------------------------------

WIDE, HIGH, LEFT, LOW = 640, 320, 60, 40
LINES = (("to answer", "#1f6feb", "answer_ms"), ("to fill", "#bf5700", "fill_ms"))


def svg(points: list[Point]) -> str:
    """Both medians over the length of the past, from zero."""
    right = max(p.events for p in points) or 1
    top = max(max(p.answer_ms, p.fill_ms) for p in points) * 1.25
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}">',
        "<style>text { font: 12px sans-serif }</style>",
        f'<rect width="{WIDE}" height="{HIGH}" fill="white"/>',
        *(_tick(top * n / 4, top) for n in range(5)),
    ]
    parts += [_text(_x(p.events, right), HIGH - 20, f"{p.events:,}", "middle") for p in points]
    parts.append(_text(WIDE / 2, HIGH - 4, "events in the journal", "middle"))
    for number, (name, colour, field) in enumerate(LINES):
        spots = [(_x(p.events, right), _y(getattr(p, field), top)) for p in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        parts.append(_text(LEFT + 10, 16 + 16 * number, f"median {name}", "start", colour))
    return "\n".join([*parts, "</svg>", ""])


def _x(events: int, right: int) -> float:
    return LEFT + (WIDE - LEFT - 40) * events / right


def _y(ms: float, top: float) -> float:
    return HIGH - LOW - (HIGH - LOW - 10) * ms / top


def _tick(ms: float, top: float) -> str:
    y = _y(ms, top)
    line = f'<line x1="{LEFT}" x2="{WIDE - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
    return line + _text(LEFT - 6, y + 4, f"{ms:.1f} ms", "end")


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description="Time per alert by the length of the past")
    parser.add_argument("events", type=int, nargs="*", default=[0, 100_000, 300_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="on which disk; the system's temporary one")
    parser.add_argument("--svg", type=Path, help="draw the picture there")
    asked = parser.parse_args()
    print(HEADER)
    points: list[Point] = []
    for events in asked.events:
        with tempfile.TemporaryDirectory(prefix="long-past-", dir=asked.folder) as folder:
            points.append(measure(Path(folder), events, asked.seconds))
            print(points[-1].line(points[0]), flush=True)
    if asked.svg:
        asked.svg.write_text(svg(points), encoding="utf-8")


if __name__ == "__main__":
    main()
