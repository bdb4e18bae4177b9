"""An edge made by hand: real events in a real store, the real read model, no daemon."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TypeVar

from attrs import evolve

from actors.doorkeeper import Doorkeeper
from actors.messages import Halt, HaltAnswer, JournalHealth, Resume, ResumeAnswer
from actors.read_model import new_model
from actors.runtime import Address, ChildState, Publication, State, TreeState
from actors.runtime.testing import ManualClock
from actors.views import View
from journal import Codec, Draft, MemoryReader, MemoryStore
from settings.load import Loaded
from settings.model import Account, Broker, Settings, Strategy
from settings.origin import Origins
from settings.secrets import Secret, StateSecrets
from settings.shown import shown
from settings.written import Written
from tests.actors.room import Room
from trading.alert_events import AlertAccepted, Checked, SignalApproved
from trading.breaker import Stop, Stops
from trading.event import Event
from trading.events import EVENT_TYPES, AccountOpened, Halted, Scope, VenueReady
from trading.hours import Hours
from trading.masking import Mask
from trading.order_events import OrderAccepted, OrderFilled, OrderPlanned, SubmitStarted
from trading.statement import evolve_statement, new_statement
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BrokerOrderId,
    Code,
    ExecutionId,
    Intent,
    OrderId,
    Side,
    StrategyName,
    Symbol,
    TradingState,
)
from web.edge import Edge
from web.readiness import Readiness


CODEC = Codec(EVENT_TYPES)
E = TypeVar("E", bound=Event)
PAPER = AccountName("paper")
DEMO = StrategyName("demo")
TOKEN = "token-of-the-api"
PASSWORD = "right-horse"
STOPPED = Stops(
    in_force=(
        Stop(
            scope=Scope(),
            state=TradingState.HALTED,
            generation=1,
            code=Code.OPERATOR,
            reason="lunch",
            by="me",
            at=ManualClock().now(),
        ),
    ),
    generation=1,
)
RUNNING = TreeState(
    ready=True,
    children=tuple(
        ChildState(name, State.RUNNING, 1, 0, None, ManualClock().now())
        for name in ("journal", "webhook")
    ),
)


def settings(*accounts: str) -> Settings:
    """One demo strategy on one account, or on those named."""
    names = tuple(map(AccountName, accounts)) or (PAPER,)
    return Settings(
        accounts={name: Account(broker=Broker.PAPER, hours=Hours.ALWAYS) for name in names},
        strategies={DEMO: Strategy(accounts=names)},
    )


class Door(Address):
    """Where the doorkeeper is told something: a real one, which answers before `tell` returns."""

    def __init__(self, clock: ManualClock, secrets: StateSecrets) -> None:
        super().__init__("doorkeeper")
        self.room = Room(clock=clock)
        self.room.journal()
        self.room.begin(
            Doorkeeper(
                self.room.birth("doorkeeper"),
                journal=self.room.address("journal"),
                reader=self.room.reader,
                alarms=self.room.timers,
                password_mark=secrets.password_mark,
            )
        )

    def tell(self, message: object, *, control: bool = False, reserved: bool = False) -> None:
        self.room.address("doorkeeper").tell(message, control=control, reserved=reserved)
        self.room.run()


class House:
    """What stands behind an edge, and the means to make things happen there."""

    def __init__(
        self, secrets: StateSecrets, given: Settings | None = None, loaded: Loaded | None = None
    ) -> None:
        nowhere = Origins(written=Written(name="settings.yaml"))
        self.loaded = loaded or Loaded(given or settings(), nowhere)
        self.settings = self.loaded.settings
        self.clock = ManualClock()
        self.store = MemoryStore(CODEC)
        self.tree = Publication(RUNNING)
        self.health = Publication(JournalHealth(commits=True, reason=""))
        self.view = Publication(View())
        self.breaker: Address = Address("breaker:*")
        self.door: Address = Door(self.clock, secrets)
        self.mailboxes: dict[str, Address] = {"webhook": Address("webhook")}
        self.numbers = count(1)
        self.readiness = Readiness(self.tree, self.health)
        self.secrets = secrets
        self.statements = {a: new_statement(a) for a in self.settings.accounts}
        self.model = new_model(tuple(self.settings.accounts))
        self.publish()

    def edge(self) -> Edge:
        return Edge(
            view=self.view,
            tree=self.tree,
            mailboxes=self.mailboxes,
            health=self.health,
            readiness=self.readiness,
            reader=MemoryReader(self.store),
            settings=self.settings,
            shown=shown(self.loaded),
            breaker=self.breaker,
            doorkeeper=self.door,
            api_token=Secret(TOKEN),
            mask=Mask([TOKEN]),
            secrets=self.secrets,
            clock=self.clock,
            new_id=lambda prefix: f"{prefix}-{next(self.numbers)}",
            started_at=self.clock.now(),
            version="0.1.0",
            sqlite_version="3.51.3",
        )

    def people(self, kind: type[E]) -> list[E]:
        """What is written down of people's acts."""
        assert isinstance(self.door, Door)
        return self.door.room.events(kind)

    def record(self, *events: Event) -> None:
        """Commit, fold and publish, as the daemon does."""
        self.store.commit([Draft(events=events, writer="test")])
        for event in events:
            self.model.fold(event)
            now = {a: evolve_statement(s, event) for a, s in self.statements.items()}
            self.statements = now
        self.publish()

    def publish(self) -> None:
        for statement in self.statements.values():
            self.model.show(statement)
        self.view.publish(self.model.view(self.store.head, self.clock.now()))

    def connect(self, account: AccountName = PAPER) -> None:
        """The account is opened with 25,000 $ and its venue is ready."""
        cash = Decimal(25000)
        now = self.clock.now()
        self.record(
            AccountOpened(at=now, account=account, cash=cash),
            VenueReady(at=now, account=account, cash=cash),
        )

    def halted(self, code: Code = Code.OPERATOR, scope: Scope | None = None) -> Halted:
        """A person's stop of everything, or of a scope, as of now."""
        return Halted(
            at=self.clock.now(),
            act_id="h1",
            scope=scope or Scope(),
            generation=1,
            code=code,
            reason="lunch",
            by="me",
        )

    def alert(self, name: str = "a1", **changes: object) -> AlertAccepted:
        """An alert to buy 2 AAPL at 150 $, accepted now."""
        event = AlertAccepted(
            at=self.clock.now(),
            alert_id=AlertId(name),
            strategy=DEMO,
            routes=tuple(self.settings.accounts),
            symbol=Symbol("AAPL"),
            action=Action.BUY,
            quantity=Decimal(2),
            price=Decimal(150),
        )
        return evolve(event, **changes)  # type: ignore[arg-type]  # fields of the event

    def bought(self, name: str = "a1", **changes: object) -> tuple[Event, ...]:
        """The whole way of an alert: planned 3 ms later, filled at 150.30 after 20 ms."""
        alert = self.alert(name, **changes)
        account, order_id = PAPER, OrderId(f"{name}.paper.1")
        planned = alert.at + timedelta(milliseconds=3)
        filled = alert.at + timedelta(milliseconds=20)
        quantity = alert.quantity or Decimal(1)
        check = Checked(Code.CASH, passed=True, inputs={"free_cash": "25000"})
        approved = SignalApproved(
            at=planned,
            alert_id=alert.alert_id,
            account=account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            checks=(check,),
        )
        plan = OrderPlanned(
            at=planned,
            order_id=order_id,
            alert_id=alert.alert_id,
            account=account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            side=Side.BUY,
            quantity=quantity,
            intent=Intent.ENTRY,
            worst_price=(alert.price or Decimal(0)) * Decimal("1.02"),
            reference_price=alert.price,
        )
        of_order = {"order_id": order_id, "alert_id": alert.alert_id, "account": account}
        started = SubmitStarted(at=planned, generation=0, **of_order)  # type: ignore[arg-type]  # fields by name
        accepted = OrderAccepted(at=filled, broker_order_id=BrokerOrderId("P-1"), **of_order)  # type: ignore[arg-type]  # likewise
        fill = OrderFilled(
            at=filled,
            order_id=order_id,
            alert_id=alert.alert_id,
            account=account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            side=Side.BUY,
            execution_id=ExecutionId(f"X-{name}"),
            quantity=quantity,
            price=Decimal("150.30"),
            executed_at=filled,
            label="INDICATIVE",
        )
        return (alert, approved, plan, started, accepted, fill)


Script = Callable[[Halt | Resume], None]


def agreeing(message: Halt | Resume) -> None:
    """A breaker that does what it is asked."""
    if message.reply is None:
        return
    if isinstance(message, Halt):
        message.reply.set(
            HaltAnswer(
                act_id=message.id,
                scope=message.scope,
                generation=1,
                durable=True,
                gates={PAPER: True},
                after=STOPPED,
            )
        )
    else:
        message.reply.set(
            ResumeAnswer(act_id=message.id, scope=message.scope, lifted=1, before=STOPPED)
        )


@contextmanager
def answering(address: Address, script: Script = agreeing) -> Iterator[list[Halt | Resume]]:
    """A thread that reads an address and answers; what it read is what is yielded."""
    heard: list[Halt | Resume] = []

    def work() -> None:
        while True:
            address.mailbox.wait()
            letter = address.mailbox.take(ordinary=True)
            if letter is not None:
                message = letter[2]
                if not isinstance(message, Halt | Resume):
                    return
                heard.append(message)
                script(message)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield heard
    finally:
        address.tell("end")
        thread.join(5)
