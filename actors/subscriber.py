"""Who is told of what is committed: of what, and up to where he has been told."""

from attrs import Factory, define

from actors.interests import Interest
from actors.messages import Published
from actors.runtime import Address, MailboxFull
from journal import Recorded


@define
class Subscriber:
    """Told up to `seq`; `behind` when a publication found no room, `due` what he is told next."""

    address: Address
    interest: Interest
    seq: int
    behind: bool = False
    due: list[Recorded] = Factory(list)

    def tell(self, message: Published) -> None:
        """Tell him; what finds no room is a gap, shown by the next: he reads what he missed."""
        try:
            self.address.tell(message)
            self.behind = False
        except MailboxFull:
            self.behind = True
        self.seq = message.seq
