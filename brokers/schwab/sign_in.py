"""A person's sign-in at Schwab, kept alive for a week by the one owner of its tokens."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random
from uuid import uuid4

import aiohttp
from attrs import define, field

from brokers.schwab.client import Chances, Reach, SchwabClient
from brokers.schwab.oauth import App, refreshed
from brokers.schwab.stream import Stream
from brokers.schwab.token_keeper import TokenKeeper
from brokers.schwab.tokens import TokenFile, Tokens
from brokers.sign_in import Access
from trading.clock import Clock


REQUEST_S = 10.0


@define
class SchwabSignIn:
    """One app key's sign-in; the session is opened at its first use, on the loop that uses it."""

    _app: App
    _file: TokenFile
    _clock: Clock
    _keeper: TokenKeeper = field(init=False)
    _http: aiohttp.ClientSession | None = field(default=None, init=False)
    _listener: "Listener | None" = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._keeper = TokenKeeper(self._file, self._refresh, self._clock)

    @property
    def until(self) -> datetime | None:
        """A week after a person signed in, or earlier if Schwab likes."""
        tokens = self._keeper.tokens
        return None if tokens is None else tokens.refresh_expires_at

    async def access(self) -> Access:
        """What lets in now; see `SignIn`."""
        await self._keeper.load()
        token = await self._keeper.access_token()
        tokens = self._keeper.tokens
        assert tokens is not None  # noqa: S101 - an access token is always one of these
        return Access(token=token, expires_at=tokens.access_expires_at)

    def refused(self, token: str) -> None:
        """Schwab did not take it."""
        self._keeper.refused(token)

    def listen(self, happened: Callable[[], None]) -> None:
        """Open the user's stream, which says that something happened; once is enough."""
        if self._listener is None:
            self._listener = Listener(self._app, self._keeper, self._clock, happened)

    async def close(self) -> None:
        """Stop listening, wait for what is being renewed, then close the session."""
        if self._listener is not None:
            await self._listener.close()
        await self._keeper.close()
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def _refresh(self, old: Tokens) -> Tokens:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S))
        return await refreshed(self._http, self._app, old, self._clock.now())


class Listener:
    """The one stream of a sign-in, over a session of its own. Runs on the sign-in's loop."""

    def __init__(
        self, app: App, keeper: TokenKeeper, clock: Clock, happened: Callable[[], None]
    ) -> None:
        source = Random()  # noqa: S311 - for the jitter of tries, nothing secret
        self._client = SchwabClient(
            reach=Reach(base_url=app.base_url),
            access_token=keeper.access_token,
            token_refused=keeper.refused,
            clock=clock,
            chances=Chances(new_id=lambda: str(uuid4()), source=source),
        )
        self._stream = Stream(
            client=self._client,
            access_token=keeper.access_token,
            token_refused=keeper.refused,
            happened=lambda _: happened(),
        )
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def close(self) -> None:
        """Close the stream, then the session."""
        await self._opening
        await self._stream.stop()
        await self._client.close()

    async def _open(self) -> None:
        await self._client.open()
        self._stream.start()
