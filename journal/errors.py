"""What can go wrong with an event store, one base for all, each named for what happened."""

# ruff: noqa: N818 - "StoreFailed" says what happened; "StoreFailedError" says it twice

from collections.abc import Sequence
from pathlib import Path
from typing import Self


class JournalError(Exception):
    """The base of every error the journal raises."""


class StoreFailed(JournalError):
    """The disk or the database refused; nothing of the call is stored. Free the disk, try again.

    Where it was the flush that failed, the call's events may yet be there once the file is opened
    again: they are in the log, and nobody knows whether they reached the disk.
    """


class StoreUnsound(StoreFailed):
    """The file is not what was written last. A person puts it right; until then nothing is written.

    Trying again is right: it is sound again as soon as the right file is in its place.
    """


class JournalMissing(StoreUnsound):
    """There is no file, but traces of one: an empty one in its place would forget everything."""

    def __init__(self, path: Path, traces: Sequence[str]) -> None:
        super().__init__(
            f"{path}: missing, but there was one ({', '.join(traces)} tells); put it back together"
            f" with {path.name}-wal, or restore a backup; to begin anew on purpose, stop the"
            f" daemon and move {path.parent} away"
        )


class JournalDamaged(StoreUnsound):
    """The file cannot be trusted; `kept` is where it lies now, None where it was left in place."""

    def __init__(self, path: Path, reason: str, kept: Path | None) -> None:
        where = "left as it is" if kept is None else f"kept as {kept.name}"
        super().__init__(
            f"{path}: damaged: {reason}; {where}; put a sound copy or a backup in its place"
        )
        self.kept = kept


class JournalBehind(StoreUnsound):
    """The file is sound, but not the last: events that were committed are not in it."""

    def __init__(self, path: Path, reason: str, mark: Path) -> None:
        super().__init__(
            f"{path}: {reason}: an older copy was put in its place, or {path.name}-wal was lost or"
            f" damaged; put the last files back; to go on without what is missing, stop the daemon"
            f" and remove {mark.name}"
        )


class SchemaTooNew(JournalError):
    """The file was written by a newer version; run that version, or restore an older backup."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path}: written with schema {found}, this version knows up to {known};"
            " start the newer version, or restore a backup made before it"
        )
        self.found = found
        self.known = known


class AlreadyRunning(JournalError):
    """Another process holds the journal; stop it first."""

    def __init__(self, path: Path, pid: int | None) -> None:
        holder = "another process" if pid is None else f"process {pid}"
        super().__init__(f"{path}: already running, {holder} holds this lock")
        self.path = path
        self.pid = pid


class UnfitState(JournalError):
    """A folded state that JSON does not hold exactly, or JSON that holds no such state."""


class SnapshotUnfit(JournalError):
    """A snapshot that cannot be relied on; the message says why."""


class UnwritableEvent(JournalError):
    """An event holds what its type does not allow: a bug of its author; nothing is stored."""


class UndecodableEvent(JournalError):
    """A stored event that this version cannot read back; `seq` is known where a reader met it."""

    def __init__(self, reason: str, seq: int | None = None) -> None:
        super().__init__(reason if seq is None else f"event {seq}: {reason}")
        self.reason = reason
        self.seq = seq

    def at(self, seq: int) -> Self:
        """The same error, naming the place in the journal."""
        return type(self)(self.reason, seq)


class UnknownEventType(UndecodableEvent):
    """A type name that no event of this version bears."""


class UnreadableEvent(UndecodableEvent):
    """A body that does not fit its type: every fault with its field."""
