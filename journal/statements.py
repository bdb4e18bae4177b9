"""The statements of the store, each prepared once however large the batch."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from journal.rows import COLUMNS, Row


Item = TypeVar("Item")

_LARGEST_CHUNK: Final = 64
_SIZES: Final = tuple(1 << power for power in range(_LARGEST_CHUNK.bit_length()))


def _holes(columns: int, rows: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


# A text for each power of two: a batch of any size needs few statements, all prepared before.
INSERT_EVENTS: Final = {
    size: f"INSERT INTO events ({COLUMNS}) VALUES {_holes(11, size)}"  # noqa: S608 - placeholders
    for size in _SIZES
}
INSERT_KEYS: Final = {
    size: f"INSERT INTO keys VALUES {_holes(2, size)}"  # noqa: S608 - placeholders
    for size in _SIZES
}
FIND_KEYS: Final = {
    size: f"SELECT key, seq FROM keys WHERE key IN {_holes(size, 1)}"  # noqa: S608 - placeholders
    for size in _SIZES
}
HEAD: Final = "SELECT coalesce(max(seq), 0) FROM events"
BY_SEQ: Final = f"SELECT {COLUMNS} FROM events WHERE seq = ?"  # noqa: S608 - our own columns
BY_KEY: Final = BY_SEQ.replace("?", "(SELECT seq FROM keys WHERE key = ?)")


def flat(rows: Iterable[Row] | Iterable[tuple[str, int]]) -> list[object]:
    """The parameters of a statement for several rows."""
    return [value for row in rows for value in row]


def chunks(items: tuple[Item, ...]) -> Iterator[tuple[int, tuple[Item, ...]]]:
    """The items in pieces, each as long as a power of two."""
    start = 0
    while start < len(items):
        size = min(_LARGEST_CHUNK, 1 << (len(items) - start).bit_length() - 1)
        yield size, items[start : start + size]
        start += size
