"""Event stores as an outsider sees them: SQLite files whose rows hold JSON. Nothing of the bot."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Row:
    """One event as it lies in the file."""

    seq: int
    at: str
    type: str
    body: dict[str, Any]

    def text(self, name: str) -> str:
        """A field as text, empty where there is none."""
        value = self.body.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> Decimal:
        """A field as an exact number, 0 where there is none."""
        return Decimal(self.body.get(name) or 0)

    @property
    def signed(self) -> Decimal:
        """The quantity of an order or a fill: above 0 bought, below 0 sold."""
        return self.number("quantity") if self.text("side") == "buy" else -self.number("quantity")

    @property
    def spent(self) -> Decimal:
        """What a fill took from the cash, fee included."""
        return self.signed * self.number("price") + self.number("fee")


@frozen(kw_only=True)
class File:
    """A whole store, read in one transaction; `faults` is what is wrong with the file itself."""

    name: str
    rows: tuple[Row, ...] = ()
    keys: dict[str, int] = field(factory=dict)
    faults: tuple[str, ...] = ()

    def of(self, *types: str) -> Iterator[Row]:
        """The events of these types, in order."""
        return (row for row in self.rows if row.type in types)


def read_file(path: Path) -> File:
    """Every row of a store, beside its writer or without one."""
    if not path.exists():
        return File(name=path.name, faults=("is not there",))
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")
            (sound,) = db.execute("PRAGMA quick_check").fetchone()
            events = db.execute("SELECT seq, at, type, body FROM events ORDER BY seq").fetchall()
            keys = dict(db.execute("SELECT key, seq FROM keys"))
        rows = tuple(
            Row(seq=seq, at=at, type=kind, body=json.loads(body)) for seq, at, kind, body in events
        )
    except (sqlite3.Error, ValueError) as error:
        return File(name=path.name, faults=(f"cannot be read: {error}",))
    file_faults = () if sound == "ok" else (f"is damaged: {sound}",)
    return File(
        name=path.name,
        rows=rows,
        keys=keys,
        faults=(*file_faults, *_gaps(rows), *_loose(rows, keys)),
    )


def _gaps(rows: tuple[Row, ...]) -> Iterator[str]:
    for expected, row in enumerate(rows, 1):
        if row.seq != expected:
            yield f"has a gap: seq {row.seq} stands where {expected} should"
            return


def _loose(rows: tuple[Row, ...], keys: dict[str, int]) -> Iterator[str]:
    known = {row.seq for row in rows}
    for key, seq in keys.items():
        if seq not in known:
            yield f"has a key without its event: {key} names seq {seq}"
