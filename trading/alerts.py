"""What a TradingView alert asks for, or every fault in it at once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from trading.alert_fields import SYMBOL as SYMBOL  # noqa: PLC0414 - part of this face
from trading.alert_fields import Fields
from trading.alert_prices import price_faults
from trading.asked import Sender as Sender  # noqa: PLC0414 - part of this face
from trading.asked import Signal as Signal  # noqa: PLC0414 - likewise
from trading.document import Document, Fault
from trading.vocabulary import (
    Action,
    AlertId,
    OrderType,
    SessionAsked,
    StrategyName,
    TimeInForce,
    TimestampMeaning,
)


FIELDS = (
    "timestamp",
    "ticker",
    "action",
    "quantity",
    "price",
    "order_type",
    "limit_price",
    "stop_price",
    "trail_percent",
    "take_profit",
    "stop_loss",
    "time_in_force",
    "session",
    "position_size",
    "prev_position_size",
    "strategy",
    "message",
    "secret",
    "id",
)
"""What the plain JSON alert may hold; anything else is a fault, never silently ignored."""

ORDER_TYPES = tuple(OrderType)
TIMES_IN_FORCE = tuple(TimeInForce)
SESSIONS = tuple(SessionAsked)


def interpret(
    document: Document, senders: Mapping[StrategyName, Sender]
) -> Signal | tuple[Fault, ...]:
    """The signal a document asks for, or every fault in it; `senders` are all strategies."""
    if not document.fields and document.faults:
        return document.faults
    reader = Fields(document.fields)
    strategy = reader.strategy(senders)
    sender = senders.get(strategy, Sender())
    action = reader.action()
    stamp = reader.timestamp()
    signal = Signal(
        strategy=strategy,
        symbol=reader.symbol(),
        action=action,
        quantity=reader.quantity(required=action in (Action.BUY, Action.SELL)),
        price=reader.positive("price"),
        order_type=reader.word("order_type", ORDER_TYPES),
        limit_price=reader.positive("limit_price"),
        stop_price=reader.positive("stop_price"),
        trail_percent=reader.percent("trail_percent"),
        take_profit=reader.positive("take_profit"),
        stop_loss=reader.positive("stop_loss"),
        time_in_force=reader.word("time_in_force", TIMES_IN_FORCE),
        session=reader.word("session", SESSIONS),
        position_size=reader.number("position_size"),
        prev_position_size=reader.number("prev_position_size"),
        fired_at=stamp if sender.timestamp is TimestampMeaning.TIMENOW else None,
        message=reader.text("message") or "",
        client_id=reader.client_id(),
    )
    reader.unknown_fields(FIELDS)
    faults = (*document.faults, *reader.faults, *price_faults(signal, reader.has, sender.sides))
    return faults or signal


def fingerprint(strategy: StrategyName, body: bytes) -> str:
    """What two sends of one alert share: TradingView's re-sends are equal byte for byte."""
    return hashlib.sha256(strategy.encode() + b"\0" + body).hexdigest()[:32]


def new_alert_id(now: datetime, random_hex: str) -> AlertId:
    """An id that sorts by time and reads as one: 20261120T143000-7f3a9c21."""
    day = f"{now.year:04}{now.month:02}{now.day:02}"
    return AlertId(f"{day}T{now.hour:02}{now.minute:02}{now.second:02}-{random_hex}")
