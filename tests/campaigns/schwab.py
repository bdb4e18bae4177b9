"""Every trouble at every step of an order's life at a local Schwab, its ledger the judge."""

import logging
from collections import defaultdict
from random import Random
from typing import Final

from attrs import evolve

from tests.campaigns.table import Findings
from tests.situations.trouble import cells, tried
from trading.vocabulary import Side


IN_A_ROW: Final = (1, 1, 2, 4)
"""How often the same trouble comes; more than one outlasts the tries of a reader."""


def campaign(seed: int, runs: int) -> Findings:
    """So many lives over the table, in an order drawn from the seed."""
    logging.disable(logging.CRITICAL)  # the trouble is on purpose
    chance = Random(seed)
    table = list(cells())
    found = Findings((22, 14, 6, 8))
    found.head("step", "trouble", "lives", "verdict")
    tally: dict[tuple[str, str], list[str]] = defaultdict(list)
    for run in range(runs):
        if run % len(table) == 0:
            chance.shuffle(table)
        cell = evolve(table[run % len(table)], times=chance.choice(IN_A_ROW))
        what = f"{cell.trouble.status}" if cell.trouble.kind == "status" else cell.trouble.kind
        way = chance.choice(list(Side))
        wrong = tried(cell, seed + run, way)
        tally[cell.step.value, what].append(
            f"{cell} (seed {seed + run}, {way}): {wrong}" if wrong else ""
        )
    for (step, what), lives in sorted(tally.items()):
        found.row(step, what, len(lives), found=[each for each in lives if each])
    return found
