"""What every answer of the simulator has in common: JSON, a correlation id, faults, 401."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from brokers.schwab.simulator.answers import to_bytes
from brokers.schwab.simulator.desk import Desk, Fault


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

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
        if request.path.startswith(GUARDED) and not _is_signed_in(desk, request):
            response: web.StreamResponse = gateway(401, "Unauthorized", "Client not authorized")
        else:
            response = await handler(request)
        if fault is not None and fault.kind == "drop_after":
            return await _dropped(request)
        if fault is not None and fault.kind == "no_location":
            response.headers.popall("Location", None)
        response.headers[CORRELATION] = str(uuid4())
        if isinstance(response, web.Response) and response.body:
            response.enable_compression()
        return response

    return around


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


async def _dropped(request: web.Request) -> web.StreamResponse:
    """Cut the line without an answer."""
    if request.transport is not None:
        request.transport.abort()
    await asyncio.sleep(0)
    return web.Response()
