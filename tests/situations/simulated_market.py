"""A floor's market at a local Schwab: a real socket, a real sign-in, and a clock moved by hand."""

import asyncio
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

from aiohttp import web
from attrs import evolve

from actors.loop_thread import LoopThread
from actors.runtime.testing import ManualClock
from brokers.base import MayLeave, Venue, let_out
from brokers.schwab.access import GivenAccess
from brokers.schwab.budget import Allowance, Urgency
from brokers.schwab.client import Chances, Reach, SchwabClient, Timeouts
from brokers.schwab.errors import Answer
from brokers.schwab.last_look import Rules
from brokers.schwab.oauth import App
from brokers.schwab.sign_in import SchwabSignIn
from brokers.schwab.simulator.desk import Desk, new_desk, read_quote
from brokers.schwab.simulator.faults import Fault
from brokers.schwab.simulator.server import application
from brokers.schwab.tokens import TokenFile, Tokens
from brokers.schwab.venue import SchwabVenue
from brokers.schwab.wire_symbols import to_schwab
from brokers.sign_in import SignIn
from tests.actors.facts import CALENDAR_APPLIED
from trading.vocabulary import Symbol


CENT: Final = Decimal("0.01")
APP_KEY: Final = "an-app-key-of-a-test"
APP_SECRET: Final = "an-app-secret-of-a-test"
MARGIN_ACCOUNT: Final = "12345678"
CASH_ACCOUNT: Final = "12345679"
ANSWERS_WITHIN_S: Final = 2.0
"""Real seconds until a client of the simulator has had enough of waiting."""


class Sleepers:
    """Whoever sleeps does so until the clock that a test moves has come so far.

    `busy` counts what is under way and sleeps not; changed on its users' loops only.
    """

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._asleep: list[tuple[float, asyncio.AbstractEventLoop, asyncio.Event]] = []
        self.busy = 0

    async def sleep(self, seconds: float) -> None:
        rung = asyncio.Event()
        due = self._clock.monotonic() + seconds
        self._asleep.append((due, asyncio.get_running_loop(), rung))
        await rung.wait()

    async def sleep_within(self, seconds: float) -> None:
        """The same for who is counted as busy."""
        self.busy -= 1
        try:
            await self.sleep(seconds)
        finally:
            self.busy += 1

    def wake(self) -> None:
        """Those whose time has come."""
        now, asleep = self._clock.monotonic(), self._asleep
        self._asleep = [each for each in asleep if each[0] > now]
        for due, loop, rung in asleep:
            if due <= now and not loop.is_closed():
                loop.call_soon_threadsafe(rung.set)


class CountedClient(SchwabClient):
    """Counts what it is asked for and has not answered yet."""

    def __init__(self, sleepers: Sleepers, **given: Any) -> None:
        super().__init__(**given)
        self._sleepers = sleepers

    async def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return await self._counted(super().read(path, query))

    async def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        urgency: Urgency,
        may_leave: MayLeave = let_out,
    ) -> Answer:
        answer: Answer = await self._counted(super().write(method, path, body, urgency, may_leave))
        return answer

    async def _counted(self, work: Awaitable[Any]) -> Any:
        self._sleepers.busy += 1
        try:
            return await work
        finally:
            self._sleepers.busy -= 1


class DeafSignIn(SchwabSignIn):
    """Hears no stream, which would wake its accounts in its own time and not in the test's."""

    def listen(self, happened: Callable[[], None]) -> None:
        """They look by themselves."""


class SimulatedMarket:
    """A local Schwab on a real socket and a thread of its own, signed in at as a person would."""

    counts_itself = True

    def __init__(
        self,
        clock: ManualClock,
        starting_cash: Decimal,
        seed: int = 1,
        *,
        number: str = CASH_ACCOUNT,
        native_brackets: bool = True,
    ) -> None:
        self._clock = clock
        self._number = number
        self._native_brackets = native_brackets
        self._seed = seed
        self._sleepers = Sleepers(clock)
        self._folder = tempfile.TemporaryDirectory()
        self._server = LoopThread("simulator", self._stop)
        self._runner: web.AppRunner | None = None
        self._logins = count()
        self.asked: Counter[str] = Counter()
        self.desk = self._new_desk(starting_cash)
        self.price(Decimal(100), Symbol("AAPL"))
        self._url = self._served()
        self.sign_in()

    # --- the far side ---------------------------------------------------------------------------

    def _new_desk(self, cash: Decimal) -> Desk:
        desk = new_desk(
            quotes={},
            calendar=CALENDAR_APPLIED.calendar,
            now=self._clock.now,
            app_key=APP_KEY,
            app_secret=APP_SECRET,
        )
        account = evolve(desk.world.accounts[self._number], starting_cash=cash, cash=cash)
        desk.world = evolve(desk.world, accounts={**desk.world.accounts, account.number: account})
        return desk

    def _served(self) -> str:
        told: list[str] = []
        is_up = threading.Event()

        async def serve() -> None:
            app = application(self.desk)
            app.middlewares.append(self._counted())
            self._runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            told.append(f"http://127.0.0.1:{self._runner.addresses[0][1]}")
            is_up.set()

        self._server.start(serve())
        assert is_up.wait(5)
        return told[0]

    def _counted(self) -> Any:
        """Around every handler: how often each path was asked for."""

        @web.middleware
        async def around(request: web.Request, handler: Any) -> web.StreamResponse:
            self.asked[f"{request.method} {request.path}"] += 1
            answer: web.StreamResponse = await handler(request)
            return answer

        return around

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def on_desk(self, act: Callable[[Desk], None]) -> None:
        """Have something done there, and wait until it is."""
        done = threading.Event()

        def acts() -> None:
            act(self.desk)
            done.set()

        self._server.call(acts)
        assert done.wait(5)

    # --- this side ------------------------------------------------------------------------------

    def sign_in(self) -> None:
        """A person did, just now: what was granted before is void."""
        now, number = self._clock.now(), next(self._logins)
        tokens = Tokens(
            access_token=f"A{number}",
            refresh_token=f"R{number}",
            access_expires_at=now + timedelta(minutes=30),
            signed_in_at=now,
        )
        TokenFile(Path(self._folder.name) / "tokens.json").write(tokens)
        self.desk.grants = evolve(
            self.desk.grants,
            access={tokens.access_token: tokens.access_expires_at},
            refresh=tokens.refresh_token,
            refresh_until=tokens.refresh_expires_at,
        )

    def make_sign_in(self) -> SignIn | None:
        return self.kept_alive(DeafSignIn)

    def kept_alive(self, kind: type[SchwabSignIn]) -> SignIn:
        """The person's sign-in, by whoever keeps it."""
        app = App(
            key=APP_KEY, secret=APP_SECRET, callback_url="https://127.0.0.1", base_url=self._url
        )
        return kind(app, TokenFile(Path(self._folder.name) / "tokens.json"), self._clock)

    def make_venue(self) -> Venue:
        return self.venue_of(self._number)

    def venue_of(self, account_number: str) -> Venue:
        """What a broker of one of the two accounts goes by."""
        access = GivenAccess(self._clock, renewed_within_s=1.0)
        self._sleepers.busy = 0
        source = Random(self._seed)
        client = CountedClient(
            self._sleepers,
            reach=Reach(
                base_url=self._url,
                orders=Allowance(per_minute=10_000, per_day=100_000),
                timeouts=Timeouts(request_s=ANSWERS_WITHIN_S),
            ),
            access_token=access.token,
            token_refused=access.refused,
            clock=self._clock,
            chances=Chances(
                new_id=lambda: f"{source.getrandbits(64):x}",
                source=source,
                sleep=self._sleepers.sleep_within,
            ),
        )
        return SchwabVenue(
            client=client,
            account_number=account_number,
            access=access,
            clock=self._clock,
            rules=Rules(like_order_waits_s=1.0, native_brackets=self._native_brackets),
            sleep=self._sleepers.sleep,
        )

    def price(self, price: Decimal, symbol: Symbol) -> None:
        told = {"bid": str(price - CENT), "ask": str(price + CENT), "last": str(price)}
        self.on_desk(lambda desk: desk.show(read_quote(to_schwab(symbol), told, self._clock.now())))

    def time_passed(self) -> None:
        self.on_desk(Desk.advance)
        self._sleepers.wake()

    def is_busy(self) -> bool:
        return self._sleepers.busy > 0

    def is_away(self, reason: str) -> None:
        methods = ("GET", "POST", "PUT", "DELETE") if reason else ()
        self._faults([Fault(kind="drop_before", method=m, times=10**6) for m in methods])

    def refuses(self, reason: str) -> None:
        kinds = ("status",) if reason else ()
        self._faults([Fault(kind=k, status=400, times=10**6) for k in kinds])

    def _faults(self, faults: list[Fault]) -> None:
        self.on_desk(lambda desk: setattr(desk, "faults", faults))

    def at_venue(self, symbol: Symbol) -> Decimal:
        return self.desk.world.accounts[self._number].held(to_schwab(symbol))

    def close(self) -> None:
        self._server.close()
        self._folder.cleanup()
