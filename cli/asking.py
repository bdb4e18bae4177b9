"""Asking the person at the terminal, or reading what a script gives instead."""

import sys
from pathlib import Path

import click

from cli.failure import Exit, Failure
from settings.secrets import SecretUnreadable, read_private


def reason(given: str | None) -> str:
    """The reason that was given, else asked for; it is never empty."""
    if given is None:
        if not sys.stdin.isatty():
            raise Failure(Exit.USAGE, "a reason is needed: --reason TEXT")
        given = str(click.prompt("Reason", err=True))
    if not given.strip():
        raise Failure(Exit.USAGE, "the reason is empty; say why, for those who read it later")
    return given.strip()


def password(file: Path | None, *, prompt: str = "Password", twice: bool = False) -> str:
    """The password in a file that only its owner can read, else asked for without showing it."""
    if file is not None:
        try:
            return read_private(file)
        except SecretUnreadable as error:
            raise Failure(Exit.USAGE, str(error)) from None
    if not sys.stdin.isatty():
        raise Failure(Exit.USAGE, "nobody is here to be asked: --password-file PATH")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True))
