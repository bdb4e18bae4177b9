"""Whom the Journal publishes to, who is told of what, and up to where he was told."""

from collections.abc import Iterable
from typing import TypeAlias

from attrs import Factory, define

from actors.interests import Interest, accounts_of
from actors.messages import Published
from actors.runtime import Address, MailboxFull
from journal import Recorded
from trading.event import Event


_Kind: TypeAlias = tuple[type[Event], tuple[str, ...] | None, str]
"""What decides who is told of a record: its event's type and accounts, and its writer."""


@define
class Subscriber:
    """Who is told, of what, up to where; `behind` when a publication found no room."""

    address: Address
    interest: Interest
    seq: int
    behind: bool = False
    due: list[Recorded] = Factory(list)

    def tell(self, message: Published) -> None:
        """Tell what concerns it. One that finds no room is a gap, which the next one shows: the
        subscriber reads what it missed from the store.
        """
        try:
            self.address.tell(message)
            self.behind = False
        except MailboxFull:
            self.behind = True
        self.seq = message.seq


class Subscribers:
    """All of them by name; used by the Journal's thread alone."""

    def __init__(self) -> None:
        self._by_name: dict[str, Subscriber] = {}
        self._audiences: dict[_Kind, tuple[Subscriber, ...]] = {}

    def add(self, subscriber: Subscriber) -> None:
        """Publish to him from now on."""
        self._by_name[subscriber.address.name] = subscriber
        self._audiences.clear()

    def remove(self, name: str) -> None:
        """Publish to him no more, if he is one of them."""
        self._by_name.pop(name, None)
        self._audiences.clear()

    def publish(self, records: list[Recorded]) -> None:
        """Tell each what concerns him of a commit, in one message."""
        if not records:
            return
        for record in records:
            for subscriber in self._audience(record):
                subscriber.due.append(record)
        seq = records[-1].seq
        for subscriber in self._by_name.values():
            if subscriber.due:
                due, subscriber.due = tuple(subscriber.due), []
                subscriber.tell(Published(subscriber.seq, seq, due))

    def remind(self) -> None:
        """Tell those again who had no room the last time."""
        for subscriber in self._by_name.values():
            if subscriber.behind:
                subscriber.tell(Published(subscriber.seq, subscriber.seq))

    def tell_of_gap(self, head: int) -> None:
        """Have everybody read what is committed up to here."""
        for subscriber in self._by_name.values():
            subscriber.tell(Published(head, head))

    def _audience(self, record: Recorded) -> Iterable[Subscriber]:
        """Who is told of a record: its writer, and whoever is interested in it."""
        event = record.event
        kind = (type(event), accounts_of(event), record.writer)
        audience = self._audiences.get(kind)
        if audience is None:
            audience = self._audiences[kind] = tuple(
                s
                for name, s in self._by_name.items()
                if name == record.writer or s.interest.matches(event)
            )
        return audience
