"""Random days of an account on paper, in lives of a few hundred steps each."""

from collections import Counter
from typing import Final

from tests.campaigns.table import Findings
from tests.stateful.machine import EVERY, life


STEPS_OF_A_LIFE: Final = 200
LIVES_IN_A_ROW: Final = 10


def campaign(seed: int, runs: int) -> Findings:
    """So many steps in all; a row for each ten lives."""
    found = Findings((10, 8, 9, 10, 8, 12, 8))
    found.head("seeds", "steps", "fills", "outside", "splits", "differences", "verdict")
    facts: Counter[str] = Counter()
    done: Counter[str] = Counter()
    lives = -(-runs // STEPS_OF_A_LIFE)
    for first in range(seed, seed + lives, LIVES_IN_A_ROW):
        seeds = range(first, min(first + LIVES_IN_A_ROW, seed + lives))
        lived = [life(each, STEPS_OF_A_LIFE) for each in seeds]
        row = sum((one.facts for one in lived), Counter[str]())
        steps = sum((one.done for one in lived), Counter[str]())
        found.row(
            f"{seeds.start}-{seeds.stop - 1}",
            steps.total(),
            row["OrderFilled"],
            row["ExternalTraded"],
            row["CorporateAction"],
            row["DifferenceFound"],
            found=[fault for one in lived for fault in one.found],
        )
        facts, done = facts + row, done + steps
    never = sorted(EVERY - done.keys())
    print(f"\n{done.total()} steps; facts: {dict(facts.most_common())}")
    print(f"never done: {never}" if never else f"each of {len(EVERY)} kinds of step was done")
    return found
