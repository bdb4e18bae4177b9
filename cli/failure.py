"""How a command fails: one sentence on stderr, and an exit code that scripts can rely on."""

from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """The exit codes; 0 is ok."""

    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 6
    SIGN_IN = 7
    SETTINGS = 78


class Failure(click.ClickException):
    """A command's end without success; click prints it and ends the process with the code."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click only reads it
        """The code that the process ends with."""
        return self.code.value

    def show(self, file: IO[Any] | None = None) -> None:
        """Say on stderr what went wrong."""
        click.echo(self.message, file=file, err=True)


class Unreachable(Failure):
    """Nobody answers where the daemon should listen."""

    def __init__(self, message: str) -> None:
        super().__init__(Exit.UNREACHABLE, message)
