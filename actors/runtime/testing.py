"""Doubles of what this package owns: time moved by hand, and an address that keeps it all."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import frozen

from actors.runtime.address import Address
from actors.runtime.mailbox import MailboxFull
from actors.runtime.timers import Agenda, Alarm, Cancel, never


class ManualClock:
    """A clock that stands still until it is moved; now and monotonic move together."""

    def __init__(self, now: datetime = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> datetime:
        """The instant it was moved to, as an aware UTC datetime."""
        return self._now

    def monotonic(self) -> float:
        """Seconds it was moved since it was made."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self.move_to(self._monotonic + seconds)

    def move_to(self, monotonic: float) -> None:
        """Move on to a monotonic instant."""
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


class ManualTimers:
    """Alarms that ring when `advance` reaches them, on the clock they move with."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self._agenda = Agenda()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many alarms are set."""
        with self._changed:
            return len(self._agenda)

    def after(
        self,
        delay_s: float,
        address: Address,
        message: object,
        *,
        control: bool = True,
        is_over: Callable[[], bool] = never,
    ) -> Cancel:
        """Tell it once, when so many seconds have been advanced."""
        due = self.clock.monotonic() + delay_s
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
        due = self.clock.monotonic() + period_s
        return self._add(Alarm(address, message, control, due, period_s, is_over))

    def advance(self, seconds: float) -> None:
        """Move the clock on, stopping at each alarm on the way to ring it."""
        with self._changed:
            end = self.clock.monotonic() + seconds
            while (due := self._agenda.next_due()) is not None and due <= end:
                self.clock.move_to(max(due, self.clock.monotonic()))
                self._agenda.ring_due(self.clock.monotonic())
            self.clock.move_to(end)

    def wait_for_alarms(self, number: int, timeout_s: float = 5.0) -> bool:
        """Whether another thread has set so many alarms, or more, within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._agenda) >= number, timeout_s)

    def close(self) -> None:
        """Nothing to close; here because `Timers` has it."""

    def _add(self, alarm: Alarm) -> Alarm:
        with self._changed:
            self._agenda.add(alarm)
            self._changed.notify_all()
        return alarm


@frozen
class Told:
    """One thing an address was told, and how."""

    message: object
    control: bool
    reserved: bool


class RecordingAddress(Address):
    """An address that nobody reads: it keeps what it is told, in order, for a test to look at."""

    def __init__(self, name: str = "recorder", bound: int = 10_000) -> None:
        super().__init__(name, bound)
        self.letters: list[Told] = []
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self.letters)

    @property
    def told(self) -> list[object]:
        """The messages alone, in the order told."""
        return [letter.message for letter in self.letters]

    def tell(self, message: object, *, control: bool = False, reserved: bool = False) -> None:
        """Keep it; beyond the bound an ordinary message raises `MailboxFull`."""
        with self._changed:
            ordinary = sum(not letter.control for letter in self.letters)
            if not control and not reserved and ordinary >= self.mailbox.bound:
                raise MailboxFull(self.name, self.mailbox.bound)
            self.letters.append(Told(message, control, reserved))
            self._changed.notify_all()

    def take(self) -> list[object]:
        """The messages told since the last take."""
        with self._changed:
            taken = self.told
            self.letters.clear()
        return taken

    def wait_for(self, wanted: Callable[[object], bool], timeout_s: float = 5.0) -> bool:
        """Whether another thread has told, or tells within so many seconds, a wanted message."""
        with self._changed:
            return self._changed.wait_for(lambda: any(map(wanted, self.told)), timeout_s)

    def hears(self, message: object, timeout_s: float = 5.0) -> bool:
        """Whether another thread has told, or tells within so many seconds, exactly this."""
        return self.wait_for(lambda told: told == message, timeout_s)
