"""One folded state in a file of its own, beside the store it is folded from."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from journal.codec import Codec
from journal.errors import JournalError, SnapshotUnfit
from journal.snapshot import (
    Kept,
    Snapshot,
    digest_of_code,
    digest_of_row,
    read_snapshot,
    write_snapshot,
)
from journal.states import state_codec
from journal.store import Reader
from trading.event import Event


log = logging.getLogger("trading_bot.snapshots")

S = TypeVar("S")

MANY = 10_000
"""Events folded at a start after which the state is written down: some 0.2 s of work."""


class StateFile(Generic[S]):
    """Folds a store's whole past, from the last state that was written down.

    `step` never fails; `rooms` are the packages in which all that it does is written. What is in
    the file is only ever a replay, and is not used where there is any doubt.
    """

    def __init__(
        self,
        path: Path,
        *,
        codec: Codec,
        begin: S,
        step: Callable[[S, Event], S],
        rooms: tuple[str, ...],
    ) -> None:
        self._path = path
        self._codec = codec
        self._begin = begin
        self._step = step
        kind: Any = type(begin)
        self._states = state_codec(kind)
        self._made_by = digest_of_code(rooms)

    def fold(self, reader: Reader) -> S:
        """The state as of the last event in the store.

        Raises:
            JournalError: the store cannot be read, or an event of it.
        """
        state, began_at = self._last(reader)
        seq = began_at
        for at, event in reader.facts(after=began_at):
            state, seq = self._step(state, event), at
        if seq >= began_at + MANY:
            self._write_down(reader, state, seq)
        return state

    def _last(self, reader: Reader) -> tuple[S, int]:
        """The state in the file and the seq it is of; where it cannot be used, the beginning."""
        try:
            snapshot = read_snapshot(self._path)
            if snapshot is None:
                return self._begin, 0
            if snapshot.row != digest_of_row(reader, self._codec, snapshot.seq):
                raise SnapshotUnfit(f"its event {snapshot.seq} is not the one in this store")
            (kept,) = snapshot.states.values()
            if kept.made_by != self._made_by:
                raise SnapshotUnfit("other code made it")
            state: S = self._states.decode(kept.state)
        except (JournalError, OSError, ValueError) as error:
            log.warning("snapshot_not_used", extra={"file": self._path.name, "error": str(error)})
            return self._begin, 0
        return state, snapshot.seq

    def _write_down(self, reader: Reader, state: S, seq: int) -> None:
        try:
            kept = Kept(seq, self._made_by, self._states.encode(state))
            row = digest_of_row(reader, self._codec, seq)
            if row is not None:
                snapshot = Snapshot(seq=seq, row=row, states={self._path.stem: kept})
                write_snapshot(self._path, snapshot)
        except (JournalError, OSError) as error:
            log.warning("snapshot_not_kept", extra={"file": self._path.name, "error": str(error)})
