"""The daemon's life: listeners first, the tree, a wait for a signal, and an orderly end."""

import faulthandler
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from attrs import define, field

from actors.runtime import Tree, start_tree
from cli.greeting import greeting
from cli.version import VERSION
from daemon.log_pipe import LogPipe
from daemon.logs import open_logs
from daemon.notify import Notify, watchdog_s
from daemon.parts import Foundation, lay
from daemon.service import Service
from daemon.venues import OpenStore
from journal import AlreadyRunning, JournalError, SqliteStore
from settings.load import Loaded, SettingsFaults, load_with_origins
from settings.secrets import SecretUnreadable
from trading.alerts import new_alert_id
from web.dashboard import DashboardListener
from web.edge import Edge
from web.readiness import Readiness
from web.webhook import ListenFailed, WebhookListener


log = logging.getLogger("trading_bot.daemon")

SETTLE_WITHIN_S = 5.0
"""How long work in hand may take to settle after SIGTERM; the next start sees to the rest."""
STOP_WITHIN_S = 4.0
EXIT_FAILED = 1
EXIT_SETTINGS = 78


@define
class Ending:
    """Why and how the daemon ends: set by a signal or by the tree, awaited by the main thread."""

    asked: threading.Event = field(factory=threading.Event)
    status: int = 0
    signals: int = 0

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """The first signal asks for an orderly end, the second ends at once."""
        self.signals += 1
        if self.signals > 1:
            os._exit(128 + number)
        self.asked.set()

    def on_giving_up(self, name: str, error: BaseException | None) -> None:
        """The tree could not keep an actor alive: end, and let systemd start again."""
        log.critical("tree_gave_up", extra={"actor": name}, exc_info=error)
        self.status = EXIT_FAILED
        self.asked.set()


def run(
    settings_path: Path,
    environ: Mapping[str, str],
    *,
    open_store: OpenStore = SqliteStore,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """Run until a signal; the process's exit status. Runs in the main thread.

    `open_store` and `on_ready` are there for those who test crashes.
    """
    faulthandler.enable()  # a watchdog's SIGABRT leaves in the log what every thread was doing
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    ending = Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ending.on_signal)
    try:
        loaded = load_with_origins(settings_path, environ)
    except SettingsFaults as faults:
        return _say(str(faults), EXIT_SETTINGS)
    logs = open_logs(loaded.settings.logging, environ)
    try:
        return _run(loaded, environ, logs, ending, open_store, on_ready)
    except Exception:
        log.critical("daemon_crashed", exc_info=True)
        return EXIT_FAILED
    finally:
        logs.end()


def _run(  # noqa: PLR0917 - what `run` was given and has made of it
    loaded: Loaded,
    environ: Mapping[str, str],
    logs: LogPipe,
    ending: Ending,
    open_store: OpenStore,
    on_ready: Callable[[], None],
) -> int:
    try:
        foundation = lay(loaded, environ, open_store=open_store, note=logs.event, hide=logs.hide)
    except SettingsFaults as faults:
        return _say(str(faults), EXIT_SETTINGS)
    except SecretUnreadable as error:
        return _say(str(error), EXIT_SETTINGS)
    except (AlreadyRunning, JournalError, OSError) as error:
        return _say(f"trading-bot cannot start: {error}", EXIT_FAILED)
    try:
        return _live(foundation, ending, environ, on_ready)
    except ListenFailed as error:
        return _say(f"trading-bot cannot start: {error}", EXIT_FAILED)
    finally:
        # Whoever notes events in the log stops before those who still commit some.
        with suppress(JournalError):
            logs.catch_up(foundation.reader)
        foundation.close()


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - a message to whoever started the daemon
    return status


def _live(
    foundation: Foundation,
    ending: Ending,
    environ: Mapping[str, str],
    on_ready: Callable[[], None],
) -> int:
    """Listeners open first and close last; in between they answer 503 until the tree is ready."""
    began = time.monotonic()
    tree = start_tree(
        foundation.tree.children(),
        clock=foundation.clock,
        timers=foundation.timers,
        random=foundation.random,
        on_parking=foundation.tree.park,
        on_giving_up=ending.on_giving_up,
        hide=foundation.known.mask.hide,
    )
    edge = _edge(foundation, tree)
    service = Service(Notify(environ), edge, watchdog_s(environ, os.getpid()))
    webhook, dashboard = _listeners(foundation, edge)
    try:
        while not ending.asked.is_set() and not tree.state.wait_for(lambda t: t.ready, 0.2):
            service.starts()
        if not ending.asked.is_set():
            _greet(foundation, environ, (webhook.port, dashboard.port), time.monotonic() - began)
            on_ready()
            service.is_ready()
        while not ending.asked.wait(service.beat_s):
            service.beats()
        edge.readiness.drain()
        service.stops()
        _settle(foundation, ending)
    finally:
        if not tree.stop(STOP_WITHIN_S):
            log.error("actors_left_behind", extra={"waited_s": STOP_WITHIN_S})
        webhook.close()
        dashboard.close()
    return ending.status


def _edge(foundation: Foundation, tree: Tree) -> Edge:
    actors = foundation.tree
    addresses = {child.name: child.address for child in actors.children()}
    return Edge(
        view=foundation.view,
        tree=tree.state,
        mailboxes=addresses,
        health=foundation.health,
        readiness=Readiness(tree.state, foundation.health),
        reader=foundation.reader,
        settings=foundation.settings,
        shown=foundation.shown,
        breaker=actors.breaker,
        doorkeeper=actors.doorkeeper,
        api_token=foundation.known.api_token,
        mask=foundation.known.mask,
        secrets=foundation.known.state,
        clock=foundation.clock,
        new_id=lambda prefix: f"{prefix}-{secrets.token_hex(6)}",
        started_at=foundation.clock.now(),
        version=VERSION,
        sqlite_version=foundation.sqlite_version,
    )


def _listeners(foundation: Foundation, edge: Edge) -> tuple[WebhookListener, DashboardListener]:
    webhook = WebhookListener(
        foundation.settings.web.webhook,
        foundation.tree.webhook,
        edge.readiness,
        foundation.clock,
        lambda now: new_alert_id(now, secrets.token_hex(6)),
    )
    dashboard = DashboardListener(edge)
    webhook.open()
    try:
        dashboard.open()
    except ListenFailed:
        webhook.close()
        raise
    return webhook, dashboard


def _greet(
    foundation: Foundation, environ: Mapping[str, str], ports: tuple[int, int], seconds: float
) -> None:
    known = foundation.known
    text = greeting(
        foundation.settings,
        *ports,
        None if known.first_password is None else known.first_password.reveal(),
        known.webhook.reveal(),
        sys.stdout.isatty(),
        environ=environ,
    )
    print(text)  # noqa: T201 - what whoever started the daemon wants to know
    ready = f"ready in {seconds:.2f} s, journal on SQLite {foundation.sqlite_version}"
    print(f"{ready}; Ctrl-C or SIGTERM stops", flush=True)  # noqa: T201


def _settle(foundation: Foundation, ending: Ending) -> None:
    """Wait until every accepted alert is decided and every order sent is answered."""
    if ending.status:
        return
    view = foundation.view
    if not view.wait_for(lambda v: v.unfinished == 0, SETTLE_WITHIN_S):
        log.warning("ended_unsettled", extra={"unfinished": view.current.unfinished})
