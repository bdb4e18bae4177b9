"""How it stands: the daemon's state and what needs a person."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.api import api_of
from cli.loaded import settings_at
from cli.printing import put, put_json
from cli.text import instant, shown


def status(settings: Path, token_file: Path | None, *, as_json: bool) -> None:
    """Print the state in one line, then what trades, then what needs a person."""
    said = api_of(settings_at(settings), token_file).get("/api/status")
    if as_json:
        put_json(said)
        return
    reason = said.get("reason")
    put(f"{shown(said.get('state'))}: {shown(reason)}" if reason else shown(said.get("state")))
    for title, text in _lines(said):
        put(f"  {title:<12}{text}")


def _lines(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "mode", shown(said.get("mode")).upper()
    yield "accounts", shown(said.get("accounts"))
    for account in said.get("rehearsal") or ():
        yield (
            "REHEARSAL",
            f"{account}: a simulator, or trouble made on purpose: its figures prove nothing",
        )
    yield "strategies", shown(said.get("strategies"))
    yield "symbols", shown(said.get("symbols"))
    for one in said.get("sign_ins") or ():
        yield "signed in", _sign_in(one)
    yield "since", f"{instant(said.get('started_at'))} New York"
    yield "version", shown(said.get("version"))
    needs = said.get("needs_you") or []
    for need in needs:
        since = instant(need.get("since"))
        yield "needs you", f"{since}  {shown(need.get('what'))}: {shown(need.get('meaning'))}"
    if not needs:
        yield "needs you", "nothing"


def _sign_in(one: Mapping[str, Any]) -> str:
    account, left = shown(one.get("account")), one.get("seconds_left")
    if one.get("until") is None or not isinstance(left, int):
        return f"{account}: no; sign in with: python app.py auth login"
    days, hours = divmod(left // 3600, 24)
    return f"{account}: until {instant(one.get('until'))} New York ({days} d {hours} h left)"
