"""The access that an account goes by: handed to it by whoever signed in, never fetched."""

import asyncio
from collections.abc import Callable
from typing import Final

from brokers.base import AuthExpiredError, UnreachableError
from brokers.sign_in import Access
from trading.clock import Clock


SIGNED_OUT: Final = "nobody is signed in at Schwab: run `auth login`"
RENEWED_WITHIN_S: Final = 5.0
"""How long it is waited for another access where this one has just been refused."""


class GivenAccess:
    """One account's access token, on the loop of its client."""

    def __init__(self, clock: Clock, renewed_within_s: float = RENEWED_WITHIN_S) -> None:
        self._clock = clock
        self._renewed_within_s = renewed_within_s
        self._tell_refused: Callable[[str], None] = _nobody
        self._access: Access | None = None
        self._refused = ""
        self._changed = asyncio.Event()

    def tell_refused(self, tell: Callable[[str], None]) -> None:
        """Whoever hears of a token that Schwab did not take, and sees to another one."""
        self._tell_refused = tell

    def give(self, access: Access | None) -> None:
        """Go by this from now on; None: nobody is signed in."""
        self._access = access
        self._changed.set()

    async def token(self) -> str:
        """A token that passes, as far as one knows; waits only where one has just ended.

        It ends early where Schwab refuses it, and late where the machine has slept.

        Raises:
            AuthExpiredError: a person has to sign in.
            UnreachableError: it ended and has not been renewed yet.
        """
        if self._access is not None and self._access.expires_at <= self._clock.now():
            self.refused(self._access.token)
        if self._access is not None and self._access.token == self._refused:
            await self._another()
        access = self._access
        if access is None:
            raise AuthExpiredError(SIGNED_OUT)
        if access.token == self._refused or access.expires_at <= self._clock.now():
            raise UnreachableError("the access token has ended and is not renewed yet")
        return access.token

    def refused(self, token: str) -> None:
        """Schwab did not take it: whoever gave it is told."""
        if self._access is not None and token == self._access.token and token != self._refused:
            self._refused = token
            self._tell_refused(token)

    async def _another(self) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(self._renewed_within_s):
                await self._changed.wait()
        except TimeoutError:
            pass


def _nobody(token: str) -> None:
    del token
