"""Options that several commands share. Imports next to nothing: every `--help` waits for this."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click


Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_CODES = (
    "Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 daemon not reachable, 6 refused, "
    "7 sign-in needed (token or password), 78 faults in the settings."
)


class Amount(click.ParamType[Decimal]):
    """A number above 0, exact."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read the number; anything else is wrong usage."""
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(0)
        if not amount.is_finite() or amount <= 0:
            self.fail(f"{value} is not a number above 0", param, ctx)
        return amount


FILE = click.Path(path_type=Path, dir_okay=False)

settings_option = click.option(
    "--settings", type=FILE, default="settings.yaml", show_default=True, help="Read this file."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
token_option = click.option(
    "--token-file", type=FILE, help="The API's token.  [default: secrets/api_token of the state]"
)
password_option = click.option(
    "--password-file", type=FILE, help="Take the password from a file instead of asking."
)
newest_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many, the newest first.",
)
new_file_option = click.option(
    "--out", type=FILE, help="Write to this file, a new one.  [default: stdout]"
)


def asks_the_daemon(command: Command) -> Command:
    """The options of every command that asks the running daemon and prints what it says."""
    return settings_option(token_option(json_option(command)))


def scoped(command: Command) -> Command:
    """The options that narrow what is stopped or started; none of them means all."""
    for name in ("symbol", "strategy", "account"):
        command = click.option(f"--{name}", metavar="NAME", help=f"Only this {name}.")(command)
    return command


def scope_of(account: str | None, strategy: str | None, symbol: str | None) -> dict[str, str]:
    """The scope as the API takes it."""
    named = {"account": account, "strategy": strategy, "symbol": symbol and symbol.upper()}
    return {name: value for name, value in named.items() if value}
