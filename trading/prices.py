"""What an order is valued around, and what a share of it may cost at worst."""

from decimal import Decimal

from trading.alert_events import AlertAccepted
from trading.desk import Desk
from trading.money import ZERO
from trading.rules import Limits
from trading.vocabulary import Side


CHEAP = Decimal(5)
CHEAP_COLLAR_FACTOR = Decimal("2.5")
"""Below 5 $ a share the collar is two and a half times as wide (2 % becomes 5 %)."""


def reference_price(desk: Desk, alert: AlertAccepted) -> Decimal | None:
    """The price an order is valued around, in dollars: its own, the alert's, the last known."""
    return alert.limit_price or alert.stop_price or last_price(desk, alert)


def last_price(desk: Desk, alert: AlertAccepted) -> Decimal | None:
    """What a share last cost, as far as is known, in dollars: the alert's price, or the mark."""
    return alert.price or desk.book.mark(alert.symbol)


def worst_of(
    alert: AlertAccepted, price: Decimal, limits: Limits, side: Side = Side.BUY
) -> Decimal:
    """What a share of an order may cost that is valued around a price, in dollars.

    A stop fills at the next price, wherever that is, and one that trails starts from a distance.
    A limit bounds what is paid; what is sold at no less than a limit may bring more.
    """
    if side is Side.SELL:
        return worst_price(max(price, alert.price or ZERO), limits)
    trailed = price * (1 + alert.trail_percent / 100) if alert.trail_percent else price
    return alert.limit_price or worst_price(trailed, limits)


def worst_price(price: Decimal, limits: Limits) -> Decimal:
    """What a share may cost a market order: the far edge of the price collar, in dollars."""
    collar = limits.price_collar_percent or ZERO
    if not collar and price >= CHEAP:
        return price
    factor = CHEAP_COLLAR_FACTOR if price < CHEAP else Decimal(1)
    return price * (1 + collar * factor / 100)
