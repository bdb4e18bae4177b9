"""Which facts an actor wants to be told of."""

from collections.abc import Collection, Iterable

from attrs import frozen

from trading.alert_events import AlertAccepted
from trading.event import Event
from trading.events import ActorStarted, Halted, Healed, Resumed, Tripped
from trading.vocabulary import AccountName


@frozen
class Interest:
    """Some types of event, of one account or of all."""

    types: frozenset[type[Event]]
    account: AccountName | None = None

    def matches(self, event: Event) -> bool:
        """Whether the event concerns whoever holds this interest."""
        return type(event) in self.types and self.is_of(accounts_of(event))

    def is_of(self, accounts: Collection[str] | None) -> bool:
        """Whether events that concern these accounts, or all there are, concern the holder."""
        return self.account is None or accounts is None or self.account in accounts


def interest(types: Iterable[type[Event]], account: AccountName | None = None) -> Interest:
    """An interest in these types."""
    return Interest(frozenset(types), account)


def accounts_of(event: Event) -> tuple[str, ...] | None:
    """The accounts that an event concerns; None: all there are."""
    if (account := getattr(event, "account", None)) is not None:
        return (account,)
    match event:
        case AlertAccepted():
            return event.routes
        case Halted() | Tripped() | Resumed() | Healed():
            return None if event.scope.account is None else (event.scope.account,)
        case ActorStarted():
            return (event.actor.partition(":")[2],)
        case _:
            return None
