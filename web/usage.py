"""How much of each limit an account uses."""

from collections.abc import Iterator
from decimal import Decimal

from attrs import fields, frozen

from actors.views import View
from settings.model import Settings, effective
from trading.breaker import daily_loss_limit
from trading.desk import Desk
from trading.entry import effective as smaller
from trading.exposure import exposure_of
from trading.money import ZERO
from trading.positions import Book
from trading.rules import Limits
from trading.vocabulary import AccountName, Side, Symbol


@frozen
class LimitUse:
    """One limit: None means off. `used` is None where each order is judged by itself."""

    name: str
    limit: Decimal | None
    used: Decimal | None
    scope: str


def limits_of(settings: Settings, account: AccountName) -> Limits:
    """An account's own limits, those of its strategies aside."""
    risk = effective(settings, account)
    return Limits(**{f.name: getattr(risk, f.name) for f in fields(Limits)})


def desk_of(view: View, book: Book) -> Desk:
    """The account as its risk decisions see it: what is held, and every order that may yet fill."""
    live = {
        o.order.plan.order_id: o.order
        for o in view.orders
        if o.order.plan.account == book.account and not o.order.is_terminal
    }
    return Desk(account=book.account, book=book, orders=live, stops=view.stops)


def limit_uses(desk: Desk, limits: Limits) -> Iterator[LimitUse]:
    """Each limit in force on the account, its use counted as the gate counts it: at worst."""
    book, equity = desk.book, desk.book.opening_equity
    loss = daily_loss_limit(book, limits.max_daily_loss, limits.max_daily_loss_percent)
    yield LimitUse("max_daily_loss", loss, max(-book.day_pnl(), ZERO), "account")
    symbols = sorted(_symbols(desk))
    exposure = exposure_of(desk)
    total = smaller(limits.max_total_exposure, limits.max_total_exposure_percent, equity)
    yield LimitUse("max_total_exposure", total, exposure.total, "account")
    order = smaller(limits.max_order_value, limits.max_order_value_percent, equity)
    yield LimitUse("max_order_value", order, None, "order")
    value = smaller(limits.max_position_value, limits.max_position_value_percent, equity)
    for symbol in symbols:
        held = exposure.gross.get(symbol, ZERO)
        yield LimitUse("max_position_value", value, held, symbol)
        shares = _worst_shares(desk, symbol)
        yield LimitUse("max_position_size", limits.max_position_size, shares, symbol)


def _symbols(desk: Desk) -> set[Symbol]:
    held = {symbol for symbol, p in desk.book.holdings() if p.quantity}
    return held | {order.plan.symbol for order in desk.live()}


def _worst_shares(desk: Desk, symbol: Symbol) -> Decimal:
    net = desk.book.net(symbol)
    longest = net + desk.remaining(symbol, Side.BUY)
    shortest = net - desk.remaining(symbol, Side.SELL)
    return max(longest, -shortest, ZERO)
