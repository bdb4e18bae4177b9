"""aiohttp's connection handler with deadlines that a dripping client cannot stretch."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from attrs import frozen


MAX_CONNECTIONS = 500
"""Each costs a file descriptor, of which the journal must never find none left."""

JSON = "application/json"


@frozen(kw_only=True)
class Deadlines:
    """How long each part of a request may take, in seconds.

    `head_s` counts from connecting or from the first byte of a later request; `idle_s` is how long
    a connection is kept for another one, longer than proxies keep theirs; for `linger_s` the rest
    of a refused body is read and thrown away, so that the refusal arrives.
    """

    head_s: float = 5.0
    body_s: float = 5.0
    answer_s: float = 2.5
    idle_s: float = 75.0
    linger_s: float = 2.0


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(web.RequestHandler):
    """Closes itself when a request's head takes too long.

    aiohttp's own keep-alive timer covers a connection without a byte; from the first byte of a head
    on it counts anew with each request only. So a second timer runs while a head is incomplete.
    """

    __slots__ = ("_head_s", "_head_timer")

    def __init__(self, server: "DeadlineServer", head_s: float, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._head_s = head_s
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection has to come to the point; where it is one too many, one has to go."""
        super().connection_made(transport)
        connections = self._manager._connections if self._manager is not None else {}  # noqa: SLF001 - its list is a copy
        if len(connections) > MAX_CONNECTIONS:
            slow = [c for c in connections if isinstance(c, _Connection) and c.is_late]
            if not slow:
                self.force_close()
                return
            # Whoever is slowest with a head is no sender of alerts, which come in one piece.
            min(slow, key=_Connection.due).force_close()
        self._start_timer()

    @property
    def is_late(self) -> bool:
        """Whether a head is expected that has not come; not so once it is being closed."""
        return self._head_timer is not None and not self._force_close

    def due(self) -> float:
        """When the head that is expected has to be there, by the loop's clock."""
        return self._head_timer.when() if self._head_timer is not None else float("inf")

    def data_received(self, data: bytes) -> None:
        """A complete head stops the timer, a part of one starts it, a part of a body neither."""
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._stop_timer()
        elif self._waiter is not None and not self._waiter.done() and self._head_timer is None:
            self._start_timer()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing to wait for any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP is answered without a word in the log: its line may hold the token."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        answer = web.Response(
            status=status, body=b'{"status":"invalid","code":"BAD_REQUEST"}', content_type=JSON
        )
        answer.force_close()
        return answer

    def _start_timer(self) -> None:
        self._head_timer = self._loop.call_later(self._head_s, self.force_close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class DeadlineServer(web.Server):
    """aiohttp's low-level server, one coroutine for every request; used on its loop's thread."""

    def __init__(self, handler: Handler, deadlines: Deadlines) -> None:
        super().__init__(handler)
        self._deadlines = deadlines

    def __call__(self) -> web.RequestHandler:
        """The handler of one new connection. Bodies come as sent: none is decompressed here."""
        return _Connection(
            self,
            self._deadlines.head_s,
            loop=self._loop,
            access_log=None,
            keepalive_timeout=self._deadlines.idle_s,
            lingering_time=self._deadlines.linger_s,
            auto_decompress=False,
        )
