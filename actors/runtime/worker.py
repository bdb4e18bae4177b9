"""The base of every actor: reads a mailbox it does not own, and reports its end in every case."""

import abc
import logging
import threading
from collections.abc import Hashable
from types import TracebackType
from typing import Any, Final

import pykka

# The first is private and has no public twin; test_pykka_contract.py pins it.
from pykka.messages import ProxyCall, ProxyGetAttr, ProxySetAttr, _ActorStop

from actors.runtime.life import Alive, Birth, Exited, Probe, Started, Waits
from actors.runtime.own_alarms import OwnAlarms, Rung
from actors.runtime.port import Port
from actors.runtime.timers import Alarms


log = logging.getLogger("trading_bot.runtime")


DEADLY: Final = 3
"""How many deaths a thing in hand may cause; it is not taken in hand again."""


PYKKAS_OWN = (
    _ActorStop,
    ProxyCall,
    ProxyGetAttr,
    ProxySetAttr,
)
"""What Pykka handles itself; asked once here instead of one by one for every message."""


class HandlerEnded(Exception):  # noqa: N818 - names what happened, to an asker that sees nothing else
    """A handler raised what is no Exception, such as SystemExit; its actor alone died of it."""


class Worker(pykka.ThreadingActor):
    """An actor with one thread, one address and a supervisor.

    `__init__` runs in the thread that starts it, `on_start`, `receive` and `on_end` in its own.
    Whatever they raise ends this actor and no other; its supervisor hears of it and starts the next
    incarnation.
    """

    use_daemon_thread = True

    linger_s = 0.0
    """How long it lets others go first when it is woken; for those on whom nobody waits."""

    def __init__(self, birth: Birth) -> None:
        super().__init__()
        self.address = birth.address
        self.clock = birth.clock
        self.incarnation = birth.incarnation
        self.last_error = birth.last_error
        self.supervisor = birth.supervisor
        self._deaths = birth.deaths
        self._error: BaseException | None = None
        self._has_ended = False
        self._port = Port(birth.address.mailbox, self.revoked, linger_s=self.linger_s)
        # Both hold the inbox: the loop reads the actor's, senders (a stop) write to the ref's.
        self.actor_inbox = self.actor_ref.actor_inbox = self._port

    @abc.abstractmethod
    def receive(self, message: object) -> None:
        """Handle one message; an exception ends this incarnation."""

    def on_end(self, error: BaseException | None) -> None:
        """Let go of what the actor holds; runs once at every end, `error` being what it died of."""

    def revoked(self) -> None:
        """Let go of what acts outside the actor's thread, which hangs.

        Runs in the supervisor's thread, once, and may not block; the hung thread may still be in
        the middle of anything.
        """

    def started(self) -> None:
        """Tell the supervisor that this incarnation is ready, and read ordinary messages too."""
        self._port.open()
        self.supervisor.tell(Started(self.address.name, self.incarnation), control=True)

    def wait(self) -> None:
        """Read control messages only, from the next one on, until `started`; ordinary ones wait."""
        if self._port.is_open:
            self._port.close()
            self.supervisor.tell(Waits(self.address.name, self.incarnation), control=True)

    @property
    def is_over(self) -> bool:
        """Whether this incarnation was stopped or replaced; any of its threads may ask."""
        return self._port.is_over

    def own(self, alarms: Alarms) -> OwnAlarms:
        """Alarms that end with this incarnation and ring for no other."""
        return OwnAlarms(alarms, self.address, self.incarnation, lambda: self._port.is_over)

    def take_in_hand(self, thing: Hashable) -> None:
        """Name what is worked on, None when that is done.

        If the actor dies or hangs before, that is counted against it.
        """
        self._port.in_hand = thing

    def is_deadly(self, thing: Hashable) -> bool:
        """Whether former incarnations died with this in hand, often enough to leave it alone."""
        return self._deaths.get(thing, 0) >= DEADLY

    # ---- what Pykka calls ------------------------------------------------------------

    def on_receive(self, message: object) -> None:
        """Pykka's name for `receive`; what concerns the incarnation as such is seen to here."""
        match message:
            case Probe(number):
                alive = Alive(self.address.name, self.incarnation, number)
                self.supervisor.tell(alive, control=True)
            case Rung(incarnation, rung):
                if incarnation == self.incarnation:
                    self.receive(rung)
            case _:
                self.receive(message)

    def on_stop(self) -> None:
        """End before whoever stops this actor and waits for it is answered."""
        self._end()

    def _start_actor_loop(self) -> None:
        try:
            super()._start_actor_loop()
        except RuntimeError:  # no more threads: an actor that never lived must not stay registered
            pykka.ActorRegistry.unregister(self.actor_ref)
            raise

    def _actor_loop(self) -> None:
        threading.current_thread().name = self.address.name
        try:
            super()._actor_loop()
        except BaseException as error:  # noqa: BLE001 - on_start may raise SystemExit; it ends this actor only
            self._handle_failure(type(error), error, error.__traceback__)
        finally:
            self._end()
            self._port.end()
            exited = Exited(self.address.name, self.incarnation, self._error)
            self.supervisor.tell(exited, control=True)

    def _handle_receive(self, message: Any) -> Any:
        # Pykka lets an actor live on after a failed ask, its state half changed, and makes a
        # SystemExit stop every actor there is. Here any exception is the death of this one alone.
        try:
            if isinstance(message, PYKKAS_OWN):
                return super()._handle_receive(message)
            return self.on_receive(message)
        except Exception as error:
            self._handle_failure(type(error), error, error.__traceback__)
            raise
        except BaseException as error:
            self._handle_failure(type(error), error, error.__traceback__)
            raise HandlerEnded(f"{self.address.name} died of {error!r}") from error

    def _handle_failure(
        self,
        exception_type: type[BaseException] | None,  # noqa: ARG002 - Pykka's signature
        exception_value: BaseException | None,
        traceback: TracebackType | None,  # noqa: ARG002 - Pykka's signature
    ) -> None:
        """Record and log what the actor dies of, once; Pykka may call it again for one error."""
        pykka.ActorRegistry.unregister(self.actor_ref)
        self.actor_stopped.set()
        if self._error is None:
            self._error = exception_value
            log.error("actor_crashed", extra=self._who(), exc_info=exception_value)

    def _end(self) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        try:
            self.on_end(self._error)
        except BaseException:
            log.exception("actor_failed_ending", extra=self._who())

    def _who(self) -> dict[str, object]:
        return {"actor": self.address.name, "incarnation": self.incarnation}
