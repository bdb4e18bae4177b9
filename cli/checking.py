"""Reading settings.yaml for its faults, or for what it says."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cli.at_broker import at_broker
from cli.continuity import contradictions, without_effect
from cli.loaded import faulty, loaded_at
from cli.printing import put, put_json, say
from cli.table import Column, table
from cli.version import VERSION
from journal import Codec, JournalError, Reader, SqliteReader
from settings.faults import Fault
from settings.foreign import idle
from settings.in_force import settings_applied
from settings.load import Loaded
from settings.model import Settings
from settings.references import readable, unreadable
from settings.shown import shown
from trading.events import EVENT_TYPES


FaultsIn = Callable[[Loaded], Iterable[Fault]]

_COLUMNS = (Column("setting", "setting"), Column("value", "value"), Column("from", "from"))


def check_settings(path: Path, quote_faults: FaultsIn, *, as_json: bool) -> None:
    """Print what the settings say and where each value is from; faults end the command.

    `quote_faults` finds those of the files of quotes that the settings name.
    """
    loaded = loaded_at(path)
    if faults := list(quote_faults(loaded)):
        raise faulty(faults)
    _hold_against_journal(loaded)
    for fault in unreadable(loaded, os.environ):
        say(f"{fault}; not a fault if only the daemon can see it")
    for one in idle(loaded.settings, os.environ):
        say(one)
    found = shown(loaded)
    if as_json:
        put_json({"items": [one.as_object() for one in found], "next": None})
        return
    put(f"{path.name} is fine:")
    for title, text in _summary(loaded.settings):
        put(f"  {title:<11}{text}")
    rows = [
        {"setting": one.setting, "value": one.text, "from": one.place or one.source.value}
        for one in found
    ]
    put(f"\n{table(_COLUMNS, rows)}")


def _summary(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "mode", settings.mode
    for name, account in settings.accounts.items():
        at = at_broker(account, settings.mode)
        yield "account", f"{name}: {at}{' (retired)' if account.retired else ''}"
    for strategy_name, strategy in settings.strategies.items():
        to = ", ".join(strategy.accounts) or "no account, its alerts are only recorded"
        yield "strategy", f"{strategy_name} -> {to}{' (retired)' if strategy.retired else ''}"
    yield "alerts at", str(settings.web.webhook.listen)
    yield "pages at", str(settings.web.dashboard.listen)
    yield "state in", str(settings.state_dir)


def _hold_against_journal(loaded: Loaded) -> None:
    """End the command with what the daemon would refuse to start by; no journal, no objection."""
    path = loaded.settings.state_dir / "journal.db"
    if not path.exists():
        return
    try:
        with closing(SqliteReader(path, Codec(EVENT_TYPES))) as reader:
            _judge(loaded, reader)
    except JournalError as error:
        say(f"not held against the journal: {error}")


def _judge(loaded: Loaded, reader: Reader) -> None:
    now = settings_applied(
        loaded.settings, VERSION, datetime.now(UTC), readable(loaded.settings, os.environ)
    )
    if faults := contradictions(loaded, now, reader):
        raise faulty(faults)
    for fault in without_effect(loaded, reader):
        say(str(fault))
