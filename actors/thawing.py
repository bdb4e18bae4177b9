"""A person lets a frozen symbol trade again: what a BrokerActor is asked, and what it answers."""

from attrs import frozen

from actors.runtime import Reply
from brokers.base import BrokerError, NotOfferedError, RejectedError, Venue
from brokers.freezing import thaw
from trading.vocabulary import Symbol


@frozen(kw_only=True)
class Thawed:
    """What came of it: it trades again, or why not; `failed`: whether it does is not known."""

    not_frozen: str = ""
    failed: str = ""


@frozen(kw_only=True)
class ThawSymbol:
    """Please let a symbol trade again today."""

    symbol: Symbol
    reason: str
    reply: Reply[Thawed]

    async def asked(self, venue: Venue) -> None:
        """Ask the venue and answer with what it says."""
        try:
            await thaw(venue, self.symbol, self.reason)
        except (NotOfferedError, RejectedError) as error:
            self.reply.set(Thawed(not_frozen=str(error)))
        except (BrokerError, OSError) as error:
            self.reply.set(Thawed(failed=str(error)))
        else:
            self.reply.set(Thawed())
