"""Codes and tokens: what was granted, until when, and what a new login takes back. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen


CODE_LIFE: Final = timedelta(seconds=30)
ACCESS_LIFE: Final = timedelta(minutes=30)
REFRESH_LIFE: Final = timedelta(days=7)


@frozen(kw_only=True)
class Grants:
    """The codes given out (redirect address and end), the access tokens, the one refresh token."""

    codes: Mapping[str, tuple[str, datetime]] = {}
    access: Mapping[str, datetime] = {}
    refresh: str = ""
    refresh_until: datetime | None = None

    def allows(self, access: str, now: datetime) -> bool:
        """Whether a bearer token is good."""
        until = self.access.get(access)
        return until is not None and now < until


def consented(grants: Grants, code: str, redirect: str, now: datetime) -> Grants:
    """With a code that somebody clicked for."""
    return evolve(grants, codes={**grants.codes, code: (redirect, now + CODE_LIFE)})


def logged_in(
    grants: Grants, code: str, redirect: str, *, access: str, refresh: str, now: datetime
) -> tuple[Grants, bool]:
    """With the code used up, and if it was good, new tokens in place of all there were."""
    found = grants.codes.get(code)
    left = evolve(grants, codes={key: each for key, each in grants.codes.items() if key != code})
    if found is None or found[0] != redirect or now >= found[1]:
        return left, False
    until = now + REFRESH_LIFE
    access_until = {access: now + ACCESS_LIFE}
    return evolve(left, access=access_until, refresh=refresh, refresh_until=until), True


def refreshed(grants: Grants, refresh: str, *, access: str, now: datetime) -> tuple[Grants, bool]:
    """With one more access token; the refresh token and its end stay as they are."""
    until = grants.refresh_until
    if until is None or refresh != grants.refresh or now >= until:
        return grants, False
    alive = {key: end for key, end in grants.access.items() if now < end}
    return evolve(grants, access={**alive, access: now + ACCESS_LIFE}), True
