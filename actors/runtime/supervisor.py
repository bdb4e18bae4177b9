"""Keeps actors alive: ordered start, restarts with backoff, a limit to patience, ordered stop."""

import logging
from collections.abc import Callable, Iterator, Sequence
from random import Random

from actors.runtime.child import Child
from actors.runtime.keeper import Keeper, Parking
from actors.runtime.life import Alive, Birth, Exited, Started, Waits
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


log = logging.getLogger("trading_bot.runtime")

GivingUp = Callable[[str, BaseException | None], None]
"""Told once, in the supervisor's thread: whose death was one too many, and what it died of."""


class Supervisor(Keeper):
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
        hide: Callable[[str], str] = str,
    ) -> None:
        super().__init__(
            birth,
            children,
            alarms=alarms,
            random=random,
            patience=patience,
            on_parking=on_parking,
            hide=hide,
        )
        self._probe_s = probe_s
        self._on_giving_up = on_giving_up
        self._state = state
        self._ended = has_ended
        self._round = 0
        self._probed_at = self.clock.monotonic()
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
                log.error("message_not_known", extra={"actor": self.address.name, "said": message})
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

    # ---- ends ------------------------------------------------------------------------

    def _on_exited(self, seat: Seat, incarnation: int, error: BaseException | None) -> None:
        if not seat.is_filled_by(incarnation):
            return
        seat.vacate(has_failed=error is not None)
        if self._when_stopped is not None:
            seat.last_error = seat.last_error if error is None else self._said(error)
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()
        elif seat.child.group in self._parked:
            self._on_parked_exited(seat, error)
        else:
            self._on_death(seat, error)

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
        if living:
            self._ask_to_stop(living[-1])
            return
        then, self._when_stopped = self._when_stopped, None
        assert then is not None  # noqa: S101 - nobody is stopped next unless all are being stopped
        then()

    def _on_stop_late(self, seat: Seat, incarnation: int) -> None:
        if not seat.is_filled_by(incarnation) or not seat.asked_to_stop:
            return
        about = {"actor": seat.name, "limit_s": seat.child.shutdown_s}
        log.error("actor_stop_late", extra=about)
        seat.abandon()
        if self._when_stopped is not None:
            seat.enter(State.STOPPED, self.clock.now())
            self._stop_next()
        else:
            seat.enter(State.PARKED, self.clock.now())
            self._park_next(str(seat.child.group))

    def _give_up(self, seat: Seat, error: BaseException | None) -> None:
        self._cause = (seat.name, error)
        self._stop_all(self._finish)

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
