"""Looking a journal over without touching it, and writing it out for other programs."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import orjson
from attrs import frozen

from journal.chain import FIRST, first_break, keys_by_seq
from journal.codec import Codec
from journal.errors import UndecodableEvent
from journal.mark import HighWaterMark, Mark
from journal.rows import COLUMNS, Row, record_of, row_of
from journal.schema import CHAINED_SINCE, open_reader, version_of
from journal.soundness import behind
from journal.statements import SEALED_AFTER


_BUSY_TIMEOUT_S: Final = 5.0
_SHOWN_PER_KIND: Final = 20


@frozen(kw_only=True)
class Findings:
    """What a journal holds and what is wrong with it: a sentence each, none if all is well."""

    faults: tuple[str, ...]
    events: int
    counts: dict[str, int]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(path: Path, codec: Codec) -> Findings:
    """Check the file, the numbering, every event, every key and the chain; reads only.

    Raises:
        StoreFailed: there is no journal to read.
    """
    counts: Counter[str] = Counter()
    faults: list[str] = []
    known = HighWaterMark(path).read()  # first: the daemon goes on writing, and moves it on
    with closing(open_reader(path, busy_timeout_s=_BUSY_TIMEOUT_S)) as db:
        db.execute("BEGIN")  # one snapshot for all checks
        for check in (
            _file_faults(db),
            _gaps(db),
            _event_faults(db, codec, counts),
            _dangling_keys(db),
            *([_chain_faults(db, known), _key_faults(db)] if _is_chained(db, path) else []),
        ):
            faults.extend(_first_few(check))
    unique = tuple(dict.fromkeys(faults))  # one damaged page may stop several checks
    return Findings(faults=unique, events=counts.total(), counts=dict(counts))


def export(path: Path, codec: Codec, out: TextIO) -> int:
    """Write every event as one line of JSON, in order, and return their number; reads only.

    Raises:
        StoreFailed: there is no journal to read.
        UndecodableEvent: naming the event that this version cannot read.
    """
    lines = 0
    with closing(open_reader(path, busy_timeout_s=_BUSY_TIMEOUT_S)) as db:
        for row in _rows(db):
            record_of(row, codec)
            out.write(_line(row))
            lines += 1
    return lines


def _line(row: Row) -> str:
    seq, at, type_name, account, alert_id, order_id, writer, epoch, number, cause, body = row
    line = {
        "seq": seq,
        "type": type_name,
        "at": at,
        "account": account,
        "alert_id": alert_id,
        "order_id": order_id,
        "writer": writer,
        "epoch": epoch,
        "number": number,
        "cause": cause,
        "body": orjson.Fragment(body),
    }
    return f"{orjson.dumps(line).decode()}\n"


def _rows(db: sqlite3.Connection) -> Iterator[Row]:
    return db.execute(f"SELECT {COLUMNS} FROM events ORDER BY seq")  # noqa: S608 - our own columns


def _first_few(faults: Iterator[str]) -> Iterator[str]:
    """The first faults of a kind, how many more there are, and why the search ended if it broke."""
    try:
        yield from islice(faults, _SHOWN_PER_KIND)
        more = sum(1 for _ in faults)
        if more:
            yield f"There are {more} more of this kind."
    except sqlite3.Error as error:
        yield f"The file is damaged and cannot be read further: {error}."


def _file_faults(db: sqlite3.Connection) -> Iterator[str]:
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield f"The file is damaged: {message}."


def _gaps(db: sqlite3.Connection) -> Iterator[str]:
    expected = 1
    for (seq,) in db.execute("SELECT seq FROM events ORDER BY seq"):
        if seq < 1:
            yield f"Event {seq} stands before the first."
            continue
        if seq > expected:
            yield _missing(expected, seq - 1)
        expected = seq + 1


def _missing(first: int, last: int) -> str:
    return (
        f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."
    )


def _event_faults(db: sqlite3.Connection, codec: Codec, counts: Counter[str]) -> Iterator[str]:
    """What cannot be decoded, and what is filed under something else than it says."""
    for row in _rows(db):
        counts[row[2]] += 1
        try:
            filed = row_of(record_of(row, codec), codec)
        except UndecodableEvent as error:
            yield f"Event {row[0]} cannot be read: {error.reason}."
            continue
        for column, stands, says in zip(COLUMNS.split(", ")[:6], row, filed, strict=False):
            if stands != says:
                yield f"Event {row[0]} is filed under {column} {stands!r}, its body says {says!r}."


def _dangling_keys(db: sqlite3.Connection) -> Iterator[str]:
    for key, seq in db.execute(
        "SELECT key, seq FROM keys WHERE seq NOT IN (SELECT seq FROM events) ORDER BY seq"
    ):
        yield f"Key {key!r} points to event {seq}, which does not exist."


def _is_chained(db: sqlite3.Connection, path: Path) -> bool:
    version = version_of(db, path)
    return version is not None and version >= CHAINED_SINCE


def _chain_faults(db: sqlite3.Connection, known: Mark | None) -> Iterator[str]:
    """Where the chain breaks first, and whether it holds what the mark tells of."""
    broken = first_break(db.execute(SEALED_AFTER, (0,)), FIRST)
    if broken is not None:
        yield f"Event {broken} does not fit the chain: it, or one before it, is not as written."
    if known is not None and (reason := behind(db, known)) is not None:
        yield f"The journal {reason}."


def _key_faults(db: sqlite3.Connection) -> Iterator[str]:
    """What the table of keys and the events, which are chained, say differently."""
    filed = keys_by_seq(
        db.execute("SELECT key, seq FROM keys WHERE seq IN (SELECT seq FROM events)")
    )
    for seq, keys in db.execute("SELECT seq, keys FROM events ORDER BY seq"):
        stands = filed.get(seq, "")
        if stands != keys:
            yield f"Event {seq} has the keys {keys or '[]'}, filed are {stands or '[]'}."
