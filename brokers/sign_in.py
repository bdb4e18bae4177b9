"""Signing in at a venue: a person does it, one owner keeps it, accounts are handed access."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from attrs import field, frozen


@frozen(kw_only=True)
class Access:
    """What lets one in at a venue, and until when."""

    token: str = field(repr=False)
    expires_at: datetime


@frozen
class AccessRefused:
    """An account's report that its venue did not take this token."""

    token: str = field(repr=False)


class SignIn(Protocol):
    """One person's sign-in at one venue, for all of his accounts. Runs on one loop."""

    @property
    def until(self) -> datetime | None:
        """When a person has to sign in again, as far as one can tell; None: it never was done."""

    async def access(self) -> Access:
        """What lets in now, renewed ahead of its end; a sign-in made elsewhere is noticed.

        Raises:
            AuthExpiredError: a person has to sign in.
            BrokerError: it cannot be renewed at the moment.
        """

    def refused(self, token: str) -> None:
        """The venue did not take this token: the next access is another one."""

    def listen(self, happened: Callable[[], None]) -> None:
        """From now on `happened` is called, on this loop, when something did in any account.

        Once access was given; where a venue tells nothing by itself, it never is.
        """

    async def close(self) -> None:
        """Let go of everything; what is being renewed is kept first."""
