"""What comes about at a paper account without an order of ours. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from brokers.ledger import Ledger
from brokers.ledger_events import PaperFilled, PaperMoved
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, ExecutionId, OrderId, Side, Symbol


SPLIT: Final = "split"
"""A movement that no transaction tells of: shares are there, or gone, and the price has changed."""

NOT_OURS: Final = OrderId("")


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
