"""Whether a strategy may trade a symbol of which the account holds shares that are none of ours."""

from typing import Final

from trading.alert_events import AlertAccepted, Checked
from trading.desk import Desk
from trading.money import ZERO, plain
from trading.rules import StrategyRules
from trading.vocabulary import Code


NOBODY_ELSES: Final = Checked(Code.HELD_EXTERNALLY, True, {"held_externally": "0"})


def symbol_is_ours(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> Checked:
    """Passes where nothing is held externally, or no more than the strategy was told of.

    Less than a share is dust and stands in nobody's way.
    """
    held = abs(desk.book.outside(alert.symbol).quantity)
    if held < 1:
        return NOBODY_ELSES
    allowed = rules.external.get(alert.symbol, ZERO)
    inputs = {"held_externally": plain(held), "external": plain(allowed)}
    return Checked(Code.HELD_EXTERNALLY, held <= allowed, inputs)
