"""Who stands in for an account's BrokerActor, which a venue's answer would take time to reach."""

from actors.runtime import Address, MailboxFull
from tests.web.house import House


class StandIn(Address):
    """Answers at once; None: never. Keeps what it was asked."""

    def __init__(self, said: object) -> None:
        super().__init__("broker:paper")
        self.said = said
        self.asked: list[object] = []

    def tell(self, message: object, **_: bool) -> None:
        self.asked.append(message)
        if self.said is not None:
            message.reply.set(self.said)  # type: ignore[attr-defined]  # all of these have one


class Full(Address):
    """Takes nothing more."""

    def tell(self, message: object, **_: bool) -> None:
        raise MailboxFull(str(message), 1)


def stands_in(house: House, said: object) -> StandIn:
    """The paper account's broker is this one from now on."""
    broker = StandIn(said)
    house.mailboxes["broker:paper"] = broker
    return broker
