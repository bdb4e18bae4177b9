"""How long the disk itself takes to make 4 KiB durable: its moods are not to be taken for ours."""

import os
import time
from pathlib import Path

from attrs import frozen

from benchmarks.figures import percentile


BLOCK = b"\0" * 4096
QUIET_BELOW_MS = 5.0
"""A measurement counts only where the slowest flush before and after it was faster than this."""

_flush = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


@frozen(kw_only=True)
class Flushes:
    """Milliseconds that appending a block and flushing it took."""

    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def is_quiet(self) -> bool:
        """Whether the disk was undisturbed."""
        return self.max_ms < QUIET_BELOW_MS


def probe(folder: Path, seconds: float) -> Flushes:
    """Append and flush one block after the other in a file of its own, removed afterwards."""
    path = folder / "fsync-probe"
    took: list[float] = []
    end = time.monotonic() + seconds
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while time.monotonic() < end:
            began = time.perf_counter()
            os.write(file, BLOCK)
            _flush(file)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        os.close(file)
        path.unlink()
    return Flushes(p50_ms=percentile(took, 50), p99_ms=percentile(took, 99), max_ms=max(took))
