"""An exchange for rehearsals at any hour: every day is a trading day, and all of it is regular."""

from datetime import date, time
from typing import Final

from attrs import frozen

from trading.sessions import Calendar


MIDNIGHT: Final = time(0, 0)


@frozen
class OpenAlways(Calendar):
    """Opens at midnight in New York and closes at the next; no day is left out."""

    pre: time = MIDNIGHT
    opens: time = MIDNIGHT
    closes: time = time.max
    post_ends: time = time.max

    def is_trading_day(self, day: date) -> bool:  # noqa: ARG002 - whichever it is
        """Every day is one."""
        return True
