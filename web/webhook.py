"""The listener that alerts arrive at: a thread with an event loop of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from socket import socket

from attrs import frozen

from actors.runtime import Address
from settings import model
from trading.clock import Clock
from web.addresses import networks
from web.deadlines import Deadlines, DeadlineServer
from web.intake import Intake
from web.listening import BACKLOG, listening_socket
from web.listening import ListenFailed as ListenFailed  # noqa: PLC0414 - part of this face
from web.readiness import Readiness


log = logging.getLogger("trading_bot.web.webhook")

START_WITHIN_S = 10.0


@frozen
class _Running:
    """What another thread needs to end the loop."""

    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


class WebhookListener:
    """Opens a port for alerts; `open` and `close` are called from one thread, once each."""

    def __init__(
        self,
        settings: model.WebhookListener,
        webhook: Address,
        readiness: Readiness,
        clock: Clock,
        new_id: Callable[[datetime], str],
        *,
        deadlines: Deadlines = Deadlines(),  # noqa: B008 - immutable
    ) -> None:
        self._listen = settings.listen
        self._deadlines = deadlines
        self._intake = Intake(
            webhook,
            readiness,
            clock,
            new_id,
            allowed=networks(settings.allowed_addresses),
            trusted=networks(settings.trusted_proxies),
            deadlines=deadlines,
        )
        self._port = settings.listen.port
        self._running: _Running | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens; known once it is open, also where any free port was asked for."""
        return self._port

    def open(self) -> None:
        """Listen, from a thread of its own; returns when requests are served.

        Raises:
            ListenFailed: the address cannot be listened at.
        """
        listening = listening_socket(self._listen, "web.webhook.listen")
        self._port = listening.getsockname()[1]
        started: Future[_Running] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(listening, started), name="webhook-listener", daemon=True
        )
        self._thread.start()
        self._running = started.result(START_WITHIN_S)

    def close(self, timeout_s: float = 3.0) -> None:
        """Take nothing new, let requests under way be answered for so long, then let go."""
        if self._running is None or self._thread is None:
            return
        running, self._running = self._running, None
        running.loop.call_soon_threadsafe(running.stop.set)
        self._thread.join(timeout_s + self._deadlines.answer_s)
        if self._thread.is_alive():
            log.error("listener_left_behind", extra={"listener": "web.webhook"})

    def _run(self, listening: socket, started: "Future[_Running]") -> None:
        try:
            asyncio.run(self._serve(listening, started))
        except Exception as error:
            log.exception("listener_failed", extra={"listener": "web.webhook"})
            if not started.done():
                started.set_exception(error)
        finally:
            listening.close()

    async def _serve(self, listening: socket, started: "Future[_Running]") -> None:
        running = _Running(asyncio.get_running_loop(), asyncio.Event())
        connections = DeadlineServer(self._intake.handle, self._deadlines)
        # asyncio listens anew, by default with room for 100: of a burst of more, those left over
        # would wait a second for TCP to try again.
        server = await running.loop.create_server(connections, sock=listening, backlog=BACKLOG)
        started.set_result(running)
        await running.stop.wait()
        server.close()
        connections.pre_shutdown()
        await connections.shutdown(self._deadlines.answer_s)
