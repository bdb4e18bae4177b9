"""CircuitBreaker `*`: how people stop trading, and what it takes to start it again."""

from collections.abc import Iterable, Mapping
from itertools import count

from attrs import define, evolve, field

from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.messages import (
    CloseGate,
    GateClosed,
    Halt,
    HaltAnswer,
    Resume,
    ResumeAnswer,
    Tick,
)
from actors.runtime import Address, Alarms, Birth, Reply
from actors.stop_file import StopFile
from journal import Draft, Recorded
from journal.recall import Recall
from trading.breaker import STOP_FACTS, Stops, evolve_stops
from trading.event import Event
from trading.events import ActorStarted, Halted, Resumed, Scope
from trading.vocabulary import AccountName, Code


INTEREST = interest((*STOP_FACTS, ActorStarted))
LOOK_FOR_STOP = Tick("look_for_stop")
GATES_WITHIN_S = 0.25
"""How long the answer waits for gates; an account that is down has nothing to let out."""
COMMIT_WITHIN_S = 0.04
"""How much longer it waits for the commit before it says "not yet durable"."""


@define
class _Halting:
    """A halt on its way: gates first, then the journal, then the answer."""

    halt: Halt
    generation: int
    gates: dict[AccountName, bool]
    before: Stops
    is_written: bool = False
    is_late: bool = False
    is_answered: bool = False
    events: list[Halted] = field(factory=list)


def stop_memory() -> Memory[Stops]:
    """What CircuitBreaker `*` remembers: every stop, whichever account it is of."""
    return Memory("breaker:*", kind=Stops, begin=Stops, step=evolve_stops, interest=INTEREST)


class CircuitBreaker(EventSourced[Stops]):
    """Halts and resumes for people, the STOP file and signals.

    A halt works while the journal does not: gates close in memory first, and the fact is owed until
    journal or STOP file holds it.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        brokers: Mapping[AccountName, Address],
        stop_file: StopFile,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=stop_memory())
        self._alarms = self.own(alarms)
        self._brokers = brokers
        self._stop_file = stop_file
        self._numbers = count(1)
        self._halting: dict[int, _Halting] = {}
        self._resuming: dict[str, tuple[Reply[ResumeAnswer] | None, ResumeAnswer]] = {}
        self._looking = self._alarms.every(1.0, self.address, LOOK_FOR_STOP)

    # --- memory ---------------------------------------------------------------------------------

    def on_start(self) -> None:
        """Know the stops from the first message on: a halt does not wait to be let in."""
        self.recollect(self._reader.head())
        super().on_start()

    def forget(self) -> None:
        """No stops; a halt that is owed to the journal is not forgotten."""
        super().forget()
        for halting in self._halting.values():
            halting.is_written = False

    def fold(self, event: Event) -> None:
        """One fact onto the stops; a broker that starts anew is told of the gates it must close."""
        super().fold(event)
        if isinstance(event, ActorStarted) and self._epoch is not None:
            for halting in self._halting.values():
                self._close_gates(halting, named=event.actor)

    def lost(self, drafts: Iterable[Draft]) -> None:  # noqa: ARG002 - whichever, none is durable
        """A start that is not durable is none; a halt stays owed."""
        self._give_up_resuming()

    def _give_up_resuming(self) -> None:
        why = "the journal cannot commit"
        for reply, answer in self._resuming.values():
            if reply is not None:
                reply.set(evolve(answer, lifted=0, after=answer.before, refused=why))
        self._resuming.clear()

    def recovered(self) -> None:
        """Write what is owed, and look for STOP before anybody trades."""
        for halting in self._halting.values():
            self._close_gates(halting)
            self._write(halting)
        self._look_for_stop()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Look for nothing any more."""
        self._looking.cancel()
        self._give_up_resuming()

    # --- messages -------------------------------------------------------------------------------

    def receive(self, message: object) -> None:
        """Halting goes on whether or not the journal answers."""
        match message:
            case Halt():
                self._halt(message)
            case GateClosed():
                self._gate_closed(message)
            case Tick(name=name) if name.startswith("gates:"):
                self._gates_are_late(int(name.removeprefix("gates:")))
            case Tick(name=name) if name.startswith("commit:"):
                self._commit_is_late(int(name.removeprefix("commit:")))
            case Tick(name="look_for_stop"):
                self._look_for_stop()
            case _:
                super().receive(message)

    def handle(self, message: object) -> None:
        """Resume waits until it is known what is stopped."""
        if not isinstance(message, Resume):
            raise TypeError(f"the CircuitBreaker does not know {message!r}")
        self._resume(message)

    def _look_for_stop(self) -> None:
        """Halt where the file is there; put it there for a halt that the journal still refuses."""
        for halting in self._halting.values():
            if halting.is_late:
                self._stop_file.hold(halting.halt.reason)
        if not self._stop_file.is_asked_for():
            return
        if any(s.code is Code.STOP_FILE for s in self.state.in_force) or any(
            h.halt.code is Code.STOP_FILE for h in self._halting.values()
        ):
            return
        now = self.clock.now()
        self._halt(
            Halt(
                id=f"stop-file-{now:%Y%m%dT%H%M%S}",
                at=now,
                scope=Scope(),
                reason=f"the file {self._stop_file.path.name} exists",
                by="STOP file",
                code=Code.STOP_FILE,
            )
        )

    # --- halting --------------------------------------------------------------------------------

    def _halt(self, halt: Halt) -> None:
        number = next(self._numbers)
        ahead = max((h.generation for h in self._halting.values()), default=0)
        generation = max(self.state.generation, ahead) + 1
        concerned = [a for a in self._brokers if halt.scope.account in (None, a)]
        halting = _Halting(halt, generation, dict.fromkeys(concerned, False), self.state)
        self._halting[number] = halting
        self._close_gates(halting)
        self._alarms.after(GATES_WITHIN_S, self.address, Tick(f"gates:{number}"))
        self._when_gates_are_closed(number, halting)

    def _close_gates(self, halting: _Halting, named: str | None = None) -> None:
        """Have every gate that is concerned closed, or that of the broker of this name."""
        message = CloseGate(halting.halt.scope, halting.generation, self.address)
        for account in halting.gates:
            address = self._brokers[account]
            if named in (None, address.name):
                address.tell(message, control=True)

    def _gate_closed(self, message: GateClosed) -> None:
        for number, halting in tuple(self._halting.items()):
            if halting.generation == message.generation and message.account in halting.gates:
                halting.gates[message.account] = True
                self._when_gates_are_closed(number, halting)

    def _when_gates_are_closed(self, number: int, halting: _Halting) -> None:
        if all(halting.gates.values()) and not halting.events:
            self._go_on(number, halting)

    def _gates_are_late(self, number: int) -> None:
        halting = self._halting.get(number)
        if halting is not None and not halting.events:
            self._go_on(number, halting)

    def _go_on(self, number: int, halting: _Halting) -> None:
        halt = halting.halt
        halting.events.append(
            Halted(
                at=self.clock.now(),
                act_id=halt.id,
                scope=halt.scope,
                generation=halting.generation,
                code=halt.code,
                reason=halt.reason,
                by=halt.by,
            )
        )
        self._write(halting)
        self._alarms.after(COMMIT_WITHIN_S, self.address, Tick(f"commit:{number}"))

    def _write(self, halting: _Halting) -> None:
        if self._epoch is not None and halting.events and not halting.is_written:
            halting.is_written = True
            self.append(*halting.events, cause=halting.halt.id)

    def _commit_is_late(self, number: int) -> None:
        """Say so, and let the STOP file hold what the journal does not hold yet."""
        halting = self._halting.get(number)
        if halting is None:
            return
        halting.is_late = True
        self._stop_file.hold(halting.halt.reason)
        self._answer(halting, durable=False)

    def committed(self, recorded: Recorded) -> None:
        """A stop or a start is durable."""
        match recorded.event:
            case Halted(act_id=act_id):
                self._halted(act_id)
            case Resumed(act_id=act_id) if act_id in self._resuming:
                reply, answer = self._resuming.pop(act_id)
                if reply is not None:
                    reply.set(answer)
            case _:
                pass

    def _halted(self, act_id: str) -> None:
        for number, halting in tuple(self._halting.items()):
            if halting.halt.id == act_id:
                del self._halting[number]
                self._answer(halting, durable=True)
        if not self._halting:
            self._stop_file.release()

    def _answer(self, halting: _Halting, *, durable: bool) -> None:
        if halting.halt.reply is None or halting.is_answered:
            return
        halting.is_answered = True
        answer = HaltAnswer(
            act_id=halting.halt.id,
            scope=halting.halt.scope,
            generation=halting.generation,
            durable=durable,
            gates=dict(halting.gates),
            before=halting.before,
            after=evolve_stops(self.state, halting.events[0]),
        )
        halting.halt.reply.set(answer)

    # --- starting again -------------------------------------------------------------------------

    def _resume(self, message: Resume) -> None:
        before = self.state
        answer = ResumeAnswer(act_id=message.id, scope=message.scope, before=before, after=before)
        if refused := self._why_not():
            if message.reply is not None:
                message.reply.set(evolve(answer, refused=refused))
            return
        resumed = Resumed(
            at=self.clock.now(),
            act_id=message.id,
            scope=message.scope,
            generation=before.generation + 1,
            reason=message.reason,
            by=message.by,
        )
        self.append(resumed, cause=message.id)
        lifted = len(before.in_force) - len(self.state.in_force)
        answer = evolve(answer, lifted=lifted, after=self.state)
        self._resuming[message.id] = (message.reply, answer)

    def _why_not(self) -> str:
        if self._halting:
            return "a halt is not durable yet"
        if self._stop_file.exists():
            return f"the file {self._stop_file.path} exists; delete it first"
        return ""
