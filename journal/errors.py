"""What can go wrong with an event store, one base for all, each named for what happened."""

# ruff: noqa: N818 - "StoreFailed" says what happened; "StoreFailedError" says it twice

from pathlib import Path
from typing import Self


class JournalError(Exception):
    """The base of every error the journal raises."""


class StoreFailed(JournalError):
    """The disk or the database refused; nothing of the call is stored. Free the disk, try again."""


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
