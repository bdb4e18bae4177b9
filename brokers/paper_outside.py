"""What comes about at a paper account without an order of ours. Pure."""

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from brokers.ledger import Ledger
from brokers.ledger_events import PaperFilled, PaperMoved
from trading.event import Event
from trading.money import CENT, ZERO, plain
from trading.vocabulary import BrokerOrderId, ExecutionId, OrderId, Side, Symbol


SPLIT: Final = "split"
"""A movement that no transaction tells of: shares are there, or gone, and the price has changed."""

NOT_OURS: Final = OrderId("")

HALF: Final = Decimal("0.5")
MOST_OUTSIDE: Final = Decimal(20)


def traded_outside(
    symbol: Symbol,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    now: datetime,
    *,
    number: str,
) -> PaperFilled:
    """An execution that a person, or another program, asked for; `number` makes its id."""
    return PaperFilled(
        at=now,
        execution_id=ExecutionId(f"E{number}"),
        broker_order_id=BrokerOrderId(f"O{number}"),
        order_id=NOT_OURS,
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=price,
        rule="outside",
    )


def split(ledger: Ledger, symbol: Symbol, new: int, old: int, now: datetime) -> PaperMoved:
    """`new` shares for each `old` ones; the fraction that is left over is gone."""
    held = ledger.held(symbol)
    after = held * new // old if held > ZERO else held * new / old
    return PaperMoved(
        at=now,
        transaction_id=f"{SPLIT}-{symbol}-{now:%Y%m%d%H%M%S}",
        kind=SPLIT,
        symbol=symbol,
        quantity=after - held,
    )


# --- drawn, for rehearsals ------------------------------------------------------------------------


def by_an_outsider(
    ledger: Ledger, *, symbol: Symbol, price: Decimal, now: datetime, chosen: Decimal, number: str
) -> tuple[Event, ...]:
    """A trade of somebody else's at a price: what is held is sold in half of all cases.

    `chosen` is from [0, 1) and says which way and how many.
    """
    held, pays = ledger.held(symbol), ledger.cash // price
    sells = held > ZERO and chosen < HALF
    part = chosen * 2 % 1
    most = min(held if sells else pays, MOST_OUTSIDE)
    if most < 1:
        return ()
    quantity = 1 + (part * most).to_integral_value(ROUND_FLOOR)
    side = Side.SELL if sells else Side.BUY
    return (traded_outside(symbol, side, min(quantity, most), price, now, number=number),)


def by_the_company(
    ledger: Ledger, *, symbol: Symbol, price: Decimal, now: datetime, chosen: Decimal, number: str
) -> tuple[Event, ...]:
    """A dividend of one percent of the price, or a split of two for one, of what is held."""
    held = ledger.held(symbol)
    if not held:
        return ()
    if chosen >= HALF:
        return (split(ledger, symbol, 2, 1, now),)
    amount = (held * price / 100).quantize(CENT)
    return (
        PaperMoved(
            at=now,
            transaction_id=f"D{number}",
            kind="dividend",
            amount=amount,
            symbol=symbol,
            text=f"dividend on {plain(held)} {symbol}",
        ),
    )
