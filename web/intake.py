"""One request to the webhook listener, from its first line to its answer: the hot path."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import unquote

import orjson
from aiohttp import web
from attrs import frozen

from actors.messages import Answer, Receive
from actors.runtime import Address, LoopReply, MailboxFull, NoAnswer
from trading.clock import Clock
from web.addresses import Networks, is_inside, sender
from web.deadlines import JSON, Deadlines
from web.readiness import Readiness


ROUTE: Final = "/webhook/tradingview"
MAX_BODY: Final = 64 * 1024
NAME: Final = {"Server": "trading-bot"}
"""In the place of aiohttp's own header, which names its version to strangers."""
RETRY_S: Final = 5
"""When TradingView sends again by itself; other senders are told the same."""


@frozen
class _Ready:
    """An answer that is the same each time, encoded once."""

    status: int
    body: bytes
    headers: dict[str, str]
    closes: bool

    def response(self) -> web.Response:
        """A response object; aiohttp sends each one once."""
        response = web.Response(
            status=self.status, body=self.body, headers=self.headers, content_type=JSON
        )
        if self.closes:
            response.force_close()
        return response


def _ready(status: int, code: str, word: str, *, closes: bool = False, **headers: str) -> _Ready:
    return _Ready(status, orjson.dumps({"status": word, "code": code}), headers | NAME, closes)


NOT_FOUND = _ready(404, "NOT_FOUND", "not found")
POST_ONLY = _ready(405, "METHOD_NOT_ALLOWED", "not allowed", Allow="POST")
GET_ONLY = _ready(405, "METHOD_NOT_ALLOWED", "not allowed", Allow="GET, HEAD")
ADDRESS = _ready(403, "ADDRESS_NOT_ALLOWED", "forbidden")
BROKEN = _ready(400, "BAD_REQUEST", "invalid", closes=True)
TOO_LARGE = _ready(413, "BODY_TOO_LARGE", "too large", closes=True)
TOO_SLOW = _ready(408, "BODY_TOO_SLOW", "too slow", closes=True)
BUSY = Answer(503, {"status": "unavailable", "code": "BUSY"}, RETRY_S)
TIMEOUT = Answer(503, {"status": "unavailable", "code": "TIMEOUT"}, RETRY_S)
HEALTH = {
    word: orjson.dumps({"status": word, "service": "trading-bot"})
    for word in ("healthy", "degraded", "starting")
}


class Intake:
    """Hands requests to the WebhookActor and waits for its answer; lives on the listener's loop."""

    def __init__(
        self,
        webhook: Address,
        readiness: Readiness,
        clock: Clock,
        new_id: Callable[[datetime], str],
        *,
        allowed: Networks,
        trusted: Networks,
        deadlines: Deadlines,
    ) -> None:
        self._webhook = webhook
        self._readiness = readiness
        self._clock = clock
        self._new_id = new_id
        self._allowed = allowed
        self._trusted = trusted
        self._deadlines = deadlines

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request to this listener. The path may hold a secret: it is not logged."""
        path = request.raw_path.partition("?")[0]
        if path == ROUTE:
            token = None
        elif path.startswith(f"{ROUTE}/"):
            token = path[len(ROUTE) + 1 :]
            if not token or "/" in token:
                return NOT_FOUND.response()
            token = unquote(token)
        elif path == "/health":
            return self._health(request)
        else:
            return NOT_FOUND.response()
        if request.method != "POST":
            return POST_ONLY.response()
        return await self._alert(request, token)

    def _health(self, request: web.BaseRequest) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            return GET_ONLY.response()
        body = HEALTH[self._readiness.health()]
        return web.Response(body=body, headers=NAME, content_type=JSON)

    async def _alert(self, request: web.BaseRequest, token: str | None) -> web.Response:
        address = self._sender(request)
        if self._allowed and not is_inside(address, self._allowed):
            return ADDRESS.response()
        if (reason := self._readiness.reason()) is not None:
            return _encoded(_not_ready(reason))
        try:
            body = await self._body(request)
        except TimeoutError:
            return TOO_SLOW.response()
        except (web.RequestPayloadError, ConnectionError):  # broken chunks, or a sender who left
            return BROKEN.response()
        if body is None:
            return TOO_LARGE.response()
        return _encoded(await self._answer(body, token, address))

    async def _answer(self, body: bytes, token: str | None, address: str) -> Answer:
        now = self._clock.now()
        reply = LoopReply[Answer]()
        try:
            self._webhook.tell(
                Receive(
                    id=self._new_id(now),
                    at=now,
                    body=body,
                    token=token,
                    address=address,
                    reply=reply,
                )
            )
            return await reply.within(self._deadlines.answer_s)
        except MailboxFull:  # nothing is known of the alert yet: its sender tries again
            return BUSY
        except NoAnswer:
            return TIMEOUT

    def _sender(self, request: web.BaseRequest) -> str:
        peername = request.transport.get_extra_info("peername") if request.transport else None
        peer = peername[0] if peername else ""
        if not self._trusted:
            return str(peer)
        return sender(peer, request.headers.getall("X-Forwarded-For", ()), self._trusted)

    async def _body(self, request: web.BaseRequest) -> bytes | None:
        """The body, or None where it is too long; raises TimeoutError where it drips."""
        if (request.content_length or 0) > MAX_BODY:
            return None
        content = request.content
        if content.is_eof():  # it came with the head, as nearly all do
            body = content.read_nowait()
            return body if len(body) <= MAX_BODY else None
        parts = bytearray()
        async with asyncio.timeout(self._deadlines.body_s):
            while part := await content.readany():
                parts += part
                if len(parts) > MAX_BODY:
                    return None
        return bytes(parts)


def _not_ready(reason: str) -> Answer:
    body = {"status": "unavailable", "code": "NOT_READY", "reason": reason}
    return Answer(503, body, RETRY_S)


def _encoded(answer: Answer) -> web.Response:
    headers = NAME
    if answer.retry_after_s is not None:
        headers = NAME | {"Retry-After": str(answer.retry_after_s)}
    return web.Response(
        status=answer.status, body=orjson.dumps(answer.body), headers=headers, content_type=JSON
    )
