"""Files that only their owner may read, and that are still there after a power cut."""

import os
from pathlib import Path


def make_private_directory(path: Path) -> None:
    """Create a directory, and those above it, for the owner only; an existing one is left as is."""
    if path.is_dir():
        return
    make_private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)


def open_private(path: Path) -> int:
    """A descriptor of the file for reading and writing; a new one is the owner's only (0600)."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def sync_directory(path: Path) -> None:
    """Make the names of new files in a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
