"""Damaged files are kept aside under another name; nothing ever deletes or overwrites them."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from journal.files import sync_directory


_BESIDE: Final = ("-wal", "-shm")
_KEPT: Final = "damaged"


def set_aside(path: Path) -> Path:
    """Rename a database and what belongs to it; its new name tells when it was last written.

    The parts keep belonging together: `-wal` and `-shm` follow the name.
    """
    kept = free_name(path, _KEPT)
    for part in ("", *_BESIDE):
        beside = path.with_name(path.name + part)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + part))
    sync_directory(path.parent)
    return kept


def kept_aside(path: Path) -> list[Path]:
    """Databases that once had this name, the oldest first."""
    found = path.parent.glob(f"{path.name}.{_KEPT}-*")
    return sorted(it for it in found if not it.name.endswith(_BESIDE))


def free_name(path: Path, what: str) -> Path:
    """A name for a copy of the file that no other has: what it is and when it was last written."""
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    name = f"{path.name}.{what}-{at:%Y%m%dT%H%M%SZ}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(it for it in map(path.with_name, names) if not it.exists())
