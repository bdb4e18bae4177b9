"""Keeps actors alive: ordered start, restarts with backoff, a limit to patience, ordered stop."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from actors.runtime.child import Child, Restarts
from actors.runtime.life import Birth, Exited, Started
from actors.runtime.publication import Publication
from actors.runtime.reminders import BackoffIsOver, Shutdown, StartIsLate, StopIsLate
from actors.runtime.seat import Seat
from actors.runtime.timers import Alarms
from actors.runtime.tree_state import State, TreeState
from actors.runtime.worker import Worker


log = logging.getLogger("trading_bot.runtime")

GivingUp = Callable[[str, BaseException | None], None]
"""Told once, in the supervisor's thread: whose death was one too many, and what it died of."""


class Supervisor(Worker):
    """Starts each child when the one before it has told Started, and starts again what dies.

    More than `intensity` restarts within `period_s` are one too many: it stops all children, says
    so through `on_giving_up`, and ends. It never waits for a child: everything it does is the
    answer to a message, from a child or from its own alarms.
    """

    def __init__(
        self,
        birth: Birth,
        children: Sequence[Child],
        *,
        alarms: Alarms,
        random: Random,
        intensity: int,
        period_s: float,
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
        self._intensity = intensity
        self._period_s = period_s
        self._on_giving_up = on_giving_up
        self._state = state
        self._ended = has_ended
        self._restarts: deque[float] = deque()
        # What follows when all children are stopped; None unless they are being stopped.
        self._when_stopped: Callable[[], None] | None = None
        self._cause: tuple[str, BaseException | None] | None = None
        self._has_given_up = False
        self._publish()

    def on_start(self) -> None:
        """Start the first child."""
        self.started()
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
        """Start the next child, if every one before it is running."""
        for seat in self._seats.values():
            if seat.state is State.STOPPED:
                self._start(seat)
            if seat.state is not State.RUNNING:
                return

    def _start(self, seat: Seat) -> None:
        seat.incarnation += 1
        seat.asked_to_stop = False
        birth = Birth(
            seat.child.address, self.address, seat.incarnation, self.clock, seat.last_error
        )
        seat.enter(State.STARTING, self.clock.now())
        late = StartIsLate(seat.name, seat.incarnation)
        seat.watch(self._alarms.after(seat.child.start_deadline_s, self.address, late))
        try:
            seat.ref = seat.child.start(birth)
        except BaseException as error:  # its __init__ runs here; whatever it raises is its own
            log.exception("%s could not be made (incarnation %d)", seat.name, seat.incarnation)
            self._on_death(seat, error)

    def _on_started(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation) and seat.state is State.STARTING:
            seat.run(self.clock.now(), self.clock.monotonic())
            self._advance()

    def _on_start_late(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation) and seat.state is State.STARTING:
            error = TimeoutError(f"not started within {seat.child.start_deadline_s} s")
            log.error("%s is abandoned (incarnation %d): %s", seat.name, incarnation, error)
            seat.abandon()
            self._on_death(seat, error)

    # ---- dying and trying again ------------------------------------------------------

    def _on_exited(self, seat: Seat, incarnation: int, error: BaseException | None) -> None:
        if not seat.is_filled_by(incarnation):
            return
        seat.ref = None
        if self._when_stopped is None:
            self._on_death(seat, error)
        else:
            seat.last_error = seat.last_error if error is None else _said(error)
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()

    def _on_death(self, seat: Seat, error: BaseException | None) -> None:
        delay_s = seat.delay_s(self.clock.monotonic(), self._random)
        seat.last_error = _said(error)
        seat.enter(State.STOPPED, self.clock.now())
        if self._is_one_too_many():
            log.error("%s gives up: %s: %s", self.address.name, seat.name, seat.last_error)
            self._cause = (seat.name, error)
            self._stop_all(self._finish)
            return
        seat.restarts += 1
        log.warning("%s is tried again in %.3f s: %s", seat.name, delay_s, seat.last_error)
        if seat.child.restarts is Restarts.ALL:
            self._stop_all(partial(self._back_off, seat, delay_s))
        else:
            self._back_off(seat, delay_s)

    def _is_one_too_many(self) -> bool:
        now = self.clock.monotonic()
        self._restarts.append(now)
        while self._restarts[0] <= now - self._period_s:
            self._restarts.popleft()
        return len(self._restarts) > self._intensity

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

    # ---- stopping --------------------------------------------------------------------

    def _stop_all(self, then: Callable[[], None]) -> None:
        if self._when_stopped is None:
            for seat in self._seats.values():
                if seat.ref is None:
                    seat.enter(State.STOPPED, self.clock.now())
        self._when_stopped = then
        self._stop_next()

    def _stop_next(self) -> None:
        """Ask the last living child to stop, once; go on when none is left."""
        living = [seat for seat in self._seats.values() if seat.ref is not None]
        if not living and self._when_stopped is not None:
            then, self._when_stopped = self._when_stopped, None
            then()
        elif living and not living[-1].asked_to_stop:
            seat = living[-1]
            seat.stop()
            late = StopIsLate(seat.name, seat.incarnation)
            seat.watch(self._alarms.after(seat.child.shutdown_s, self.address, late))

    def _on_stop_late(self, seat: Seat, incarnation: int) -> None:
        if seat.is_filled_by(incarnation) and seat.asked_to_stop:
            limit_s = seat.child.shutdown_s
            log.error("%s did not stop within %s s; its thread is abandoned", seat.name, limit_s)
            seat.abandon()
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()

    def _finish(self) -> None:
        self._publish()
        self.stop()
        if self._cause is not None:
            self._has_given_up = True
            self._on_giving_up(*self._cause)

    def _publish(self) -> None:
        children = tuple(seat.view() for seat in self._seats.values())
        ready = all(child.state is State.RUNNING for child in children)
        state = TreeState(ready and self._when_stopped is None, children)
        if state != self._state.current:
            self._state.publish(state)


def _said(error: BaseException | None) -> str:
    return "ended unasked" if error is None else f"{type(error).__name__}: {error}"
