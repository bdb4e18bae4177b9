"""An undecided alert at an instant: what it means to its account, and words to decide it with."""

from datetime import datetime
from decimal import Decimal
from itertools import dropwhile

from attrs import field, frozen

from trading.alert_events import AlertAccepted, Checked, SignalHeld, SignalRead, SignalRefused
from trading.desk import Desk
from trading.money import ZERO
from trading.orders import Order
from trading.outcomes import Refuse, Wait
from trading.rules import StrategyRules
from trading.signals import Reading, after_of, is_close, read, side_of
from trading.transitions import AT_THE_VENUE
from trading.vocabulary import AlertId, Code, OrderId, Sides


@frozen
class Pending:
    """An undecided alert at an instant, as its account reads it."""

    desk: Desk
    alert: AlertAccepted
    rules: StrategyRules
    now: datetime
    reading: Reading = field(init=False)
    leaves: bool = field(init=False)
    """Whether what it does next can only make the position smaller."""

    @reading.default
    def _reading(self) -> Reading:
        return reading_of(self.desk, self.alert, self.rules)

    @leaves.default
    def _leaves(self) -> bool:
        return leaves(self.desk, self.alert, self.rules)

    @property
    def share(self) -> Decimal:
        """What its strategy holds of the symbol, signed."""
        return self.desk.book.position(self.alert.strategy, self.alert.symbol).quantity

    @property
    def own(self) -> list[Order]:
        """Its strategy's live orders in the symbol."""
        return list(self.desk.live(self.alert.symbol, self.alert.strategy))

    @property
    def closes_first(self) -> bool:
        """Whether something of the other side is to be closed before it may open."""
        return self.leaves and not self.reading.is_exit

    def refuse(self, code: Code, inputs: dict[str, str]) -> Refuse:
        """No, with the numbers behind it."""
        return Refuse(
            SignalRefused(
                at=self.now,
                alert_id=self.alert.alert_id,
                account=self.desk.account,
                strategy=self.alert.strategy,
                symbol=self.alert.symbol,
                code=code,
                inputs=inputs,
                is_exit=self.leaves,
            )
        )

    def refused_by(self, check: Checked) -> Refuse:
        """No, because of a check that did not pass."""
        return self.refuse(check.code, dict(check.inputs))

    def hold(self, code: Code, until: datetime) -> Wait:
        """Wait until then; the fact is one to write down unless it is known already."""
        held = self.desk.held.get(self.alert.alert_id)
        if held is not None and (held.until, held.code) == (until, code):
            return Wait(until)
        return Wait(until, held=self.held(code, until))

    def held(self, code: Code, until: datetime) -> SignalHeld:
        """The fact that it waits."""
        return SignalHeld(
            at=self.now,
            alert_id=self.alert.alert_id,
            account=self.desk.account,
            strategy=self.alert.strategy,
            symbol=self.alert.symbol,
            code=code,
            until=until,
            is_exit=self.leaves,
        )


# --- reading --------------------------------------------------------------------------------------


def reading_of(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> Reading:
    """What an undecided alert means to the account."""
    before = desk.read.get(alert.alert_id)
    if before is None:
        before = desk.book.position(alert.strategy, alert.symbol).quantity
    return read(alert, rules.sides, before)


def leaves(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> bool:
    """Whether what an undecided alert does next can only make the position smaller: an exit, or the
    close of what it reverses, until that has been sent.
    """
    reading, held = reading_of(desk, alert, rules), desk.held.get(alert.alert_id)
    if reading.is_exit:
        return True
    if held is not None and held.code is Code.REVERSAL_NOT_FLAT:
        return False
    side, share = reading.side, desk.book.position(alert.strategy, alert.symbol).quantity
    own = desk.live(alert.symbol, alert.strategy, side.opposite)
    return side.sign * share < 0 or any(o.is_entry for o in own)


def first_read(
    desk: Desk, alert: AlertAccepted, rules: StrategyRules, now: datetime
) -> SignalRead | None:
    """What is to be written down when an alert is looked at first: where its strategy may hold both
    sides, a number alone says something else as soon as orders have moved on.
    """
    says_all = alert.position_size is not None and alert.prev_position_size is not None
    if rules.sides is not Sides.LONG_SHORT or says_all or is_close(alert.action):
        return None
    if alert.alert_id in desk.read:
        return None
    return SignalRead(
        at=now,
        alert_id=alert.alert_id,
        account=desk.account,
        strategy=alert.strategy,
        symbol=alert.symbol,
        before=_about_to_hold(desk, alert),
    )


def _about_to_hold(desk: Desk, alert: AlertAccepted) -> Decimal:
    """What its strategy holds once all is done that is under way, as its chart sees it.

    An exit that rests for its price has not happened there; an entry that rests counts as done.
    """
    if (ahead := _ahead(desk, alert)) is not None:
        return after_of(ahead, desk.read.get(ahead.alert_id, ZERO))
    held = desk.book.position(alert.strategy, alert.symbol).quantity
    for order in desk.live(alert.symbol, alert.strategy):
        if order.is_entry or not order.is_resting:
            held += order.plan.side.sign * order.exposed_quantity
    return held


def _ahead(desk: Desk, alert: AlertAccepted) -> AlertAccepted | None:
    """The last alert before it of its strategy in the symbol that waits, too."""
    ahead = None
    for other in desk.undecided.values():
        if other.alert_id == alert.alert_id:
            break
        if (other.strategy, other.symbol) == (alert.strategy, alert.symbol):
            ahead = other
    return ahead


def out_behind(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> AlertId | None:
    """The alert that came after an entry and takes it back: an exit, or one the other way."""
    side = side_of(alert.action)
    later = dropwhile(lambda other: other.alert_id != alert.alert_id, desk.undecided.values())
    for other in later:
        if (other.strategy, other.symbol) != (alert.strategy, alert.symbol):
            continue
        if side_of(other.action) is not side or reading_of(desk, other, rules).is_exit:
            return other.alert_id
    return None


def to_cancel(orders: list[Order]) -> tuple[OrderId, ...]:
    """Those of them that are at the venue, or on their way."""
    return tuple(o.plan.order_id for o in orders if o.status in AT_THE_VENUE)
