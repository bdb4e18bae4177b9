"""What the daemon says while it runs: one event a line, for people at a terminal, else as JSON."""

import logging
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final

from daemon.log_lines import Fields, as_json, as_text
from daemon.log_pipe import LogPipe
from settings.model import LogFormat, Logging


log = logging.getLogger("trading_bot.daemon")

_PRIORITIES: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""What systemd reads from the front of a line, so that `journalctl -p warning` finds it."""


def open_logs(settings: Logging, environ: Mapping[str, str]) -> LogPipe:
    """Send to stderr, once, what any thread logs and what a thread dies of."""
    stderr = sys.stderr.fileno()
    pipe = LogPipe(_writer(stderr), _renderer(settings.format, environ, stderr), level_of(settings))
    root = logging.getLogger()
    root.handlers = [pipe]
    root.setLevel(pipe.level)
    logging.captureWarnings(capture=True)
    threading.excepthook = _ended_thread
    sys.unraisablehook = _ignored
    return pipe


def level_of(settings: Logging) -> int:
    """The settings' level as `logging` counts it."""
    return logging.getLevelNamesMapping()[settings.level.value]


def _renderer(form: LogFormat, environ: Mapping[str, str], stderr: int) -> Callable[[Fields], str]:
    is_terminal = os.isatty(stderr)
    to_journald = _is_journald(environ, stderr)
    if form is LogFormat.TEXT or (form is LogFormat.AUTO and is_terminal):
        # journald keeps the time of each line itself.
        render = as_text(colors=is_terminal, with_time=not to_journald)
    else:
        render = as_json
    return _with_priority(render) if to_journald else render


def _is_journald(environ: Mapping[str, str], stderr: int) -> bool:
    """Whether stderr leads there; systemd says so, but our parent may have led it elsewhere."""
    status = os.fstat(stderr)
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _with_priority(render: Callable[[Fields], str]) -> Callable[[Fields], str]:
    def rendered(fields: Fields) -> str:
        mark = f"<{_PRIORITIES.get(str(fields['level']), 6)}>"
        return "\n".join(mark + line for line in render(fields).split("\n"))

    return rendered


def _writer(handle: int) -> Callable[[bytes], None]:
    # Past sys.stderr: its lock, held by a write that hangs, would hang the end of the process.
    def write(data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(handle, rest) :]
            except BlockingIOError:
                select.select([], [handle], [])

    return write


# --- what nobody caught -----------------------------------------------------------------------


def _ended_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        log.error("thread_crashed", exc_info=args.exc_value)


def _ignored(args: "sys.UnraisableHookArgs") -> None:
    log.error("error_ignored", extra={"said": args.err_msg or ""}, exc_info=args.exc_value)
