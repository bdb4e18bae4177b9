"""The base of every actor whose memory is the journal: fold, decide ahead, act when durable."""

import abc
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from actors.memory import Memory
from actors.messages import (
    Append,
    CannotBeWritten,
    Join,
    Joined,
    NotCommitted,
    Published,
    Taken,
)
from actors.runtime import Address, Birth, Hopeless, Worker
from journal import Draft, Recorded, UndecodableEvent
from journal.recall import Recall
from trading.event import Event


S = TypeVar("S")


class Unfoldable(Hopeless):
    """A committed fact that an actor cannot take in: it is never skipped, so the actor ends."""

    def __init__(self, recorded: Recorded, error: Exception) -> None:
        kind = type(recorded.event).__name__
        super().__init__(f"cannot fold seq {recorded.seq} ({kind}): {error!r}")


class Unreadable(Hopeless):
    """A committed fact that cannot be decoded; the message names its seq."""


class DraftRefused(Exception):  # noqa: N818 - names what happened to the draft
    """The journal has no form for what an actor decided: a mistake of that actor alone."""


class EventSourced(Worker, Generic[S]):
    """Folds what concerns it into `state`, and keeps in step with what the Journal publishes.

    An actor that decides applies its own events the moment it appends them, so that its next
    decision sees them; it acts on them in `committed`, once they are durable. A draft that does not
    become durable makes it forget everything and fold again under a new epoch.

    Subclasses say of what memory they are, and what to do about what is left undone (`settle`).
    """

    def __init__(
        self, birth: Birth, *, journal: Address, reader: Recall, memory: Memory[S]
    ) -> None:
        super().__init__(birth)
        self.journal = journal
        self._reader = reader
        self._memory = memory
        self._interest = memory.interest
        self._epoch: int | None = None
        self._seen = 0
        self._number = 0
        self._early: list[object] = []
        self.state = memory.begin()

    # --- what a subclass says -------------------------------------------------------------------

    def forget(self) -> None:
        """Become as new: no memory, nothing under way."""
        self.state = self._memory.begin()

    def fold(self, event: Event) -> None:
        """Take one fact in. It never acts and never fails."""
        self.state = self._memory.step(self.state, event)

    @abc.abstractmethod
    def handle(self, message: object) -> None:
        """Take a message that does not come from the Journal."""

    def settle(self) -> None:
        """See to what the state says is undone; after the first fold and after each publication."""

    def committed(self, recorded: Recorded) -> None:
        """Act on an own event that is now durable."""

    def heard(self, recorded: Recorded) -> None:
        """What another has just made durable, before it is folded; the past is not heard of."""

    def recovered(self) -> None:
        """Once, after the past has been folded and before `settle`."""

    def taken(self, message: Taken) -> None:  # noqa: ARG002 - for those who override it
        """An own draft was refused for its key; by default that means: fold again."""
        self._join()

    def lost(self, drafts: Iterable[Draft]) -> None:
        """Own drafts that never became durable, before everything is forgotten."""

    # --- what a subclass uses -------------------------------------------------------------------

    def append(self, *events: Event, keys: tuple[str, ...] = (), cause: str = "") -> Draft:
        """Decide: apply events now, and have them made durable together.

        Raises:
            MailboxFull: the Journal is swamped. Nothing was applied.
        """
        if self._epoch is None:
            raise AssertionError("an actor decides only after it has joined the journal")
        self._number += 1
        draft = Draft(
            events=events,
            keys=keys,
            writer=self.address.name,
            epoch=self._epoch,
            number=self._number,
            cause=cause,
        )
        self.journal.tell(Append(draft))
        for event in events:
            self.fold(event)
        return draft

    def recollect(self, upto: int) -> None:
        """Forget everything, take up the state that is kept, and fold what came after it."""
        self.forget()
        kept = self._reader.kept(self._memory.name)
        if kept is not None:
            self.state = self._memory.codec.decode(kept.state)
        after = 0 if kept is None else kept.seq
        past = self._reader.events(after=after, upto=upto, types=self._interest.types)
        for recorded in _readable(past):
            if self._interest.matches(recorded.event):
                self._take_in(recorded)

    # --- in step with the Journal ---------------------------------------------------------------

    def on_start(self) -> None:
        """Ask the Journal to be let in; the past is folded when it answers."""
        self._join()

    def receive(self, message: object) -> None:
        """Keep in step with the Journal; leave the rest to `handle`."""
        match message:
            case Joined():
                self._joined(message)
            case Published():
                self._published(message)
            case Taken(draft=draft):
                if draft.epoch == self._epoch:
                    self.taken(message)
            case NotCommitted(epoch=epoch, drafts=drafts):
                if epoch == self._epoch:
                    self.lost(drafts)
                    self._join()
            case CannotBeWritten(epoch=epoch, drafts=drafts, reason=reason):
                if epoch == self._epoch:
                    self.lost(drafts)
                    self.take_in_hand(drafts[0].cause)
                    raise DraftRefused(reason)
            case _ if self._epoch is None:
                self._early.append(message)  # overtook the answer; handled right after it
            case _:
                self.handle(message)

    def _join(self) -> None:
        self.wait()
        self._epoch = None
        self.journal.tell(
            Join(self.address, self._interest, self.incarnation, self.last_error), reserved=True
        )

    def _joined(self, message: Joined) -> None:
        self._number = 0
        self.recollect(message.head)
        self._seen = message.head
        self._epoch = message.epoch
        self.recovered()
        self.settle()
        early, self._early = self._early, []
        for waiting in early:
            self.receive(waiting)
        self.started()

    def _published(self, message: Published) -> None:
        if self._epoch is None or message.seq <= self._seen:
            return
        if message.previous == self._seen:
            self._take(message.records)
        else:
            missed = self._reader.events(after=self._seen, upto=message.seq)
            self._take(
                r for r in _readable(missed) if self._interest.matches(r.event) or self._is_own(r)
            )
        self._seen = message.seq
        self.settle()

    def _take(self, records: Iterable[Recorded]) -> None:
        """Act on own facts and fold those of others, in the order in which they stand."""
        for recorded in records:
            if self._is_own(recorded):
                self.committed(recorded)
            else:
                self.heard(recorded)
                self._take_in(recorded)

    def _take_in(self, recorded: Recorded) -> None:
        try:
            self.fold(recorded.event)
        except Exception as error:
            raise Unfoldable(recorded, error) from error

    def _is_own(self, recorded: Recorded) -> bool:
        return recorded.writer == self.address.name and recorded.epoch == self._epoch


def _readable(records: Iterable[Recorded]) -> Iterator[Recorded]:
    try:
        yield from records
    except UndecodableEvent as error:
        raise Unreadable(str(error)) from error
