"""Messages that are told later: one thread, one heap."""

import heapq
import logging
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Protocol

from attrs import define, field, validators

from actors.runtime.address import Address
from actors.runtime.mailbox import MailboxFull


log = logging.getLogger("trading_bot.runtime")

RETRY_S = 0.05
"""How long a message waits that found its ordinary lane full."""


def never() -> bool:
    """Nobody owns the alarm, so nobody's end silences it."""
    return False


class Cancel(Protocol):
    """Takes an alarm back."""

    def cancel(self) -> None:
        """Tell nothing any more, unless it is being told at this very instant."""
        ...


class Alarms(Protocol):
    """Tells an address a message later; safe to call from any thread, never blocking.

    An alarm whose owner `is_over` when it is due stays silent, once and for all.
    """

    def after(
        self,
        delay_s: float,
        address: Address,
        message: object,
        *,
        control: bool = True,
        is_over: Callable[[], bool] = never,
    ) -> Cancel:
        """Tell it once, after so many seconds.

        An ordinary message that finds the mailbox full is told again a little later, never lost.
        """
        ...

    def every(
        self,
        period_s: float,
        address: Address,
        message: object,
        *,
        control: bool = True,
        is_over: Callable[[], bool] = never,
    ) -> Cancel:
        """Tell it again and again, first after one period; periods slept through are left out."""
        ...


@define(eq=False)
class Alarm:
    """One entry of an agenda."""

    address: Address
    message: object
    control: bool
    due: float
    period_s: float | None = field(validator=validators.optional(validators.gt(0)))
    is_over: Callable[[], bool] = never
    live: bool = True

    def cancel(self) -> None:
        """Tell nothing any more."""
        self.live = False
        self.message = None  # after `live`, see ring; a husk in the heap holds on to nothing

    def ring(self, now: float) -> float | None:
        """Tell the message; returns when to ring next, None if never."""
        message = self.message
        if not self.live:  # cancelled by another thread just now, perhaps before the line above
            return None
        if self.is_over():
            return None
        try:
            self.address.tell(message, control=self.control)
        except MailboxFull:
            return now + RETRY_S
        except Exception:
            log.exception("alarm_lost", extra={"actor": self.address.name})
        if self.period_s is None:
            return None
        following = self.due + self.period_s
        return following if following > now else now + self.period_s


class Agenda:
    """What is to be told when; its owner serialises access."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._order = count()  # alarms of one instant ring as they were set

    def __len__(self) -> int:
        return sum(alarm.live for _, _, alarm in self._heap)

    def add(self, alarm: Alarm) -> None:
        """Enter an alarm."""
        heapq.heappush(self._heap, (alarm.due, next(self._order), alarm))

    def next_due(self) -> float | None:
        """When the earliest living alarm is due."""
        while self._heap and not self._heap[0][2].live:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def ring_due(self, now: float) -> None:
        """Ring all that is due, in order."""
        while (due := self.next_due()) is not None and due <= now:
            _, _, alarm = heapq.heappop(self._heap)
            again = alarm.ring(now)
            if again is not None:
                alarm.due = again
                self.add(alarm)


class Timers:
    """The alarms of the running program; owns one daemon thread until `close`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._agenda = Agenda()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def after(
        self,
        delay_s: float,
        address: Address,
        message: object,
        *,
        control: bool = True,
        is_over: Callable[[], bool] = never,
    ) -> Cancel:
        """Tell it once, after so many seconds."""
        due = self._monotonic() + delay_s
        return self._add(Alarm(address, message, control, due, None, is_over))

    def every(
        self,
        period_s: float,
        address: Address,
        message: object,
        *,
        control: bool = True,
        is_over: Callable[[], bool] = never,
    ) -> Cancel:
        """Tell it again and again, first after one period."""
        due = self._monotonic() + period_s
        return self._add(Alarm(address, message, control, due, period_s, is_over))

    def close(self) -> None:
        """Tell nothing any more and end the thread; alarms set later stay silent."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _add(self, alarm: Alarm) -> Alarm:
        with self._changed:
            self._agenda.add(alarm)
            self._changed.notify()
        return alarm

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                self._agenda.ring_due(self._monotonic())
                due = self._agenda.next_due()
                self._changed.wait(None if due is None else self._until(due))

    def _until(self, due: float) -> float:
        """Seconds to sleep; an alarm beyond what a lock can wait for is looked at again then."""
        return min(max(0.0, due - self._monotonic()), threading.TIMEOUT_MAX)
