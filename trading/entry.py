"""An entry under judgement, with the numbers that several checks share."""

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from attrs import field, frozen

from trading.alert_events import AlertAccepted
from trading.desk import Desk
from trading.exposure import Exposure, exposure_of
from trading.money import ZERO, percent_of
from trading.prices import reference_price, worst_of
from trading.rules import StrategyRules
from trading.signals import Reading
from trading.vocabulary import Side


@frozen
class Entry:
    """An entry under judgement, with the numbers that several checks share."""

    desk: Desk
    alert: AlertAccepted
    rules: StrategyRules
    reading: Reading
    now: datetime
    """When it is judged."""
    price: Decimal = field(init=False)
    """The price the order is valued around; 0 where there is none, which refuses it."""
    worst_price: Decimal = field(init=False)
    """What a share may cost: its limit, or the edge of its collar."""
    value: Decimal = field(init=False)
    """What the order may cost at worst, or what it sells short may come to."""

    @property
    def quantity(self) -> Decimal:
        """The shares it opens."""
        return self.reading.opens

    @property
    def side(self) -> Side:
        """Whether it buys or sells short."""
        return self.reading.side

    @property
    def is_short(self) -> bool:
        """Whether it sells what is not held."""
        return self.side is Side.SELL

    @price.default
    def _price(self) -> Decimal:
        return reference_price(self.desk, self.alert) or ZERO

    @worst_price.default
    def _worst_price(self) -> Decimal:
        return worst_of(self.alert, self.price, self.rules.limits, self.side)

    @value.default
    def _value(self) -> Decimal:
        return self.quantity * self.worst_price

    @cached_property
    def exposure(self) -> Exposure:
        """What the account could be worth at worst before this order."""
        return exposure_of(self.desk)


def effective(absolute: Decimal | None, percent: Decimal | None, equity: Decimal) -> Decimal | None:
    """The smaller of a limit in dollars and its twin in per cent of equity; None: both are off."""
    if percent is None:
        return absolute
    relative = percent_of(max(equity, ZERO), percent)
    return relative if absolute is None else min(absolute, relative)
