"""Stopping, which is easy, and starting again, which is not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from cli import asking
from cli.api import Problem, api_of
from cli.failure import Exit, Failure, Unreachable
from cli.loaded import settings_at
from cli.printing import put, put_json, say
from cli.text import shown


LONGEST_REASON: Final = 500
_ABOUT_THE_REQUEST: Final = (400, 404)


def halt(
    settings: Path,
    token_file: Path | None,
    *,
    scope: Mapping[str, str],
    reason: str | None,
    as_json: bool,
) -> None:
    """Stop trading in a scope, through the daemon; where it cannot be asked, by the file STOP.

    The file stops everything. Only what the daemon says about the request itself (an account it
    does not know) leaves it unwritten.
    """
    try:
        read = settings_at(settings)
    except Failure as faults:
        raise Failure(
            Exit.SETTINGS,
            f"{faults.message}\nNothing was stopped. To stop trading whatever the settings say, "
            "put a file named STOP into the state folder.",
        ) from None
    # A reason that the daemon finds too long must not keep trading from being stopped.
    given = {"reason": reason[:LONGEST_REASON]} if reason else {}
    try:
        said = api_of(read, token_file).post("/api/halt", {**scope, **given})
    except Failure as failure:
        if isinstance(failure, Problem) and failure.status in _ABOUT_THE_REQUEST:
            raise Failure(Exit.USAGE, f"Nothing was stopped. {failure.message}") from None
        say(failure.message)
        _put_stop_file(read.state_dir, reason, scope, as_json=as_json)
        if not isinstance(failure, Unreachable):
            raise click.exceptions.Exit(failure.exit_code) from None
    else:
        _put_halted(said, as_json=as_json)


def _put_halted(said: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        put_json(said)
    else:
        put(f"{shown(said.get('status'))}: {shown(said.get('scope'))}")
    gates = said.get("gates") or {}
    late = [name for name, is_closed in gates.items() if not is_closed]
    if late:
        say(f"not yet confirmed by {shown(late)}; `python app.py status` tells how it stands")


def _put_stop_file(
    state_dir: Path, reason: str | None, scope: Mapping[str, str], *, as_json: bool
) -> None:
    path = state_dir / "STOP"
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{reason or 'halt on the command line'}\n", encoding="utf-8")
    except OSError as error:
        raise Failure(
            Exit.FAILED, f"NOT STOPPED: the file could not be written either: {path}: {error}"
        ) from None
    if as_json:
        put_json({"status": "stop file written", "path": str(path)})
    else:
        put(f"stop file written: {path}")
    say("A daemon with this state folder halts within a second, or as soon as it runs.")
    if scope:
        say("The file stops everything, not only what was asked for.")
    say("To trade again: remove the file, then `python app.py resume`.")


def resume(
    settings: Path,
    token_file: Path | None,
    *,
    scope: Mapping[str, str],
    reason: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Start trading again in a scope; takes a reason and the password."""
    api = api_of(settings_at(settings), token_file)
    body = {
        **scope,
        "reason": asking.reason(reason),
        "password": asking.password(password_file),
    }
    said = api.post("/api/resume", body)
    if as_json:
        put_json(said)
    else:
        put(f"{shown(said.get('status'))}; stops lifted: {shown(said.get('lifted'))}")
