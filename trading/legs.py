"""The legs that protect a share: for how many shares, on which side, at which prices."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from trading.desk import Desk, at_worst
from trading.money import TICK, ZERO
from trading.order_events import OrderPlanned
from trading.positions import Key
from trading.signals import order_id
from trading.vocabulary import Intent, OrderType, Side, TimeInForce


def wanted_quantity(desk: Desk, key: Key) -> Decimal:
    """The whole shares that legs are to protect: not what another order is about to close, nor what
    an entry has filled that still fills.
    """
    strategy, symbol = key
    out, live = _out_of(desk, key), desk.live(symbol, strategy)
    held = -out.sign * desk.book.position(strategy, symbol).quantity
    held -= sum((o.filled_quantity for o in live if o.is_entry), ZERO)
    exits = (o for o in live if o.plan.side is out and not o.is_entry and not o.is_protective)
    return max(held - at_worst(exits), ZERO).to_integral_value(ROUND_FLOOR)


def _out_of(desk: Desk, key: Key) -> Side:
    """The side that closes what a bracket protects; a share that was reversed is not that."""
    guard = desk.guards.get(key)
    return Side.SELL if guard is None else guard.side.opposite


def planned_legs(desk: Desk, key: Key, wanted: Decimal, now: datetime) -> Iterator[OrderPlanned]:
    """A target and a stop that stand alone at the venue, good till cancelled."""
    guard, (strategy, symbol) = desk.guards[key], key
    number, out = guard.rounds + 1, _out_of(desk, key)
    together = order_id(guard.alert_id, desk.account, f"oco{number}") if guard.legs > 1 else None
    for name, order_type, price in bracket_prices(guard.take_profit, guard.stop_loss, out):
        yield OrderPlanned(
            at=now,
            order_id=order_id(guard.alert_id, desk.account, f"{name}{number}"),
            alert_id=guard.alert_id,
            account=desk.account,
            strategy=strategy,
            symbol=symbol,
            side=out,
            quantity=wanted,
            order_type=order_type,
            limit_price=price if order_type is OrderType.LIMIT else None,
            stop_price=price if order_type is OrderType.STOP else None,
            time_in_force=TimeInForce.GTC,
            intent=Intent.EXIT,
            worst_price=price,
            reference_price=desk.book.mark(symbol),
            parent_id=guard.entry_id,
            oco_id=together,
        )


def bracket_prices(
    take_profit: Decimal | None, stop_loss: Decimal | None, out: Side
) -> Iterator[tuple[str, OrderType, Decimal]]:
    """Each leg's name, type and price in whole cents, never nearer than it was asked for."""
    sells = out is Side.SELL
    if take_profit is not None:
        rounding = ROUND_CEILING if sells else ROUND_FLOOR
        yield "target", OrderType.LIMIT, take_profit.quantize(TICK, rounding)
    if stop_loss is not None:
        rounding = ROUND_FLOOR if sells else ROUND_CEILING
        yield "stop", OrderType.STOP, stop_loss.quantize(TICK, rounding)
