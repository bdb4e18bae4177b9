"""What every campaign prints: a row for each attempt, and below it what was found."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import define

from tests.crash.checker import Evidence
from tests.crash.harness import Trial


SHOWN = 12
"""How many findings of one attempt are printed; the checker tells all of them again."""


@define
class Findings:
    """The table's tail: what was found so far."""

    widths: Sequence[int]
    count: int = 0

    def head(self, *titles: str) -> None:
        """The first row."""
        self._print(titles)
        self._print(["-" * width for width in self.widths])

    def row(self, *cells: object, found: Sequence[str] = ()) -> None:
        """An attempt; what was found stands under it."""
        self._print([*map(str, cells), f"{len(found)} FOUND" if found else "ok"])
        for finding in found[:SHOWN]:
            print(f"    {finding}", flush=True)
        if len(found) > SHOWN:
            print(f"    and {len(found) - SHOWN} more", flush=True)
        self.count += len(found)

    def _print(self, cells: Sequence[str]) -> None:
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, self.widths, strict=True))
        print("  ".join(padded).rstrip(), flush=True)


@contextmanager
def trial(seed: str) -> Iterator[Trial]:
    """A trial in a folder of its own, which stays only where something was found."""
    folder = Path(tempfile.mkdtemp(prefix=f"campaign-{seed}-"))
    attempt = Trial(folder, seed)
    yield attempt
    if attempt.found:
        print(f"    kept in {folder}", flush=True)
    else:
        shutil.rmtree(folder)


def figures(evidence: Evidence) -> tuple[int, int, int]:
    """How many promises were made, alerts accepted and orders taken by the venue."""
    taken = sum(1 for ledger in evidence.ledgers.values() for _ in ledger.of("PaperAccepted"))
    alerts = sum(1 for _ in evidence.journal.of("AlertAccepted"))
    return len(evidence.acks), alerts, taken


def seconds(value: float | None) -> str:
    """A duration for a cell."""
    return "never" if value is None else f"{value:.2f} s"
