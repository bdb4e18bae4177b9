"""How accounts stand with venues where people sign in, for whoever looks on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import frozen

from actors.views import View
from trading.vocabulary import AccountName


@frozen(kw_only=True)
class SignedIn:
    """An account's sign-in; `until` None: nobody is signed in, for this reason."""

    account: AccountName
    until: datetime | None
    left: timedelta
    reason: str

    @property
    def words_left(self) -> str:
        """Days and hours, for a person."""
        hours = int(self.left.total_seconds() // 3600)
        return f"{hours // 24} d {hours % 24} h"


def sign_ins(view: View, now: datetime) -> Iterator[SignedIn]:
    """Those of accounts at venues where people sign in, once anything is known."""
    for account, known in view.accounts.items():
        if (standing := known.sign_in) is not None:
            left = timedelta(0) if standing.until is None else standing.until - now
            yield SignedIn(
                account=account,
                until=standing.until,
                left=max(left, timedelta(0)),
                reason=standing.reason,
            )
