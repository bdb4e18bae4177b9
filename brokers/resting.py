"""An order on the paper venue's book."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from brokers.ledger_events import PaperAccepted
from trading.desk import SHORT_MARGIN
from trading.money import ZERO
from trading.vocabulary import OrderType, Side


class Stage(StrEnum):
    """What an order on the book waits for."""

    HELD = "held"  # its parent's completion
    ARRIVING = "arriving"  # the next quote, to trade at the market
    WAITING = "waiting"  # its stop
    RESTING = "resting"  # a price through its limit


STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)


@frozen(kw_only=True, slots=False)
class Resting:
    """An order on the book. `filled` counts towards `quantity`, `fills` numbers its executions."""

    terms: PaperAccepted
    stage: Stage
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    works_from: datetime | None = None
    worst_price: Decimal | None = None
    filled: Decimal = ZERO
    fills: int = 0

    @property
    def remaining(self) -> Decimal:
        """What is still to trade."""
        return self.quantity - self.filled

    @property
    def reserved(self) -> Decimal:
        """The money that it keeps others from spending: of a buy its price, of a short sale its
        margin. What buys back a short sale is paid for by what that has set aside.
        """
        sells = self.terms.side is Side.SELL
        if sells is not self.terms.short or self.stage is Stage.HELD:
            return ZERO
        each = self.worst_price or self.limit_price or self.stop_price or ZERO
        return self.remaining * each * (SHORT_MARGIN if sells else 1)
