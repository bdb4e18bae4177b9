"""Whether an alert's prices fit its order and each other, as far as the alert alone can tell."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from trading.asked import Signal
from trading.document import Fault
from trading.money import plain
from trading.signals import is_close, side_of
from trading.vocabulary import Action, OrderType, SessionAsked, Side, Sides, TimeInForce


NEEDS: Final[Mapping[str, tuple[OrderType, ...]]] = {
    "limit_price": (OrderType.LIMIT, OrderType.STOP_LIMIT),
    "stop_price": (OrderType.STOP, OrderType.STOP_LIMIT),
    "trail_percent": (OrderType.TRAILING_STOP,),
}
"""Which orders have which price: each of them must, and no other may."""

AT_ONCE: Final = (TimeInForce.IOC, TimeInForce.FOK)
TRADES_AT_ONCE: Final = (OrderType.MARKET, OrderType.LIMIT)
"""What trades on arrival can be all or nothing then; what waits for a price cannot."""

LIMITED: Final = NEEDS["limit_price"]


def price_faults(asked: Signal, has: Callable[[str], bool], sides: Sides) -> Iterator[Fault]:
    """Every fault in the prices; `has` says which fields were given, readable or not, `sides` which
    positions the strategy may open.
    """
    yield from _of_type(asked, has)
    yield from _stop_against_limit(asked)
    yield from _stop_against_price(asked)
    yield from _bracket(asked, has, sides)
    if asked.time_in_force in AT_ONCE and asked.order_type not in TRADES_AT_ONCE:
        kinds = "order_type market or limit"
        problem = f"{asked.time_in_force} takes {kinds}; the order is {asked.order_type}"
        yield Fault("time_in_force", problem)
    if asked.session is SessionAsked.EXTENDED and asked.order_type is not OrderType.LIMIT:
        problem = f"extended takes order_type limit only; the order is {asked.order_type}"
        yield Fault("session", problem)


def _of_type(asked: Signal, has: Callable[[str], bool]) -> Iterator[Fault]:
    for name, types in NEEDS.items():
        if asked.order_type in types and not has(name):
            yield Fault(name, f"is required for order_type {asked.order_type}")
        if asked.order_type not in types and has(name):
            those = " or ".join(types)
            yield Fault(name, f"is for order_type {those}; the order is {asked.order_type}")


def _stop_against_limit(asked: Signal) -> Iterator[Fault]:
    """Once triggered, a stop-limit must have room to fill in."""
    stop, limit = asked.stop_price, asked.limit_price
    if asked.order_type is not OrderType.STOP_LIMIT or stop is None or limit is None:
        return
    buys = asked.action is Action.BUY
    if (limit < stop) if buys else (limit > stop):
        where = "at or above" if buys else "at or below"
        problem = f"{plain(limit)} must be {where} stop_price {plain(stop)} for {asked.action}"
        yield Fault("limit_price", problem)


def _stop_against_price(asked: Signal) -> Iterator[Fault]:
    """A stop waits for a price that is not there yet."""
    stop, price = asked.stop_price, asked.price
    if asked.order_type not in NEEDS["stop_price"] or stop is None or price is None:
        return
    buys = asked.action is Action.BUY
    if (stop <= price) if buys else (stop >= price):
        where = "above" if buys else "below"
        problem = f"{plain(stop)} must be {where} price {plain(price)} for {asked.action}"
        yield Fault("stop_price", problem)


def _bracket(asked: Signal, has: Callable[[str], bool], sides: Sides) -> Iterator[Fault]:
    """An entry trades between its two exits."""
    buys = asked.action is Action.BUY
    if is_close(asked.action) or not sides.allow(side_of(asked.action)):
        opens = {Side.BUY: "buy", Side.SELL: "sell"}
        which = " or ".join(word for side, word in opens.items() if sides.allow(side))
        for name in ("take_profit", "stop_loss"):
            if has(name):
                problem = f"is for {which}, which opens a position; the action is {asked.action}"
                yield Fault(name, problem)
        return
    beyond, before = ("above", "below") if buys else ("below", "above")
    sign, target, stop = 1 if buys else -1, asked.take_profit, asked.stop_loss
    name, entry = entry_price(asked)
    if entry is not None and target is not None and sign * (target - entry) <= 0:
        problem = f"{plain(target)} must be {beyond} {name} {plain(entry)} for {asked.action}"
        yield Fault("take_profit", problem)
    if entry is not None and stop is not None and sign * (stop - entry) >= 0:
        problem = f"{plain(stop)} must be {before} {name} {plain(entry)} for {asked.action}"
        yield Fault("stop_loss", problem)
    if entry is None and target is not None and stop is not None and sign * (target - stop) <= 0:
        problem = f"{plain(target)} must be {beyond} stop_loss {plain(stop)} for {asked.action}"
        yield Fault("take_profit", problem)


def entry_price(asked: Signal) -> tuple[str, Decimal | None]:
    """The price that an entry is expected to trade at, and which field says so."""
    for name, value in (("limit_price", asked.limit_price), ("stop_price", asked.stop_price)):
        if value is not None:
            return name, value
    return "price", asked.price
