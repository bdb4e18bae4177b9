"""What an account could be worth at worst, once every live order has done its worst."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from trading.desk import Desk
from trading.money import ZERO
from trading.vocabulary import Side, Symbol


@frozen
class Exposure:
    """An account's worst cases in dollars by symbol, once every live order has done its worst."""

    gross: Mapping[Symbol, Decimal]

    @property
    def total(self) -> Decimal:
        """All symbols together."""
        return sum(self.gross.values(), ZERO)


def exposure_of(desk: Desk) -> Exposure:
    """The worst cases, in one pass over what is held and one over what is live."""
    worth: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    marks = desk.book.marks
    for (_, symbol), position in desk.book.positions.items():
        if position.quantity:
            worth[symbol] += position.quantity * marks[symbol].price if symbol in marks else ZERO
    for symbol, outside in desk.book.external.items():
        if outside.quantity and symbol in marks:
            worth[symbol] += outside.quantity * marks[symbol].price
    buying: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    selling: defaultdict[Symbol, Decimal] = defaultdict(Decimal)
    tied: dict[tuple[Symbol, Side, str], Decimal] = {}
    for order in desk.orders.values():
        symbol, side, oco_id = order.plan.symbol, order.plan.side, order.plan.oco_id
        if oco_id is not None:  # of those that are tied to each other only one can fill
            key = (symbol, side, oco_id)
            tied[key] = max(tied.get(key, ZERO), order.reserved_value)
            continue
        into = buying if side is Side.BUY else selling
        into[symbol] += order.reserved_value
    for (symbol, side, _), value in tied.items():
        into = buying if side is Side.BUY else selling
        into[symbol] += value
    gross = {symbol: abs(value) for symbol, value in worth.items()}
    for symbol in {*buying, *selling}:
        gross[symbol] = max(worth[symbol] + buying[symbol], selling[symbol] - worth[symbol], ZERO)
    return Exposure(gross)
