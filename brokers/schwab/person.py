"""A person's way through a sign-in: an address to open, another that comes back, and the tokens."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import aiohttp
from attrs import frozen

from brokers.schwab.callback import awaited
from brokers.schwab.oauth import App, SignInError, authorization_url, code_of, exchanged
from brokers.schwab.tokens import Tokens
from trading.clock import Clock


REQUEST_S: Final = 15.0


@frozen(kw_only=True)
class Person:
    """Who signs in: shown the address, asked for the one that comes back.

    `show` gets the address, and whether the browser is awaited on this machine. `pasted` waits for
    what he pastes; it raises SignInError where nobody can.
    """

    show: Callable[[str, bool], None]
    pasted: Callable[[], Awaitable[str]]


async def signed_in(
    app: App, person: Person, clock: Clock, listens_at: tuple[str, int] | None
) -> Tokens:
    """The tokens that a sign-in gives; what comes first counts: the browser, or what is pasted.

    Raises:
        SignInError: it is no sign-in; the sentence says what to do.
        UnreachableError, VenueTroubleError: bad weather; start again.
    """
    state = secrets.token_urlsafe(16)
    address = authorization_url(app, state)
    if listens_at is None:
        came = await _told(person, address, None)
    else:
        try:
            async with awaited(*listens_at, state, clock.now()) as browser:
                came = await _told(person, address, browser)
        except OSError:  # something else listens there: then it is pasted
            came = await _told(person, address, None)
    timeout = aiohttp.ClientTimeout(total=REQUEST_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        return await exchanged(http, app, code_of(came, app, state), clock.now())


async def _told(person: Person, address: str, browser: "asyncio.Future[str] | None") -> str:
    person.show(address, browser is not None)
    pasting = asyncio.ensure_future(person.pasted())
    waits = {pasting} if browser is None else {pasting, browser}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if browser is not None and pasting in done and pasting.exception() is not None:
            done, _ = await asyncio.wait({browser})  # nobody can paste, but the browser may come
        return (browser if browser is not None and browser in done else pasting).result()
    finally:
        pasting.cancel()
        with suppress(asyncio.CancelledError, SignInError):
            await pasting
