"""How much a strategy may close: never more than its share, nor than the account holds."""

from decimal import ROUND_FLOOR, Decimal

from trading.desk import Desk, at_worst
from trading.money import ZERO
from trading.vocabulary import Side, StrategyName, Symbol


def closable(desk: Desk, strategy: StrategyName, symbol: Symbol, side: Side) -> Decimal:
    """The whole shares that an order of this side may close beside those that live."""
    share = -side.sign * desk.book.position(strategy, symbol).quantity
    held = -side.sign * desk.book.net(symbol)
    own = at_worst(desk.live(symbol, strategy, side))
    most = min(share - own, held - desk.remaining(symbol, side))
    return max(most, ZERO).to_integral_value(ROUND_FLOOR)
