"""The simulator as a process: composed, announced, served until it is interrupted."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from attrs import evolve

from brokers.schwab.simulator import (
    by_hand,
    control,
    history_routes,
    lists,
    market_routes,
    nowhere,
    preference,
    signing_in,
    streamer,
    trader,
)
from brokers.schwab.simulator.desk import Desk, new_desk
from brokers.schwab.simulator.shell import middleware
from brokers.schwab.simulator.state import keeping, load, save
from trading.sessions import Calendar


QUOTES: Final = {
    "AAPL": {"bid": "187.49", "ask": "187.51", "last": "187.50", "previous_close": "186.90"},
    "MSFT": {"bid": "410.10", "ask": "410.14", "last": "410.12", "previous_close": "408.00"},
    "SPY": {"bid": "560.00", "ask": "560.01", "last": "560.00", "previous_close": "558.20"},
}
"""What the market shows until it is told otherwise."""


def application(
    desk: Desk, *, heartbeat_s: float = streamer.HEARTBEAT_S, state: Path | None = None
) -> web.Application:
    """The web application over a desk; with `state` it keeps there what is to last."""
    # The faults are outermost: an order whose answer is cut has been kept.
    kept = [] if state is None else [keeping(desk, state)]
    app = web.Application(middlewares=[middleware(desk), *kept])
    modules = (signing_in, trader, lists, preference, market_routes, history_routes)
    for module in (*modules, control, by_hand):
        app.add_routes(module.routes(desk))
    streamer.add_to(app, desk, heartbeat_s)
    app.add_routes(nowhere.routes(desk))
    return app


def serve(
    port: int,
    quotes: Path | None,
    *,
    calendar: Calendar,
    now: Callable[[], datetime],
    faults: Path | None = None,
    state: Path | None = None,
) -> None:
    """Run on loopback until Ctrl-C or SIGTERM; says on stderr how to sign in.

    Raises:
        OSError, TypeError, ValueError: the port is taken, or a file cannot be read.
    """
    desk = desk_of(quotes, state, calendar=calendar, now=now)
    for fault in [] if faults is None else json.loads(faults.read_text(encoding="utf-8")):
        desk.expect(fault)
    sys.stderr.write(greeting(desk, port))
    sys.stderr.flush()
    web.run_app(
        application(desk, state=state), host="127.0.0.1", port=port, print=None, shutdown_timeout=1
    )


def desk_of(
    quotes: Path | None, state: Path | None, *, calendar: Calendar, now: Callable[[], datetime]
) -> Desk:
    """A desk that goes on with what is kept, if anything is; quotes from a file win over its own.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    before = load(state) if state is not None else None
    known = QUOTES if quotes is None else json.loads(quotes.read_text(encoding="utf-8"))
    desk = new_desk(
        quotes=known,
        calendar=calendar,
        now=now,
        app_key=before.app_key if before is not None else None,
        app_secret=before.app_secret if before is not None else None,
    )
    if before is not None:
        shown = desk.world.quotes
        kept = before.world.quotes
        both = {**kept, **shown} if quotes is not None else {**shown, **kept}
        desk.grants, desk.world = before.grants, evolve(before.world, quotes=both)
    if state is not None:
        save(state, desk)
    return desk


def greeting(desk: Desk, port: int) -> str:
    """What one needs in order to sign in."""
    accounts = "".join(f"account     {a.number} ({a.kind})\n" for a in desk.world.accounts.values())
    first = next(iter(desk.world.accounts))
    return (
        f"A local Schwab; no order leaves this machine.\n"
        f"address     http://127.0.0.1:{port}\n"
        f"app key     {desk.app_key}\n"
        f"app secret  {desk.app_secret}\n"
        f"{accounts}"
        "For a client that reads its environment:\n"
        f"export TOS_API_KEY={desk.app_key} TOS_API_SECRET={desk.app_secret} "
        f"TOS_ACCOUNT_ID={first}\n"
    )
