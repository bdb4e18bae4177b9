"""What a readable alert asks for."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from trading.vocabulary import (
    Action,
    OrderType,
    SessionAsked,
    Sides,
    StrategyName,
    Symbol,
    TimeInForce,
    TimestampMeaning,
)


@frozen(kw_only=True)
class Sender:
    """A strategy, as far as it decides how its alerts are read."""

    timestamp: TimestampMeaning = TimestampMeaning.TIMENOW
    sides: Sides = Sides.LONG_ONLY


@frozen(kw_only=True)
class Signal:
    """A readable alert: what its sender asks for, nothing judged yet.

    `position_size` and `prev_position_size` are what the strategy holds on its chart after and
    before this order, signed. `take_profit` and `stop_loss` are the prices at which what is opened
    is to be closed again, `trail_percent` is how far a trailing stop follows.
    """

    strategy: StrategyName
    symbol: Symbol
    action: Action
    quantity: Decimal | None
    price: Decimal | None
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_percent: Decimal | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    session: SessionAsked = SessionAsked.REGULAR
    position_size: Decimal | None = None
    prev_position_size: Decimal | None = None
    fired_at: datetime | None
    message: str
    client_id: str | None
