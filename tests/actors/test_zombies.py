"""An actor that was given up wakes up late: nothing that it still does may count."""

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from actors.broker import BrokerActor
from actors.interests import interest
from actors.journal import JournalActor
from actors.messages import Join, Joined, JournalHealth
from actors.runtime import (
    Address,
    Birth,
    Child,
    Publication,
    Restarts,
    SystemClock,
    Timers,
    Tree,
    start_tree,
)
from journal import Draft, SqliteReader, SqliteStore
from journal.recall import Recall
from tests.actors.facts import AT, OPENED, PAPER, alert, approved, order_id, planned
from tests.actors.room import CODEC, DEMO, ORPHAN, Room
from tests.actors.runtime.witness import Gate
from tests.actors.venues import ScriptedVenue
from trading.events import VenueFailed
from trading.order_events import OrderAbsent, SubmitStarted, SubmitUnknown
from trading.vocabulary import ErrorKind, StrategyName


WITHIN_S = 15.0
LATE = VenueFailed(at=AT, account=PAPER, kind=ErrorKind.TRANSPORT, detail="told by a zombie")


class Sleeper(BrokerActor):
    """Hangs, in its first life, where its order is on disk and about to be sent; then goes on."""

    gate: Gate
    has_woken: threading.Event

    def committed(self, recorded: Any) -> None:
        if isinstance(recorded.event, SubmitStarted) and self.incarnation == 1:
            self.gate(None)
            self.append(LATE)
        super().committed(recorded)

    def on_end(self, error: BaseException | None) -> None:
        super().on_end(error)
        if self.incarnation == 1:
            self.has_woken.set()


class Ward:
    """A journal and a broker that falls asleep, on real threads."""

    def __init__(self, folder: Path) -> None:
        path = folder / "journal.db"
        store = SqliteStore(path, CODEC)
        now = SystemClock().now()
        plan = planned("a", at=now)
        store.commit([Draft(events=(OPENED, alert("a"), approved("a"), plan), writer="before")])
        store.close()
        Sleeper.gate, Sleeper.has_woken = Gate(), threading.Event()
        self.venues: list[ScriptedVenue] = []
        self.timers = Timers()
        self.reader = Recall(SqliteReader(path, CODEC))
        self.journal, self.broker = Address("journal"), Address("broker:paper")
        self.tree = self._grow(path)

    def _grow(self, path: Path) -> Tree:
        def journal(birth: Birth) -> Any:
            return JournalActor.start(
                birth,
                open_store=lambda: SqliteStore(path, CODEC),
                alarms=self.timers,
                health=Publication(JournalHealth()),
            )

        def broker(birth: Birth) -> Any:
            return Sleeper.start(
                birth,
                journal=self.journal,
                reader=self.reader,
                account=PAPER,
                make_venue=self._venue,
                alarms=self.timers,
                rules={StrategyName("demo"): DEMO},
                orphan=ORPHAN,
            )

        return start_tree(
            (
                Child("journal", journal, address=self.journal, restarts=Restarts.ALL),
                Child("broker:paper", broker, address=self.broker),
            ),
            clock=SystemClock(),
            timers=self.timers,
            random=Random(1),
            on_giving_up=lambda *_: None,
            probe_s=0.05,
        )

    def _venue(self) -> ScriptedVenue:
        self.venues.append(ScriptedVenue())
        return self.venues[-1]

    def is_replaced(self) -> bool:
        return self.tree.state.wait_for(
            lambda t: t.ready and t.children[1].incarnation == 2, WITHIN_S
        )

    def events(self, *kinds: Any) -> list[Any]:
        return [r.event for r in self.reader.events(types=kinds)]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    ward = Ward(tmp_path)
    yield ward
    Sleeper.gate.open()
    assert ward.tree.stop(10)
    ward.timers.close()
    ward.reader.close()


def test_a_zombies_late_append_and_its_late_send_are_both_refused(ward: Ward) -> None:
    assert Sleeper.gate.reached.wait(WITHIN_S)
    assert ward.is_replaced()
    Sleeper.gate.open()
    assert Sleeper.has_woken.wait(WITHIN_S)
    assert [call for venue in ward.venues for call in venue.asked_to("submit")] == []
    assert ward.tree.stop(10)
    assert LATE not in ward.events(VenueFailed)
    assert len(ward.events(SubmitStarted)) == 1


def test_its_successor_takes_the_order_for_unknown_and_looks_for_it(ward: Ward) -> None:
    assert Sleeper.gate.reached.wait(WITHIN_S)
    assert ward.is_replaced()
    assert ward.tree.stop(10)  # what it has appended is on disk now
    (unknown,) = ward.events(SubmitUnknown)
    assert unknown.order_id == order_id("a")
    assert ward.events(OrderAbsent) == []  # nothing is concluded before it could arrive no more


def test_the_wire_of_a_zombie_is_closed_while_it_still_hangs(ward: Ward) -> None:
    assert Sleeper.gate.reached.wait(WITHIN_S)
    assert ward.is_replaced()
    for thread in threading.enumerate():
        if thread.name == "broker:paper/1.1-wire":
            thread.join(WITHIN_S)
    assert ward.venues[0].is_closed


def test_a_former_incarnation_that_asks_late_is_not_let_in() -> None:
    room = Room()
    room.journal()
    address = room.address("a")
    for incarnation in (2, 1):
        room.address("journal").tell(Join(address, interest(()), incarnation))
    room.run("journal")
    assert len([m for m in address.told if isinstance(m, Joined)]) == 1
