"""Fills that are told twice, late or out of their order, on purpose."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from brokers.base import Execution, Report
from brokers.paper_faults import Dice, Drawn, Faults


Note = Callable[[str, str, Drawn], None]
"""Told of each fault: its name, the execution that it struck, and by which draw."""


class UnrulyReports:
    """Passes reports on, executions as the dice have it. Runs on the loop, as its venue does.

    One that is out of order waits for the next report to overtake it, but no longer than a late
    one. What is held back at the end is never told: who asks the venue finds it.
    """

    def __init__(
        self, report: Callable[[Report], None], faults: Faults, dice: Dice, note: Note
    ) -> None:
        self._report = report
        self._faults = faults
        self._dice = dice
        self._note = note
        self._late: set[asyncio.TimerHandle] = set()
        self._overtaken: list[Report] = []

    def __call__(self, report: Report) -> None:
        """Tell it: now, twice, later, or after the next."""
        faults, overtaken = self._faults, self._overtaken
        self._overtaken = []
        if not isinstance(report, Execution):
            self._report(report)
        elif self._strikes("late_fill", faults.late_fill, report):
            self._tell_late(report)
        elif not overtaken and self._strikes("out_of_order", faults.out_of_order_fill, report):
            self._overtaken = [report]
            self._later(self._release)
        else:
            self._report(report)
            if self._strikes("duplicate_fill", faults.duplicate_fill, report):
                self._report(report)
        for one in overtaken:
            self._report(one)

    def close(self) -> None:
        """Tell nothing any more."""
        for timer in self._late:
            timer.cancel()
        self._overtaken = []

    def _tell_late(self, report: Execution) -> None:
        self._later(lambda: self._report(report))

    def _release(self) -> None:
        overtaken, self._overtaken = self._overtaken, []
        for one in overtaken:
            self._report(one)

    def _later(self, act: Callable[[], None]) -> None:
        timer: asyncio.TimerHandle

        def due() -> None:
            self._late.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(self._faults.late_fill_s, due)
        self._late.add(timer)

    def _strikes(self, fault: str, probability: float, report: Execution) -> bool:
        draw = self._dice.strikes(probability)
        if draw is None:
            return False
        late_s = Decimal(0 if fault == "duplicate_fill" else str(self._faults.late_fill_s))
        self._note(fault, report.execution_id, Drawn(self._dice.count, draw, late_s))
        return True
