"""The chain over all events: each row's seal covers its columns, its keys and the seal before it.

A row changed, put in, taken out or moved, and a key changed, breaks every seal from there on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final, TypeAlias

import orjson

from journal.rows import Row


SealedRow: TypeAlias = tuple[
    int, str, str, str | None, str | None, str | None, str, int, int, str, str, str, bytes
]
"""A row, its keys as a JSON array (empty text: none), and its seal."""

SIZE: Final = sha256().digest_size
FIRST: Final = bytes(SIZE)
"""What the first event's seal is chained to."""


def seal_of(previous: bytes, row: Row, keys: str) -> bytes:
    """The seal of a row that follows the one with the seal `previous`."""
    return sha256(previous + orjson.dumps((*row, keys))).digest()


def sealed(rows: Iterable[Row], keys: Mapping[int, str], previous: bytes) -> list[SealedRow]:
    """The rows as they are stored after the one with the seal `previous`; `keys` are by seq."""
    written: list[SealedRow] = []
    for row in rows:
        theirs = keys.get(row[0], "")
        previous = seal_of(previous, row, theirs)
        written.append((*row, theirs, previous))
    return written


def keys_by_seq(keys: Iterable[tuple[str, int]]) -> dict[int, str]:
    """The keys of each event that has any, as they stand in its row: sorted, as a JSON array."""
    of_seq: defaultdict[int, list[str]] = defaultdict(list)
    for key, seq in keys:
        of_seq[seq].append(key)
    return {seq: orjson.dumps(sorted(theirs)).decode() for seq, theirs in of_seq.items()}


def first_break(rows: Iterable[SealedRow], previous: bytes) -> int | None:
    """The seq of the first row whose seal does not fit; None where all do."""
    for row in rows:
        try:
            fits = row[12] == seal_of(previous, row[:11], row[11])
        except TypeError:  # damage can turn a text into something that was never written
            fits = False
        if not fits:
            return row[0]
        previous = row[12]
    return None
