"""Signing in at Schwab from the command line."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from actors.runtime import SystemClock
from brokers.base import BrokerError
from brokers.schwab.oauth import SignInError
from brokers.schwab.person import Person, signed_in
from brokers.schwab.tokens import Tokens
from cli.api import api_of
from cli.failure import Exit, Failure
from cli.loaded import loaded_at
from cli.printing import put_json, put_rows, say
from cli.table import Column, Row
from daemon.logins import Login, logins
from settings.faults import SettingsFaults
from settings.references import resolved
from trading.sessions import in_new_york


NOBODY: Final = "no account at Schwab in these settings"
COLUMNS: Final = (
    Column("accounts", "accounts"),
    Column("state", "state"),
    Column("until", "until"),
    Column("left", "left"),
)


def login(settings: Path, account: str | None) -> None:
    """Sign in at each app that accounts go by, one after the other."""
    for one in _logins(settings, account):
        try:
            tokens = asyncio.run(
                signed_in(
                    one.app, Person(show=_shown, pasted=_pasted), SystemClock(), one.listens_at
                )
            )
            one.file.write(tokens)
        except SignInError as error:
            raise Failure(Exit.SIGN_IN, str(error)) from None
        except (BrokerError, OSError) as error:
            raise Failure(Exit.FAILED, f"{error}; nothing is changed, start again") from None
        until = in_new_york(tokens.refresh_expires_at)
        say(f"Signed in for {', '.join(one.accounts)} until {until}.")
        say("A running daemon goes on with it within seconds.")


def status(settings: Path, account: str | None, *, as_json: bool) -> None:
    """Print how each sign-in stands, by its file and by what a running daemon has learnt of it."""
    now, chosen = SystemClock().now(), list(_logins(settings, account))
    dead = _dead(settings)
    try:
        rows = [
            _row(one, None if dead.intersection(one.accounts) else one.file.read(), now)
            for one in chosen
        ]
    except BrokerError as error:
        raise Failure(Exit.FAILED, f"{error}; ask as the user that the daemon runs as") from None
    if as_json:
        put_json({"items": rows, "next": None})
    else:
        put_rows(COLUMNS, [_texts(row) for row in rows], none=NOBODY)
    if any(row["state"] != "signed_in" for row in rows):
        raise Failure(Exit.SIGN_IN, "sign in with: python app.py auth login")


def _logins(settings: Path, account: str | None) -> Iterator[Login]:
    loaded = loaded_at(settings)
    try:
        known = logins(loaded.settings, resolved(loaded, os.environ))
    except SettingsFaults as error:
        raise Failure(Exit.SETTINGS, str(error)) from None
    chosen = [one for one in known if account is None or account in one.accounts]
    if not known:
        raise Failure(Exit.USAGE, NOBODY)
    if not chosen:
        names = ", ".join(name for one in known for name in one.accounts)
        raise Failure(Exit.USAGE, f"{account} is none at Schwab; there is: {names}")
    yield from chosen


def _dead(settings: Path) -> frozenset[str]:
    """The accounts that Schwab lets nobody into any more, says the daemon, where one runs."""
    try:
        said = api_of(loaded_at(settings).settings, None).get("/api/status")
    except Failure:
        return frozenset()
    of = said.get("sign_ins") or () if isinstance(said, dict) else ()
    return frozenset(one["account"] for one in of if one.get("state") == "signed_out")


def _row(one: Login, tokens: Tokens | None, now: datetime) -> dict[str, object]:
    accounts = ", ".join(one.accounts)
    if tokens is None:
        return {"accounts": accounts, "state": "signed_out", "until": None, "left": ""}
    left = tokens.left(now)
    state = "signed_in" if left else "expired"
    hours = int(left.total_seconds() // 3600)
    return {
        "accounts": accounts,
        "state": state,
        "until": f"{tokens.refresh_expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "left": f"{hours // 24} d {hours % 24} h",
    }


def _texts(row: dict[str, object]) -> Row:
    until = row["until"]
    day = in_new_york(datetime.fromisoformat(str(until))) if until else ""
    return {**{name: str(value) for name, value in row.items()}, "until": day}


def _shown(address: str, is_awaited: bool) -> None:  # noqa: FBT001 - a flag is all there is
    say(f"Open this in a browser and sign in:\n\n  {address}\n")
    if is_awaited:
        say(
            "A browser on this machine comes back by itself; it warns of the certificate, which "
            "was made here a moment ago.\nFrom elsewhere: the last page cannot be shown; paste its "
            "whole address here."
        )
    else:
        say("The last page cannot be shown; paste its whole address here.")


async def _pasted() -> str:
    """A line from the terminal, read by a thread that may be left waiting when the browser comes.

    Raises:
        SignInError: there is no more to be read.
    """
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        text = sys.stdin.readline()

        def told() -> None:
            if not line.done():
                line.set_result(text)

        loop.call_soon_threadsafe(told)

    threading.Thread(target=read, name="pasted", daemon=True).start()
    text = await line
    if not text.strip():
        raise SignInError("nothing was pasted, and no browser came back; start again")
    return text
