"""A real server on a real socket that answers as it is told to, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from aiohttp import web
from attrs import define, field, frozen

from brokers.schwab.budget import Allowance
from brokers.schwab.client import Chances, Reach, SchwabClient, Timeouts
from tests.trading.builders import AT


T = TypeVar("T")
WITHIN_S = 10.0


@define
class Hands:
    """A clock that moves when somebody sleeps, and what was slept."""

    at: datetime = AT
    slept: list[float] = field(factory=list)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - AT).total_seconds()

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)
        await asyncio.sleep(0)


@frozen(kw_only=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(status: int = 200, body: Any = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reply(_: web.Request) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(status=status, text=body, headers=named)
        text = "" if body is None else json.dumps(body)
        return web.Response(
            status=status, text=text, headers=named, content_type="application/json"
        )

    return reply


async def drops(request: web.Request) -> web.StreamResponse:
    """The request has come in whole; its answer never goes out."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


@define
class Server:
    """Each request takes the next reply; the last one stays."""

    replies: list[Reply] = field(factory=list)
    asked: list[Asked] = field(factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(
            Asked(
                method=request.method,
                path=request.raw_path.partition("?")[0],
                query=dict(request.query),
                headers=dict(request.headers),
                text=await request.text(),
            )
        )
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[str]:
    """A handler on a port of its own; yields its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@define
class Badge:
    """An access token that can be refused."""

    token: str = "T1"
    refused: list[str] = field(factory=list)

    async def give(self) -> str:
        return self.token

    def take_back(self, token: str) -> None:
        self.refused.append(token)
        self.token = "T2"


def client_of(
    url: str,
    hands: Hands,
    badge: Badge | None = None,
    orders: Allowance | None = None,
    request_s: float = WITHIN_S,
) -> SchwabClient:
    badge = badge or Badge()
    return SchwabClient(
        reach=Reach(
            base_url=url, orders=orders or Allowance(), timeouts=Timeouts(request_s=request_s)
        ),
        access_token=badge.give,
        token_refused=badge.take_back,
        clock=hands,
        chances=Chances(new_id=lambda: "correl-1", source=Random(1), sleep=hands.sleep),
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, WITHIN_S))
