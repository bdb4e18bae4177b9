"""What accounts and the owner of their sign-in say to each other."""

from datetime import datetime

from attrs import field, frozen

from actors.runtime import Address
from brokers.sign_in import Access
from trading.vocabulary import AccountName


@frozen
class LetIn:
    """An account asks to be handed access, now and whenever it changes."""

    account: AccountName
    reply_to: Address


@frozen
class Admitted:
    """Go by this access from now on; None: nobody is signed in, and why."""

    access: Access | None
    reason: str = ""


@frozen
class Stirred:
    """Something happened in one of the accounts that share a sign-in: look."""


@frozen
class TokenRefused:
    """The venue did not take this token."""

    token: str = field(repr=False)


# --- from the loop on which it is kept alive ----------------------------------------------------


@frozen
class SignedIn:
    """What lets in now, and when a person has to sign in again."""

    line: str
    access: Access
    until: datetime


@frozen
class Noticed:
    """Something happened at the venue; it does not say what."""

    line: str


@frozen
class SignedOut:
    """A person has to sign in."""

    line: str
    reason: str


@frozen
class NotRenewed:
    """Bad weather: what was handed out stands as long as it lasts."""

    line: str
    reason: str
