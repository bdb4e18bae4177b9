"""What the paper venue asks for shares that are short over night. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Final

from brokers.ledger import Ledger
from brokers.ledger_events import PaperMoved
from brokers.market import MarketHours, market_day
from brokers.paper_rules import Lending
from trading.money import CENT, percent_of, plain
from trading.vocabulary import Symbol


BORROW: Final = "borrow"
"""A movement that pays for shares that are short."""

DAYS: Final = 360
"""How many days the year of a rate has, by the money market's custom."""


def borrowed(
    ledger: Ledger,
    lends: Lending | None,
    session: MarketHours | None,
    now: datetime,
    price_of: Callable[[Symbol], Decimal | None],
) -> Iterator[PaperMoved]:
    """The fees of the nights until the next session, once that of a day is over.

    `session` is the one under way or the next; an account that trades at all hours has none, and is
    asked for nothing. A share counts at its last price, or at what it was sold for.
    """
    if lends is None or not ledger.shorted or session is None or session.opens_at <= now:
        return
    if ledger.lent_until is not None and ledger.lent_until > now:
        return
    nights = (market_day(session.opens_at) - market_day(now)).days
    for symbol, sold_for in sorted(ledger.shorted.items()):
        quantity, price = -ledger.held(symbol), price_of(symbol)
        value = sold_for if price is None else quantity * price
        fee = percent_of(value, lends.fee_percent) * nights / DAYS
        yield PaperMoved(
            at=now,
            transaction_id=f"B{ledger.series}-{symbol}-{market_day(now):%Y%m%d}",
            kind=BORROW,
            amount=-fee.quantize(CENT, ROUND_CEILING),
            symbol=symbol,
            text=f"{plain(quantity)} {symbol} borrowed, nights: {nights}",
            until=session.opens_at,
        )
