"""What an alert's words come to: whether it leaves or enters, on which side, for how much."""

from decimal import Decimal

from attrs import frozen

from trading.alert_events import AlertAccepted
from trading.money import ZERO
from trading.vocabulary import AccountName, Action, AlertId, OrderId, Side, Sides


@frozen
class Reading:
    """What an alert means where these sides may be held: an order of `side`, and how much of it
    opens a position; an exit opens nothing. A reversal opens once what it reverses is closed.
    """

    side: Side
    opens: Decimal = ZERO
    is_reversal: bool = False

    @property
    def is_exit(self) -> bool:
        """Whether it can only make a position smaller."""
        return not self.opens


def side_of(action: Action) -> Side:
    """The side that an action trades on."""
    return Side.BUY if action in (Action.BUY, Action.CLOSE_SHORT) else Side.SELL


def is_close(action: Action) -> bool:
    """Whether an action leaves, whatever is held."""
    return action in (Action.CLOSE_LONG, Action.CLOSE_SHORT)


def read(alert: AlertAccepted, sides: Sides, before: Decimal) -> Reading:
    """What an alert means; `before` is what its chart held, where it does not say so itself.

    Where the position after it is on the other side of zero and that side may be held, it opens;
    else it only leaves: a long-only `sell` opens no short. TradingView's size of a reversal is
    close and open together (trading rules 0.11); of it only what is held after it is opened.
    """
    side, asked = side_of(alert.action), alert.quantity or ZERO
    if is_close(alert.action) or not sides.allow(side):
        return Reading(side)
    held = side.sign * before_of(alert, before)
    into = side.sign * after_of(alert, before)
    if into <= ZERO:
        return Reading(side)
    return Reading(side, min(asked, into) if held < ZERO else asked, is_reversal=held < ZERO)


def before_of(alert: AlertAccepted, before: Decimal) -> Decimal:
    """What the chart held before an alert: as it says, or `before`."""
    return before if alert.prev_position_size is None else alert.prev_position_size


def after_of(alert: AlertAccepted, before: Decimal) -> Decimal:
    """What the chart holds after an alert: as it says, or what its number comes to."""
    if is_close(alert.action):
        return ZERO
    if alert.position_size is not None:
        return alert.position_size
    moved = side_of(alert.action).sign * (alert.quantity or ZERO)
    return before_of(alert, before) + moved


def may_leave(alert: AlertAccepted) -> bool:
    """Whether an alert may be an exit, where neither sides nor what is held are known."""
    return read(alert, Sides.LONG_ONLY, ZERO).is_exit


def order_id(alert_id: AlertId, account: AccountName, leg: str = "1") -> OrderId:
    """The id an alert's order has on an account, now and after any crash."""
    return OrderId(f"{alert_id}.{account}.{leg}")
