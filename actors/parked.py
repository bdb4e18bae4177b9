"""ParkedAccount: who stands in for an account's RiskActor while nothing is traded there."""

from attrs import Factory, define, evolve

from actors.by_hand import BookByHand, BookedByHand
from actors.event_sourced import EventSourced
from actors.interests import interest
from actors.memory import Memory
from actors.runtime import Address, Birth, Unpark
from journal import Recorded
from journal.recall import Recall
from trading.alert_events import AlertAccepted, AlertQuarantined, SignalApproved, SignalRefused
from trading.breaker import NO_STOPS, STOP_FACTS, Stop, Stops, evolve_stops
from trading.by_hand import Declined
from trading.event import Event
from trading.events import AccountParked
from trading.signals import may_leave
from trading.vocabulary import AccountName, AlertId, Code


PARKED_FACTS = interest((AlertAccepted, SignalApproved, SignalRefused, AlertQuarantined))


@define
class Parked:
    """What is stopped, and which alerts of the account wait; owned by one thread."""

    stops: Stops = NO_STOPS
    undecided: dict[AlertId, AlertAccepted] = Factory(dict)

    def after(self, event: Event) -> "Parked":
        """The same, one fact later: an alert, a decision, a stop or a start."""
        match event:
            case AlertAccepted():
                self.undecided[event.alert_id] = event
            case SignalApproved() | SignalRefused() | AlertQuarantined():
                self.undecided.pop(event.alert_id, None)
            case _:
                self.stops = evolve_stops(self.stops, event)
        return self


class ParkedAccount(EventSourced[Parked]):
    """Makes the parking of its account a fact, refuses its alerts at once, and ends it when a
    person has resumed the account.

    Of the past it knows only what it needs for that: a fact that nobody can fold is not its own to
    fold either. `reason` is whose end was one too many, and what it was.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        account: AccountName,
        group: str,
        reason: tuple[str, str],
    ) -> None:
        facts = evolve(PARKED_FACTS, types=PARKED_FACTS.types | set(STOP_FACTS), account=account)
        memory = Memory(name=group, kind=Parked, begin=Parked, step=Parked.after, interest=facts)
        super().__init__(birth, journal=journal, reader=reader, memory=memory)
        self._account = account
        self._group = group
        self._actor, self._reason = reason
        self._is_parked = False

    def forget(self) -> None:
        """Nothing is stopped, nothing waits."""
        super().forget()
        self._is_parked = False

    def recovered(self) -> None:
        """Make it a fact, unless it is one already: a latch holds through restarts."""
        stop = self._latch()
        if stop is None or stop.reason != f"{self._actor}: {self._reason}":
            parked = AccountParked(
                at=self.clock.now(),
                account=self._account,
                generation=self.state.stops.generation + 1,
                actor=self._actor,
                reason=self._reason,
            )
            self.append(parked, cause=f"parked:{self._account}")
        else:
            self._is_parked = True

    def committed(self, recorded: Recorded) -> None:
        """It is a fact: from here on a resume ends it."""
        if isinstance(recorded.event, AccountParked):
            self._is_parked = True

    def handle(self, message: object) -> None:
        """What the account's RiskActor was told is for its successor to find in the journal; but a
        person who waits for it is told.
        """
        if isinstance(message, BookByHand):
            inputs = {"actor": self._actor, "reason": self._reason}
            message.reply.set(BookedByHand(declined=Declined(Code.ACCOUNT_PARKED, inputs)))

    def settle(self) -> None:
        """Refuse what waits; where a person has resumed, have the account's actors started."""
        if self._is_parked and self._latch() is None:
            self.supervisor.tell(Unpark(self._group), control=True)
            return
        for alert in tuple(self.state.undecided.values()):
            refused = SignalRefused(
                at=self.clock.now(),
                alert_id=alert.alert_id,
                account=self._account,
                strategy=alert.strategy,
                symbol=alert.symbol,
                code=Code.ACCOUNT_PARKED,
                inputs={"actor": self._actor, "reason": self._reason},
                is_exit=may_leave(alert),
            )
            keys = (f"decide:{alert.alert_id}/{self._account}",)
            self.append(refused, keys=keys, cause=alert.alert_id)

    def _latch(self) -> Stop | None:
        of_account = (s for s in self.state.stops.in_force if s.scope.account == self._account)
        return next((s for s in of_account if s.code is Code.ACCOUNT_PARKED), None)
