"""How far a journal has been, told by a tiny file beside it: what an old copy cannot know.

It is written after each commit, so it is never ahead of what is durable: a journal that ends below
its mark has lost something. It is flushed where a journal is opened and closed; in between a power
cut may leave it some seconds behind, which only makes it see less.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from journal.files import open_private, sync_directory


_FORM: Final = re.compile(rb"(\d{20}) ([0-9a-f]{64})\n")


@frozen
class Mark:
    """The seq of the last event that was committed, and its seal."""

    seq: int
    seal: bytes


class HighWaterMark:
    """The file `<name>.head` beside `<name>.db`. One thread uses it at a time."""

    def __init__(self, journal: Path) -> None:
        self.path = journal.with_suffix(".head")
        self._descriptor: int | None = None

    @property
    def exists(self) -> bool:
        """Whether there ever was a journal, whatever the mark says of it."""
        return self.path.exists()

    def read(self) -> Mark | None:
        """What it says; None where there is none, or one that was never completely written."""
        with suppress(FileNotFoundError):
            if found := _FORM.fullmatch(self.path.read_bytes()):
                return Mark(int(found[1]), bytes.fromhex(found[2].decode()))
        return None

    def write(self, seq: int, seal: bytes) -> None:
        """Note how far the journal is; raises OSError."""
        if self._descriptor is None:
            self._descriptor = open_private(self.path)
        # One write of less than a sector: there is no moment at which half of it stands there.
        os.pwrite(self._descriptor, b"%020d %s\n" % (seq, seal.hex().encode()), 0)

    def settle(self, seq: int, seal: bytes) -> None:
        """Write it and have it, and its name, survive a power cut; raises OSError."""
        self.write(seq, seal)
        assert self._descriptor is not None  # noqa: S101 - it has just been written to
        os.fsync(self._descriptor)
        sync_directory(self.path.parent)

    def close(self) -> None:
        """Let go of the file; it is opened again where need be."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
