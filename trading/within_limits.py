"""Whether an entry stays inside its limits, and has its money."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from trading.alert_events import Checked
from trading.breaker import daily_loss_limit
from trading.desk import SHORT_MARGIN
from trading.entry import Entry, effective
from trading.money import ZERO, plain
from trading.short_sales import capped, free_cash
from trading.vocabulary import Code


OFF: Final[Mapping[Code, Checked]] = {
    code: Checked(code, True, {code.lower(): "off"})
    for code in (
        Code.MAX_ORDER_VALUE,
        Code.MAX_POSITION_SIZE,
        Code.MAX_POSITION_VALUE,
        Code.MAX_TOTAL_EXPOSURE,
        Code.MAX_DAILY_LOSS,
    )
}
"""The verdict on a limit that is off."""


def within_order_value(entry: Entry) -> Checked:
    """One order's worst value stays inside its limit."""
    limits, equity = entry.rules.limits, entry.desk.book.opening_equity
    limit = effective(limits.max_order_value, limits.max_order_value_percent, equity)
    return _within(Code.MAX_ORDER_VALUE, "order_value", limit, lambda: entry.value)


def within_position_size(entry: Entry) -> Checked:
    """Worst-case shares held in the symbol stay inside the limit, orders in flight counted."""
    limit = capped(entry, entry.rules.limits.max_position_size)
    return _within(
        Code.MAX_POSITION_SIZE,
        "shares",
        limit,
        lambda: _worst_held(entry) + entry.quantity,
    )


def within_position_value(entry: Entry) -> Checked:
    """Worst-case dollars held in the symbol stay inside the limit, orders in flight counted."""
    limits, equity = entry.rules.limits, entry.desk.book.opening_equity
    most = effective(limits.max_position_value, limits.max_position_value_percent, equity)
    limit = capped(entry, most)
    return _within(
        Code.MAX_POSITION_VALUE,
        "position_value",
        limit,
        lambda: entry.exposure.gross.get(entry.alert.symbol, ZERO) + entry.value,
    )


def within_total_exposure(entry: Entry) -> Checked:
    """Worst-case dollars held in all symbols together stay inside the limit."""
    limits, equity = entry.rules.limits, entry.desk.book.opening_equity
    limit = effective(limits.max_total_exposure, limits.max_total_exposure_percent, equity)
    return _within(
        Code.MAX_TOTAL_EXPOSURE,
        "total_exposure",
        limit,
        lambda: entry.exposure.total + entry.value,
    )


def within_daily_loss(entry: Entry) -> Checked:
    """The day has not lost its limit."""
    book, limits = entry.desk.book, entry.rules.limits
    limit = daily_loss_limit(book, limits.max_daily_loss, limits.max_daily_loss_percent)
    if limit is None:
        return OFF[Code.MAX_DAILY_LOSS]
    pnl = book.day_pnl()
    inputs = {"day_pnl": plain(pnl), "max_daily_loss": plain(limit)}
    return Checked(Code.MAX_DAILY_LOSS, pnl >= 0 or pnl > -limit, inputs)


def cash_suffices(entry: Entry) -> Checked:
    """Cash less what live entries may still take covers the order, or its margin. What is short has
    brought its cash in and keeps it, and its margin with it.
    """
    desk, needed = entry.desk, entry.value
    free = free_cash(desk)
    inputs = {"order_value": plain(entry.value), "free_cash": plain(free)}
    if entry.is_short:
        needed *= SHORT_MARGIN
        inputs["margin_needed"] = plain(needed)
    return Checked(Code.CASH, needed <= free, inputs)


def _worst_held(entry: Entry) -> Decimal:
    """The shares that may be held on the entry's side without it."""
    symbol, side = entry.alert.symbol, entry.side
    return side.sign * entry.desk.book.net(symbol) + entry.desk.remaining(symbol, side)


def _within(code: Code, name: str, limit: Decimal | None, figure: Callable[[], Decimal]) -> Checked:
    """Whether a figure is inside its limit; a limit that is off costs nothing to check."""
    if limit is None:
        return OFF[code]
    value = figure()
    return Checked(code, value <= limit, {name: plain(value), code.lower(): plain(limit)})
