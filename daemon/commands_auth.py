"""Commands that sign in at a venue: what each takes. What it does stands in daemon/auth.py."""

from pathlib import Path

import click

from cli.options import json_option, settings_option


account_option = click.option("--account", metavar="NAME", help="Whose.  [default: all]")


@click.group()
def auth() -> None:
    """Sign in at Schwab; the daemon may be running or not."""


@auth.command()
@settings_option
@account_option
def login(*, settings: Path, account: str | None) -> None:
    """Sign in: open an address in a browser, and come back.

    A running daemon notices within seconds. It holds for seven days.
    """
    from daemon.auth import login

    login(settings, account)


@auth.command("status")
@settings_option
@account_option
@json_option
def status(*, settings: Path, account: str | None, as_json: bool) -> None:
    """Say who is signed in, and until when."""
    from daemon.auth import status

    status(settings, account, as_json=as_json)
