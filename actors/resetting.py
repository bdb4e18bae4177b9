"""A person lets a paper account begin anew: what a BrokerActor is asked, and what it answers."""

from decimal import Decimal

from attrs import frozen

from actors.runtime import Reply
from brokers.base import BrokerError, NotOfferedError, RejectedError, Venue
from brokers.resetting import reset


@frozen(kw_only=True)
class BegunAnew:
    """With how much cash it begins, or why not; `failed`: whether it does is not known."""

    cash: Decimal | None = None
    refused: str = ""
    failed: str = ""


@frozen(kw_only=True)
class BeginAnew:
    """Please let the account begin anew."""

    reason: str
    reply: Reply[BegunAnew]

    async def asked(self, venue: Venue) -> None:
        """Ask the venue and answer with what it says."""
        try:
            cash = await reset(venue, self.reason)
        except (NotOfferedError, RejectedError) as error:
            self.reply.set(BegunAnew(refused=str(error)))
        except (BrokerError, OSError) as error:
            self.reply.set(BegunAnew(failed=str(error)))
        else:
            self.reply.set(BegunAnew(cash=cash))
