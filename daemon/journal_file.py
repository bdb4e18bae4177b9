"""The journal's file as the daemon finds it: checked once, opened as often as need be."""

import logging
from collections.abc import Callable
from pathlib import Path

from journal import JournalMissing, Reader, Store, StoreFailed
from journal.recall import Recall


log = logging.getLogger("trading_bot.journal")


class JournalFile:
    """Opens the journal and has its past checked, at start and again until it can be.

    The main thread uses it before there are actors, the Journal's thread from then on. `check` may
    refuse the past by an error: it ends the start, and where the journal came late, the daemon.
    """

    def __init__(
        self,
        path: Path,
        open_store: Callable[[], Store],
        past: Recall,
        check: Callable[[Reader], None],
    ) -> None:
        self._path = path
        self._open_store = open_store
        self.past = past
        self._check = check
        self._is_past_checked = False
        self._opened: Store | None = None

    def prepare(self) -> None:
        """Open it ahead; a disk that refuses and a file that is unsound are left to the Journal.

        Raises:
            SchemaTooNew: this version is the wrong one for the file.
            Exception: whatever `check` raises.
        """
        try:
            self._opened = self._opened_now()
        except StoreFailed as error:
            log.error("journal_not_usable", extra={"error": str(error)})  # noqa: TRY400 - it says it all

    def open(self) -> Store:
        """The store, opened ahead or now; raises StoreFailed."""
        opened, self._opened = self._opened, None
        return opened if opened is not None else self._opened_now()

    def close(self) -> None:
        """Let go of what was opened ahead and never asked for."""
        if self._opened is not None:
            self._opened.close()

    def _opened_now(self) -> Store:
        if not self._path.exists() and (ledgers := sorted(self._path.parent.glob("paper-*.db"))):
            raise JournalMissing(self._path, [ledger.name for ledger in ledgers])
        store = self._open_store()
        try:
            if not self._is_past_checked:
                self._check(self.past)
                self._is_past_checked = True
        except BaseException:
            store.close()
            raise
        return store
