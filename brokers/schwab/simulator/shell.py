"""What every answer of the simulator has in common: JSON, a correlation id, faults, 401."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from brokers.schwab.simulator.answers import to_bytes
from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.faults import Fault


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PIECES: Final = 10
GUARDED: Final = ("/trader/", "/marketdata/")
CORRELATION: Final = "Schwab-Client-CorrelId"
UNEXPECTED: Final = (
    "Application encountered unexpected error that prevented fulfilling this request"
)
ACCESS_DENIED: Final = (
    "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1></BODY></HTML>"
)


def answer(body: Any, *, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=to_bytes(body), status=status, content_type="application/json")


def told(message: str, status: int) -> web.Response:
    """A fault in the Trader API's shape."""
    return answer({"message": message}, status=status)


def gateway(status: int, title: str, detail: str | None = None) -> web.Response:
    """A fault in the gateway's shape."""
    error: dict[str, Any] = {"id": str(uuid4()), "status": status, "title": title}
    if detail is not None:
        error["detail"] = detail
    return answer({"errors": [error]}, status=status)


def middleware(desk: Desk) -> Any:
    """Around every handler: the bearer token, the fault that is due, the correlation id."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = desk.fault_for(request.method, request.path)
        if fault is not None and fault.kind == "drop_before":
            return await _dropped(request)
        if fault is not None and fault.kind == "status":
            return _failed(fault)
        if fault is not None and fault.kind == "stall_before":
            await asyncio.sleep(fault.seconds)
        first = desk.world.next_order
        if request.path.startswith(GUARDED) and not _is_signed_in(desk, request):
            response: web.StreamResponse = gateway(401, "Unauthorized", "Client not authorized")
        else:
            response = await handler(request)
        if fault is not None and fault.kind == "hidden":
            until = desk.now() + timedelta(seconds=fault.seconds)
            desk.hidden |= dict.fromkeys(range(first, desk.world.next_order), until)
        response.headers[CORRELATION] = str(uuid4())
        if isinstance(response, web.Response) and response.body:
            response.enable_compression()
        return response if fault is None else await _spoiled(fault, request, response)

    return around


async def _spoiled(
    fault: Fault, request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """The answer to a request that was taken, with its fault."""
    match fault.kind:
        case "drop_after":
            return await _dropped(request)
        case "drop_during":
            return await _dropped(request, f"HTTP/1.1 {response.status} Cr".encode())
        case "no_location":
            response.headers.popall("Location", None)
        case "stall_after":
            await asyncio.sleep(fault.seconds)
        case "slow":
            return await _dripped(fault, request, response)
        case _:
            pass
    return response


async def _dripped(
    fault: Fault, request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """The answer in pieces, one after the other."""
    body = response.body if isinstance(response, web.Response) else None
    whole = body if isinstance(body, bytes) else b""
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    slow.headers.popall("Content-Length", None)
    await slow.prepare(request)
    size = max(len(whole) // PIECES, 1)
    for start in range(0, max(len(whole), PIECES), size):
        await asyncio.sleep(fault.seconds / PIECES)
        if piece := whole[start : start + size]:
            await slow.write(piece)
    await slow.write_eof()
    return slow


def _is_signed_in(desk: Desk, request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme == "Bearer" and desk.grants.allows(token, desk.now())


def _failed(fault: Fault) -> web.Response:
    match fault.status:
        case 401:
            return gateway(401, "Unauthorized", "Client not authorized")
        case 403:
            return web.Response(text=ACCESS_DENIED, status=403, content_type="text/html")
        case 502 | 504:
            return web.Response(text="upstream request timeout", status=fault.status)
        case _:
            return told(UNEXPECTED, fault.status)


async def _dropped(request: web.Request, said: bytes = b"") -> web.StreamResponse:
    """Cut the line without an answer, or after the first bytes of one."""
    if request.transport is not None:
        request.transport.write(said)
        request.transport.abort()
    await asyncio.sleep(0)
    return web.Response()
