"""The real daemon, made to die, or to have a bug, where the environment says so.

    CRASH_AT=after-commit:SubmitStarted CRASH_NTH=3 python -m tests.crash.daemon SETTINGS

CRASH_AT kills the process with SIGKILL before or after the nth commit that holds such an event.
It lingers there first, the disk being "slow": whatever is done too early shows in that time.
PLANT names a bug to plant. Lines on stdin make trouble inside, see tests/crash/troubles.py; PROBE_S
is how often actors are probed, CHECKPOINT_S how often the journal may be checkpointed.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from attrs import define

import actors.journal
import actors.venue_account
import brokers.schwab.memory
import daemon.run
import trading.again
from actors.broker import BrokerActor
from actors.jobs import Job
from actors.messages import Answer, Receive
from actors.webhook import WebhookActor
from brokers.base import MayLeave, Ticket
from brokers.paper import PaperVenue
from journal import Codec, Committed, Draft, Outcome, SqliteStore
from tests.crash.troubles import Troubles
from trading.alerts import Signal
from trading.last_gate import SEND_WITHIN
from trading.masking import Mask
from trading.orders import Order
from trading.vocabulary import BrokerOrderId, OrderStatus


LINGER_S = 0.15
PROBE_S = 5.0


# --- dying at a named point ---------------------------------------------------------------------


@define
class Doom:
    """The point at which the process dies: `before-commit` or `after-commit` of an event's type."""

    moment: str
    event: str
    left: int

    @classmethod
    def written_in(cls, environ: Mapping[str, str]) -> "Doom":
        """As the environment says; without CRASH_AT it never comes."""
        moment, _, event = environ.get("CRASH_AT", "never:").partition(":")
        return cls(moment, event, int(environ.get("CRASH_NTH", "1")))

    def look(self, moment: str, drafts: Collection[Draft]) -> None:
        """Die if this is it. A type of event is committed by one thread only."""
        names = {type(event).__name__ for draft in drafts for event in draft.events}
        if moment != self.moment or self.event not in names:
            return
        self.left -= 1
        if self.left == 0:
            threading.Event().wait(LINGER_S)
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore:
    """A store whose commits may be the last thing the process does."""

    def __init__(self, store: SqliteStore, doom: Doom) -> None:
        self._store = store
        self._doom = doom

    @property
    def head(self) -> int:
        return self._store.head

    def commit(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self._doom.look("before-commit", drafts)
        outcomes = self._store.commit(drafts)
        self._doom.look("after-commit", [o.draft for o in outcomes if isinstance(o, Committed)])
        return outcomes

    def checkpoint(self) -> None:
        self._store.checkpoint()

    def close(self) -> None:
        self._store.close()


# --- planted bugs -------------------------------------------------------------------------------


def _double_send() -> Any:
    """The venue is sent every order twice."""
    submit = PaperVenue.submit

    async def twice(self: PaperVenue, ticket: Ticket, may_leave: MayLeave) -> BrokerOrderId:
        await submit(self, ticket, may_leave)
        return await submit(self, ticket, may_leave)

    return patch.object(PaperVenue, "submit", twice)


def _ack_before_commit() -> Any:
    """An alert is answered before it is on disk."""
    accept = WebhookActor._accept

    def hastily(self: WebhookActor, request: Receive, signal: Signal) -> None:
        accept(self, request, signal)
        request.reply.set(Answer(200, {"status": "accepted", "alert_id": request.id}))

    return patch.object(WebhookActor, "_accept", hastily)


def _send_before_commit() -> Any:
    """An order leaves before its start is on disk."""
    start, committed = BrokerActor._start, BrokerActor.committed

    def hastily(self: BrokerActor, order: Order) -> None:
        start(self, order)
        started = self._desk.orders[order.plan.order_id]
        if started.status is OrderStatus.SUBMITTED and started.submitted_at and self._wire:
            self._wire.submit([Job(order.plan, self._desk.stops.generation, started.submitted_at)])

    def but_not_again(self: BrokerActor, recorded: Any) -> None:
        if type(recorded.event).__name__ != "SubmitStarted":
            committed(self, recorded)

    return patch.multiple(BrokerActor, _start=hastily, committed=but_not_again)


def _resend_after_restart() -> Any:
    """An order of unknown fate is sent again instead of being asked for."""
    connected = BrokerActor._connected

    def again(self: BrokerActor, cash: Decimal) -> None:
        connected(self, cash)
        for order in self._desk.live():
            if order.status is OrderStatus.UNKNOWN and self._wire:
                job = Job(order.plan, self._desk.stops.generation, self.clock.now())
                self._wire.submit([job])

    return patch.object(BrokerActor, "_connected", again)


def _no_mask() -> Any:
    return patch.object(Mask, "hide", lambda _self, text: text)


PLANTS: Mapping[str, Callable[[], Any]] = {
    "double-send": _double_send,
    "ack-before-commit": _ack_before_commit,
    "send-before-commit": _send_before_commit,
    "resend-after-restart": _resend_after_restart,
    "no-mask": _no_mask,
}


def hurry(environ: Mapping[str, str]) -> None:
    """How long an order at Schwab may stay unseen, as it is said."""
    if said := environ.get("SHOWN_WITHIN_S"):
        shown_within = timedelta(seconds=float(said))
        actors.venue_account.SHOWN_WITHIN = shown_within  # type: ignore[misc]  # of this process
        brokers.schwab.memory.SETTLED = SEND_WITHIN + shown_within  # type: ignore[misc]
        trading.again.LOOKED_AGAIN_AFTER = shown_within  # type: ignore[misc]


def main(settings: Path, environ: Mapping[str, str]) -> int:
    """Run the daemon until it ends or is ended."""
    doom = Doom.written_in(environ)
    troubles = Troubles(float(environ.get("PROBE_S", PROBE_S)))
    troubles.take_hold()
    if plant := environ.get("PLANT"):
        PLANTS[plant]().start()

    def open_store(path: Path, codec: Codec) -> DoomedStore:
        return DoomedStore(SqliteStore(path, codec), doom)

    hurry(environ)
    checkpoint_s = float(environ.get("CHECKPOINT_S", actors.journal.CHECKPOINT_EVERY_S))
    with (
        patch.object(daemon.run, "start_tree", troubles.start_tree),
        patch.object(actors.journal, "CHECKPOINT_EVERY_S", checkpoint_s),
    ):
        return daemon.run.run(settings, environ, open_store=open_store, on_ready=troubles.listen)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), os.environ))
