"""One account on the real paper venue: risk and broker over a real wire, a journal, and quotes."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from actors.broker import BrokerActor
from actors.interests import interest
from actors.messages import Join, Joined
from actors.risk import RiskActor
from brokers.market import Quote
from brokers.paper import PaperVenue
from tests.actors.facts import AAPL, DEMO, OPENED, PAPER, alert
from tests.actors.room import DEMO as RULES
from tests.actors.room import ORPHAN, Room, append_of
from tests.brokers.paper_house import MemoryDisk
from trading.alert_events import AlertAccepted, SignalRefused
from trading.event import Event
from trading.events import Scope, VenueReady
from trading.order_events import OrderFilled, OrderPlanned
from trading.orders import Order
from trading.rules import StrategyRules
from trading.vocabulary import Action, Code, OrderId, OrderStatus, Side, Symbol


E = TypeVar("E", bound=Event)


class PaperAccount:
    """Everyone but the clock runs as in the daemon; the market shows what the test says."""

    def __init__(self, rules: StrategyRules = RULES, kind: type[PaperVenue] = PaperVenue) -> None:
        self.rules = rules
        self.kind = kind
        self.disk = MemoryDisk()
        self.room = Room()
        self.room.commit(OPENED)
        self.room.journal()
        self.epoch = self._let_in("others")
        self.begin()

    def _let_in(self, name: str) -> int:
        address = self.room.address(name)
        self.room.address("journal").tell(Join(address, interest(()), 1))
        self.room.run()
        (joined,) = [m for m in address.take() if isinstance(m, Joined)]
        return joined.epoch

    # --- who lives here ---------------------------------------------------------------------------

    def begin(self, incarnation: int = 1) -> None:
        shared: dict[str, Any] = {
            "journal": self.room.address("journal"),
            "reader": self.room.reader,
            "account": PAPER,
            "alarms": self.room.timers,
            "rules": {DEMO: self.rules},
            "orphan": ORPHAN,
        }
        ready = len(self.room.events(VenueReady))
        self.broker = BrokerActor(
            self.room.birth("broker:paper", incarnation), make_venue=self._venue, **shared
        )
        self.room.begin(self.broker)
        self.risk = RiskActor(
            self.room.birth("risk:paper", incarnation),
            broker=self.room.address("broker:paper"),
            **shared,
        )
        self.room.begin(self.risk)
        self.until(lambda: len(self.room.events(VenueReady)) > ready)

    def _venue(self) -> PaperVenue:
        self.venue = self.kind(
            account="paper",
            starting_cash=Decimal(25_000),
            open_books=self.disk.open,
            clock=self.room.clock,
        )
        return self.venue

    def crash_broker(self) -> None:
        self.room.end("broker:paper")
        self.room.address("broker:paper").take()
        self.room.address("risk:paper").take()

    def crash(self) -> None:
        """Both actors are gone, and what they were about to say with them."""
        for name in ("broker:paper", "risk:paper"):
            self.room.end(name)
            self.room.address(name).take()

    def close(self) -> None:
        if "broker:paper" in self.room.actors:
            self.broker.on_end(None)

    # --- what happens -----------------------------------------------------------------------------

    def until(self, wanted: Callable[[], bool]) -> None:
        self.room.until(wanted, "broker:paper")

    def quiet(self) -> None:
        """Let the wire do what it was told before."""
        for _ in range(3):
            done = threading.Event()
            self.broker.wire.close_gate(Scope(symbol=Symbol("NONE")), 0, done.set)
            assert done.wait(5)
        self.room.run()

    def pass_time(self, seconds: int) -> None:
        """Second by second, the wire answering in between."""
        for _ in range(seconds):
            self.room.advance(1)
            self.quiet()

    def happens(self, *events: Event) -> None:
        for event in events:
            self.room.address("journal").tell(append_of("others", self.epoch, event))
        self.room.run()

    def alert(self, name: str, action: Action = Action.BUY, **more: Any) -> AlertAccepted:
        numbers = {k: Decimal(v) if isinstance(v, int) else v for k, v in more.items()}
        signal = alert(name, action, at=self.room.clock.now(), **numbers)
        self.happens(signal)
        return signal

    def market(
        self,
        bid: int | str,
        ask: int | str,
        last: int | str | None = None,
        volume: int | None = None,
    ) -> None:
        """A second later the market shows this."""
        self.room.advance(1)
        quote = Quote(
            symbol=AAPL,
            at=self.room.clock.now(),
            source="test",
            bid=Decimal(bid),
            ask=Decimal(ask),
            last=None if last is None else Decimal(last),
            volume=None if volume is None else Decimal(volume),
        )
        self.broker.wire._loop.call(self.venue.quoted, quote)

    # --- what became of it ------------------------------------------------------------------------

    @property
    def share(self) -> Decimal:
        return self.risk._desk.book.position(DEMO, AAPL).quantity

    def order(self, name: str) -> Order | None:
        """A live order by the end of its id, as risk knows it: `a.1`, `a.stop1`."""
        alert_id, _, leg = name.partition(".")
        return self.risk._desk.orders.get(OrderId(f"{alert_id}.paper.{leg}"))

    def until_order(self, name: str, status: OrderStatus) -> Order:
        self.until(lambda: (o := self.order(name)) is not None and o.status is status)
        found = self.order(name)
        assert found is not None
        return found

    def resting(self) -> list[str]:
        """The venue's own book: which orders rest there for how much."""
        resting = self.venue._books.ledger.resting.values()
        return sorted(f"{o.terms.order_id.replace('.paper', '')} {o.remaining}" for o in resting)

    def until_resting(self, *wanted: str) -> None:
        """The venue's book holds just these, and we have heard of it."""
        names = {line.split()[0] for line in wanted}

        def stands() -> bool:
            live = self.risk._desk.live()
            ours = {o.plan.order_id.replace(".paper", "") for o in live}
            heard = all(o.broker_order_id is not None for o in live)
            return heard and self.resting() == sorted(wanted) and ours == names

        self.until(stands)

    def until_share(self, quantity: int) -> None:
        self.until(lambda: self.share == quantity)

    def fills(self, side: Side) -> Decimal:
        return sum(
            (f.quantity for f in self.room.events(OrderFilled) if f.side is side), Decimal(0)
        )

    def plans(self) -> Sequence[OrderPlanned]:
        return self.room.events(OrderPlanned)

    def refusals(self) -> list[Code]:
        return [e.code for e in self.room.events(SignalRefused)]
