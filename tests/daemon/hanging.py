"""The real daemon, probed often, whose journal hangs and wakes on SIGUSR2.

python -m tests.daemon.hanging SETTINGS
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import daemon.run
from actors.runtime import Child, Tree, start_tree


PROBE_S = 0.05


class Spell:
    """A message that its reader does not know: quoting it takes until the spell is broken."""

    def __init__(self) -> None:
        self.broken = threading.Event()

    def __repr__(self) -> str:
        self.broken.wait()
        return "a spell"


def main(settings: Path) -> int:
    """Run until the end; each second SIGUSR2 breaks the spell of the one before."""
    journals: list[Child] = []
    spells: list[Spell] = []

    def start(children: Sequence[Child], **how: Any) -> Tree:
        journals.extend(child for child in children if child.name == "journal")
        return start_tree(children, probe_s=PROBE_S, **how)

    def cast(_number: int, _frame: FrameType | None) -> None:
        if spells:
            spells.pop().broken.set()
        else:
            spells.append(Spell())
            journals[0].address.tell(spells[0], control=True)

    signal.signal(signal.SIGUSR2, cast)
    with patch.object(daemon.run, "start_tree", start):
        return daemon.run.run(settings, os.environ)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
