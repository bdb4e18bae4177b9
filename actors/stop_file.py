"""The file STOP: the way to halt that needs nothing but a disk."""

import contextlib
from pathlib import Path


class StopFile:
    """A file whose presence halts everything; what it says is for people."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether it is there; a folder that cannot be read counts as a stop."""
        try:
            return self.path.exists()
        except OSError:
            return True

    def write(self, reason: str) -> bool:
        """Put it there; False where the disk refuses."""
        try:
            self.path.write_text(reason + "\n", encoding="utf-8")
        except OSError:
            return False
        return True

    def remove(self) -> None:
        """Take away what `write` put there."""
        with contextlib.suppress(OSError):
            self.path.unlink()
