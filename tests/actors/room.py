"""Actors without threads: the test hands on what they tell each other, until there is no more."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final, TypeVar

from actors.journal import JournalActor
from actors.messages import Append, JournalHealth, Published
from actors.runtime import Birth, Publication, Worker
from actors.runtime.testing import ManualClock, ManualTimers, RecordingAddress
from journal import Codec, Draft, MemoryReader, MemoryStore, Recorded
from journal.recall import Recall
from trading.event import Event
from trading.events import EVENT_TYPES
from trading.rules import Limits, StrategyRules
from trading.vocabulary import StrategyName


CODEC: Final = Codec(EVENT_TYPES)
OPEN: Final = Limits(
    max_order_value=None,
    max_order_value_percent=None,
    max_position_value=None,
    max_position_value_percent=None,
    max_position_size=None,
    max_total_exposure=None,
    max_total_exposure_percent=None,
    max_daily_loss=None,
    max_daily_loss_percent=None,
    max_alert_age_seconds=Decimal(30),
    max_exit_age_seconds=Decimal(900),
    repeat_window_seconds=None,
    price_collar_percent=None,
    entry_window=None,
    entry_cutoff_seconds=None,
    reversal_wait_seconds=Decimal(120),
)
DEMO: Final = StrategyRules(name=StrategyName("demo"), limits=OPEN)
ORPHAN: Final = StrategyRules(name=StrategyName("removed"), limits=OPEN, retired=True)

A = TypeVar("A", bound=Worker)
E = TypeVar("E", bound=Event)


class Room:
    """One clock, one store, and the addresses of everyone; time moves when the test says so."""

    def __init__(self, store: MemoryStore | None = None, clock: ManualClock | None = None) -> None:
        self.timers = ManualTimers(clock)
        self.clock = self.timers.clock
        self.store = store or MemoryStore(CODEC)
        self.reader = Recall(MemoryReader(self.store))
        self.health = Publication(JournalHealth())
        self.boss = RecordingAddress("boss")
        self.actors: dict[str, Worker] = {}
        self.addresses: dict[str, RecordingAddress] = {}

    def address(self, name: str, bound: int = 10_000) -> RecordingAddress:
        return self.addresses.setdefault(name, RecordingAddress(name, bound))

    def birth(self, name: str, incarnation: int = 1) -> Birth:
        return Birth(self.address(name), self.boss, incarnation, self.clock)

    def begin(self, actor: A) -> A:
        """Let an actor begin its life, and everyone do what follows."""
        self.actors[actor.address.name] = actor
        actor.on_start()
        self.run()
        return actor

    def journal(self, opening: Draft | None = None) -> JournalActor:
        return self.begin(
            JournalActor(
                self.birth("journal"),
                open_store=lambda: self.store,
                alarms=self.timers,
                health=self.health,
                opening=opening,
            )
        )

    def end(self, name: str, error: BaseException | None = None) -> None:
        self.actors.pop(name).on_end(error)

    def run(self, *names: str) -> None:
        """Hand on all messages, control first, to these actors or to all."""
        going = True
        while going:
            steps = [self._step(name) for name in names or tuple(self.actors)]
            going = any(steps)

    def _step(self, name: str) -> bool:
        letters = self.address(name).letters
        if name not in self.actors or not letters:
            return False
        first = next((i for i, letter in enumerate(letters) if letter.control), 0)
        self.actors[name].on_receive(letters.pop(first).message)
        return True

    def advance(self, seconds: float) -> None:
        self.timers.advance(seconds)
        self.run()

    def until(self, wanted: Callable[[], bool], waits_on: str, timeout_s: float = 5.0) -> None:
        """Hand on messages until something holds, waiting for another thread to tell an actor."""
        self.run()
        while not wanted():
            told = self.address(waits_on).wait_for(lambda _: True, timeout_s)
            assert told, f"{waits_on} was told nothing more, and it does not hold"
            self.run()

    def commit(self, *events: Event) -> None:
        """Put facts on disk behind everyone's back, as if a former life had."""
        self.store.commit([Draft(events=events, writer="before")])

    def history(self) -> list[Recorded]:
        return list(self.reader.events())

    def events(self, kind: type[E]) -> list[E]:
        return [r.event for r in self.history() if isinstance(r.event, kind)]

    def told(self, name: str, kind: type[A]) -> Iterator[A]:
        return (m for m in self.address(name).told if isinstance(m, kind))


def append_of(
    writer: str, epoch: int, *events: Event, number: int = 1, keys: tuple[str, ...] = ()
) -> Append:
    return Append(Draft(events=events, keys=keys, writer=writer, epoch=epoch, number=number))


def events_of(published: Published) -> list[Event]:
    return [record.event for record in published.records]
