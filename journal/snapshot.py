"""A snapshot: folded states as of one event, in a file that is whole or is not there.

It only shortens a start and may be thrown away at any time. Its lines: what it is, with the seq and
a digest of the event it stands on; one line a state; a digest of all that.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import frozen

from journal.codec import Codec
from journal.errors import SnapshotUnfit
from journal.files import open_private, sync_directory
from journal.rows import row_of
from journal.store import Reader


HOUSE: Final = Path(__file__).parent.parent
FORMAT: Final = b"trading-bot-snapshot-1"


@frozen
class Kept:
    """One state: as of which event, by which fold (a digest of all that decides it), its JSON."""

    seq: int
    made_by: str
    state: bytes


@frozen(kw_only=True)
class Snapshot:
    """States by the names of their owners, as of event `seq`; `row` is the digest of its row."""

    seq: int
    row: str
    states: Mapping[str, Kept]


def digest_of_row(reader: Reader, codec: Codec, seq: int) -> str | None:
    """What tells the journal that holds this event from any other; None where there is no such
    event.
    """
    record = next(iter(reader.events(after=seq - 1, upto=seq)), None)
    if record is None:
        return None
    return sha256(repr(row_of(record, codec)).encode()).hexdigest()


def digest_of_code(rooms: tuple[str, ...]) -> str:
    """A digest of the source of these packages: what other code has folded is not ours."""
    told = sha256()
    for room in rooms:
        for file in sorted((HOUSE / room).rglob("*.py")):
            told.update(b"%b\n%b\n" % (str(file.relative_to(HOUSE)).encode(), file.read_bytes()))
    return told.hexdigest()


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Put a snapshot in the place of the last one, in one step that survives a power cut.

    Raises:
        OSError: the disk refused; the last one is as it was.
    """
    lines = [b"%b %d %b" % (FORMAT, snapshot.seq, snapshot.row.encode())]
    lines += [
        b"%b %b %b" % (name.encode(), kept.made_by.encode(), kept.state)
        for name, kept in snapshot.states.items()
    ]
    text = b"\n".join(lines)
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(open_private(fresh), "wb") as file:
        file.truncate()
        file.write(b"%b\n%b\n" % (text, sha256(text).hexdigest().encode()))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot in a file; None where there is no file.

    Raises:
        SnapshotUnfit: the file is not whole, or of another format.
        OSError: it cannot be read.
    """
    try:
        text, _, digest = path.read_bytes().rstrip(b"\n").rpartition(b"\n")
    except FileNotFoundError:
        return None
    if sha256(text).hexdigest().encode() != digest:
        raise SnapshotUnfit("it is not whole: its digest is another")
    head, *states = text.split(b"\n")
    try:
        written_as, number, row = head.split(b" ")
        seq = int(number)
        kept = {
            name.decode(): Kept(seq, made_by.decode(), state)
            for name, made_by, state in (line.split(b" ", 2) for line in states)
        }
    except ValueError as error:
        raise SnapshotUnfit(f"it is written in another way: {error}") from error
    if written_as != FORMAT:
        raise SnapshotUnfit(f"its format is {written_as.decode()}, not {FORMAT.decode()}")
    return Snapshot(seq=seq, row=row.decode(), states=kept)
