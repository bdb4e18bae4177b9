"""What the edge and the Doorkeeper say to each other: immutable, one thing a class."""

from attrs import frozen

from actors.runtime import Reply
from trading.events import OperatorActed
from trading.vocabulary import Act


@frozen(kw_only=True)
class Knock:
    """Someone is about to show the password, for an act whose id this is."""

    id: str
    act: Act
    by: str
    address: str
    reply: Reply["Admission"]


@frozen
class Admission:
    """Whether a try may be judged now; if not, after so many seconds."""

    wait_s: int = 0


@frozen
class Judged:
    """The password shown after a knock was wrong, or could not be judged.

    That it was right is told by `Acted`, once the act is done.
    """

    id: str
    is_wrong: bool


@frozen
class Acted:
    """What a person did, to be written down."""

    event: OperatorActed


@frozen
class PasswordSet:
    """A person is about to put a password in place whose mark is in `event.after`."""

    event: OperatorActed
