"""The whole story of one alert: each step, when it was, and the numbers behind it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from cli.api import api_of
from cli.loaded import settings_at
from cli.printing import put, put_json
from cli.table import Column, table
from cli.text import NOTHING, clean, instant, shown


_STEPS: Final = (
    Column("New York", "at", partial(instant, milliseconds=True)),
    Column("ms", "elapsed_ms", lambda value: f"+{shown(value)}", is_number=True),
    Column("seq", "seq", is_number=True),
    Column("account", "account"),
    Column("step", "event"),
    Column("in words", "sentence"),
)
_INDENT: Final = " " * 8


def why(settings: Path, token_file: Path | None, alert: str, *, as_json: bool) -> None:
    """Print what came of an alert; the start of its id is enough where it is unique."""
    api = api_of(settings_at(settings), token_file)
    said = api.get(f"/api/alerts/{quote(alert, safe='')}")
    if as_json:
        put_json(said)
        return
    for line in _head(said):
        put(line)
    put("")
    for line in _story(said.get("steps") or []):
        put(line)


def _head(said: Mapping[str, Any]) -> Iterator[str]:
    alert, strategy = shown(said.get("alert_id")), shown(said.get("strategy"))
    asked = " ".join(str(said[name]) for name in ("action", "symbol") if said.get(name))
    what = f", {clean(asked)}" if asked else ""
    yield f"alert {alert}{what} for {strategy}, {instant(said.get('received_at'))} New York"
    words = [shown(said.get(name)) for name in ("verdict", "code", "reason")]
    yield ": ".join(word for word in words if word != NOTHING)


def _story(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each step, and one below it with its numbers."""
    title, *lines = table(_STEPS, steps).split("\n")
    yield title
    for line, step in zip(lines, steps, strict=True):
        yield line
        if numbers := step.get("inputs"):
            yield f"{_INDENT}{shown(numbers)}"
