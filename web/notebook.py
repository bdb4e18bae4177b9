"""What people do, told to the doorkeeper, who writes it down."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, evolve, field, frozen

from actors.people import Acted, PasswordSet
from trading.breaker import Stops
from trading.events import OperatorActed
from trading.vocabulary import Act
from web.callers import Caller
from web.edge import Edge
from web.problems import Problem


@define
class Changed:
    """What an act changed, filled in by who carries it out."""

    before: dict[str, str] = field(factory=dict)
    after: dict[str, str] = field(factory=dict)


@frozen
class Notebook:
    """Has every act written down, those that were refused too; never waits and never fails."""

    edge: Edge

    def entry(
        self,
        act_id: str,
        act: Act,
        caller: Caller,
        what: str = "",
        reason: str = "",
        *,
        showed_password: bool = False,
    ) -> OperatorActed:
        """An act as the journal will hold it."""
        return OperatorActed(
            at=self.edge.clock.now(),
            act_id=act_id,
            act=act,
            by=caller.who,
            address=caller.address,
            what=what,
            reason=reason,
            showed_password=showed_password,
        )

    def write(self, entry: OperatorActed) -> None:
        """Have it written down."""
        # By the control lane, the only one that is read while the journal cannot commit.
        self.edge.doorkeeper.tell(Acted(entry), control=True)

    def announce_password(self, entry: OperatorActed, mark: str) -> None:
        """Whose act it is when the password with this mark is found in its place."""
        announced = evolve(entry, after={"password": mark})
        self.edge.doorkeeper.tell(PasswordSet(announced), control=True)

    @contextmanager
    def written(self, entry: OperatorActed) -> Iterator[Changed]:
        """Have it written down once it is over, with what it changed or why it was refused."""
        changed, refused = Changed(), "INTERNAL: it broke off"
        try:
            yield changed
            refused = ""
        except Problem as problem:
            refused = self.edge.mask.hide(f"{problem.code}: {problem.detail}")
            raise
        finally:
            self.write(
                evolve(
                    entry,
                    at=self.edge.clock.now(),
                    refused=refused,
                    before=changed.before,
                    after=changed.after,
                )
            )


def in_words(stops: Stops) -> dict[str, str]:
    """What is stopped, as an act's before or after."""
    return {"state": stops.state.value, "stops": str(len(stops.in_force))}
