"""From every thread to one that writes: who has something to say puts it down and goes on."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from queue import Empty, SimpleQueue
from typing import Final

from daemon.log_lines import (
    Fields,
    all_written,
    fields_of_event,
    fields_of_record,
    level_of,
    written,
)
from journal import Reader, Recorded
from trading.masking import Mask


BOUND: Final = 20_000
"""How many lines may wait; what comes on top is dropped and counted."""
BATCH: Final = 50
"""Lines to one write, which lets other threads run: a quarter of a millisecond of work."""
LINGER_S: Final = 0.1
"""How long an event waits for others, so that the writing thread wakes rarely under load."""
END_WITHIN_S: Final = 2.0

_Said = logging.LogRecord | Recorded
_Item = _Said | Mask | None
"""To be written, to be hidden from now on, or the end."""


class LogPipe(logging.Handler):
    """Takes log records and committed events from any thread; one thread renders and writes them.

    Nothing here blocks or raises to who logs: a stderr that is full or closed costs lines, never
    an alert. `write` takes whole lines and may raise OSError; `render` makes a line of its fields.
    """

    def __init__(
        self, write: Callable[[bytes], None], render: Callable[[Fields], str], level: int
    ) -> None:
        super().__init__(level)
        self._write = write
        self._render = render
        self._mask = Mask()
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._lost = _Tally()
        self._noted: int | None = None
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    # --- from any thread ------------------------------------------------------------------------

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; its arguments may change, so they are put into words at once."""
        try:
            record.msg = record.getMessage()
        except Exception:  # noqa: BLE001 - whatever it is, it must not reach who logs
            record.msg, record.exc_info = "log_call_failed", sys.exc_info()
        record.args = None
        self._offer(record)

    def event(self, recorded: Recorded) -> None:
        """Take a committed event; one thread at a time, in the order of the journal."""
        self._noted = recorded.seq
        if level_of(recorded) >= self.level:
            self._offer(recorded)

    def catch_up(self, reader: Reader) -> None:
        """Take what was committed after the last event told, once nobody tells any more.

        Raises:
            JournalError: it cannot be read.
        """
        if self._noted is not None:
            for recorded in reader.events(after=self._noted):
                self.event(recorded)

    def hide(self, mask: Mask) -> None:
        """From here on, this is what is hidden."""
        self._queue.put(mask)

    def end(self) -> None:
        """Write what waits, within two seconds; what comes later is never written."""
        self._queue.put(None)
        self._thread.join(END_WITHIN_S)

    def _offer(self, item: logging.LogRecord | Recorded) -> None:
        if self._queue.qsize() < BOUND:
            self._queue.put(item)
        else:
            self._lost.add()

    # --- on the log's own thread ----------------------------------------------------------------

    def _run(self) -> None:
        is_over = False
        while not is_over:
            batch = self._next_batch()
            is_over = None in batch
            self._put_out(self._lines(batch))

    def _next_batch(self) -> Sequence[_Item]:
        is_idle = self._queue.empty()
        batch = [self._queue.get()]
        if is_idle and isinstance(batch[0], Recorded):
            time.sleep(LINGER_S)
        try:
            while len(batch) < BATCH:
                batch.append(self._queue.get_nowait())
        except Empty:
            pass
        return batch

    def _lines(self, batch: Sequence[_Item]) -> list[str]:
        for item in batch:
            if isinstance(item, Mask):
                self._mask = item
        said = [item for item in batch if isinstance(item, logging.LogRecord | Recorded)]
        if lost := self._lost.take():
            said.append(_own("log_lines_lost", count=lost))
        try:
            return all_written([_fields(item) for item in said], self._mask, self._render)
        except Exception:  # noqa: BLE001 - one that cannot be made must not take others along
            return [self._line(item) for item in said]

    def _line(self, item: _Said) -> str:
        try:
            return written(_fields(item), self._mask, self._render)
        except Exception as error:  # noqa: BLE001 - a line that cannot be made must not end the log
            failed = _own("log_line_failed", error=type(error).__name__)
            return self._render(fields_of_record(failed))

    def _put_out(self, lines: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        try:
            self._write(text.encode("utf-8", "backslashreplace"))
        except OSError:
            self._lost.add(len(lines))


def _fields(item: _Said) -> Fields:
    return fields_of_event(item) if isinstance(item, Recorded) else fields_of_record(item)


def _own(word: str, **fields: object) -> logging.LogRecord:
    about = {"name": "trading_bot.log", "levelno": logging.WARNING, "levelname": "WARNING"}
    return logging.makeLogRecord({**about, "msg": word, **fields})


class _Tally:
    """Counts for many threads without a lock: to draw from an iterator is one atomic step."""

    def __init__(self) -> None:
        self._draws = count()
        self._looks = 0
        self._told = 0

    def add(self, number: int = 1) -> None:
        """Count; from any thread."""
        for _ in range(number):
            next(self._draws)

    def take(self) -> int:
        """How many since the last time; from one thread."""
        added = next(self._draws) - self._looks
        self._looks += 1
        new, self._told = added - self._told, added
        return new
