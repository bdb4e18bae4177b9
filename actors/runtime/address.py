"""Where to write to an actor: a name that stays valid while actors behind it come and go."""

from actors.runtime.mailbox import Mailbox


class Address:
    """A stable name with a mailbox of its own; safe to tell to from any thread, never blocking."""

    def __init__(self, name: str, bound: int = 10_000) -> None:
        self.name = name
        self.mailbox = Mailbox(name, bound)

    def __len__(self) -> int:
        return len(self.mailbox)

    def __bool__(self) -> bool:
        """An address is one whether or not messages wait."""
        return True

    def __repr__(self) -> str:
        return f"<Address {self.name}: {len(self)} waiting>"

    def tell(self, message: object, *, control: bool = False, reserved: bool = False) -> None:
        """Queue a message for whoever reads this address now or next.

        An ordinary message beyond the bound raises `MailboxFull`. Control messages overtake and are
        never refused. `reserved` is for an ordinary message an actor tells itself: it passes the
        bound.
        """
        self.mailbox.put(message, control=control, reserved=reserved)
