"""What a decision on an alert comes to: a trade, a refusal, or a wait."""

from datetime import datetime

from attrs import frozen

from trading.alert_events import AlertAccepted, SignalApproved, SignalHeld, SignalRefused
from trading.desk import Desk
from trading.order_events import OrderPlanned
from trading.signals import is_exit
from trading.vocabulary import Code, OrderId


@frozen
class Plan:
    """Trade: these facts, in one transaction."""

    approved: SignalApproved
    order: OrderPlanned


@frozen
class Refuse:
    """Do not trade: this fact."""

    refused: SignalRefused


@frozen
class Wait:
    """Decide again when something changes, at the latest at `until` (None: no limit of age is set).

    `cancel` are the strategy's own working entries that an exit needs out of the way first, `held`
    is the fact, where it is new, that the alert waits for the market to open.
    """

    until: datetime | None
    cancel: tuple[OrderId, ...] = ()
    held: SignalHeld | None = None


Decision = Plan | Refuse | Wait


def refuse(
    desk: Desk, alert: AlertAccepted, now: datetime, code: Code, inputs: dict[str, str]
) -> Refuse:
    """No, with the numbers behind it."""
    return Refuse(
        SignalRefused(
            at=now,
            alert_id=alert.alert_id,
            account=desk.account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            code=code,
            inputs=inputs,
            is_exit=is_exit(alert),
        )
    )


def hold(desk: Desk, alert: AlertAccepted, now: datetime, code: Code, until: datetime) -> Wait:
    """Wait until then; the fact is one to write down unless it is known already."""
    if desk.held.get(alert.alert_id) == until:
        return Wait(until)
    return Wait(
        until,
        held=SignalHeld(
            at=now,
            alert_id=alert.alert_id,
            account=desk.account,
            strategy=alert.strategy,
            symbol=alert.symbol,
            code=code,
            until=until,
            is_exit=is_exit(alert),
        ),
    )
