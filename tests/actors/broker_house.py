"""A broker over a real wire with a scripted venue, and what the venue may say."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from actors.broker import BrokerActor
from actors.interests import interest
from actors.messages import (
    Join,
    Joined,
    Reported,
)
from brokers.base import (
    Execution,
    Report,
    VenueOrder,
    VenueStatus,
)
from tests.actors.facts import (
    AAPL,
    AT,
    OPENED,
    PAPER,
    alert,
    approved,
    order_id,
    planned,
)
from tests.actors.room import DEMO, ORPHAN, Room, append_of
from tests.actors.venues import ScriptedVenue
from trading.event import Event
from trading.events import Scope, VenueReady
from trading.orders import Order
from trading.rules import StrategyRules
from trading.vocabulary import (
    BrokerOrderId,
    ExecutionId,
    Side,
    StrategyName,
    Symbol,
)


DEAF = interest(())


class House:
    """A broker over a real wire with a scripted venue, and the journal as others write to it."""

    signed_in_by: str | None = None
    """The address of who keeps the venue's sign-in, where it has one."""

    def __init__(self, *past: Event) -> None:
        self.start(OPENED, *past)

    def start(self, *past: Event) -> None:
        """With a past of these facts alone."""
        self.room = Room()
        if past:
            self.room.commit(*past)
        self.room.journal()
        self.venue = ScriptedVenue()
        self.venues = [self.venue]
        self.breaker = self.room.address("breaker:*")
        self.epoch = self.let_in("others")

    def let_in(self, name: str) -> int:
        address = self.room.address(name)
        self.room.address("journal").tell(Join(address, DEAF, 1))
        self.room.run()
        (joined,) = [m for m in address.take() if isinstance(m, Joined)]
        return joined.epoch

    def begin(self, incarnation: int = 1, orphan: StrategyRules = ORPHAN) -> "House":
        self.broker = BrokerActor(
            self.room.birth("broker:paper", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            account=PAPER,
            make_venue=lambda: self.venue,
            alarms=self.room.timers,
            rules={StrategyName("demo"): DEMO},
            orphan=orphan,
            login=self.room.address(self.signed_in_by) if self.signed_in_by else None,
        )
        self.room.begin(self.broker)
        return self

    def ready(self, incarnation: int = 1, orphan: StrategyRules = ORPHAN) -> "House":
        before = len(self.room.events(VenueReady))
        self.begin(incarnation, orphan)
        self.until(lambda: len(self.room.events(VenueReady)) > before)
        return self

    def until(self, wanted: Callable[[], bool]) -> None:
        self.room.until(wanted, "broker:paper")

    def until_there_is(self, kind: type[Event], number: int = 1) -> list[Any]:
        self.until(lambda: len(self.room.events(kind)) >= number)
        return self.room.events(kind)

    def happens(self, *events: Event) -> None:
        for event in events:
            self.room.address("journal").tell(append_of("others", self.epoch, event))
        self.room.run()

    def plan(self, name: str, side: Side = Side.BUY, **more: Any) -> None:
        self.happens(alert(name), approved(name), planned(name, side, **more))

    def until_tried(self, tries: int) -> None:
        self.until(lambda: self.broker._read_back._tries.get(order_id("a")) == tries)

    def order(self, name: str) -> Order:
        return self.broker._desk.orders[order_id(name)]

    def reported(self, report: Report) -> None:
        self.broker.receive(Reported(report))
        self.room.run()

    def quiet(self) -> None:
        """Let the wire do what it was told before: a task it starts takes its step in the next
        round of the loop.
        """
        for _ in range(3):
            done = threading.Event()
            self.broker.wire.close_gate(Scope(symbol=Symbol("NONE")), 0, done.set)
            assert done.wait(5)
        self.room.run()


def execution(name: str, number: str = "1", quantity: int = 10) -> Execution:
    return Execution(
        execution_id=ExecutionId(f"X-{name}-{number}"),
        broker_order_id=BrokerOrderId(f"V-{order_id(name)}"),
        order_id=order_id(name),
        symbol=AAPL,
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=Decimal(100),
        executed_at=AT,
    )


def at_the_venue(
    name: str, status: VenueStatus = VenueStatus.WORKING, *executions: Execution
) -> VenueOrder:
    return VenueOrder(
        broker_order_id=BrokerOrderId(f"V-{order_id(name)}"),
        order_id=order_id(name),
        status=status,
        executions=executions,
    )
