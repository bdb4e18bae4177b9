"""Schwab over HTTP: reads are tried again, writes never; what was certainly not sent is told so."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NoReturn

import aiohttp
from attrs import evolve, field, frozen
from yarl import URL

from brokers.base import (
    AuthExpiredError,
    BrokerError,
    MayLeave,
    OutcomeUnknownError,
    RateLimitedError,
    UnreachableError,
    let_out,
)
from brokers.schwab.budget import Allowance, Budget, Urgency, full
from brokers.schwab.errors import Answer, VenueTroubleError, failed_read, failed_write
from brokers.schwab.oauth import SCHWAB
from brokers.schwab.wire_json import UnreadableBodyError, parsed, written
from brokers.schwab.write_step import Guard, guarded_writes
from trading.clock import Clock
from trading.masking import Mask


log = logging.getLogger("trading_bot.schwab")

READS: Final = Allowance(reserve_per_day=0, per_day=1_000_000)
"""Reads have no limit in the documents; what people tell of is kept to, without a day's."""

CORREL_ID: Final = "Schwab-Client-CorrelId"
TRIES: Final = 3
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 10.0

NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""No connection was had: no name, refused, no TLS, or no answer to the first knock."""


@frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds: for a connection, and for a request as a whole."""

    connect_s: float = 3.0
    request_s: float = 10.0


@frozen(kw_only=True)
class Reach:
    """Where Schwab is, how it is asked, and how often orders may be sent in one account.

    `mask` hides what Schwab's words must not show, should it repeat what it was sent.
    """

    base_url: str = SCHWAB
    mask: Mask = field(factory=Mask)
    timeouts: Timeouts = field(factory=Timeouts)
    orders: Allowance = field(factory=Allowance)
    reads: Allowance = READS


@frozen(kw_only=True)
class Chances:
    """What is drawn or waited for, injected so that tests own it."""

    new_id: Callable[[], str]
    source: random.Random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class SchwabClient:
    """One HTTP session, made and closed on the loop that uses it.

    `access_token` hands out what a sign-in gave, without waiting where it need not be renewed;
    `token_refused` hears of one that Schwab did not take.
    """

    def __init__(
        self,
        *,
        reach: Reach,
        access_token: Callable[[], Awaitable[str]],
        token_refused: Callable[[str], None],
        clock: Clock,
        chances: Chances,
    ) -> None:
        self._reach = reach
        self._access_token = access_token
        self._token_refused = token_refused
        self._clock = clock
        self._chances = chances
        self._http: aiohttp.ClientSession | None = None
        self._orders = full(reach.orders, clock.monotonic())
        self._reads = full(reach.reads, clock.monotonic())

    async def open(self) -> None:
        """Make the session; once is enough."""
        if self._http is None:
            timeouts = self._reach.timeouts
            self._http = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(
                    total=timeouts.request_s,
                    connect=timeouts.connect_s,
                    sock_connect=timeouts.connect_s,
                ),
                trace_configs=[guarded_writes()],
            )
            # By itself aiohttp sends a PUT or DELETE again where a kept connection was reset.
            self._http._retry_connection = False  # noqa: SLF001 - pinned by a test

    async def close(self) -> None:
        """Close it; what is under way is of unknown outcome."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The session, for those who talk over it in other ways."""
        if self._http is None:
            raise UnreachableError("not connected")
        return self._http

    def hidden(self, text: str) -> str:
        """Words of Schwab's without what nobody may read."""
        return self._reach.mask.hide(text)

    # --- reading --------------------------------------------------------------------------------

    async def trader(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What an address of the trader API says, as plain values; see `read`."""
        return await self.read(f"/trader/v1{path}", query)

    async def market(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What an address of market data says, as plain values; see `read`."""
        return await self.read(f"/marketdata/v1{path}", query)

    async def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """A body as plain values: three tries, further apart each time.

        Raises:
            UnreachableError, VenueTroubleError, RateLimitedError: all tries failed, the last so.
            AuthExpiredError: nobody is signed in.
            NotThereError, RejectedError: asking again would not help.
        """
        has_renewed = False
        for tries_left in reversed(range(TRIES)):
            try:
                self._reads = await self._left_by_one(Urgency.EXIT)
                return await self._read_once(path, query)
            except (UnreachableError, VenueTroubleError, RateLimitedError) as error:
                if not tries_left:
                    raise
                await self._chances.sleep(self._pause_s(error, TRIES - 1 - tries_left))
            except AuthExpiredError:
                # An access token may be called in early: it was renewed, so once more.
                if has_renewed or not tries_left:
                    raise
                has_renewed = True
        raise AssertionError("every try returns or raises")

    async def _read_once(self, path: str, query: Mapping[str, str] | None) -> Any:
        token = await self._access_token()
        try:
            answer = await self._ask("GET", path, token, query=query)
        except aiohttp.InvalidURL as error:
            raise VenueTroubleError(f"no address: {error}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(f"no answer: {type(error).__name__}") from error
        if not answer.is_good:
            self._fail(failed_read(answer), token)
        try:
            return parsed(answer.text)
        except UnreadableBodyError as error:
            raise VenueTroubleError(str(error)) from error

    async def leisure(self) -> None:
        """Wait until more reads are left than those that are kept for whoever cannot wait."""
        await self._left_by_one(Urgency.ENTRY)

    async def _left_by_one(self, urgency: Urgency) -> Budget:
        while True:
            taken = self._reads.taken(urgency, self._clock.monotonic(), self._clock.now())
            if isinstance(taken, Budget):
                return taken
            await self._chances.sleep(taken)

    def _pause_s(self, error: BrokerError, failed: int) -> float:
        if isinstance(error, RateLimitedError):
            return error.retry_after_s
        most = min(FIRST_WAIT_S * 2**failed, LONGEST_WAIT_S)
        return self._chances.source.uniform(0.0, most)

    # --- writing --------------------------------------------------------------------------------

    async def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        urgency: Urgency,
        may_leave: MayLeave = let_out,
    ) -> Answer:
        """One order, cancel or replace, sent once. A good answer says that it was taken, no more.

        `may_leave` is asked of what has a body, in the step that writes it.

        Raises:
            RejectedError, InsufficientFundsError: refused.
            UnreachableError, TurnedAwayError: nothing was sent, and why.
            OutcomeUnknownError, RateLimitedError: only reading back tells.
        """
        try:
            token = await self._access_token()
        except BrokerError as error:
            raise UnreachableError(f"not sent: {error}") from error
        self._spend(urgency)
        text, guard = None if body is None else written(body), Guard(may_leave)
        try:
            answer = await self._ask(method, f"/trader/v1{path}", token, text=text, guard=guard)
        except NOT_SENT as error:
            raise UnreachableError(f"not sent: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if guard.refused is not None:
                raise guard.refused from None
            raise OutcomeUnknownError(f"no answer: {type(error).__name__}") from error
        if not answer.is_good:
            self._fail(failed_write(answer), token if answer.status == 401 else None)
        return answer

    def _spend(self, urgency: Urgency) -> None:
        taken = self._orders.taken(urgency, self._clock.monotonic(), self._clock.now())
        if not isinstance(taken, Budget):
            raise UnreachableError(f"not sent: no more orders may be sent for {taken:.1f} s")
        self._orders = taken

    # --- both -----------------------------------------------------------------------------------

    async def _ask(
        self,
        method: str,
        path: str,
        token: str,
        *,
        query: Mapping[str, str] | None = None,
        text: str | None = None,
        guard: Guard | None = None,
    ) -> Answer:
        url = URL(f"{self._reach.base_url}{path}", encoded=True)
        correl_id = self._chances.new_id()
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            CORREL_ID: correl_id,
        }
        if text is not None:
            headers["Content-Type"] = "application/json"
        async with self.http.request(
            method,
            url.update_query(dict(query)) if query else url,
            data=None if text is None else text.encode(),
            headers=headers,
            allow_redirects=False,
            trace_request_ctx=guard,
        ) as response:
            answer = await _answer_of(response, correl_id)
        if not answer.is_good:
            answer = evolve(answer, text=self.hidden(Mask([token]).hide(answer.text)))
        log.debug(
            "schwab_answered",
            extra={"method": method, "status": answer.status, "correl_id": answer.correl_id},
        )
        return answer

    def _fail(self, error: BrokerError, token: str | None) -> NoReturn:
        if token is not None and isinstance(error, AuthExpiredError | OutcomeUnknownError):
            self._token_refused(token)
        log.warning("schwab_refused", extra={"reason": str(error)})
        raise error


async def _answer_of(response: aiohttp.ClientResponse, correl_id: str) -> Answer:
    """An answer with its body; of one that was cut off only what its head says.

    Raises:
        aiohttp.ClientError, TimeoutError: it was cut off, and its head is not enough.
    """
    headers = response.headers
    try:
        text = await response.text(errors="replace")
    except (aiohttp.ClientError, TimeoutError):
        if not headers.get("Location"):
            raise
        text = ""
    return Answer(
        status=response.status,
        text=text,
        content_type=response.content_type,
        location=headers.get("Location", ""),
        retry_after=headers.get("Retry-After", ""),
        correl_id=headers.get(CORREL_ID, correl_id),
    )
