"""The file STOP: the way to halt that needs nothing but a disk."""

import contextlib
from pathlib import Path


class StopFile:
    """A file whose presence halts everything; what it says is for people.

    Its owner may put it there for a while, and takes away only what it put there itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_ours = False

    def exists(self) -> bool:
        """Whether it is there; a folder that cannot be read counts as a stop."""
        try:
            return self.path.exists()
        except OSError:
            return True

    def is_asked_for(self) -> bool:
        """Whether it is there and someone else put it there."""
        return self.exists() and not self._is_ours

    def hold(self, reason: str) -> None:
        """Put it there unless it is; a disk that refuses is asked again another time."""
        with contextlib.suppress(OSError), self.path.open("x", encoding="utf-8") as file:
            self._is_ours = True
            file.write(reason + "\n")

    def release(self) -> None:
        """Take away what `hold` put there."""
        if self._is_ours:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
                self._is_ours = False
