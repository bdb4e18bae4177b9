"""Whether a signal is the one just traded, sent again by another chart or another kind of alert."""

from decimal import Decimal
from typing import Final

from trading.alert_events import AlertAccepted, Checked
from trading.desk import Desk, kind_of
from trading.money import plain
from trading.rules import StrategyRules
from trading.vocabulary import Code


NOT_REPEATED: Final = Checked(Code.REPEATED_SIGNAL, True, {})


def signal_not_repeated(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> Checked:
    """Counted from receipt to receipt: two that only waited together are not one."""
    window = rules.limits.repeat_window_seconds
    if window is None or rules.allow_repeats:
        return NOT_REPEATED
    before = desk.approved.get(kind_of(alert))
    if before is None:
        return NOT_REPEATED
    told_apart = rules.id_is_unique and alert.client_id != before.client_id
    # On the chart one followed upon the other: what this one found is what that one left.
    chains = before.position_size is not None and alert.prev_position_size == before.position_size
    seconds = Decimal(str(abs(alert.at - before.at).total_seconds()))
    inputs = {"seconds_ago": f"{seconds:.1f}", "repeat_window_seconds": plain(window)}
    return Checked(Code.REPEATED_SIGNAL, told_apart or chains or seconds >= window, inputs)


def exit_not_repeated(desk: Desk, alert: AlertAccepted, rules: StrategyRules) -> Checked:
    """A partial exit sent twice in a moment is one exit; a whole one cannot hurt twice."""
    if alert.quantity is None:
        return NOT_REPEATED
    return signal_not_repeated(desk, alert, rules)
