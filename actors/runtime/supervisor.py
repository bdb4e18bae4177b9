"""Keeps actors alive: ordered start, restarts with backoff, a limit to patience, ordered stop."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from actors.runtime.child import Child, Restarts
from actors.runtime.life import Alive, Birth, Exited, Hopeless, Started, Waits
from actors.runtime.patience import Patience
from actors.runtime.publication import Publication
from actors.runtime.reminders import (
    BackoffIsOver,
    RoundIsOver,
    Shutdown,
    StartIsLate,
    StopIsLate,
    Unpark,
)
from actors.runtime.seat import Seat
from actors.runtime.timers import Alarms
from actors.runtime.tree_state import UP, State, TreeState
from actors.runtime.worker import Worker


log = logging.getLogger("trading_bot.runtime")

GivingUp = Callable[[str, BaseException | None], None]
"""Told once, in the supervisor's thread: whose death was one too many, and what it died of."""

Parking = Callable[[str, str, str], None]
"""Told in the supervisor's thread, before anyone is stopped: the group, whose death was one too
many for it, and what that one died of.
"""


class Supervisor(Worker):
    """Starts each child when the one before it has told Started, and starts again what dies.

    More than `intensity` restarts within `period_s` are one too many, and so is one end that is
    Hopeless. A group is then parked: stopped, and started again only when it is told Unpark. For a
    child of no group it stops all children, says so through `on_giving_up`, and ends.

    Every `probe_s` it asks all running children whether they live. One that has read nothing for
    three rounds is replaced without waiting for its thread.

    It never waits for a child: everything it does is the answer to a message, from a child or from
    its own alarms.
    """

    def __init__(
        self,
        birth: Birth,
        children: Sequence[Child],
        *,
        alarms: Alarms,
        random: Random,
        patience: Patience,
        probe_s: float,
        on_parking: Parking,
        on_giving_up: GivingUp,
        state: Publication[TreeState],
        has_ended: Publication[bool],
    ) -> None:
        super().__init__(birth)
        now = self.clock.now()
        self._seats = {child.name: Seat(child, now) for child in children}
        if len(self._seats) < len(children):
            raise ValueError(f"two children of {self.address.name} have the same name")
        self._alarms = alarms
        self._random = random
        self._patience = patience
        self._probe_s = probe_s
        self._on_parking = on_parking
        self._on_giving_up = on_giving_up
        self._state = state
        self._ended = has_ended
        self._round = 0
        self._probed_at = self.clock.monotonic()
        self._parked: set[str] = set()
        # What follows when all children are stopped; None unless they are being stopped.
        self._when_stopped: Callable[[], None] | None = None
        self._cause: tuple[str, BaseException | None] | None = None
        self._has_given_up = False
        self._publish()

    def on_start(self) -> None:
        """Start the first child."""
        self.started()
        self._alarms.every(self._probe_s, self.address, RoundIsOver())
        self._advance()
        self._publish()

    def receive(self, message: object) -> None:
        """Handle what a child or an own alarm says, unless a former incarnation is meant."""
        match message:
            case Exited(name, incarnation, error):
                self._on_exited(self._seats[name], incarnation, error)
            case StopIsLate(name, incarnation):
                self._on_stop_late(self._seats[name], incarnation)
            case Shutdown():
                self._stop_all(self._finish)
            case _ if self._when_stopped is not None:
                pass  # starts and backoffs mean nothing while all is being stopped
            case Started(name, incarnation):
                self._on_started(self._seats[name], incarnation)
            case Waits(name, incarnation):
                self._on_waits(self._seats[name], incarnation)
            case Alive(name, incarnation, number):
                self._on_alive(self._seats[name], incarnation, number)
            case RoundIsOver():
                self._probe()
            case Unpark(group):
                self._unpark(group)
            case StartIsLate(name, incarnation):
                self._on_start_late(self._seats[name], incarnation)
            case BackoffIsOver(name, incarnation):
                self._on_backoff_over(self._seats[name], incarnation)
            case _:
                log.error("%s was told something it does not know: %r", self.address.name, message)
        self._publish()

    def on_end(self, error: BaseException | None) -> None:
        """Leave no child behind; a crash of the supervisor itself is told as giving up."""
        for seat in reversed(self._seats.values()):
            seat.stop()
            seat.enter(State.STOPPED, self.clock.now())
        self._publish()
        try:
            if error is not None and not self._has_given_up:
                self._on_giving_up(self.address.name, error)
        finally:
            self._ended.publish(True)

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
            log.exception("%s could not be made (incarnation %d)", seat.name, seat.incarnation)
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

    # ---- probes ----------------------------------------------------------------------

    def _probe(self) -> None:
        """See who is stuck, and ask everyone again."""
        for seat in self._running():
            seat.round_is_over()
            if seat.pulse.is_hung and seat.child.may_be_replaced:
                self._give_up_on(seat, f"hung: it has read nothing for {self._probe_s * 3:g} s")
        if self._when_stopped is not None:
            return
        self._round += 1
        running = list(self._running())
        if not any(seat.pulse.stuck for seat in running):
            self._probed_at = self.clock.monotonic()
        for seat in running:
            seat.probe(self._round)

    def _running(self) -> Iterator[Seat]:
        return (seat for seat in self._seats.values() if seat.is_running)

    def _on_alive(self, seat: Seat, incarnation: int, number: int) -> None:
        if seat.is_filled_by(incarnation):
            seat.pulse.hear(number)

    # ---- dying and trying again ------------------------------------------------------

    def _give_up_on(self, seat: Seat, why: str) -> None:
        """Leave a thread that does not do what it should to itself; its late acts are fenced."""
        log.error("%s is abandoned (incarnation %d): %s", seat.name, seat.incarnation, why)
        seat.abandon(has_failed=True)
        self._on_death(seat, TimeoutError(why))

    def _on_exited(self, seat: Seat, incarnation: int, error: BaseException | None) -> None:
        if not seat.is_filled_by(incarnation):
            return
        seat.vacate(has_failed=error is not None)
        if self._when_stopped is not None:
            seat.last_error = seat.last_error if error is None else _said(error)
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()
        elif seat.child.group in self._parked:
            self._on_parked_exited(seat, error)
        else:
            self._on_death(seat, error)

    def _on_death(self, seat: Seat, error: BaseException | None) -> None:
        delay_s = seat.delay_s(self.clock.monotonic(), self._random)
        seat.last_error = _said(error)
        seat.enter(State.STOPPED, self.clock.now())
        group = seat.child.group
        too_many = self._patience.is_one_too_many(group, self.clock.monotonic())
        if too_many or isinstance(error, Hopeless):
            log.error("%s gives up: %s: %s", self.address.name, seat.name, seat.last_error)
            if group is None:
                self._cause = (seat.name, error)
                self._stop_all(self._finish)
            else:
                self._park(group, seat)
            return
        seat.restarts += 1
        log.warning("%s is tried again in %.3f s: %s", seat.name, delay_s, seat.last_error)
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
        if seat.state is not State.BACKING_OFF or seat.incarnation != incarnation:
            return
        if seat.child.restarts is Restarts.ALL:
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
        if seat.state is State.PARKED:  # who stood in; what waits there waits until it is unparked
            log.error("%s has nobody standing in any more: %r", seat.name, error)
            return
        seat.enter(State.PARKED, self.clock.now())
        self._park_next(str(seat.child.group))

    def _stand_in(self, seat: Seat) -> None:
        if seat.child.stand_in is None:
            return
        try:
            seat.ref = seat.child.stand_in(seat.birth(self.address, self.clock))
        except BaseException:
            log.exception("nobody can stand in for %s", seat.name)

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

    def _group(self, group: str) -> Sequence[Seat]:
        return [seat for seat in self._seats.values() if seat.child.group == group]

    # ---- stopping --------------------------------------------------------------------

    def _stop_all(self, then: Callable[[], None]) -> None:
        if self._when_stopped is None:
            for seat in self._seats.values():
                if seat.ref is None:
                    seat.enter(State.STOPPED, self.clock.now())
        self._when_stopped = then
        self._stop_next()

    def _stop_next(self) -> None:
        """Ask the last living child to stop; go on when none is left."""
        living = [seat for seat in self._seats.values() if seat.ref is not None]
        if not living and self._when_stopped is not None:
            then, self._when_stopped = self._when_stopped, None
            then()
        elif living:
            self._ask_to_stop(living[-1])

    def _ask_to_stop(self, seat: Seat) -> None:
        """Ask once, and look again at its limit."""
        if seat.asked_to_stop:
            return
        seat.stop()
        late = StopIsLate(seat.name, seat.incarnation)
        seat.watch(self._alarms.after(seat.child.shutdown_s, self.address, late))

    def _on_stop_late(self, seat: Seat, incarnation: int) -> None:
        if not seat.is_filled_by(incarnation) or not seat.asked_to_stop:
            return
        limit_s = seat.child.shutdown_s
        log.error("%s did not stop within %s s; its thread is abandoned", seat.name, limit_s)
        seat.abandon()
        if self._when_stopped is not None:
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()
        else:
            seat.enter(State.PARKED, self.clock.now())
            self._park_next(str(seat.child.group))

    def _finish(self) -> None:
        self._publish()
        self.stop()
        if self._cause is not None:
            self._has_given_up = True
            self._on_giving_up(*self._cause)

    def _publish(self) -> None:
        children = tuple(seat.view() for seat in self._seats.values())
        ready = all(child.state in UP or child.state is State.PARKED for child in children)
        state = TreeState(ready and self._when_stopped is None, children, self._probed_at)
        if state != self._state.current:
            self._state.publish(state)


def _said(error: BaseException | None) -> str:
    return "ended unasked" if error is None else f"{type(error).__name__}: {error}"
