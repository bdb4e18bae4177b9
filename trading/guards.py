"""What protects a strategy's share: the bracket of the entry that bought it, and how that goes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from trading.vocabulary import AlertId, OrderId, Side, StrategyName, Symbol


@frozen(kw_only=True)
class Bracket:
    """What is to protect an entry's shares from its completion on, at prices in whole cents."""

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None


@frozen(kw_only=True, slots=False)
class Guard:
    """The bracket over a strategy's share in a symbol; a fold of its orders' facts.

    It is that of the last entry that brought one, and protects the whole share that such entries
    build up on their `side`. `rounds` is how
    often legs were planned, `failures` how many of them in a row never came to rest, the last at
    `failed_at`; `bare_since` is when the last live leg ended. The venue cancels one leg where the
    other `has_traded`; one that somebody else cancelled was `taken_off_at`, and once a person has
    heard of it that `is_told`. `closed_by` is the leg
    that closed the share; once nothing is left to protect the bracket `is_over`.
    """

    alert_id: AlertId
    entry_id: OrderId
    side: Side
    take_profit: Decimal | None
    stop_loss: Decimal | None
    rounds: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    bare_since: datetime | None = None
    has_traded: bool = False
    taken_off_at: datetime | None = None
    is_told: bool = False
    closed_by: OrderId | None = None
    is_over: bool = False

    @property
    def legs(self) -> int:
        """How many legs a round has."""
        return (self.take_profit is not None) + (self.stop_loss is not None)


Guards = Mapping[tuple[StrategyName, Symbol], Guard]
"""What protects each share that came with a bracket."""
