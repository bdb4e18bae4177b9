"""What may go wrong with a request on purpose, and how that is written."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import ge, in_

from brokers.schwab.simulator import stream_trouble
from brokers.schwab.simulator.stream_trouble import Trouble


KINDS: Final = (
    "status",
    "drop_before",
    "drop_during",
    "drop_after",
    "no_location",
    "stall_before",
    "stall_after",
    "slow",
    "hidden",
)


@frozen(kw_only=True)
class Fault:
    """What happens to the next `times` requests of a method whose path starts so.

    `status` answers with it. The line is cut: `drop_before` the request was taken, `drop_during`
    its answer, `drop_after` it was taken. `no_location`: a 201 without it. Nothing happens for
    `seconds`: `stall_before` it is taken, `stall_after`. `slow`: the answer drips for `seconds`.
    `hidden`: what it enters shows only after so long.
    """

    kind: str = field(validator=in_(KINDS))
    method: str = "POST"
    path: str = "/trader/v1"
    status: int = 500
    times: int = field(default=1, validator=ge(1))
    seconds: float = field(default=3, validator=ge(0))


def read_fault(body: Any) -> Fault | Trouble:
    """A fault as the control endpoint and the faults file have it.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(body, Mapping):
        raise TypeError("a fault is an object")
    if body.get("kind") in stream_trouble.KINDS:
        return Trouble(**body)
    return Fault(**body)
