"""The statements of the store, each prepared once however large the batch."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final, TypeVar

from journal.chain import SealedRow
from journal.rows import COLUMNS, FACT_COLUMNS


Item = TypeVar("Item")

LARGEST_CHUNK: Final = 128
"""Rows in one statement: each statement gives the interpreter lock away and takes it again, which
beside a busy thread costs more than the rows.
"""


SEALED: Final = f"{COLUMNS}, keys, seal"
"""The columns of a row as it is written; only those who check the chain read the last two."""


def _holes(columns: int, rows: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


@cache
def insert_events(rows: int) -> str:
    """Insert so many events; a text for each number, so that each is prepared only once."""
    return f"INSERT INTO events ({SEALED}) VALUES {_holes(13, rows)}"  # noqa: S608 - placeholders


@cache
def insert_keys(rows: int) -> str:
    """Insert so many keys."""
    return f"INSERT INTO keys VALUES {_holes(2, rows)}"  # noqa: S608 - placeholders


@cache
def find_keys(keys: int) -> str:
    """Find which of so many keys exist."""
    return f"SELECT key, seq FROM keys WHERE key IN {_holes(keys, 1)}"  # noqa: S608 - placeholders


HEAD: Final = "SELECT coalesce(max(seq), 0) FROM events"
BY_SEQ: Final = f"SELECT {COLUMNS} FROM events WHERE seq = ?"  # noqa: S608 - our own columns
BY_SEQ_RANGE: Final = f"SELECT {COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own
FACTS: Final = f"SELECT {FACT_COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own
SEALED_AFTER: Final = f"SELECT {SEALED} FROM events WHERE seq > ? ORDER BY seq"  # noqa: S608 - our own columns
SEAL_OF: Final = "SELECT seal FROM events WHERE seq = ?"
BY_KEY: Final = BY_SEQ.replace("?", "(SELECT seq FROM keys WHERE key = ?)")


def flat(rows: Iterable[SealedRow] | Iterable[tuple[str, int]]) -> list[object]:
    """The parameters of a statement for several rows."""
    return list(chain.from_iterable(rows))


def chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    """The items in pieces, each of them one statement's worth."""
    for start in range(0, len(items), LARGEST_CHUNK):
        yield items[start : start + LARGEST_CHUNK]
