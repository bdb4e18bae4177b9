"""SnapshotActor: keeps states to begin with, so that nobody folds the whole past again."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from actors.memory import ROOMS, AnyMemory
from actors.messages import Tick
from actors.runtime import Alarms, Birth, Cancel, Worker
from actors.shadow import Shadow
from journal import Codec, JournalError, StoreFailed, UndecodableEvent
from journal.errors import SnapshotUnfit
from journal.recall import Recall
from journal.snapshot import (
    Kept,
    Snapshot,
    digest_of_code,
    digest_of_row,
    read_snapshot,
    write_snapshot,
)


log = logging.getLogger("trading_bot.snapshots")

KEEP_UP = Tick("keep_up")
KEEP_UP_EVERY_S: Final = 0.1
STEP: Final = 20
"""Events folded at a time: a millisecond of work, so that no alert waits for it. The 200 events a
second that this makes are more than any trader's day; what comes faster is folded when it is quiet
again."""

EVERY: Final = 10_000
"""Events from one snapshot to the next: what a restart has to fold at most, once caught up."""

AT_START: Final = 50_000
"""Events folded at start from one snapshot to the next."""

AT_THE_END: Final = 5_000
"""Events that are still folded before an orderly end; with more, the next start folds them."""


class SnapshotActor(Worker):
    """Folds the past once for all actors at start, then follows the journal at leisure.

    It reads the journal like anybody else, in its own thread: neither the Journal nor an actor ever
    waits for it. What it cannot do it says, and leaves every actor to fold for itself.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        recall: Recall,
        codec: Codec,
        memories: Mapping[str, AnyMemory],
        path: Path,
        alarms: Alarms,
    ) -> None:
        super().__init__(birth)
        self._recall = recall
        self._codec = codec
        self._memories = memories
        self._path = path
        self._alarms = alarms
        self._code = digest_of_code(ROOMS)
        self._shadow = Shadow(memories, self._code)
        self._kept_at = 0
        self._written_at = 0
        self._is_able = True
        self._keeping_up: Cancel | None = None

    def on_start(self) -> None:
        """Fold everything up to now, so that the actors started next begin with it.

        Raises:
            UndecodableEvent: this version cannot read the journal, and must not trade on a part.
        """
        self._take_up()
        while self._fold(AT_START) == AT_START:
            self._keep()  # a start that is broken off half-way is not begun anew
        self._keep()
        self._keeping_up = self._alarms.every(KEEP_UP_EVERY_S, self.address, KEEP_UP)
        self.started()

    def on_end(self, error: BaseException | None) -> None:
        """Leave a snapshot of the end, where it is not far: all who append have ended by then."""
        if self._keeping_up is not None:
            self._keeping_up.cancel()
        if error is None and self._is_near_the_end():
            self._follow(AT_THE_END)
            self._keep()

    def receive(self, message: object) -> None:
        """Fold the next few events."""
        if message != KEEP_UP:
            raise TypeError(f"the SnapshotActor does not know {message!r}")
        self._follow(STEP)
        if self._shadow.seq >= self._kept_at + EVERY:
            self._keep()

    # --- folding --------------------------------------------------------------------------------

    def _is_near_the_end(self) -> bool:
        try:
            return self._recall.head() - self._shadow.seq <= AT_THE_END
        except StoreFailed:
            return False

    def _fold(self, at_most: int) -> int:
        """Fold the next events; how many there were.

        A step that fails here fails again in the actor whose memory it is, and counts there.

        Raises:
            UndecodableEvent: an event that nobody can fold.
        """
        if not self._is_able:
            return 0
        try:
            return self._shadow.take_in(self._recall.facts(after=self._shadow.seq, limit=at_most))
        except StoreFailed:
            pass  # the Journal says so; what could not be read now is read at the next step
        except UndecodableEvent:
            self._is_able = False
            raise
        except Exception:  # whatever it is, no cache may end a daemon
            log.exception("snapshots_end", extra={"seq": self._shadow.seq})
            self._is_able = False
        return 0

    def _follow(self, at_most: int) -> None:
        """Fold the next events; at one that became unreadable while we ran, stop following."""
        try:
            self._fold(at_most)
        except UndecodableEvent:
            log.exception("snapshots_end", extra={"seq": self._shadow.seq})

    # --- keeping --------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Hold the states as they are for whoever starts next, in this process or after it."""
        if not self._is_able or self._shadow.seq == self._written_at:
            return
        try:
            self._kept_at = self._shadow.seq
            states = self._shadow.kept()
            self._recall.keep(states)
            row = digest_of_row(self._recall, self._codec, self._shadow.seq)
            if row is not None:
                write_snapshot(self._path, Snapshot(seq=self._shadow.seq, row=row, states=states))
                self._written_at = self._shadow.seq
        except (JournalError, OSError) as error:
            log.warning("snapshot_not_kept", extra={"file": self._path.name, "error": str(error)})

    def _take_up(self) -> None:
        """Begin with what a former life kept, in memory or on disk, unless there is any doubt."""
        try:
            kept = self._kept_on_disk()
            anew = self._shadow.begin_with(kept)
        except (JournalError, OSError) as error:
            log.warning("snapshot_not_used", extra={"file": self._path.name, "error": str(error)})
            self._shadow = Shadow(self._memories, self._code)
        else:
            if kept and anew:
                log.warning("states_made_anew", extra={"actors": anew})

    def _kept_on_disk(self) -> Mapping[str, Kept]:
        """The states of the file.

        Raises:
            SnapshotUnfit: it is broken, or was made of another journal than this one.
        """
        snapshot = read_snapshot(self._path)
        if snapshot is None:
            return {}
        if digest_of_row(self._recall, self._codec, snapshot.seq) != snapshot.row:
            raise SnapshotUnfit(f"its event {snapshot.seq} is not the one in this journal")
        return snapshot.states
