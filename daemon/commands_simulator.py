"""The command that runs a local Schwab: what it takes, and of what it is put together."""

from pathlib import Path

import click


@click.command("schwab-simulator")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option("--quotes", type=click.Path(path_type=Path), help="The first quotes, as JSON.")
@click.option("--faults", type=click.Path(path_type=Path), help="What is to go wrong, as JSON.")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="Where accounts, orders, key and sign-in are kept from start to start.",
)
@click.option(
    "--hours",
    type=click.Choice(["exchange", "always"]),
    default="exchange",
    show_default=True,
    help="When it trades; always: day and night, for a rehearsal at any hour.",
)
def schwab_simulator(
    *, port: int, quotes: Path | None, faults: Path | None, state: Path | None, hours: str
) -> None:
    """Run a local Schwab to rehearse on, sign-in included; nothing in it is real."""
    from actors.runtime.clock import SystemClock
    from brokers.schwab.simulator.open_always import OpenAlways
    from brokers.schwab.simulator.server import serve
    from daemon.market_days import MarketDays
    from settings.model import CalendarChanges

    now = SystemClock().now
    known = MarketDays(CalendarChanges()).calendar(now())
    calendar = OpenAlways() if hours == "always" else known
    serve(port, quotes, faults=faults, state=state, calendar=calendar, now=now)
