"""The line from an account to its venue: its wire and gate, signing in, connecting, what fails."""

import abc
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Final

from actors.event_sourced import EventSourced
from actors.failure_count import FailureCount
from actors.login_messages import Admitted, LetIn, Stirred, TokenRefused
from actors.messages import (
    CloseGate,
    Connected,
    ConnectFailed,
    GateClosed,
    Heard,
    Reported,
    Tick,
)
from actors.runtime import Address, Alarms, Birth
from actors.wire import Wire
from actors.wire_memory import wire_memory
from brokers.base import Venue
from brokers.sign_in import AccessRefused
from journal.recall import Recall
from trading.desk import Desk
from trading.events import VenueFailed, VenueLost
from trading.last_gate import OPEN_GATE
from trading.money import ZERO
from trading.vocabulary import AccountName, ErrorKind


SECOND_IS_OVER: Final = Tick("second_is_over")
RECONNECT_FIRST_S: Final = 1.0
RECONNECT_CAP_S: Final = 30.0


class VenueLine(EventSourced[Desk]):
    """Opens an account's venue and keeps it open; what is said on it is its subclasses' to say.

    `make_venue` makes the account's venue; each incarnation opens one of its own on a loop of its
    own and closes both at its end. `login` keeps the sign-in, where the venue has one.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        make_venue: Callable[[], Venue],
        alarms: Alarms,
        login: Address | None = None,
    ) -> None:
        super().__init__(birth, journal=journal, reader=reader, memory=wire_memory(account))
        self._account = account
        self._make_venue = make_venue
        self._alarms = self.own(alarms)
        self._wire: Wire | None = None
        self._wires = count(1)
        self._gate = OPEN_GATE
        self._login = login
        self._admitted = Admitted(None)
        self.forget()

    # --- memory ---------------------------------------------------------------------------------

    @property
    def _desk(self) -> Desk:
        return self.state

    def forget(self) -> None:
        """An empty desk; what a halt has closed stays closed, and access stands."""
        super().forget()
        self._failures = FailureCount()
        self._connect_s = RECONNECT_FIRST_S
        self._cash = ZERO
        self._is_rehearsal = False

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Close the venue; nothing of this incarnation can send any more."""
        if self._wire is not None:
            self._wire.close()

    def settle(self) -> None:
        """Let the gate on the wire know the stops in force."""
        if self._desk.stops is not self._gate.stops:
            self._gate = self._gate.informed(self._desk.stops)
            self.wire.inform(self._desk.stops)

    # --- messages -------------------------------------------------------------------------------

    def receive(self, message: object) -> None:
        """A gate is closed at once, whether or not the journal answers."""
        match message:
            case CloseGate():
                self._close_gate(message)
            case _:
                super().receive(message)

    def handle(self, message: object) -> None:
        """Take in one message, or all that the wire told at once; then see what is to be done."""
        for each in message.messages if isinstance(message, Heard) else (message,):
            self.hear(each)
        self.settle()

    def hear(self, message: object) -> None:
        """What the wire, the sign-in and the timers tell of the line."""
        match message:
            case Connected(wire=wire, balances=balances):
                if wire == self.wire.name:  # a former wire says nothing of this one
                    self._is_connecting, self._is_connected = False, True
                    self._connect_s = RECONNECT_FIRST_S
                    self._is_rehearsal = balances.rehearsal
                    self._connected(balances.cash)
            case ConnectFailed():
                if message.wire == self.wire.name:
                    self._not_connected(message)
            case Admitted():
                self._admit(message)
            case Stirred():
                self.wire.tell_venue(lambda venue: venue.wake())
            case Reported(report=AccessRefused(token=token)):
                if self._login is not None:
                    self._login.tell(TokenRefused(token), control=True)
            case Tick(name="second_is_over"):
                self._failures.second_is_over()
                self._tell_failures()
            case Tick(name=name) if name.startswith("connect:"):
                if name == f"connect:{self.wire.name}":
                    self._connect()
            case _:
                raise TypeError(f"the BrokerActor does not know {message!r}")

    # --- the wire -------------------------------------------------------------------------------

    @property
    def wire(self) -> Wire:
        """The current wire; there is one from the first fold on."""
        assert self._wire is not None  # noqa: S101 - opened before anything is handled
        return self._wire

    def _open_wire(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._gate = self._gate.informed(self._desk.stops)
        name = f"{self.address.name}/{self.incarnation}.{next(self._wires)}"
        self._wire = Wire(name, self._make_venue(), self.clock, self._tell_self, self._gate)
        self._is_connecting = self._is_connected = False
        if self._login is None:
            self._connect()
        else:
            self._admit(self._admitted)
            self._login.tell(LetIn(self._account, self.address), control=True)

    def _connect(self) -> None:
        if not self._is_connecting:
            self._is_connecting = True
            self.wire.connect()

    def _admit(self, admitted: Admitted) -> None:
        """Go by another access, or by none; nobody is waited for who does not sign in."""
        self._admitted, access = admitted, admitted.access
        self.wire.tell_venue(lambda venue: venue.admit(access))
        if access is None:
            self._is_connected = False
            self._lost(admitted.reason)
        elif not self._is_connected:
            self._connect()

    def _tell_self(self, message: object) -> None:
        self.address.tell(message, control=True)

    def _close_gate(self, message: CloseGate) -> None:
        self._gate = self._gate.closed(message.scope, message.generation)
        closed = GateClosed(self._account, message.generation)

        def confirm() -> None:
            message.reply_to.tell(closed, control=True)

        if self._wire is None:  # nothing can leave, and the wire to come begins with this gate
            confirm()
        else:
            self._wire.close_gate(message.scope, message.generation, confirm)

    def _not_connected(self, failed: ConnectFailed) -> None:
        """Try again later; a venue that asks to wait says when, and that is no trouble, nor is that
        nobody is signed in.
        """
        self._is_connecting = self._is_connected = False
        self._lost(failed.reason)
        delay_s = RECONNECT_CAP_S if failed.is_signed_out else failed.retry_after_s
        if delay_s is None:
            self._failed(ErrorKind.TRANSPORT, failed.reason)
            delay_s = self._connect_s
        self._alarms.after(delay_s, self.address, Tick(f"connect:{self.wire.name}"))
        self._connect_s = min(self._connect_s * 2, RECONNECT_CAP_S)

    def _lost(self, reason: str) -> None:
        if self._desk.venue_ready:
            lost = VenueLost(at=self.clock.now(), account=self._account, reason=reason)
            self.append(lost, cause=f"broker:{self._account}")

    @abc.abstractmethod
    def _connected(self, cash: Decimal) -> None:
        """The venue is open, and has so much money."""

    # --- errors that count ----------------------------------------------------------------------

    def _failed(self, kind: ErrorKind, detail: str) -> None:
        """Count trouble towards the breaker: an event at once, then at most one a second."""
        if self._failures.add(kind, detail):
            self._tell_failures()

    def _tell_failures(self) -> None:
        counted = self._failures.take()
        for each in counted:
            failed = VenueFailed(
                at=self.clock.now(),
                account=self._account,
                kind=each.kind,
                detail=each.detail,
                count=each.count,
            )
            self.append(failed, cause=f"broker:{self._account}")
        if counted and self._failures.gather():
            self._alarms.after(1.0, self.address, SECOND_IS_OVER)
