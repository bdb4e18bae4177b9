"""Schwab's stream as a wake-up: it says that something happened, REST says what."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from brokers.base import AuthExpiredError, BrokerError, UnreachableError
from brokers.schwab.client import SchwabClient
from brokers.schwab.errors import VenueTroubleError
from brokers.schwab.stream_frames import (
    LOGIN_DENIED,
    Answered,
    Happened,
    StreamerInfo,
    heard,
    login,
    streamer_info,
    subscription,
)


log = logging.getLogger("trading_bot.schwab")

FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 120.0
SILENCE_S: Final = 60.0
"""How long the stream may be silent, heartbeats included, before it counts as dead."""


class Stream:
    """One user's stream, for all of his accounts. Runs on the loop of its client.

    `happened` hears the number of the account that something happened to, and an empty one after
    each sign-in: whatever happened before it was not heard.
    """

    def __init__(
        self,
        *,
        client: SchwabClient,
        access_token: Callable[[], Awaitable[str]],
        token_refused: Callable[[str], None],
        happened: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._client = client
        self._access_token = access_token
        self._token_refused = token_refused
        self._happened = happened
        self._sleep = sleep
        self._silence_s = silence_s
        self._task: asyncio.Task[None] | None = None
        self._last_seq = -1
        self.is_up = False

    def start(self) -> None:
        """Connect, and again whenever the connection is lost, until stopped."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Close it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        wait_s, was_lost = FIRST_WAIT_S, False
        while True:
            try:
                await self._listen()
            except (BrokerError, aiohttp.ClientError, TimeoutError) as error:
                if not was_lost or self.is_up:  # one line an outage: it may last for days
                    log.warning("schwab_stream_lost", extra={"reason": str(error) or repr(error)})
            except Exception:
                # A frame nobody foresaw must not end the listening.
                log.exception("schwab_stream_failed_oddly")
            if self.is_up:
                wait_s = FIRST_WAIT_S
            was_lost, self.is_up = True, False
            await self._sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _listen(self) -> None:
        info = streamer_info(await self._client.trader("/userPreference"))
        token = await self._access_token()
        async with self._client.http.ws_connect(info.streamer_socket_url) as socket:
            await socket.send_str(login(info, token))
            await self._signed_in(socket, info, token)
            while True:
                for said in await self._next(socket):
                    self._take(said)

    async def _signed_in(
        self, socket: aiohttp.ClientWebSocketResponse, info: StreamerInfo, token: str
    ) -> None:
        """Wait for the sign-in's answer, then ask for what happens: not before."""
        while not self.is_up:
            for said in await self._next(socket):
                if isinstance(said, Answered) and said.code == LOGIN_DENIED:
                    self._token_refused(token)
                    raise AuthExpiredError(said.message)
                if isinstance(said, Answered) and said.command == "LOGIN" and said.is_good:
                    self.is_up = True
        self._last_seq = -1
        await socket.send_str(subscription(info, 1))
        self._happened("")

    async def _next(self, socket: aiohttp.ClientWebSocketResponse) -> list[Answered | Happened]:
        message = await socket.receive(timeout=self._silence_s)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise UnreachableError(f"the stream has ended: {message.type.name}")
        return list(heard(message.data))

    def _take(self, said: Answered | Happened) -> None:
        if isinstance(said, Answered):
            if not said.is_good:
                raise VenueTroubleError(f"stream: code {said.code} {said.message}")
            return
        # Each is sent once a sign-in; one that comes again has nothing new to say.
        if said.seq > self._last_seq:
            self._last_seq = said.seq
            self._happened(said.account_number)
