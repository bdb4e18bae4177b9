"""The command line: what each command takes. What it does stands in cli/, imported when it runs."""

from decimal import Decimal
from pathlib import Path

import click

from cli.commands_by_hand import adjust, adopt, reset, thaw, transfer
from cli.options import (
    EXIT_CODES,
    Amount,
    asks_the_daemon,
    json_option,
    new_file_option,
    newest_option,
    password_option,
    scope_of,
    scoped,
    settings_option,
)
from cli.version import VERSION
from daemon.commands_auth import auth
from daemon.commands_simulator import schwab_simulator


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(VERSION, prog_name="trading-bot")
def main() -> None:
    """TradingView alerts in, checked orders out."""


@main.command()
@settings_option
def daemon(*, settings: Path) -> None:
    """Run: take alerts, trade, show pages, until SIGTERM or Ctrl-C."""
    import os
    import sys

    from daemon.run import run

    sys.exit(run(settings, os.environ))


@main.command("check-settings")
@settings_option
@json_option
def check_settings(*, settings: Path, as_json: bool) -> None:
    """Name every fault in the settings, or show each value and where it comes from."""
    from cli.checking import check_settings
    from daemon.quotes import quote_faults

    check_settings(settings, quote_faults, as_json=as_json)


@main.command()
@asks_the_daemon
def status(*, settings: Path, token_file: Path | None, as_json: bool) -> None:
    """Say how the daemon is and what needs you."""
    from cli.state import status

    status(settings, token_file, as_json=as_json)


@main.command()
@asks_the_daemon
@click.option("--by-strategy", is_flag=True, help="Each strategy's own share.")
def positions(*, settings: Path, token_file: Path | None, as_json: bool, by_strategy: bool) -> None:
    """List what is held."""
    from cli.listing import positions

    positions(settings, token_file, by_strategy=by_strategy, as_json=as_json)


@main.command()
@asks_the_daemon
@click.option("--open", "only_open", is_flag=True, help="Only orders that have not ended.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="How many, the newest first.  [default: 50; of the open ones all]",
)
def orders(
    *, settings: Path, token_file: Path | None, as_json: bool, only_open: bool, limit: int | None
) -> None:
    """List the newest orders."""
    from cli.listing import orders

    orders(settings, token_file, limit=limit, only_open=only_open, as_json=as_json)


@main.command()
@click.argument("symbol")
@asks_the_daemon
@click.option(
    "--interval",
    type=click.Choice(["1m", "5m", "15m", "1h", "1d"]),
    default="1m",
    show_default=True,
    help="How long each bar is.",
)
@click.option("--from", "since", metavar="TIME", help="The first bar's begin.  [200 bars back]")
@click.option("--to", "until", metavar="TIME", help="The end of the last bar.  [default: now]")
@click.option("--account", metavar="NAME", help="Whose venue.  [default: the first account's]")
def history(
    *,
    settings: Path,
    token_file: Path | None,
    as_json: bool,
    symbol: str,
    interval: str,
    since: str | None,
    until: str | None,
    account: str | None,
) -> None:
    """List the bars of SYMBOL, as its venue keeps them.

    A TIME is a day or an instant, like 2026-11-23T14:30:00Z; without a zone it is UTC.
    """
    from cli.listing import history

    asked = {"symbol": symbol, "interval": interval, "from": since, "to": until, "account": account}
    history(settings, token_file, asked, as_json=as_json)


@main.command()
@asks_the_daemon
@newest_option
def alerts(*, settings: Path, token_file: Path | None, as_json: bool, limit: int) -> None:
    """List the newest alerts and what became of them."""
    from cli.listing import alerts

    alerts(settings, token_file, limit=limit, as_json=as_json)


@main.command()
@click.argument("alert")
@asks_the_daemon
def why(*, settings: Path, token_file: Path | None, as_json: bool, alert: str) -> None:
    """Tell what became of ALERT, step by step.

    The start of its id is enough, as long as only one alert has it.
    """
    from cli.why import why

    why(settings, token_file, alert, as_json=as_json)


@main.command()
@asks_the_daemon
@scoped
@click.option("--reason", help="Why, for those who read it later.")
def halt(
    *,
    settings: Path,
    token_file: Path | None,
    as_json: bool,
    reason: str | None,
    account: str | None,
    strategy: str | None,
    symbol: str | None,
) -> None:
    """Stop trading, at once and without questions.

    No entry leaves from then on, exits do. If the daemon does not answer, the file STOP is
    written into the state folder, which stops everything.
    """
    from cli.stopping import halt

    scope = scope_of(account, strategy, symbol)
    halt(settings, token_file, scope=scope, reason=reason, as_json=as_json)


@main.command()
@asks_the_daemon
@scoped
@click.option("--reason", help="Why trading may start again.")
@password_option
def resume(
    *,
    settings: Path,
    token_file: Path | None,
    as_json: bool,
    reason: str | None,
    password_file: Path | None,
    account: str | None,
    strategy: str | None,
    symbol: str | None,
) -> None:
    """Start trading again; needs a reason and the password."""
    from cli.stopping import resume

    resume(
        settings,
        token_file,
        scope=scope_of(account, strategy, symbol),
        reason=reason,
        password_file=password_file,
        as_json=as_json,
    )


@main.command()
@click.argument("strategy")
@settings_option
@click.option("--with-secret", is_flag=True, help="Write the secret out, wherever it goes.")
def template(*, settings: Path, strategy: str, with_secret: bool) -> None:
    """Print the alert text for TradingView.

    The secret is in it where its owner looks on, at a terminal, or with --with-secret.
    """
    from cli.alerting import template

    template(settings, strategy, with_secret=with_secret)


@main.command("test-alert")
@click.argument("strategy")
@settings_option
@json_option
@click.option("--ticker", help="Which symbol.  [default: AAPL, or the strategy's first]")
@click.option(
    "--action",
    type=click.Choice(["buy", "sell", "close_long", "close_short"]),
    default="buy",
    show_default=True,
)
@click.option("--quantity", type=Amount(), default="1", show_default=True)
@click.option("--price", type=Amount(), default="187.50", show_default=True)
@click.option("--stop-loss", type=Amount(), help="Where its stop is to rest.")
def test_alert(
    *,
    settings: Path,
    strategy: str,
    as_json: bool,
    ticker: str | None,
    action: str,
    quantity: Decimal,
    price: Decimal,
    stop_loss: Decimal | None,
) -> None:
    """Send an alert as TradingView would.

    It is a real one to the daemon, and a buy buys: on paper, if the settings say so.
    """
    from cli.alerting import send_test

    send_test(
        settings,
        strategy,
        ticker=ticker,
        action=action,
        quantity=quantity,
        price=price,
        stop_loss=stop_loss,
        as_json=as_json,
    )


@main.command()
@settings_option
@password_option
def password(*, settings: Path, password_file: Path | None) -> None:
    """Set a new password."""
    from cli.new_password import set_password

    set_password(settings, password_file)


@main.group()
def journal() -> None:
    """Read the journal's file; the daemon may be running or not."""


@journal.command()
@settings_option
@json_option
def verify(*, settings: Path, as_json: bool) -> None:
    """Check that the journal is whole and every event in it readable."""
    from cli.journal_file import verify

    verify(settings, as_json=as_json)


@journal.command()
@settings_option
@new_file_option
def export(*, settings: Path, out: Path | None) -> None:
    """Write every event as a line of JSON."""
    from cli.journal_file import export

    export(settings, out)


for more in (adopt, transfer, adjust, thaw, reset, auth, schwab_simulator):
    main.add_command(more)

if __name__ == "__main__":
    main()
