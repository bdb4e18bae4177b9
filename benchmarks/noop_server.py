"""A server that does nothing with what it is sent: the most the HTTP library could ever do here.

It is aiohttp at its lowest level, without routes or access log, so that the comparison does not
flatter: a slower no-op would make the ratio of durable accepts to it look better.
"""

import asyncio
from multiprocessing.connection import Connection

from aiohttp import web


ANSWER = b'{"status":"accepted","alert_id":"20261120T143000-000000000000"}'
"""As many bytes as an accepted alert is answered with."""


async def _do_nothing(request: web.BaseRequest) -> web.Response:
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


async def _serve(parent: "Connection[int, None]") -> None:
    server = web.Server(_do_nothing, access_log=None)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server, "127.0.0.1", 0, backlog=1024)
    parent.send(listener.sockets[0].getsockname()[1])
    ended = asyncio.Event()
    loop.add_reader(parent.fileno(), ended.set)
    await ended.wait()
    listener.close()
    await server.shutdown(1.0)


def serve(parent: "Connection[int, None]") -> None:
    """Tell the parent the port, then answer until the parent says something or goes away."""
    asyncio.run(_serve(parent))
