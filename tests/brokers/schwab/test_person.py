"""A person's way through a sign-in at the simulator: by a browser here, or by what he pastes."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp import web
from attrs import define, field

from brokers.base import UnreachableError
from brokers.schwab.oauth import App, SignInError
from brokers.schwab.person import Person, signed_in
from brokers.schwab.simulator.desk import Desk, new_desk
from brokers.schwab.simulator.server import QUOTES, application
from brokers.schwab.tokens import Tokens
from tests.brokers.schwab.server import Hands, run
from tests.brokers.schwab.test_callback import free_port
from trading.sessions import Calendar


SECRET = "hush"

Act = Callable[["Someone"], Awaitable[str]]
"""What somebody does who was shown the address; what he pastes comes back."""


@define
class Someone:
    """At a terminal beside a browser; `act` is his part."""

    clock: Hands
    act: Act
    shown: "asyncio.Future[str]" = field(init=False)
    is_awaited: bool | None = None

    def person(self) -> Person:
        self.shown = asyncio.get_running_loop().create_future()
        return Person(show=self.show, pasted=lambda: self.act(self))

    def show(self, address: str, is_awaited: bool) -> None:  # noqa: FBT001 - as Person has it
        self.is_awaited = is_awaited
        self.shown.set_result(address)

    async def allowed(self) -> str:
        """Click Allow; the address that the browser is then sent to."""
        address = await self.shown
        form = dict(parse_qsl(urlsplit(address).query))
        async with (
            aiohttp.ClientSession() as http,
            http.post(address, data=form, allow_redirects=False) as answer,
        ):
            return answer.headers["Location"]

    async def browse(self, address: str) -> str:
        """Let the browser follow, past its warning."""
        async with aiohttp.ClientSession() as http, http.get(address, ssl=False) as answer:
            return await answer.text()


def sign_in(act: Act, *, callback: str = "", secret: str = SECRET) -> tuple[Tokens, Desk]:
    """At a simulator of its own, by an act; the tokens, and the desk that gave them."""
    clock = Hands()
    desk = new_desk(
        quotes=QUOTES, calendar=Calendar(), now=clock.now, app_key="key", app_secret=SECRET
    )
    callback = callback or f"https://127.0.0.1:{free_port()}"
    parts = urlsplit(callback)
    here = (parts.hostname, parts.port) if parts.hostname == "127.0.0.1" and parts.port else None

    async def life() -> Tokens:
        runner = web.AppRunner(application(desk))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            app = App(key="key", secret=secret, callback_url=callback, base_url=url)
            someone = Someone(clock, act)
            return await signed_in(app, someone.person(), clock, here)
        finally:
            await runner.cleanup()

    return run(life()), desk


def holds(tokens: Tokens, desk: Desk) -> bool:
    """Whether the tokens are those that the desk lets in with."""
    return desk.grants.allows(tokens.access_token, tokens.signed_in_at) and (
        desk.grants.refresh == tokens.refresh_token
    )


async def pastes_it_all(someone: Someone) -> str:
    return await someone.allowed()


async def pastes_it_with_blanks(someone: Someone) -> str:
    address = await someone.allowed()
    return f"  {address[:40]}\n {address[40:]} \n"


async def pastes_it_decoded(someone: Someone) -> str:
    return (await someone.allowed()).replace("%40", "@")


async def pastes_the_code(someone: Someone) -> str:
    return (await someone.allowed()).partition("?code=")[2].partition("&")[0] + "\n"


async def pastes_nothing(someone: Someone) -> str:
    await someone.browse(await someone.allowed())
    raise SignInError("nobody can paste")


async def lets_the_browser_go(someone: Someone) -> str:
    address = await someone.allowed()
    await someone.browse(address.partition("?")[0] + "favicon.ico")
    await someone.browse(address.replace("state=", "state=x"))
    await someone.browse(address)
    return await asyncio.Future()


@pytest.mark.parametrize(
    "act",
    [
        pastes_it_all,
        pastes_it_with_blanks,
        pastes_it_decoded,
        pastes_the_code,
        pastes_nothing,
        lets_the_browser_go,
    ],
)
def test_whatever_comes_back_signs_in(act: Act) -> None:
    tokens, desk = sign_in(act)
    assert holds(tokens, desk)
    assert tokens.refresh_expires_at - tokens.signed_in_at == timedelta(days=7)


def test_a_callback_elsewhere_is_pasted() -> None:
    awaited: list[bool | None] = []

    async def act(someone: Someone) -> str:
        awaited.append(someone.is_awaited)
        return await someone.allowed()

    tokens, desk = sign_in(act, callback="https://bot.example.org/back")
    assert (holds(tokens, desk), awaited) == (True, [False])


def test_a_port_that_another_has_is_no_hindrance() -> None:
    awaited: list[bool | None] = []

    async def act(someone: Someone) -> str:
        awaited.append(someone.is_awaited)
        return await someone.allowed()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        tokens, desk = sign_in(act, callback=f"https://127.0.0.1:{taken.getsockname()[1]}")
    assert (holds(tokens, desk), awaited) == (True, [False])


async def comes_late(someone: Someone) -> str:
    address = await someone.allowed()
    someone.clock.pass_by(30)
    return address


async def comes_from_elsewhere(someone: Someone) -> str:
    address = await someone.allowed()
    return address.partition("&state=")[0].replace("127.0.0.1", "192.168.1.9")


async def comes_of_an_older_page(someone: Someone) -> str:
    return (await someone.allowed()).replace("state=", "state=old")


async def says_no(someone: Someone) -> str:
    await someone.browse((await someone.allowed()).replace("code=", "error=access_denied&was=", 1))
    return await asyncio.Future()


async def has_nothing(someone: Someone) -> str:
    await someone.shown
    return "https://127.0.0.1:8182/\n"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (comes_late, "older than 30 s"),
        (comes_from_elsewhere, "not your app's"),
        (comes_of_an_older_page, "another sign-in"),
        (says_no, "did not let you in: access_denied"),
        (has_nothing, "No code in it"),
    ],
)
def test_what_is_no_sign_in_says_why(act: Act, said: str) -> None:
    with pytest.raises(SignInError, match=said):
        sign_in(act)


def test_a_wrong_app_secret_is_said_and_not_shown() -> None:
    with pytest.raises(SignInError, match="no such app key") as caught:
        sign_in(pastes_it_all, secret="pssst")
    assert "pssst" not in str(caught.value)


def test_a_simulator_that_went_away_is_weather() -> None:
    async def pastes(_: Someone) -> str:
        return "C0.abc@"

    app = App(
        key="key",
        secret=SECRET,
        callback_url="https://127.0.0.1:8182",
        base_url=f"http://127.0.0.1:{free_port()}",
    )

    async def life() -> Tokens:
        clock = Hands()
        return await signed_in(app, Someone(clock, pastes).person(), clock, None)

    with pytest.raises(UnreachableError):
        run(life())
