"""The listener of pages and API: Falcon, served by waitress in threads of its own."""

import logging
import threading
from typing import Any, Final

import falcon
from waitress.server import create_server
from waitress.wasyncore import close_all

from web import (
    api,
    api_acts,
    api_by_hand,
    api_market,
    api_reset,
    api_thaw,
    api_trading,
    pages,
    settings_shown,
    signin,
)
from web.acts import Acts
from web.addresses import networks
from web.asked import MAX_BODY
from web.by_hand import BooksByHand
from web.edge import Edge
from web.front import Front
from web.guard import Guard
from web.listening import ListenFailed as ListenFailed  # noqa: PLC0414 - part of this face
from web.listening import listening_socket
from web.metrics import Metrics
from web.new_password import NewPassword
from web.notebook import Notebook
from web.password import PasswordCheck
from web.problems import handle_errors
from web.rendering import FOLDER, Templates
from web.sessions import Sessions


THREADS: Final = 16
END_WITHIN_S: Final = 5.0


def make_app(edge: Edge) -> "falcon.App[Any, Any]":
    """Pages and API as a WSGI application; `falcon.testing` needs no more than this."""
    settings = edge.settings.web.dashboard
    front, trusted = Front.of(settings), networks(settings.trusted_proxies)
    sessions = Sessions(edge.clock, edge.secrets.password_mark)
    passwords, notebook, templates = PasswordCheck(edge), Notebook(edge), Templates()
    acts = Acts(edge, passwords, notebook)
    guard = Guard(edge.api_token, sessions, front, trusted, edge.mask)
    app = falcon.App(middleware=[guard])
    handle_errors(app, edge.mask)
    app.add_route("/health", api.Health(edge))
    app.add_route("/ready", api.Ready(edge))
    app.add_route("/metrics", Metrics(edge))
    app.add_route("/api/status", api.Status(edge))
    app.add_route("/api/account", api_trading.Account(edge))
    app.add_route("/api/positions", api_trading.Positions(edge))
    app.add_route("/api/equity", api_trading.Equity(edge))
    app.add_route("/api/history", api_market.PastBars(edge))
    app.add_route("/api/orders", api_trading.Orders(edge))
    app.add_route("/api/orders/{order_id}", api_trading.Order(edge))
    app.add_route("/api/alerts", api_trading.Alerts(edge))
    app.add_route("/api/alerts/{alert_id}", api_trading.Alert(edge))
    app.add_route("/api/risk", api.Risk(edge))
    app.add_route("/api/actors", api.Actors(edge))
    app.add_route("/api/settings", settings_shown.SettingsList(edge))
    app.add_route("/api/halt", api_acts.HaltTrading(edge, acts))
    app.add_route("/api/resume", api_acts.ResumeTrading(edge, acts))
    by_hand = BooksByHand(edge, notebook)
    app.add_route("/api/positions/{symbol}/adopt", api_by_hand.AdoptShares(edge, by_hand))
    app.add_route("/api/positions/{symbol}/transfer", api_by_hand.TransferShares(edge, by_hand))
    app.add_route("/api/reset", api_reset.ResetPaper(edge, notebook))
    app.add_route("/api/positions/{symbol}/thaw", api_thaw.ThawFrozen(edge, notebook))
    app.add_route("/api/adjust", api_by_hand.AdjustBooks(edge, by_hand))
    app.add_route("/", pages.Overview(edge, templates, sessions))
    app.add_route("/settings", settings_shown.SettingsPage(edge, templates))
    app.add_route("/halt", pages.HaltForm(acts, sessions))
    app.add_route("/resume", pages.ResumeForm(acts, sessions))
    sign_in = signin.SignIn(edge, templates, sessions, passwords, notebook, front)
    app.add_route("/signin", sign_in)
    app.add_route("/signout", signin.SignOut(edge, sessions, notebook))
    app.add_route("/password", NewPassword(edge, templates, sessions, passwords, notebook))
    app.add_static_route("/static", FOLDER / "static")
    return app


class DashboardListener:
    """Opens the port of pages and API; `open` and `close` are called from one thread, once each."""

    def __init__(self, edge: Edge) -> None:
        self._app = make_app(edge)
        self._listen = edge.settings.web.dashboard.listen
        self._has_proxies = bool(edge.settings.web.dashboard.trusted_proxies)
        self._port = self._listen.port
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens; known once it is open, also where any free port was asked for."""
        return self._port

    def open(self) -> None:
        """Listen, from threads of its own.

        Raises:
            ListenFailed: the address cannot be listened at.
        """
        # It warns each time a request waits for a thread, on a page that is loaded by people.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        listening = listening_socket(self._listen, "web.dashboard.listen")
        self._port = listening.getsockname()[1]
        self._server = create_server(
            self._app,
            sockets=[listening],
            threads=THREADS,
            channel_timeout=10,
            cleanup_interval=5,
            connection_limit=100,
            max_request_body_size=MAX_BODY,
            max_request_header_size=16 * 1024,
            # Without trusted proxies nobody's word for an address comes through; with them Guard
            # judges whose it is.
            clear_untrusted_proxy_headers=not self._has_proxies,
            ident=None,
        )
        self._thread = threading.Thread(target=self._server.run, name="dashboard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let requests under way be answered, then let go."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=END_WITHIN_S)
        # Sockets are closed on the thread that reads them; with none left its loop ends.
        sockets = server._map  # noqa: SLF001 - waitress closes its own in no other way
        server.trigger.pull_trigger(lambda: close_all(sockets, ignore_all=True))
        self._thread.join(END_WITHIN_S)
