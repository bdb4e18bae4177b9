"""What a decision on an alert comes to: a trade, a refusal, or a wait."""

from datetime import datetime

from attrs import frozen

from trading.alert_events import SignalApproved, SignalHeld, SignalRefused
from trading.order_events import OrderPlanned
from trading.vocabulary import OrderId


@frozen
class Plan:
    """Trade: these facts, in one transaction."""

    approved: SignalApproved
    order: OrderPlanned


@frozen
class Reverse:
    """Close first what is held the other way: by this order, while the alert goes on waiting."""

    order: OrderPlanned
    held: SignalHeld


@frozen
class Refuse:
    """Do not trade: this fact."""

    refused: SignalRefused


@frozen
class Wait:
    """Decide again when something changes, at the latest at `until` (None: no limit of age is set).

    `cancel` are the strategy's own working entries that an exit needs out of the way first, `held`
    is the fact, where it is new, that the alert waits, and what for.
    """

    until: datetime | None
    cancel: tuple[OrderId, ...] = ()
    held: SignalHeld | None = None


Decision = Plan | Reverse | Refuse | Wait
