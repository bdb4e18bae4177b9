"""Which facts an actor wants to be told of."""

from collections.abc import Iterable

from attrs import frozen

from trading.events import ActorStarted, AlertAccepted, Event, Halted, Resumed, Tripped
from trading.vocabulary import AccountName


@frozen
class Interest:
    """Some types of event, of one account or of all."""

    types: frozenset[type[Event]]
    account: AccountName | None = None

    def matches(self, event: Event) -> bool:
        """Whether the event concerns whoever holds this interest."""
        return type(event) in self.types and (
            self.account is None or _concerns(event, self.account)
        )


def interest(types: Iterable[type[Event]], account: AccountName | None = None) -> Interest:
    """An interest in these types."""
    return Interest(frozenset(types), account)


def _concerns(event: Event, account: AccountName) -> bool:
    match event:
        case AlertAccepted():
            return account in event.routes
        case Halted() | Tripped() | Resumed():
            return event.scope.account in (None, account)
        case ActorStarted():
            return event.actor.endswith(f":{account}")
        case _:
            return getattr(event, "account", account) == account
