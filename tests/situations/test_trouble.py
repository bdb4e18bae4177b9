"""Trouble at each step of an order's life: never two orders for one, and at rest as planned.

A fixed selection; the whole table, with seeds: `python -m tests.campaign schwab`.
"""

from itertools import cycle

import pytest
from attrs import evolve

from brokers.schwab.simulator.faults import Fault
from tests.situations.floor import Floor
from tests.situations.trouble import TROUBLES, Cell, Crash, Step, arm, cells, taken, tried
from trading.vocabulary import Side


TABLE = tuple(cells())
EVERY = 7
"""Coprime to the table's rows, so that each step, trouble and crash comes up."""


@pytest.mark.parametrize(
    ("cell", "way"), list(zip(TABLE[::EVERY], cycle(Side), strict=False)), ids=str
)
def test_no_order_is_doubled_and_the_rest_is_as_planned(cell: Cell, way: Side) -> None:
    assert tried(cell, way=way) == []


def test_every_step_and_trouble_is_in_the_selection() -> None:
    chosen = TABLE[::EVERY]
    assert {c.step for c in chosen} == set(Step)
    assert {c.trouble for c in chosen} == {c.trouble for c in TABLE}
    assert {c.crash for c in chosen} == set(Crash)


def test_trouble_that_lasts_is_lived_through() -> None:
    (cell,) = (c for c in TABLE if str(c) == "orders looked at, 502 x1, dies")
    assert tried(evolve(cell, times=5)) == []


GATEWAY = Fault(kind="status", status=504)
TAKEN = tuple(t for t in TROUBLES if t.kind in ("drop_after", "drop_during", "hidden"))
STALLED = tuple(t for t in TROUBLES if t.kind == "stall_after")


@pytest.mark.parametrize("trouble", [*TAKEN, *STALLED, GATEWAY], ids=lambda t: t.kind)
def test_what_may_have_been_taken_is_known_within_a_minute_without_hands(trouble: Fault) -> None:
    floor = Floor(at="schwab")
    try:
        arm(floor, Cell(Step.ENTRY, trouble, Crash.NONE))
        floor.alert("buy", 10)
        for _ in range(60):
            floor.wait(1)
        is_there = floor.at_venue() == 10
        (order,) = floor.live().values() or [None]
        # Of what was never taken a minute proves nothing: it is said to be unknown.
        assert (order is None) is is_there
        assert (floor.share(), len(taken(floor))) == (floor.at_venue(), int(is_there))
    finally:
        floor.close()
