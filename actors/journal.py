"""The Journal: the one writer, the order of all events, and the bus that carries them."""

import logging
from collections.abc import Callable, Iterable

from attrs import evolve

from actors.checkpoint_pace import CheckpointPace
from actors.commit_latency import CommitLatency
from actors.messages import (
    Append,
    CannotBeWritten,
    Join,
    Joined,
    JournalHealth,
    NotCommitted,
    Taken,
    Tick,
)
from actors.runtime import Address, Alarms, Birth, Publication, Worker
from actors.subscribers import Subscriber, Subscribers
from journal import Committed, Draft, JournalError, KeyTaken, Outcome, Recorded, Store, StoreFailed
from trading.events import ActorStarted


log = logging.getLogger("trading_bot.journal")

FLUSH = Tick("flush")
CHECKPOINT = Tick("checkpoint")
RETRY = Tick("retry")
CHECKPOINT_EVERY_S = 1.0
RETRY_FIRST_S = 0.2
RETRY_CAP_S = 5.0


class JournalActor(Worker):
    """Commits what is appended, in the order it came, together with whatever else waits.

    An Append behind which nothing waits is committed at once. Else the Journal tells itself to
    flush; that message stands behind every Append already waiting, so that one transaction takes
    them all and no timer is needed.

    A disk that refuses is a state, not a crash: whoever appended is told NotCommitted, new appends
    are refused at once, and the disk is tried again for ever.

    `opening` is committed before anyone is let in; its key keeps it from being written again by the
    next Journal of the same process.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        open_store: Callable[[], Store],
        alarms: Alarms,
        health: Publication[JournalHealth],
        opening: Draft | None = None,
    ) -> None:
        super().__init__(birth)
        self._open_store = open_store
        self._alarms = self.own(alarms)
        self._health = health
        self._opening = opening
        self._store: Store | None = None
        self._pending: list[Draft] = []
        self._joining: list[Join] = []
        self._addresses: dict[str, Address] = {}
        self._epochs: dict[str, int] = {}
        self._incarnations: dict[str, int] = {}
        self._subscribers = Subscribers()
        self._failing = False
        self._pace = CheckpointPace()
        self._head = 0
        self._latency = CommitLatency(health.current.commits_timed)
        self._retry_s = RETRY_FIRST_S
        self._is_started = False

    def on_start(self) -> None:
        """Open the store, or keep trying."""
        self._checkpoints = self._alarms.every(CHECKPOINT_EVERY_S, self.address, CHECKPOINT)
        self._try_again()

    def on_end(self, error: BaseException | None) -> None:
        """Commit what still waits, then let go of the file."""
        self._checkpoints.cancel()
        health = self._latency.health(self._head)
        closed = evolve(health, commits=False, reason="the journal is closed")
        self._health.publish(closed)
        if self._store is not None:
            if error is None and self._pending:
                self._flush()
            self._store.close()

    def receive(self, message: object) -> None:
        """Append, flush, let in, look after the disk."""
        match message:
            case Append(draft=draft):
                self._append(draft)
            case Tick(name="flush"):
                self._flush()
            case Join():
                self._let_in(message)
            case Tick(name="checkpoint"):
                self._checkpoint()
            case Tick(name="retry"):
                self._try_again()
            case _:
                raise TypeError(f"the Journal does not know {message!r}")

    # --- appending ------------------------------------------------------------------------------

    def _append(self, draft: Draft) -> None:
        if self._epochs.get(draft.writer) != draft.epoch:
            log.warning("append_refused", extra={"actor": draft.writer, "caused_by": draft.cause})
        elif self._failing:
            self._refuse([draft])
        else:
            self._pending.append(draft)
            if len(self._pending) == 1:
                self._flush_soon()

    def _flush_soon(self) -> None:
        if len(self.address):
            self.address.tell(FLUSH, reserved=True)
        else:
            self._flush()

    def _flush(self) -> None:
        drafts, self._pending = self._pending, []
        if not drafts or self._store is None:
            return
        began = self.clock.monotonic()
        try:
            outcomes = self._store.commit(drafts)
        except StoreFailed as error:
            self._fail(error)
            self._refuse(drafts)
            return
        except JournalError as error:  # one of the drafts is not to be written, whoever's it is
            self._flush_one_by_one(drafts, error)
            return
        self._commits(self.clock.monotonic() - began)
        self._answer(outcomes)

    def _flush_one_by_one(self, drafts: list[Draft], error: JournalError) -> None:
        """Find whose draft cannot be written: that one's epoch is over, the others' are stored."""
        if len(drafts) > 1:
            for each in drafts:
                self._append(each)  # refused from where its writer's epoch is over
                self._flush()
            return
        (draft,) = drafts
        log.error("event_not_writable", extra={"actor": draft.writer, "error": str(error)})
        told = CannotBeWritten(self._epochs.pop(draft.writer), (draft,), str(error))
        self._addresses[draft.writer].tell(told, control=True)

    def _answer(self, outcomes: Iterable[Outcome]) -> None:
        """Refused keys first: whoever hears of them must not yet act on what came after."""
        records: list[Recorded] = []
        for outcome in outcomes:
            match outcome:
                case Committed():
                    records.extend(outcome.records)
                case KeyTaken(draft=draft, key=key, first=first):
                    self._addresses[draft.writer].tell(Taken(draft, key, first), control=True)
        self._subscribers.publish(records)

    # --- letting in -----------------------------------------------------------------------------

    def _let_in(self, join: Join) -> None:
        """Commit what its former self appended first; one that hung and asks late is not let in."""
        name, latest = join.address.name, self._incarnations.get(join.address.name, 0)
        if join.incarnation < latest:
            log.warning("join_refused", extra={"actor": name, "incarnation": join.incarnation})
            return
        self._incarnations[name] = join.incarnation
        self._flush()
        self._joining = [j for j in self._joining if j.address is not join.address] + [join]
        if not self._failing:
            self._commit_joins()

    def _commit_joins(self) -> None:
        while self._joining:
            join = self._joining[0]
            if not self._commit_join(join):
                return
            del self._joining[0]

    def _commit_join(self, join: Join) -> bool:
        assert self._store is not None  # noqa: S101 - opened before anyone is let in
        name = join.address.name
        began, now = self.clock.monotonic(), self.clock.now()
        started = ActorStarted(
            at=now, actor=name, incarnation=join.incarnation, last_error=join.last_error
        )
        try:
            outcomes = self._store.commit([Draft(events=(started,), writer=self.address.name)])
        except StoreFailed as error:
            self._fail(error)
            return False
        self._commits(self.clock.monotonic() - began)
        epoch = self._store.head
        self._addresses[name] = join.address
        self._epochs[name] = epoch
        self._subscribers.remove(name)
        self._answer(outcomes)
        self._subscribers.add(Subscriber(join.address, join.interest, epoch))
        join.address.tell(Joined(epoch, epoch), control=True)
        return True

    # --- the disk -------------------------------------------------------------------------------

    def _refuse(self, drafts: list[Draft]) -> None:
        """Tell each writer, and end its epoch: what it still sends is built on what is not."""
        for writer in dict.fromkeys(d.writer for d in drafts):
            theirs = tuple(d for d in drafts if d.writer == writer)
            message = NotCommitted(theirs[0].epoch, theirs)
            self._epochs.pop(writer, None)
            self._addresses[writer].tell(message, control=True)

    def _fail(self, error: StoreFailed) -> None:
        pending, self._pending = self._pending, []
        self._refuse(pending)
        health = self._latency.health(self._head)
        self._health.publish(evolve(health, commits=False, has_failed=True, reason=str(error)))
        if not self._failing:
            log.error("journal_cannot_write", extra={"error": str(error)})
        self._failing = True
        self._alarms.after(self._retry_s, self.address, RETRY)
        self._retry_s = min(self._retry_s * 2, RETRY_CAP_S)

    def _try_again(self) -> None:
        try:
            if self._store is None:
                self._store = self._open_store()
            self._store.checkpoint()  # where nobody waits to be let in, this alone tries the disk
            self._own_up(self._store.head)
            if self._opening is not None:
                self._store.commit([self._opening])
                self._opening = None
                self._head = self._store.head
        except StoreFailed as error:
            self._fail(error)
            return
        was_failing, self._failing = self._failing, False
        self._commit_joins()
        if self._failing:
            return
        if was_failing:
            log.warning("journal_writes_again")
        self._retry_s = RETRY_FIRST_S
        self._health.publish(self._latency.health(self._head))
        if not self._is_started:
            self._is_started = True
            self.started()

    def _own_up(self, head: int) -> None:
        """What was refused because its flush failed may be a fact all the same.

        To whom it concerns it is a gap, and he reads it.
        """
        if head > self._head:
            self._subscribers.tell_of_gap(head)
        self._head = head

    def _commits(self, seconds: float) -> None:
        assert self._store is not None  # noqa: S101 - it has just committed
        self._head = self._store.head
        self._latency.add(self.clock.monotonic(), seconds)
        if not self._health.current.commits:  # that it still does is told at each tick
            self._health.publish(self._latency.health(self._head))

    def _checkpoint(self) -> None:
        self._subscribers.remind()
        if self._store is None or self._failing:
            return
        try:
            if self._pace.is_due(self._store.head):
                self._store.checkpoint()
        except StoreFailed as error:
            self._fail(error)
            return
        self._latency.look(self.clock.monotonic())
        self._health.publish(self._latency.health(self._head))
