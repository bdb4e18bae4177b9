"""An order as a venue gets it, and other terms for one that it has."""

from decimal import Decimal

from attrs import frozen

from trading.guards import Bracket
from trading.vocabulary import OrderId, OrderType, Side, Symbol, TimeInForce


@frozen(kw_only=True)
class Ticket:
    """An order as a venue gets it. `reference_price` is a hint for venues without quotes.

    One that is `short` sells what is not held, or buys it back; any other does neither. An order
    with a `parent_id` waits for that order's completion; of those that share an `oco_id`
    the first to trade cancels the others. A venue that can puts a `bracket` to work by itself, and
    takes it for those orders that name its entry in `protects`.
    """

    order_id: OrderId
    symbol: Symbol
    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    reference_price: Decimal | None = None
    short: bool = False
    parent_id: OrderId | None = None
    oco_id: str | None = None
    bracket: Bracket | None = None
    protects: OrderId | None = None

    @property
    def sells_short(self) -> bool:
        """Whether it sells what is not held."""
        return self.short and self.side is Side.SELL

    @property
    def opens(self) -> bool:
        """Whether it builds a position up."""
        return self.short is (self.side is Side.SELL)


@frozen(kw_only=True)
class Change:
    """Other terms for an order that works; `quantity` is the whole, what has traded included."""

    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
