"""What the journal holds of alerts and of what was decided on them."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import Factory, field, frozen

from trading.event import FOR_PEOPLE, Event
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    Code,
    OrderId,
    OrderType,
    Origin,
    SessionAsked,
    StrategyName,
    Symbol,
    TimeInForce,
)


@frozen(kw_only=True)
class AlertAccepted(Event):
    """A genuine, new, readable alert; from here on it is ours to answer for.

    `routes` are the accounts that must each decide it exactly once; `fired_at` is known only where
    the strategy's timestamp is the fire time. `position_size` and `prev_position_size` are what the
    strategy holds on its chart after and before this order, signed. `take_profit` and `stop_loss`
    are the prices at which what an entry buys is to be sold again. One of our own clock has an
    `origin` of its own and stands for an exit that no alert asked for.
    """

    alert_id: AlertId
    strategy: StrategyName
    routes: tuple[AccountName, ...]
    symbol: Symbol
    action: Action
    quantity: Decimal | None = None
    price: Decimal | None = None
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_percent: Decimal | None = None
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    session: SessionAsked = SessionAsked.REGULAR
    position_size: Decimal | None = None
    prev_position_size: Decimal | None = None
    fired_at: datetime | None = None
    message: str = ""
    client_id: str | None = None
    address: str = ""
    dedup: str = ""
    origin: Origin = Origin.WEBHOOK


@frozen(kw_only=True)
class AlertUnreadable(Event):
    """A genuine sender's alert that could not be read: a user's mistake worth showing.

    `faults` name each fault with its place; `body` is what came, secrets masked.
    """

    alert_id: AlertId
    strategy: StrategyName | None
    faults: tuple[str, ...]
    body: str
    address: str = ""


@frozen
class Checked:
    """One check that was made: the code it refuses with, whether it passed, the numbers it saw."""

    code: Code
    passed: bool
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class SignalApproved(Event):
    """An account's decision to trade an alert; an OrderPlanned stands beside it."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    checks: tuple[Checked, ...] = field(default=(), metadata={FOR_PEOPLE: True})


@frozen(kw_only=True)
class SignalRefused(Event):
    """An account's decision not to trade an alert: a code and the numbers behind it."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    code: Code
    inputs: dict[str, str] = Factory(dict)
    is_exit: bool = False


@frozen(kw_only=True)
class AlertQuarantined(Event):
    """An alert that brought down whoever decided it three times: it is not decided any more."""

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    is_exit: bool = False


@frozen(kw_only=True)
class SignalHeld(Event):
    """An account's decision to wait with an alert: until the market opens for it, or at most until
    what it reverses is closed.
    """

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    code: Code
    until: datetime
    is_exit: bool = False


@frozen(kw_only=True)
class SignalRead(Event):
    """How an account reads an alert that does not say what its chart held before it: `before` is
    what its strategy held then, once all that was under way for it had been done.
    """

    alert_id: AlertId
    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    before: Decimal


@frozen(kw_only=True)
class StillHeld(Event):
    """A person is to hear that a strategy still holds what it was to leave before the close."""

    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    quantity: Decimal
    code: Code


@frozen(kw_only=True)
class ProtectionRemoved(Event):
    """A person is to hear that somebody else cancelled what protected a share."""

    account: AccountName
    strategy: StrategyName
    symbol: Symbol
    alert_id: AlertId
    entry_id: OrderId
    quantity: Decimal


ALERT_EVENTS: Final[tuple[type[Event], ...]] = (
    AlertAccepted,
    AlertUnreadable,
    SignalApproved,
    SignalRefused,
    AlertQuarantined,
    SignalHeld,
    SignalRead,
    StillHeld,
    ProtectionRemoved,
)
"""Every fact about an alert."""
