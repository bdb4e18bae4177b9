"""Trouble at each step of an order's life: never two orders for one, and at rest as planned.

A fixed selection; the whole table, with seeds: `python -m tests.campaign schwab`.
"""

import pytest
from attrs import evolve

from tests.situations.trouble import Cell, Crash, Step, cells, tried


TABLE = tuple(cells())
EVERY = 7
"""Coprime to the table's rows, so that each step, trouble and crash comes up."""


@pytest.mark.parametrize("cell", TABLE[::EVERY], ids=str)
def test_no_order_is_doubled_and_the_rest_is_as_planned(cell: Cell) -> None:
    assert tried(cell) == []


def test_every_step_and_trouble_is_in_the_selection() -> None:
    chosen = TABLE[::EVERY]
    assert {c.step for c in chosen} == set(Step)
    assert {c.trouble for c in chosen} == {c.trouble for c in TABLE}
    assert {c.crash for c in chosen} == set(Crash)


def test_trouble_that_lasts_is_lived_through() -> None:
    (cell,) = (c for c in TABLE if str(c) == "orders looked at, 502 x1, dies")
    assert tried(evolve(cell, times=5)) == []
