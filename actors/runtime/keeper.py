"""What a supervisor does for one child or one group: start it, try it again, park it."""

import abc
import logging
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from actors.runtime.child import Child, Restarts
from actors.runtime.life import Birth, Hopeless
from actors.runtime.patience import Patience
from actors.runtime.reminders import BackoffIsOver, StartIsLate, StopIsLate
from actors.runtime.seat import Seat
from actors.runtime.timers import Alarms
from actors.runtime.tree_state import State
from actors.runtime.worker import Worker


log = logging.getLogger("trading_bot.runtime")

Parking = Callable[[str, str, str], None]
"""Told in the supervisor's thread, before anyone is stopped: the group, whose death was one too
many for it, and what that one died of.
"""


class Keeper(Worker):
    """Keeps the seats of a supervisor filled; what concerns the whole tree is its subclass's.

    What a child died of is told on, and kept, as `hide` leaves it.
    """

    def __init__(
        self,
        birth: Birth,
        children: Sequence[Child],
        *,
        alarms: Alarms,
        random: Random,
        patience: Patience,
        on_parking: Parking,
        hide: Callable[[str], str],
    ) -> None:
        super().__init__(birth)
        now = self.clock.now()
        self._seats = {child.name: Seat(child, now) for child in children}
        if len(self._seats) < len(children):
            raise ValueError(f"two children of {self.address.name} have the same name")
        self._alarms = self.own(alarms)
        self._random = random
        self._patience = patience
        self._on_parking = on_parking
        self._hide = hide
        self._parked: set[str] = set()

    @abc.abstractmethod
    def _stop_all(self, then: Callable[[], None]) -> None:
        """Stop all children in reverse, then do this."""

    @abc.abstractmethod
    def _give_up(self, seat: Seat, error: BaseException | None) -> None:
        """End the tree because of this one."""

    # ---- starting --------------------------------------------------------------------

    def _advance(self) -> None:
        """Start the next child, if every one before it is running.

        One that is tried again and again holds up its own group, and the others if it has none.
        """
        held_up: set[str | None] = set()
        for seat in self._seats.values():
            group = seat.child.group
            if group in held_up:
                continue
            if seat.state is State.STOPPED and group in self._parked:
                seat.enter(State.PARKED, self.clock.now())
                self._stand_in(seat)
            elif seat.state is State.STOPPED:
                self._start(seat)
            if seat.state is State.STARTING or (group is None and seat.state is not State.RUNNING):
                return
            if seat.state is State.BACKING_OFF:
                held_up.add(group)

    def _start(self, seat: Seat) -> None:
        birth = seat.birth(self.address, self.clock)
        seat.enter(State.STARTING, self.clock.now())
        late = StartIsLate(seat.name, seat.incarnation)
        seat.watch(self._alarms.after(seat.child.start_deadline_s, self.address, late))
        try:
            seat.ref = seat.child.start(birth)
        except BaseException as error:  # its __init__ runs here; whatever it raises is its own
            log.exception("actor_not_made", extra=_who(seat))
            self._on_death(seat, error)

    def _on_started(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation) and seat.state in {State.STARTING, State.RUNNING}:
            seat.run(self.clock.now(), self.clock.monotonic())
            self._advance()

    def _on_waits(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation):
            seat.waits = seat.is_running

    def _on_start_late(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation) and seat.state is State.STARTING:
            self._give_up_on(seat, f"not started within {seat.child.start_deadline_s} s")

    # ---- dying and trying again ------------------------------------------------------

    def _give_up_on(self, seat: Seat, why: str) -> None:
        """Leave a thread that does not do what it should to itself; its late acts are fenced."""
        log.error("actor_abandoned", extra=_who(seat, error=why))
        seat.abandon(has_failed=True)
        self._on_death(seat, TimeoutError(why))

    def _on_death(self, seat: Seat, error: BaseException | None) -> None:
        delay_s = seat.delay_s(self.clock.monotonic(), self._random)
        seat.last_error = self._said(error)
        seat.enter(State.STOPPED, self.clock.now())
        group = seat.child.group
        too_many = self._patience.is_one_too_many(group, self.clock.monotonic())
        if too_many or isinstance(error, Hopeless):
            log.error("actor_given_up", extra=_who(seat, error=seat.last_error))
            if group is None:
                self._give_up(seat, error)
            else:
                self._park(group, seat)
            return
        seat.restarts += 1
        log.warning(
            "actor_restarting", extra=_who(seat, error=seat.last_error, delay_s=round(delay_s, 3))
        )
        if seat.child.restarts is Restarts.ALL:
            self._stop_all(partial(self._back_off, seat, delay_s))
        else:
            self._back_off(seat, delay_s)
            self._advance()

    def _back_off(self, seat: Seat, delay_s: float) -> None:
        seat.enter(State.BACKING_OFF, self.clock.now())
        over = BackoffIsOver(seat.name, seat.incarnation)
        seat.watch(self._alarms.after(delay_s, self.address, over))

    def _on_backoff_over(self, seat: Seat, incarnation: int) -> None:
        if seat.incarnation != incarnation or seat.ref is not None:
            return
        if seat.state is State.PARKED:
            self._stand_in(seat)
        elif seat.state is not State.BACKING_OFF:
            return
        elif seat.child.restarts is Restarts.ALL:
            seat.enter(State.STOPPED, self.clock.now())
            self._advance()
        else:
            self._start(seat)

    # ---- parking ---------------------------------------------------------------------

    def _park(self, group: str, because_of: Seat) -> None:
        """Stop a group and leave it so; whoever is told of it may have it started again."""
        self._parked.add(group)
        self._on_parking(group, because_of.name, because_of.last_error or "")
        for seat in self._group(group):
            if seat.ref is None:
                seat.enter(State.PARKED, self.clock.now())
        self._park_next(group)

    def _park_next(self, group: str) -> None:
        living = [seat for seat in self._group(group) if seat.ref is not None]
        if living:
            self._ask_to_stop(living[-1])
            return
        for seat in self._group(group):
            self._stand_in(seat)
        self._advance()

    def _on_parked_exited(self, seat: Seat, error: BaseException | None) -> None:
        if seat.state is State.PARKED:  # who stood in
            log.error("stand_in_ended", extra=_who(seat), exc_info=error)
            over = BackoffIsOver(seat.name, seat.incarnation)
            seat.watch(self._alarms.after(seat.child.backoff.cap_s, self.address, over))
            return
        seat.enter(State.PARKED, self.clock.now())
        self._park_next(str(seat.child.group))

    def _stand_in(self, seat: Seat) -> None:
        if seat.child.stand_in is None:
            return
        try:
            seat.ref = seat.child.stand_in(seat.birth(self.address, self.clock))
        except BaseException:
            log.exception("stand_in_not_made", extra=_who(seat))

    def _unpark(self, group: str) -> None:
        """Start a parked group with as much patience as if it had never died."""
        if group not in self._parked:
            return
        self._parked.remove(group)
        self._patience.renew(group)
        for seat in self._group(group):
            seat.abandon()
            seat.enter(State.STOPPED, self.clock.now())
        self._advance()

    def _said(self, error: BaseException | None) -> str:
        """What a child died of, in a line."""
        return "ended unasked" if error is None else self._hide(f"{type(error).__name__}: {error}")

    def _group(self, group: str) -> Sequence[Seat]:
        return [seat for seat in self._seats.values() if seat.child.group == group]

    def _ask_to_stop(self, seat: Seat) -> None:
        """Ask once, and look again at its limit."""
        if seat.asked_to_stop:
            return
        seat.stop()
        late = StopIsLate(seat.name, seat.incarnation)
        seat.watch(self._alarms.after(seat.child.shutdown_s, self.address, late))


def _who(seat: Seat, **more: object) -> dict[str, object]:
    return {"actor": seat.name, "incarnation": seat.incarnation, **more}
