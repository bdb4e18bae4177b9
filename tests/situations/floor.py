"""A trading floor that a test walks through: the real actors of one account and a real venue,
TradingView's bodies as they come, and a clock that moves when the test says so.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final, TypeVar

from actors.breaker import AccountBreaker
from actors.broker import BrokerActor
from actors.interests import interest
from actors.loop_thread import LoopThread
from actors.messages import Answer, Join, Joined, Receive
from actors.position_book import PositionBook
from actors.risk import LOOK_WITHIN_S, RiskActor
from actors.rules import breaker_limits, front_desk, rules_of
from actors.runtime import ThreadReply
from actors.runtime.address import Address
from actors.runtime.testing import ManualClock
from actors.venue_login import VenueLogin
from actors.webhook import WebhookActor
from brokers.paper_faults import NO_FAULTS, Faults
from brokers.paper_rules import Lending, MarketRules
from settings.model import Account, Broker, Risk, Settings, Strategy
from settings.paper import Funds
from settings.secrets import Secret
from tests.actors.facts import CALENDAR_APPLIED
from tests.actors.room import Room, append_of
from tests.situations.markets import Market, PaperMarket
from tests.situations.simulated_market import CASH_ACCOUNT, MARGIN_ACCOUNT, SimulatedMarket
from trading.alert_events import SignalRefused
from trading.event import Event
from trading.events import VenueReady
from trading.hours import Hours
from trading.masking import Mask
from trading.order_events import OrderPlanned
from trading.orders import Order
from trading.vocabulary import AccountName, Code, OrderId, StrategyName, Symbol


PAPER: Final = AccountName("paper")
MONDAY_NOON: Final = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
"""12:00 in New York on a full trading day."""

SECRET: Final = Secret("common-secret-0123456789")
LOGIN: Final = "login:schwab"
LONG: Final = Strategy(accounts=(PAPER,))

ACTORS: Final = ("webhook", "risk:paper", "broker:paper", "breaker:paper", "book:paper")

E = TypeVar("E", bound=Event)


def account(**more: Any) -> Account:
    """A paper account that keeps the exchange's hours."""
    return Account(**{"broker": Broker.PAPER, "hours": Hours.EXCHANGE, **more})


NewFloor = Callable[..., "Floor"]


def floors(**always: Any) -> Iterator[NewFloor]:
    """What makes floors, these terms given unless it is told others; at the end all are closed."""
    made: list[Floor] = []

    def make(*given: Any, **named: Any) -> Floor:
        made.append(Floor(*given, **{**always, **named}))
        return made[-1]

    yield make
    for floor in made:
        floor.close()


class Floor:
    """Everything from the body of an alert to the venue's own ledger."""

    def __init__(
        self,
        now: datetime = MONDAY_NOON,
        *,
        strategies: Mapping[str, Strategy] | None = None,
        faults: Faults = NO_FAULTS,
        at: str = "paper",
        native_brackets: bool = True,
        limits: Risk | None = None,
        **of_account: Any,
    ) -> None:
        named = {"demo": LONG} if strategies is None else strategies
        self.settings = Settings(
            risk=limits or Risk(),
            accounts={PAPER: account(**of_account)},
            strategies={StrategyName(name): it for name, it in named.items()},
        )
        self.room = Room(clock=ManualClock(now))
        self.market = self._market(at, faults, native_brackets=native_brackets)
        self.login: VenueLogin | None = None
        self._lives = count(1)
        self._numbers = count(1)
        self.room.commit(CALENDAR_APPLIED)
        self.room.journal()
        self._open()
        for _ in range(100):  # the venue's own thread may be late on a busy machine
            if self.events(VenueReady):
                break
            self.settle()
        assert self.events(VenueReady)

    def _market(self, at: str, faults: Faults, *, native_brackets: bool) -> Market:
        its, clock = self.settings.accounts[PAPER], self.room.clock
        has_margin = its.funds is Funds.MARGIN
        if at == "paper":
            lends = Lending(symbols=its.lends or frozenset()) if has_margin else None
            return PaperMarket(clock, PAPER, its.starting_cash, faults, MarketRules(lends=lends))
        return SimulatedMarket(
            clock,
            its.starting_cash,
            number=MARGIN_ACCOUNT if has_margin else CASH_ACCOUNT,
            native_brackets=native_brackets,
        )

    # --- lives ----------------------------------------------------------------------------------

    def _open(self) -> None:
        life, room, settings = next(self._lives), self.room, self.settings
        journal = room.address("journal")
        rules, orphan = rules_of(settings, PAPER)
        shared: dict[str, Any] = {"journal": journal, "reader": room.reader, "account": PAPER}
        timed = {**shared, "alarms": room.timers}
        ruled = {**timed, "rules": rules, "orphan": orphan}
        broker = room.address("broker:paper")
        self.book = PositionBook(
            room.birth("book:paper", life),
            **timed,
            dashboard=room.address("dashboard"),
            quotes_from=broker,
        )
        breaker = AccountBreaker(
            room.birth("breaker:paper", life),
            **shared,
            limits=breaker_limits(settings, PAPER),
            rules=rules,
        )
        self.broker = BrokerActor(
            room.birth(broker.name, life),
            **ruled,
            make_venue=self.market.make_venue,
            login=self._sign_in(life, timed),
        )
        self.risk = RiskActor(room.birth("risk:paper", life), **ruled, broker=broker)
        webhook = WebhookActor(
            room.birth("webhook", life),
            journal=journal,
            reader=room.reader,
            strategies=front_desk(settings, {}),
            secret=SECRET,
            mask=Mask([SECRET.reveal()]),
            rate_per_minute=None,
            dedup_window=timedelta(seconds=45),
        )
        for actor in (self.book, breaker, self.broker, self.risk, webhook):
            room.begin(actor)
        self.settle()

    def _sign_in(self, life: int, timed: Mapping[str, Any]) -> Address | None:
        """Whoever keeps the sign-in alive, where the venue has one."""
        if (sign_in := self.market.make_sign_in()) is None:
            return None
        known = {name: timed[name] for name in ("journal", "reader", "alarms")}
        birth = self.room.birth(LOGIN, life)
        self.login = VenueLogin(birth, **known, accounts=(PAPER,), make_sign_in=lambda: sign_in)
        self.room.begin(self.login)
        return birth.address

    def close(self) -> None:
        """Everyone goes home for good."""
        self._end()
        self.market.close()

    def _end(self) -> None:
        for name in (*ACTORS, LOGIN):
            if name in self.room.actors:
                self.room.end(name)

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody is there for a while."""
        self._end()
        yield
        self._open()

    def restart(self, away_s: float = 0) -> None:
        """End all actors and begin them again on what is written, after so many seconds."""
        self._end()
        self.room.clock.advance(away_s)
        self.market.time_passed()
        self._open()

    # --- what happens ---------------------------------------------------------------------------

    def alert(self, action: str, quantity: object = None, **fields: object) -> str:
        """An alert as TradingView posts it; the id under which it was accepted."""
        known = {"strategy": "demo", "ticker": "AAPL", "action": action, "price": "100"}
        wanted = {} if quantity is None else {"quantity": str(quantity)}
        body = {**known, **wanted, **fields}
        answer = self.post(json.dumps({k: v for k, v in body.items() if v is not None}))
        assert answer.status == 200, answer.body
        return str(answer.body["alert_id"])

    def post(self, body: str) -> Answer:
        """A body at the door, and all that follows from it."""
        reply = ThreadReply[Answer]()
        self.room.address("webhook").tell(
            Receive(
                id=f"alert-{next(self._numbers)}",
                at=self.room.clock.now(),
                body=body.encode(),
                token=SECRET.reveal(),
                address="192.0.2.1",
                reply=reply,
            )
        )
        self.settle()
        return reply.wait(0)

    def happens(self, *events: Event) -> None:
        """Facts that somebody else writes down."""
        journal, others = self.room.address("journal"), self.room.address("others")
        journal.tell(Join(others, interest(()), 1))
        self.room.run()
        (joined,) = [m for m in others.take() if isinstance(m, Joined)]
        for event in events:
            journal.tell(append_of("others", joined.epoch, event))
        self.settle()

    def price(self, price: object, symbol: str = "AAPL") -> None:
        """The venue hears a price, and does what its resting orders ask for."""
        at = Decimal(str(price))
        self.market.price(at, Symbol(symbol))
        self.broker.wire.observe(Symbol(symbol), at, self.room.clock.now())
        self.settle()

    def looks(self, times: int = 5) -> None:
        """The account has looked what its orders did."""
        for _ in range(times):
            self.wait(2)

    def moves(self, price: object) -> None:
        """The market does, and the account has seen it."""
        self.price(price)
        self.looks()

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.room.advance(seconds)
        self.market.time_passed()
        self.settle()

    def wait_until(self, instant: datetime) -> None:
        """Time passes as on a machine that slept: no alarm rings on the way, but those due ring."""
        away = (instant - self.room.clock.now()).total_seconds()
        self.room.clock.advance(away - LOOK_WITHIN_S)
        self.wait(LOOK_WITHIN_S)

    def settle(self) -> None:
        """Until nobody has anything more to say: the actors, the wire, the venue's disk."""
        quiet = 0
        while quiet < 3:
            before = len(self.room.history())
            self.room.run()
            self._loop_turns()
            self.room.run()
            still = len(self.room.history()) == before and not self._is_busy()
            quiet = quiet + 1 if still else 0

    def _loop_turns(self) -> None:
        """What was started on a line before has begun."""
        for _ in range(3):
            for line in self._lines():
                turned = threading.Event()
                line.call(turned.set)
                assert turned.wait(5)

    def _lines(self) -> Iterator[LoopThread]:
        yield self.broker.wire._loop
        if self.login is not None and self.login._line is not None:
            yield self.login._line._loop

    def _is_busy(self) -> bool:
        """Whether something is under way that ends without the clock's being moved."""
        wire, *login = self._lines()
        counted = login if self.market.counts_itself else [wire, *login]
        return self.market.is_busy() or any(asyncio.all_tasks(line._loop) for line in counted)

    # --- trouble --------------------------------------------------------------------------------

    def away(self, reason: str = "") -> None:
        """The venue cannot be reached from now on; no reason: it can again."""
        self.market.is_away(reason)

    def refuses(self, reason: str = "") -> None:
        """The venue takes no order from now on; no reason: it does again."""
        self.market.refuses(reason)

    # --- what is seen ---------------------------------------------------------------------------

    def events(self, kind: type[E]) -> list[E]:
        """All facts of a kind, in order."""
        return self.room.events(kind)

    @property
    def refusals(self) -> list[Code]:
        """Why signals were refused, in order."""
        return [event.code for event in self.events(SignalRefused)]

    @property
    def plans(self) -> list[tuple[str, Decimal]]:
        """What was planned, in order: side and quantity."""
        return [(plan.side.value, plan.quantity) for plan in self.events(OrderPlanned)]

    def live(self) -> Mapping[OrderId, Order]:
        """Orders that have not ended."""
        return self.broker._desk.orders

    def share(self, strategy: str = "demo", symbol: str = "AAPL") -> Decimal:
        """What a strategy holds by the books."""
        return self.book.state.book.position(StrategyName(strategy), Symbol(symbol)).quantity

    def at_venue(self, symbol: str = "AAPL") -> Decimal:
        """What the account holds by the venue's own ledger."""
        return self.market.at_venue(Symbol(symbol))
