"""Putting the books in order, through the daemon."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from cli import asking
from cli.api import api_of
from cli.loaded import settings_at
from cli.printing import put, put_json
from cli.text import shown


def path_of(symbol: str, act: str) -> str:
    """Where the API takes an act on the shares of a symbol."""
    return f"/api/positions/{quote(symbol, safe='')}/{act}"


def reset(
    settings: Path, token_file: Path | None, asked: Mapping[str, object], *, as_json: bool
) -> None:
    """Have a paper account begin anew, with a reason."""
    api = api_of(settings_at(settings), token_file)
    given = {name: str(value) for name, value in asked.items() if value is not None}
    given["reason"] = asking.reason(given.get("reason"))
    said = api.post("/api/reset", given)
    if as_json:
        put_json(said)
        return
    put(f"{shown(said.get('account'))} begins anew with {shown(said.get('cash'))} $")


def thaw(
    settings: Path,
    token_file: Path | None,
    symbol: str,
    asked: Mapping[str, object],
    *,
    as_json: bool,
) -> None:
    """Have a frozen symbol trade again, with a reason."""
    api = api_of(settings_at(settings), token_file)
    given = {name: str(value) for name, value in asked.items() if value is not None}
    given["reason"] = asking.reason(given.get("reason"))
    said = api.post(path_of(symbol, "thaw"), given)
    if as_json:
        put_json(said)
        return
    put(f"{shown(said.get('symbol'))} trades again on {shown(said.get('account'))}")


def book(
    settings: Path,
    token_file: Path | None,
    path: str,
    asked: Mapping[str, object],
    *,
    as_json: bool,
) -> None:
    """Ask for a booking with a reason, and print what those hold now whom it concerns."""
    api = api_of(settings_at(settings), token_file)
    given = {name: str(value) for name, value in asked.items() if value is not None}
    given["reason"] = asking.reason(given.get("reason"))
    said = api.post(path, given)
    if as_json:
        put_json(said)
        return
    put(f"{shown(said.get('status'))} on {shown(said.get('account'))}: {shown(said.get('what'))}")
    put(f"before: {shown(said.get('before'))}")
    put(f"now:    {shown(said.get('after'))}")
