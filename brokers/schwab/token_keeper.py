"""The one owner of an app key's tokens: however many accounts ask, one refresh at a time."""

import asyncio
from collections.abc import Awaitable, Callable

from brokers.base import AuthExpiredError, BrokerError
from brokers.schwab.access import SIGNED_OUT
from brokers.schwab.tokens import TokenFile, Tokens
from trading.clock import Clock


Refresh = Callable[[Tokens], Awaitable[Tokens]]
"""Asks for new access. AuthExpiredError: it is dead; any other BrokerError: bad weather."""


class TokenKeeper:
    """Hands out access tokens and renews them 60 s early. Runs on one loop.

    Two refreshes of one token at once can kill it, so everyone who asks meanwhile waits for the
    one that is under way. Before a token is called dead its file is read again: a person may have
    signed in meanwhile.
    """

    def __init__(self, file: TokenFile, refresh: Refresh, clock: Clock) -> None:
        self._file = file
        self._refresh = refresh
        self._clock = clock
        self._tokens: Tokens | None = None
        self._refused: str | None = None
        self._dead: str | None = None
        self._under_way: asyncio.Task[Tokens] | None = None

    @property
    def tokens(self) -> Tokens | None:
        """What is held now."""
        return self._tokens

    @property
    def is_signed_in(self) -> bool:
        """Whether orders may be sent: there are tokens, and nobody has called them dead."""
        tokens = self._tokens
        return tokens is not None and tokens.refresh_token != self._dead

    async def load(self) -> None:
        """Take in what the file keeps."""
        kept = await asyncio.to_thread(self._file.read)
        if kept is not None and (
            self._tokens is None or kept.signed_in_at > self._tokens.signed_in_at
        ):
            self._tokens = kept

    async def sign_in(self, tokens: Tokens) -> None:
        """A person signed in: what was held before is void."""
        self._tokens = tokens
        await asyncio.to_thread(self._file.write, tokens)

    async def access_token(self) -> str:
        """An access token that passes; returns without waiting where it need not be renewed.

        Raises:
            AuthExpiredError: a person has to sign in.
            BrokerError: it cannot be renewed at the moment.
        """
        tokens = self._tokens
        if tokens is not None and self._is_good(tokens):
            return tokens.access_token
        return (await self.renewed()).access_token

    def refused(self, access_token: str) -> None:
        """The venue did not take this token: it is renewed before it is used again."""
        self._refused = access_token

    async def renewed(self) -> Tokens:
        """New access, by a refresh that everyone shares who asks for one now.

        Raises as `access_token`.
        """
        task = self._under_way
        if task is None or task.done():
            task = asyncio.get_running_loop().create_task(self._renew())
            self._under_way = task
        # Who is cancelled gives up his own waiting, not the refresh of all the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the refresh under way: what it brings must reach the file."""
        task = self._under_way
        if task is not None and not task.done():
            await asyncio.gather(task, return_exceptions=True)

    def _is_good(self, tokens: Tokens) -> bool:
        return tokens.is_fresh(self._clock.now()) and tokens.access_token != self._refused

    async def _renew(self) -> Tokens:
        await self.load()
        old = self._tokens
        if old is None or old.refresh_token == self._dead:
            raise AuthExpiredError(SIGNED_OUT)
        if self._is_good(old):
            return old
        try:
            new = await self._refresh(old)
        except AuthExpiredError:
            return await self._another_than(old)
        except BrokerError:
            if old.is_usable(self._clock.now()) and old.access_token != self._refused:
                return old
            raise
        # Somebody may have signed in while we asked: his tokens are the ones that live.
        now = self._tokens
        if now is not None and now is not old:
            return now
        await self.sign_in(new)
        return new

    async def _another_than(self, dead: Tokens) -> Tokens:
        await self.load()
        now = self._tokens
        if now is None or now.refresh_token == dead.refresh_token:
            self._dead = dead.refresh_token
            raise AuthExpiredError(SIGNED_OUT)
        return now
