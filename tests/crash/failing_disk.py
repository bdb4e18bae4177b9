"""The disk that fails: compiled once, and told by the environment what to refuse."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen


SOURCE = Path(__file__).with_suffix(".c")


class NoCompiler(Exception):  # noqa: N818 - says what is the matter
    """There is no `cc`; install gcc."""


def compiled(folder: Path) -> Path:
    """The library, made in a folder."""
    library = folder / "failing_disk.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library)]
    try:
        subprocess.run([*command, str(SOURCE), "-ldl"], check=True)
    except FileNotFoundError:
        raise NoCompiler("no C compiler: install gcc (apt-get install gcc libc6-dev)") from None
    return library


@frozen(kw_only=True)
class Failure:
    """Which calls fail: of one kind, on files with `path` in their name, from the nth on.

    `count` of them do; 0: all, until `heal` is called. `error` is EIO, ENOSPC or SHORT.
    """

    folder: Path
    path: str
    call: str
    nth: int
    count: int = 1
    error: str = "EIO"

    def environ(self, library: Path) -> Mapping[str, str]:
        """What a program's environment needs."""
        return {
            "LD_PRELOAD": str(library),
            "DISK_FAILS_PATH": self.path,
            "DISK_FAILS_CALL": self.call,
            "DISK_FAILS_FROM": str(self.nth),
            "DISK_FAILS_FOR": str(self.count),
            "DISK_FAILS_UNTIL": str(self._until),
            "DISK_FAILS_WITH": self.error,
            "DISK_FAILS_TOLD": str(self._told),
        }

    @property
    def has_come(self) -> bool:
        """Whether any call has failed yet."""
        return self._told.exists()

    def heal(self) -> None:
        """From now on nothing fails."""
        self._until.touch()

    @property
    def _told(self) -> Path:
        return self.folder / "failed"

    @property
    def _until(self) -> Path:
        return self.folder / "healed"
