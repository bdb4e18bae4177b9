"""Shares that fills carried through zero, to where their strategy may hold nothing.

Source: trading rules, row 8. The account is reduced at once by its breaker; what is too much is
closed by one order, once the venue's holdings have been read twice and agreed with the books.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from trading.alert_events import AlertAccepted
from trading.breaker import Stop
from trading.desk import Desk
from trading.rules import StrategyRules
from trading.vocabulary import Action, AlertId, Code, Origin, Sides, StrategyName


READS: Final = 2
"""How often the venue's holdings must have agreed with the books, with no execution between."""


def closed_now(
    desk: Desk, rules: Mapping[StrategyName, StrategyRules], now: datetime
) -> Iterator[AlertAccepted]:
    """The exits that bring such shares back, each asked for once."""
    stop = _stop(desk)
    if stop is None or desk.reads < READS or not desk.venue_ready:
        return
    unsure = {found.symbol for found in desk.differences.values()}
    for (strategy, symbol), position in desk.book.positions.items():
        held, share = position.quantity, (strategy, symbol)
        sides = rules[strategy].sides if strategy in rules else Sides.LONG_ONLY
        if abs(held) < 1 or sides.may_hold(held) or symbol in unsure or share in desk.flattened:
            continue
        yield AlertAccepted(
            at=now,
            alert_id=AlertId(f"excess-{stop.generation}-{desk.account}-{strategy}-{symbol}"),
            strategy=strategy,
            routes=(desk.account,),
            symbol=symbol,
            action=Action.CLOSE_LONG if held > 0 else Action.CLOSE_SHORT,
            origin=Origin.SCHEDULE,
            message="fills carried it through zero",
        )


def _stop(desk: Desk) -> Stop | None:
    stops = (s for s in desk.stops.in_force if s.scope.account == desk.account)
    return next((s for s in stops if s.code is Code.SHARE_REVERSED), None)
