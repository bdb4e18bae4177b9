"""One daemon per journal: a lock that the kernel frees when its holder dies, however it dies."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from journal.errors import AlreadyRunning
from journal.files import make_private_directory, open_private


class DaemonLock:
    """A held lock; `release` frees it, and so does the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Free the lock; a second call does nothing. The file stays: removing it would race."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def hold(path: Path) -> DaemonLock:
    """Hold the journal at `path` for this process, by a lock file beside it (`<path>.lock`).

    Raises:
        AlreadyRunning: another holder has it; its process id is named.
    """
    beside = path.with_name(f"{path.name}.lock")
    make_private_directory(beside.parent)
    descriptor = _opened(beside)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(
            OSError
        ):  # the lock is the kernel's; who holds it is told where there is room
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).strip()
        os.close(descriptor)
        raise AlreadyRunning(beside, int(holder) if holder.isdigit() else None) from None
    except OSError:
        os.close(descriptor)
        raise
    return DaemonLock(descriptor)


def _opened(path: Path) -> int:
    try:
        return open_private(path)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # enough for a lock; what follows waits
