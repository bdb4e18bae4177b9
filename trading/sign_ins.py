"""Signing in at a venue: until when it lasts, whom that lets in, and when a person is told."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

from trading.event import Event
from trading.vocabulary import AccountName


@frozen(kw_only=True)
class VenueSignedIn(Event):
    """A person has signed in at the account's venue, which lasts until then as far as one knows."""

    account: AccountName
    until: datetime


@frozen(kw_only=True)
class VenueSignedOut(Event):
    """Nobody is signed in at the account's venue any more: a person has to."""

    account: AccountName
    reason: str


@frozen(kw_only=True)
class SignInDue(Event):
    """A person was told that he has to sign in within so many hours."""

    account: AccountName
    until: datetime
    hours: int


SIGN_INS: Final[tuple[type[Event], ...]] = (VenueSignedIn, VenueSignedOut, SignInDue)
"""All facts of this file."""

LAST_HOUR: Final = timedelta(hours=1)
"""In the last hour of a sign-in no position is begun: there might be no way out of it."""

TOLD_AT: Final = (48, 24, 6, 1)
"""How many hours before its end a person is told."""


NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Standing:
    """How an account stands with its venue, since when.

    `told` is the last warning in hours, None: none yet; `reason` says why nobody is signed in.
    """

    until: datetime | None = None
    reason: str = ""
    told: int | None = None
    since: datetime = NEVER

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in, as far as is known."""
        return self.until is not None

    def after(self, event: Event) -> "Standing":
        """The standing after one event of the account."""
        match event:
            case VenueSignedIn(until=until):
                return Standing(until=until, since=event.at)
            case VenueSignedOut(reason=reason):
                return Standing(reason=reason, since=event.at)
            case SignInDue(until=until, hours=hours):
                return Standing(until=until, told=hours, since=event.at)
            case _:
                return self


NO_STANDING: Final = Standing()


def facts_of_sign_in(
    accounts: Iterable[AccountName],
    standings: Mapping[AccountName, Standing],
    until: datetime,
    now: datetime,
) -> tuple[Event, ...]:
    """What is to be written down of a sign-in that lasts until then: that it is, and its end."""
    facts: list[Event] = []
    for account in accounts:
        before = standings.get(account, NO_STANDING)
        if before.until != until:
            before = Standing(until=until)
            facts.append(VenueSignedIn(at=now, account=account, until=until))
        hours = _hours_to_tell(until - now)
        if hours is not None and (before.told is None or hours < before.told):
            facts.append(SignInDue(at=now, account=account, until=until, hours=hours))
    return tuple(facts)


def facts_of_sign_out(
    accounts: Iterable[AccountName],
    standings: Mapping[AccountName, Standing],
    reason: str,
    now: datetime,
) -> tuple[Event, ...]:
    """What is to be written down where nobody is signed in: once for each account."""
    out = [a for a in accounts if not _is_out(standings.get(a))]
    return tuple(VenueSignedOut(at=now, account=account, reason=reason) for account in out)


def _is_out(standing: Standing | None) -> bool:
    return standing is not None and bool(standing.reason)


def _hours_to_tell(left: timedelta) -> int | None:
    reached = [hours for hours in TOLD_AT if left <= timedelta(hours=hours)]
    return min(reached, default=None)


def ends_too_soon(until: datetime | None, now: datetime) -> timedelta | None:
    """How much is left of a sign-in in whose last hour we are; None: it does not matter yet."""
    if until is None:
        return None
    left = until - now
    return left if left < LAST_HOUR else None
