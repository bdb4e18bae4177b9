"""A supervision tree as the composition root holds it."""

from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from actors.runtime.address import Address
from actors.runtime.child import Child
from actors.runtime.keeper import Parking
from actors.runtime.life import Birth
from actors.runtime.patience import Patience
from actors.runtime.publication import Publication
from actors.runtime.reminders import Shutdown
from actors.runtime.supervisor import GivingUp, Supervisor
from actors.runtime.timers import Alarms
from actors.runtime.tree_state import TreeState
from trading.clock import Clock


@frozen
class Tree:
    """A running tree: what its state is, and how to end it."""

    supervisor: Address
    state: Publication[TreeState]
    has_ended: Publication[bool]

    def stop(self, timeout_s: float) -> bool:
        """Stop all children in reverse order, then the supervisor; whether that was done in time.

        Blocks the calling thread, which may be none of the tree's own.
        """
        self.supervisor.tell(Shutdown(), control=True)
        return self.has_ended.wait_for(bool, timeout_s)


def _say_nothing(group: str, name: str, error: str) -> None:
    """For a tree that has no groups."""


def start_tree(
    children: Sequence[Child],
    *,
    clock: Clock,
    timers: Alarms,
    random: Random,
    on_giving_up: GivingUp,
    on_parking: Parking = _say_nothing,
    intensity: int = 10,
    period_s: float = 60.0,
    probe_s: float = 5.0,
    name: str = "supervisor",
    hide: Callable[[str], str] = str,
) -> Tree:
    """Start the children in order, under a supervisor of their own; returns at once.

    `on_giving_up` runs in the supervisor's thread, once, after all children are stopped;
    `on_parking` there too, each time a group is parked. Several trees may stand side by side, each
    with its own patience. `hide` takes secrets out of the words of an error.
    """
    address = Address(name)
    tree = Tree(address, Publication(TreeState(ready=False, children=())), Publication(first=False))
    nobody = Address(f"above {name}")
    Supervisor.start(
        Birth(address, nobody, 1, clock),
        children,
        alarms=timers,
        random=random,
        patience=Patience(intensity, period_s),
        probe_s=probe_s,
        on_parking=on_parking,
        on_giving_up=on_giving_up,
        state=tree.state,
        has_ended=tree.has_ended,
        hide=hide,
    )
    return tree
