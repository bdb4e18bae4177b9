"""Commands that put the books in order: what each takes. What it does stands in cli/by_hand.py."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from cli.options import Amount, asks_the_daemon


class Signed(click.ParamType[Decimal]):
    """A number above or below 0, exact."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read the number; anything else is wrong usage."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or not number:
            self.fail(f"{value} is not a number other than 0", param, ctx)
        return number


account_option = click.option("--account", metavar="NAME", help="Whose books.  [default: the only]")
reason_option = click.option("--reason", help="Why, for those who read it later.")


@click.command()
@click.argument("symbol")
@click.argument("quantity", type=Amount())
@asks_the_daemon
@account_option
@click.option("--to", "strategy", required=True, metavar="STRATEGY", help="Whose they become.")
@click.option("--price", type=Amount(), required=True, help="What a share is to have cost it.")
@reason_option
def adopt(
    *, settings: Path, token_file: Path | None, as_json: bool, symbol: str, **asked: object
) -> None:
    """Give QUANTITY external shares of SYMBOL to a strategy; nothing is traded."""
    from cli.by_hand import book, path_of

    book(settings, token_file, path_of(symbol, "adopt"), asked, as_json=as_json)


@click.command()
@click.argument("symbol")
@click.argument("quantity", type=Amount())
@asks_the_daemon
@account_option
@click.option("--from", "strategy", required=True, metavar="STRATEGY", help="Whose they are.")
@click.option("--to", required=True, metavar="STRATEGY", help="Whose they become.")
@reason_option
def transfer(
    *, settings: Path, token_file: Path | None, as_json: bool, symbol: str, **asked: object
) -> None:
    """Give QUANTITY shares of SYMBOL from one strategy to another; nothing is traded."""
    from cli.by_hand import book, path_of

    book(settings, token_file, path_of(symbol, "transfer"), asked, as_json=as_json)


@click.command()
@asks_the_daemon
@account_option
@click.option("--symbol", metavar="NAME", help="Shares of this symbol.")
@click.option("--quantity", type=Signed(), help="How many are missing, or below 0: too many.")
@click.option("--price", type=Amount(), help="What one of them is worth.")
@click.option("--strategy", metavar="NAME", help="Whose shares.  [default: external]")
@click.option("--cash", type=Signed(), help="How many dollars are missing, or below 0: too many.")
@reason_option
def adjust(*, settings: Path, token_file: Path | None, as_json: bool, **asked: object) -> None:
    """Put the books right where they differ from the broker's; nothing is traded.

    --quantity -3, --cash -1.50: what the books have too much of.
    """
    from cli.by_hand import book

    book(settings, token_file, "/api/adjust", asked, as_json=as_json)


@click.command()
@click.argument("symbol")
@asks_the_daemon
@account_option
@reason_option
def thaw(
    *, settings: Path, token_file: Path | None, as_json: bool, symbol: str, **asked: object
) -> None:
    """Say that SYMBOL's jump was real: the paper broker, which froze it, trades it again today."""
    from cli.by_hand import thaw

    thaw(settings, token_file, symbol, asked, as_json=as_json)


@click.command()
@asks_the_daemon
@account_option
@reason_option
def reset(*, settings: Path, token_file: Path | None, as_json: bool, **asked: object) -> None:
    """Let a paper account that holds nothing begin anew with its starting cash; nothing is lost."""
    from cli.by_hand import reset

    reset(settings, token_file, asked, as_json=as_json)
