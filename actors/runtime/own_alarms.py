"""Alarms that belong to one incarnation and die with it."""

from collections.abc import Callable

from attrs import frozen

from actors.runtime.address import Address
from actors.runtime.timers import Alarms, Cancel


@frozen
class Rung:
    """An alarm that an incarnation set for itself; to any other it means nothing."""

    incarnation: int
    message: object


@frozen
class OwnAlarms:
    """Alarms as one incarnation sets them: they ring for no other, and not at all once it is over.

    What rang and still waits in the mailbox when the incarnation ends is not handed to its
    successor, see `Worker.on_receive`.
    """

    alarms: Alarms
    address: Address
    incarnation: int
    is_over: Callable[[], bool]

    def after(
        self, delay_s: float, address: Address, message: object, *, control: bool = True
    ) -> Cancel:
        """Tell it once, after so many seconds."""
        mine = self._mine(address, message)
        return self.alarms.after(delay_s, address, mine, control=control, is_over=self.is_over)

    def every(
        self, period_s: float, address: Address, message: object, *, control: bool = True
    ) -> Cancel:
        """Tell it again and again, first after one period."""
        mine = self._mine(address, message)
        return self.alarms.every(period_s, address, mine, control=control, is_over=self.is_over)

    def _mine(self, address: Address, message: object) -> object:
        return Rung(self.incarnation, message) if address is self.address else message
