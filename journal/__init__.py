"""The event store: append-only, one writer, many readers, and keys that refuse doubles."""

from journal.codec import Codec
from journal.errors import (
    AlreadyRunning,
    JournalBehind,
    JournalDamaged,
    JournalError,
    JournalMissing,
    SchemaTooNew,
    StoreFailed,
    StoreUnsound,
    UndecodableEvent,
    UnknownEventType,
    UnreadableEvent,
    UnwritableEvent,
)
from journal.lock import DaemonLock, hold
from journal.memory import MemoryReader, MemoryStore
from journal.sqlite import SqliteReader, SqliteStore
from journal.store import Committed, Draft, KeyTaken, Outcome, Reader, Recorded, Store
from journal.verify import Findings, export, verify


__all__ = [
    "AlreadyRunning",
    "Codec",
    "Committed",
    "DaemonLock",
    "Draft",
    "Findings",
    "JournalBehind",
    "JournalDamaged",
    "JournalError",
    "JournalMissing",
    "KeyTaken",
    "MemoryReader",
    "MemoryStore",
    "Outcome",
    "Reader",
    "Recorded",
    "SchemaTooNew",
    "SqliteReader",
    "SqliteStore",
    "Store",
    "StoreFailed",
    "StoreUnsound",
    "UndecodableEvent",
    "UnknownEventType",
    "UnreadableEvent",
    "UnwritableEvent",
    "export",
    "hold",
    "verify",
]
