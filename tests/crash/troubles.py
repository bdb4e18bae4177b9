"""Trouble made inside a running daemon, actor by actor, on command.

Lines on stdin name it: `crash NAME [LAST WORDS]`, `hang NAME`, `slow NAME`, `poison NAME`,
`unwritable NAME`, `cure`, `resume`. The answer to each is a line of JSON.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from attrs import define, field, frozen

from actors.event_sourced import EventSourced, Unfoldable
from actors.messages import Append, Resume, ResumeAnswer
from actors.parked import ParkedAccount
from actors.runtime import (
    Address,
    Child,
    State,
    SystemClock,
    ThreadReply,
    Tree,
    TreeState,
    Worker,
    start_tree,
)
from journal import Draft, Recorded
from trading.events import AccountOpened, Scope
from trading.vocabulary import AccountName


NOBODY = AccountName("nobody")
BACK_WITHIN_S = 10.0
HANG_S = 2.0
SLOW_S = 1.5
EACH_S = 0.004
"""How long a slow actor takes for each message, beside its work."""


@frozen
class Hang:
    """Have the actor that reads this hang for a while, and then go on as if nothing had been."""

    def come_over(self, actor: Worker) -> None:  # noqa: ARG002 - it hangs whoever it is
        threading.Event().wait(HANG_S)


@frozen
class Slow:
    """Have the actor take long for each message, for a while."""

    troubles: "Troubles"

    def come_over(self, actor: Worker) -> None:
        self.troubles.slow[actor.address.name] = time.monotonic() + SLOW_S


@frozen
class Unwritable:
    """Have the actor append what the journal has no form for."""

    def come_over(self, actor: Worker) -> None:
        assert isinstance(actor, EventSourced)
        event = AccountOpened(at=actor.clock.now(), account=NOBODY, cash=Decimal("NaN"))
        draft = Draft(events=(event,), writer=actor.address.name, epoch=actor._epoch or 0)
        actor.journal.tell(Append(draft))


@define
class Troubles:
    """Makes trouble on command, and says how long it took until all was well again."""

    probe_s: float
    tree: Tree | None = None
    children: Sequence[Child] = ()
    slow: dict[str, float] = field(factory=dict)
    poisoned: set[str] = field(factory=set)

    def start_tree(self, children: Sequence[Child], **how: Any) -> Tree:
        """Start the tree as the daemon asks, and remember it."""
        self.children = children
        self.tree = start_tree(children, probe_s=self.probe_s, **how)
        return self.tree

    def take_hold(self) -> None:
        """Let every actor obey what is told here, from now on."""
        on_receive, take_in, troubles = Worker.on_receive, EventSourced._take_in, self

        def obeys(self: Worker, message: object) -> None:
            if isinstance(message, Hang | Slow | Unwritable):
                message.come_over(self)
                return
            if troubles.slow.get(self.address.name, 0.0) > time.monotonic():
                threading.Event().wait(EACH_S)
            on_receive(self, message)

        def folds(self: EventSourced[Any], record: Recorded) -> None:
            if self.address.name in troubles.poisoned and not isinstance(self, ParkedAccount):
                raise Unfoldable(record, ValueError("poison"))
            take_in(self, record)

        patch.object(Worker, "on_receive", obeys).start()
        patch.object(EventSourced, "_take_in", folds).start()

    def listen(self) -> None:
        """Obey stdin, in a thread of its own."""
        threading.Thread(target=self._obey, name="troubles", daemon=True).start()

    def _obey(self) -> None:
        for line in sys.stdin:
            verb, _, rest = line.strip().partition(" ")
            name, _, words = rest.partition(" ")
            print(json.dumps(self._make(verb, name, words)), flush=True)

    def _make(self, verb: str, name: str, words: str) -> dict[str, object]:
        match verb:
            case "crash":  # what nobody understands, ahead of all others
                return self._tell(name, words or object(), lambda t, n: _is_back(t, name, n))
            case "hang" if name == "journal":
                return self._tell(name, Hang(), lambda t, _: _runs(t, name), at_least_s=HANG_S)
            case "hang":
                told = self._tell(name, Hang(), lambda t, n: _is_back(t, name, n))
                threading.Event().wait(HANG_S)  # the zombie wakes up in the meantime
                return told
            case "slow":
                return self._tell(name, Slow(self), lambda t, _: _runs(t, name), at_least_s=SLOW_S)
            case "unwritable":
                return self._tell(name, Unwritable(), lambda t, n: _is_back(t, name, n))
            case "poison":
                self.poisoned.add(name)
                return self._await(name, lambda t, _: _is_parked(t, name))
            case "poison-only":
                self.poisoned.add(name)
                return {}
            case "crash-only":
                self._address(name).tell(object(), control=True)
                return {}
            case "cure":
                self.poisoned.clear()
                return {"is_back": True}
            case "resume":
                return self._resume(name)
            case _:
                raise ValueError(verb)

    def _address(self, name: str) -> Address:
        return next(child.address for child in self.children if child.name == name)

    def _tell(
        self,
        name: str,
        message: object,
        wanted: Callable[[TreeState, int], bool],
        at_least_s: float = 0.0,
    ) -> dict[str, object]:
        address = self._address(name)
        return self._await(
            name, wanted, lambda: address.tell(message, control=True), at_least_s=at_least_s
        )

    def _await(
        self,
        name: str,
        wanted: Callable[[TreeState, int], bool],
        begin: Callable[[], None] = lambda: None,
        at_least_s: float = 0.0,
    ) -> dict[str, object]:
        """Wait until all is as wanted, noting each state on the way."""
        assert self.tree is not None
        state = self.tree.state
        before = _incarnations(state.current)
        began = time.monotonic()
        seen: dict[str, None] = {}
        begin()

        def look(tree: TreeState) -> bool:
            child = tree.child(name)
            if child is not None and child.state is not State.RUNNING:
                seen[child.state.value] = None
            return time.monotonic() - began >= at_least_s and wanted(tree, before[name])

        end = began + BACK_WITHIN_S
        while not (is_back := state.wait_for(look, 0.05)) and time.monotonic() < end:
            pass
        return {
            "is_back": is_back,
            "seconds": time.monotonic() - began,
            "before": before,
            "after": _incarnations(state.current),
            "seen": list(seen),
        }

    def _resume(self, name: str) -> dict[str, object]:
        """Resume everything as a person who signed in would, and wait for an actor's return."""
        breaker = self._address("breaker:*")
        reply = ThreadReply[ResumeAnswer]()
        resume = Resume(
            id="campaign",
            at=SystemClock().now(),
            scope=Scope(),
            reason="cured",
            by="campaign",
            reply=reply,
        )
        return self._await(name, lambda t, _: _runs(t, name), lambda: breaker.tell(resume))


def _incarnations(tree: TreeState) -> dict[str, int]:
    return {child.name: child.incarnation for child in tree.children}


def _is_back(tree: TreeState, name: str, former: int) -> bool:
    child = tree.child(name)
    return tree.ready and _runs(tree, name) and child is not None and child.incarnation > former


def _runs(tree: TreeState, name: str) -> bool:
    child = tree.child(name)
    return tree.ready and child is not None and child.state is State.RUNNING


def _is_parked(tree: TreeState, name: str) -> bool:
    child = tree.child(name)
    return child is not None and child.state is State.PARKED
