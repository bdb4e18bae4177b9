"""Trouble with account activity, as it has been seen: twice, late, in the wrong order."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import define, field
from attrs.setters import NO_OP
from attrs.validators import ge, in_

from brokers.schwab.simulator.answers import Json


KINDS: Final = ("duplicate", "late", "out_of_order")


@define(kw_only=True, on_setattr=NO_OP)
class Trouble:
    """What befalls the next `times` activities.

    `duplicate`: each comes twice. `late`: they are kept back for so many heartbeats.
    `out_of_order`: they are kept back until all are there, and come the last one first.
    """

    kind: str = field(validator=in_(KINDS))
    times: int = field(default=1, validator=ge(1))
    beats: int = field(default=1, validator=ge(1))


@define
class Troubles:
    """The troubles ahead, met one after the other, and what they keep back."""

    ahead: list[Trouble] = field(factory=list)
    _late: list[tuple[int, Json]] = field(factory=list)
    _kept: list[Json] = field(factory=list)

    def met(self, frames: Iterable[Json]) -> Iterator[Json]:
        """The frames as they are sent; only activities meet trouble."""
        for frame in frames:
            is_activity = frame.get("data", [{}])[0].get("service") == "ACCT_ACTIVITY"
            if not is_activity or not self.ahead:
                yield frame
            else:
                yield from self._one(frame)

    def beat(self) -> list[Json]:
        """What is no longer kept back from this heartbeat on."""
        waits = [(beats - 1, frame) for beats, frame in self._late]
        self._late = [each for each in waits if each[0] > 0]
        return [frame for beats, frame in waits if beats <= 0]

    def _one(self, frame: Json) -> Iterator[Json]:
        trouble = self.ahead[0]
        trouble.times -= 1
        is_last = trouble.times == 0
        if is_last:
            del self.ahead[0]
        match trouble.kind:
            case "duplicate":
                yield frame
                yield frame
            case "late":
                self._late.append((trouble.beats, frame))
            case _:
                self._kept.append(frame)
                if is_last:
                    kept, self._kept = self._kept, []
                    yield from reversed(kept)
