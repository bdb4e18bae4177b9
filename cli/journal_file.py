"""The journal's file, read while the daemon may be running; nothing here writes to it."""

import os
import sys
from pathlib import Path
from typing import TextIO

from cli.failure import Exit, Failure
from cli.loaded import settings_at
from cli.printing import put, put_json, say
from cli.table import Column, table
from journal import Codec, Findings, JournalError
from journal import export as write_out
from journal import verify as look_over
from trading.events import EVENT_TYPES


def verify(settings: Path, *, as_json: bool) -> None:
    """Check file, numbering, events and keys; a fault ends the command with 1."""
    path = _journal(settings)
    try:
        findings = look_over(path, Codec(EVENT_TYPES))
    except JournalError as error:
        raise Failure(Exit.FAILED, str(error)) from None
    if as_json:
        put_json(_as_data(findings))
    elif findings.is_sound:
        _put_counts(findings)
    else:
        put("\n".join(findings.faults))
    if not findings.is_sound:
        raise Failure(Exit.FAILED, f"{path}: the journal is not sound")


def _as_data(findings: Findings) -> dict[str, object]:
    return {
        "is_sound": findings.is_sound,
        "events": findings.events,
        "counts": findings.counts,
        "faults": findings.faults,
    }


def _put_counts(findings: Findings) -> None:
    put(f"the journal is sound: {findings.events} events")
    if findings.counts:
        columns = (Column("event", "event"), Column("count", "count", is_number=True))
        by_name = sorted(findings.counts.items())
        put(table(columns, [{"event": name, "count": count} for name, count in by_name]))


def export(settings: Path, out: Path | None) -> None:
    """Write every event as a line of JSON to stdout, or to a new file that only its owner reads."""
    path = _journal(settings)
    if out is None:
        _export(path, sys.stdout)
        return
    try:
        # O_EXCL: an older export, or the journal itself, is never written over.
        with os.fdopen(
            os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            _export_whole(path, file, out)
    except OSError as error:
        raise Failure(Exit.FAILED, f"{out}: {error.strerror}") from None


def _export_whole(path: Path, file: TextIO, out: Path) -> None:
    try:
        _export(path, file)
    except BaseException:
        out.unlink()
        raise


def _export(path: Path, file: TextIO) -> None:
    try:
        count = write_out(path, Codec(EVENT_TYPES), file)
    except JournalError as error:
        raise Failure(Exit.FAILED, str(error)) from None
    say(f"{count} events")


def _journal(settings: Path) -> Path:
    return settings_at(settings).state_dir / "journal.db"
