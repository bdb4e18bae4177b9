"""Two accounts under one sign-in, for days: who renews it, who listens, whom it lets in.

The real owner of the sign-in, with its stream, and two brokers at a local Schwab; one clock.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from actors.broker import BrokerActor
from actors.loop_thread import LoopThread
from actors.runtime.testing import ManualClock
from actors.venue_login import VenueLogin
from brokers.schwab.sign_in import SchwabSignIn
from tests.actors.room import DEMO, ORPHAN, Room
from tests.situations.floor import LOGIN, MONDAY_NOON
from tests.situations.simulated_market import SimulatedMarket
from trading.events import VenueReady
from trading.sign_ins import SignInDue, VenueSignedIn, VenueSignedOut
from trading.vocabulary import AccountName


MAIN, IRA = AccountName("main"), AccountName("ira")
NUMBERS: Final = {MAIN: "12345678", IRA: "12345679"}
STEP: Final = timedelta(seconds=290)
"""Access is renewed 29 minutes after it was had, which is six steps."""

RENEWED_EVERY: Final = 6 * STEP
WEEK: Final = timedelta(days=7)
TOKENS: Final = "POST /v1/oauth/token"
STREAM: Final = "GET /ws"


class Household:
    """Everyone who lives by one person's sign-in."""

    def __init__(self) -> None:
        self.room = Room(clock=ManualClock(MONDAY_NOON))
        self.room.journal()
        self.market = SimulatedMarket(self.room.clock, Decimal(25_000))
        known: dict[str, Any] = {
            "journal": self.room.address("journal"),
            "reader": self.room.reader,
            "alarms": self.room.timers,
        }
        self.login = VenueLogin(
            self.room.birth(LOGIN),
            **known,
            accounts=(MAIN, IRA),
            make_sign_in=lambda: self.market.kept_alive(SchwabSignIn),
        )
        self.brokers = [self._broker(name, known) for name in (MAIN, IRA)]
        self.room.begin(self.login)
        for broker in self.brokers:
            self.room.begin(broker)
        self.settle()

    def _broker(self, name: AccountName, known: dict[str, Any]) -> BrokerActor:
        return BrokerActor(
            self.room.birth(f"broker:{name}"),
            **known,
            account=name,
            rules={DEMO.name: DEMO},
            orphan=ORPHAN,
            make_venue=lambda: self.market.venue_of(NUMBERS[name]),
            login=self.room.address(LOGIN),
        )

    def close(self) -> None:
        for broker in self.brokers:
            broker.on_end(None)
        self.login.on_end(None)
        self.market.close()

    # --- time -----------------------------------------------------------------------------------

    def passes(self, span: timedelta) -> None:
        """Step by step, everyone doing what is due."""
        end = self.room.clock.now() + span
        while self.room.clock.now() < end:
            self.room.advance(STEP.total_seconds())
            self.market.time_passed()
            self.settle()

    def settle(self) -> None:
        """Until nobody has anything more to say."""
        quiet = 0
        while quiet < 3:
            self.room.run()
            for line in self._lines():
                turned = threading.Event()
                line.call(turned.set)
                assert turned.wait(5)
            waiting = any(address.letters for address in self._addresses())
            quiet = 0 if waiting or self._is_busy() else quiet + 1

    def _lines(self) -> Iterator[LoopThread]:
        yield from (broker.wire._loop for broker in self.brokers)
        assert self.login._line is not None
        yield self.login._line._loop

    def _addresses(self) -> Iterator[Any]:
        yield from (self.room.address(name) for name in self.room.actors)

    def _is_busy(self) -> bool:
        assert self.login._line is not None
        tasks = self.login._line._loop._tasks
        return self.market.is_busy() or any(not task.done() for task in tuple(tasks))

    # --- what is seen ---------------------------------------------------------------------------

    def are_ready(self) -> bool:
        """Whether both may trade at this moment."""
        return all(broker._desk.venue_ready for broker in self.brokers)

    def told(
        self, kind: type[VenueSignedIn | VenueSignedOut | SignInDue | VenueReady], of: AccountName
    ) -> list[Any]:
        return [event for event in self.room.events(kind) if event.account == of]


def wrong_after(
    house: Household, watched: timedelta, skipped: timedelta = timedelta(0)
) -> list[str]:
    """What was not as it should be: watched from the sign-in on, then from so much later to its end
    a week after it, through a day without anyone, and into the next.
    """
    wrong: list[str] = []

    def check(what: str, is_so: object, should: object) -> None:
        if is_so != should:
            wrong.append(f"{what}: {is_so}, not {should}")

    begun = house.room.clock.now()
    house.passes(watched)
    check("renewed", house.market.asked[TOKENS], watched // RENEWED_EVERY)
    check("streams", house.market.asked[STREAM], 1)
    check("ready", house.are_ready(), True)
    house.room.clock.advance(skipped.total_seconds())
    left = WEEK - timedelta(hours=1) - (house.room.clock.now() - begun)
    house.passes(left)
    check("ready an hour before the end", house.are_ready(), True)
    house.passes(timedelta(hours=2))
    check("ready without anyone", house.are_ready(), False)
    house.market.sign_in()
    house.passes(timedelta(hours=1))
    check("ready again, without a restart", house.are_ready(), True)
    for account in (MAIN, IRA):
        check(f"{account} signed in", len(house.told(VenueSignedIn, account)), 2)
        check(f"{account} signed out", len(house.told(VenueSignedOut, account)), 1)
        hours = [due.hours for due in house.told(SignInDue, account)]
        check(f"{account} told", hours[-1:], [1])
        if not skipped:
            check(f"{account} told each time", hours, [48, 24, 6, 1])
    return wrong
