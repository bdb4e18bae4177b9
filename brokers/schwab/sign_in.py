"""A person's sign-in at Schwab, kept alive for a week by the one owner of its tokens."""

from datetime import datetime

import aiohttp
from attrs import define, field

from brokers.schwab.oauth import App, refreshed
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

    async def close(self) -> None:
        """Wait for what is being renewed, then close the session."""
        await self._keeper.close()
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def _refresh(self, old: Tokens) -> Tokens:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S))
        return await refreshed(self._http, self._app, old, self._clock.now())
