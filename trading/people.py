"""What the journal holds of people: what they did, and who could not show who he is."""

from typing import Final

from attrs import Factory, frozen

from trading.event import Event
from trading.vocabulary import Act


@frozen(kw_only=True)
class OperatorActed(Event):
    """What a person did or was refused, by a session, a token or the command line, and from where.

    `refused` is empty where it was done. Who `showed_password` was asked for it, and it was right.
    `before` and `after` are what the act changed; a password is told apart by a mark of its file.
    """

    act_id: str
    act: Act
    by: str
    address: str
    what: str = ""
    reason: str = ""
    showed_password: bool = False
    refused: str = ""
    before: dict[str, str] = Factory(dict)
    after: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class PasswordWrong(Event):
    """A wrong password: the `tries`th in a row from there, which has to wait `wait_s` seconds."""

    act_id: str
    act: Act
    by: str
    address: str
    tries: int
    wait_s: int = 0


PEOPLE: Final[tuple[type[Event], ...]] = (OperatorActed, PasswordWrong)
"""All facts of this file."""
