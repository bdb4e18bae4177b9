"""Long attempts to break the promise: `python -m tests.campaign NAME [--seed N] [--runs N]`.

Each prints a table and ends with 1 if anything was found. The state folder of a run in which
something was found is kept, and named.
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from tests.campaigns import (
    actors,
    daemon_writes,
    disk,
    engine,
    kills,
    month,
    planted,
    points,
    schwab,
    schwab_kills,
    stateful,
    systemd,
    week,
    writes,
)
from tests.campaigns.machine import Impossible
from tests.campaigns.table import Findings


CAMPAIGNS: Mapping[str, tuple[Callable[[int, int], Findings], int, str]] = {
    "points": (points.campaign, 1, "SIGKILL at every named point between alert and fill"),
    "kills": (kills.campaign, 20, "SIGKILL at random instants under load"),
    "planted": (planted.campaign, 1, "planted bugs that the checker has to find"),
    "engine": (engine.campaign, 1, "each actor crashing, hanging, slow and poisoned under load"),
    "writes": (writes.campaign, 8, "each write and flush of a store failing in turn"),
    "daemon-writes": (daemon_writes.campaign, 8, "each write and flush of a daemon failing once"),
    "disk": (disk.campaign, 1, "a disk that fails, or is full, under the daemon and load"),
    "stateful": (stateful.campaign, 20_000, "random days on paper, so many steps of them"),
    "schwab": (schwab.campaign, 200, "trouble at a local Schwab at each step of an order's life"),
    "month": (month.campaign, 1, "a month of quotes and alerts, twice, to the same cent"),
    "schwab-kills": (schwab_kills.campaign, 70, "SIGKILL on an order's way to a local Schwab"),
    "week": (week.campaign, 1, "eight days of two accounts under one sign-in at a local Schwab"),
    "actors": (actors.campaign, 1, "each actor crashed on purpose under load"),
    "systemd": (systemd.campaign, 1, "the unit under a real systemd, in a container of its own"),
}


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests.campaign", description=__doc__)
    parser.add_argument("name", choices=CAMPAIGNS, metavar="NAME", help=", ".join(CAMPAIGNS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", "--steps", type=int, dest="runs")
    asked = parser.parse_args()
    campaign, runs, what = CAMPAIGNS[asked.name]
    runs = asked.runs or runs
    print(f"{asked.name}: {what}; seed {asked.seed}, runs {runs}\n", flush=True)
    try:
        found = campaign(asked.seed, runs)
    except Impossible as reason:
        print(f"skipped: {reason}")
        return 0
    print(f"\n{found.count} findings" if found.count else "\nall as it should be")
    return 1 if found.count else 0


if __name__ == "__main__":
    sys.exit(main())
