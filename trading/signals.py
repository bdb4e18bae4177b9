"""What an alert's words come to: whether it leaves or enters, on which side, for how much."""

from decimal import Decimal

from trading.alert_events import AlertAccepted
from trading.money import ZERO
from trading.vocabulary import AccountName, Action, AlertId, OrderId, Side


def is_exit(alert: AlertAccepted) -> bool:
    """Whether the alert can only make a position smaller: a long-only `sell` opens no short.

    Neither does a `buy` open anything after which the chart still holds no share.
    """
    return alert.action is not Action.BUY or _covers(alert)


def _covers(alert: AlertAccepted) -> bool:
    return (
        alert.action is Action.BUY and alert.position_size is not None and alert.position_size <= 0
    )


def is_reversal(alert: AlertAccepted) -> bool:
    """Whether the chart goes from short to long by this one order."""
    after, before = alert.position_size, alert.prev_position_size
    return (
        alert.action is Action.BUY
        and after is not None
        and before is not None
        and before < 0 < after
    )


def entry_quantity(alert: AlertAccepted) -> Decimal:
    """How many shares an entry opens: of a reversal only what is held after it.

    TradingView's size of a reversal is close and open together (trading rules 0.11).
    """
    asked, after, before = alert.quantity or ZERO, alert.position_size, alert.prev_position_size
    if after is None or before is None or before >= 0:
        return asked
    return min(asked, after)


def closing_side(alert: AlertAccepted) -> Side:
    """The side that closes what an exit means to close."""
    covers = alert.action is Action.CLOSE_SHORT or _covers(alert)
    return Side.BUY if covers else Side.SELL


def order_id(alert_id: AlertId, account: AccountName, leg: str = "1") -> OrderId:
    """The id an alert's order has on an account, now and after any crash."""
    return OrderId(f"{alert_id}.{account}.{leg}")
