"""Someone the Journal publishes to, and up to where he was told."""

from attrs import Factory, define

from actors.interests import Interest
from actors.messages import Published
from actors.runtime import Address, MailboxFull
from journal import Recorded


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
