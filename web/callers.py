"""Who asks, in the words in which an act is written down."""

import re
from typing import Final

from attrs import frozen

from web.sessions import Session


COMMAND_LINE: Final = re.compile(r"trading-bot-cli/\S+ \(([A-Za-z0-9._-]{1,32})\)")
"""How our own command line calls itself, and who runs it. Whoever has the token may say so."""


@frozen
class Caller:
    """A program with the token (no session), a person with a session, or nobody known."""

    session: Session | None
    who: str
    address: str

    @property
    def name(self) -> str:
        """Who and from where, in one line."""
        return f"{self.who} from {self.address}"


def stranger(address: str) -> Caller:
    """Who has shown nothing yet."""
    return Caller(None, "stranger", address)


def program(agent: str, address: str) -> Caller:
    """Who has shown the token: our command line, or any other program."""
    found = COMMAND_LINE.fullmatch(agent)
    return Caller(None, f"command line of {found[1]}" if found else "API token", address)


def person(session: Session, address: str) -> Caller:
    """Who has signed in."""
    return Caller(session, f"session {session.name}", address)
