"""What market data says to those who trade by it, and what they are asked of it."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from attrs import frozen

from actors.runtime import Address, MailboxFull, Reply
from brokers.base import BrokerError, NotOfferedError, Venue
from brokers.market import Candle, Quote
from trading.vocabulary import Symbol


Bar = Candle
"""For those who may look at a bar and know no broker."""


@frozen
class Quoted:
    """The market shows this now."""

    quote: Quote


@frozen
class BarEnded:
    """A bar is over; its prices are known from now on."""

    bar: Candle


@frozen(kw_only=True)
class History:
    """The bars that were asked for, oldest first, or why there are none."""

    bars: Sequence[Candle] = ()
    not_offered: str = ""
    failed: str = ""


@frozen(kw_only=True)
class ShowHistory:
    """Please tell the bars of a symbol that begin at or after `since`."""

    symbol: Symbol
    length: timedelta
    since: datetime
    reply: Reply[History]

    async def asked(self, venue: Venue) -> None:
        """Ask a venue and answer with what it says."""
        try:
            bars = await venue.history(self.symbol, self.length, self.since)
        except NotOfferedError as error:
            self.reply.set(History(not_offered=str(error)))
        except (BrokerError, OSError) as error:
            self.reply.set(History(failed=str(error)))
        else:
            self.reply.set(History(bars=bars))


@frozen
class ShowQuotes:
    """Please tell what the market shows of these symbols now, as far as it can be had."""

    symbols: Collection[Symbol]
    reply_to: Address

    async def asked(self, venue: Venue) -> None:
        """Ask a venue, and tell each quote; of what cannot be had nothing is told."""
        with suppress(BrokerError, MailboxFull):  # whoever asks does so again soon
            for quote in (await venue.quotes(self.symbols)).values():
                self.reply_to.tell(Quoted(quote))
