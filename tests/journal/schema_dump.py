"""A journal of every golden event as SQL text, as the schema of today holds it.

    python -m tests.journal.schema_dump > tests/journal/schema_N.sql

Run once for each new version of the schema, before anything changes again; the files stay.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import orjson

from journal import Draft, SqliteStore
from tests.journal.samples import CODEC
from trading.event import Event


HERE: Final = Path(__file__).parent


def golden() -> list[Event]:
    """Every event that was ever written, in the order of the file."""
    lines = (HERE / "golden_events.jsonl").read_text().splitlines()
    found = (orjson.loads(line) for line in lines)
    return [CODEC.decode(line["type"], orjson.dumps(line["body"])) for line in found]


def drafts() -> list[Draft]:
    """One each, every second with keys."""
    return [
        Draft(
            events=(event,),
            keys=(f"k{number}", f"also:{number}") if number % 2 else (),
            writer="test",
            epoch=number // 3,
            number=number,
            cause=f"c{number}",
        )
        for number, event in enumerate(golden(), 1)
    ]


def dump() -> Iterator[str]:
    """The statements that make the journal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        with closing(SqliteStore(path, CODEC)) as store:
            store.commit(drafts())
        with closing(sqlite3.connect(path)) as db:
            yield from db.iterdump()


if __name__ == "__main__":
    sys.stdout.writelines(f"{statement}\n" for statement in dump())
