"""The browser that comes back: a real socket with TLS, and what else may knock at it."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import aiohttp
import pytest

from brokers.schwab.callback import ANOTHER, CAME, NOT_IT, REFUSED, awaited
from tests.brokers.schwab.server import run


Get = Callable[[str], Awaitable[tuple[int, str]]]
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def browsed(act: Callable[[Get, "asyncio.Future[str]"], Awaitable[None]]) -> None:
    """A browser that went on after the warning, at somebody who waits for it."""
    port = free_port()

    async def life() -> None:
        async with awaited("127.0.0.1", port, "s1", NOW) as came, aiohttp.ClientSession() as http:

            async def get(path: str) -> tuple[int, str]:
                async with http.get(f"https://127.0.0.1:{port}{path}", ssl=False) as answer:
                    return answer.status, await answer.text()

            await act(get, came)

    run(life())


def test_the_address_comes_back_whole() -> None:
    async def act(get: Get, came: "asyncio.Future[str]") -> None:
        assert await get("/?code=C0.a%2Bb%40&session=1&state=s1") == (200, CAME)
        assert (await came).partition("?")[2] == "code=C0.a%2Bb@&session=1&state=s1"
        assert await get("/?code=C0.again%40&state=s1") == (200, CAME)
        assert "again" not in came.result()

    browsed(act)


def test_a_browser_asks_for_its_icon_first() -> None:
    async def act(get: Get, came: "asyncio.Future[str]") -> None:
        assert await get("/favicon.ico") == (404, NOT_IT)
        assert await get("/") == (404, NOT_IT)
        assert not came.done()
        assert await get("/?code=C0.abc%40&state=s1") == (200, CAME)
        assert came.done()

    browsed(act)


def test_a_page_of_another_sign_in_is_not_taken() -> None:
    async def act(get: Get, came: "asyncio.Future[str]") -> None:
        assert await get("/?code=C0.abc%40&state=s2") == (400, ANOTHER)
        assert await get("/?error=access_denied&state=s2") == (400, ANOTHER)
        assert not came.done()

    browsed(act)


def test_who_was_not_let_in_is_told_so() -> None:
    async def act(get: Get, came: "asyncio.Future[str]") -> None:
        assert await get("/?error=access_denied&state=s1") == (200, REFUSED)
        assert "error=access_denied" in await came

    browsed(act)


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", "IP Address"), ("localhost", "DNS")])
def test_the_certificate_names_the_host_for_a_day(host: str, named: str) -> None:
    port = free_port()

    async def life() -> None:
        async with awaited(host, port, "s1", datetime.now(UTC)):
            pem = await asyncio.to_thread(ssl.get_server_certificate, (host, port))
            context = ssl.create_default_context(cadata=pem)
            _, writer = await asyncio.open_connection(host, port, ssl=context)
            certificate = writer.get_extra_info("peercert")
            writer.close()
        assert certificate["subjectAltName"][0][0] == named
        ends = ssl.cert_time_to_seconds(certificate["notAfter"])
        assert ends - ssl.cert_time_to_seconds(certificate["notBefore"]) == 25 * 3600

    run(life())


def test_a_port_that_is_taken_is_said() -> None:
    async def life(port: int) -> None:
        async with awaited("127.0.0.1", port, "s1", NOW):
            pass

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            run(life(taken.getsockname()[1]))
