"""A program that commits numbers one after the other and says which of them it was promised.

    python -m tests.crash.commits JOURNAL COUNT [crash]

It opens the store again and again until it can, tries every number until it is committed, and
checkpoints in between; `refused N`, `committed N` and, where that was done before although it had
been refused, `taken N` are its lines, `ended` the last. With `crash` it ends without closing.
"""

import os
import sys
from itertools import count
from pathlib import Path

from journal import Committed, SqliteStore, StoreFailed
from tests.journal.samples import CODEC, draft


TRIES = 50


def main(path: Path, numbers: int, *, crashes: bool) -> None:
    """Run to the end, whatever the disk does."""
    store = _opened(path)
    for number in range(1, numbers + 1):
        _commit(store, number)
        if number % 4 == 0:
            _checkpoint(store)
    print("ended", flush=True)
    if crashes:
        os._exit(0)
    store.close()


def _opened(path: Path) -> SqliteStore:
    for attempt in count(1):
        try:
            return SqliteStore(path, CODEC)
        except StoreFailed as error:
            print(f"unopened {error}", flush=True)
            if attempt == TRIES:
                raise
    raise AssertionError


def _commit(store: SqliteStore, number: int) -> None:
    """As an actor does: what was refused and is there all the same is known by its key."""
    for attempt in count(1):
        try:
            (outcome,) = store.commit([draft(number, keys=[f"k{number}"])])
        except StoreFailed:
            print(f"refused {number}", flush=True)
            if attempt == TRIES:
                raise
        else:
            print(
                f"{'committed' if isinstance(outcome, Committed) else 'taken'} {number}", flush=True
            )
            return


def _checkpoint(store: SqliteStore) -> None:
    try:
        store.checkpoint()
    except StoreFailed:
        print("unmoved", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), crashes="crash" in sys.argv[3:])
