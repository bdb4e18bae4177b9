"""SIGKILL at each named point of an order's way to a local Schwab, in each trouble there."""

import random
import tempfile
from pathlib import Path
from typing import Final

from brokers.schwab.simulator.faults import Fault
from tests.campaigns.table import Findings, seconds
from tests.crash.at_schwab import SHOWN_WITHIN_S, SchwabTrial


POINTS: Final = tuple(
    f"{moment}-commit:{event}"
    for event in ("AlertAccepted", "OrderPlanned", "SubmitStarted", "OrderAccepted", "OrderFilled")
    for moment in ("before", "after")
)
TROUBLES: Final = {
    "none": None,
    "401": Fault(kind="status", status=401),
    "429": Fault(kind="status", status=429),
    "504": Fault(kind="status", status=504),
    "drop_before": Fault(kind="drop_before"),
    "drop_after": Fault(kind="drop_after"),
    "drop_during": Fault(kind="drop_during"),
    "no_location": Fault(kind="no_location"),
    "stall_after": Fault(kind="stall_after", seconds=3),
    "hidden": Fault(kind="hidden", seconds=SHOWN_WITHIN_S - 1),
}
LATEST: Final = 6
"""The death comes with the first to sixth such commit."""


def campaign(seed: int, runs: int) -> Findings:
    """So many lives over the table, in an order drawn from the seed; a folder each."""
    chance = random.Random(seed)
    cells = [(point, name) for point in POINTS for name in TROUBLES]
    chance.shuffle(cells)
    found = Findings((28, 12, 3, 6, 6, 9, 8))
    found.head("dies at", "trouble", "nth", "orders", "venue", "at rest", "verdict")
    for run in range(runs):
        point, name = cells[run % len(cells)]
        nth = chance.randint(1, LATEST)
        folder = Path(tempfile.mkdtemp(prefix="campaign-schwab-"))
        with SchwabTrial(folder, f"{seed}-{run}") as trial:
            trial.meets(TROUBLES[name])
            trial.die_at(point, nth)
            took = trial.heal()
            wrong = trial.judged()
            orders = len(trial.evidence().state.orders)
            at_venue = len(trial.simulator.desk.world.orders)
            found.row(point, name, nth, orders, at_venue, seconds(took), found=wrong)
            if wrong:
                print(f"    kept: {folder}")
    return found
