"""How many orders may still be sent: a minute's and a day's, with some kept for exits. Pure."""

from datetime import date, datetime
from enum import IntEnum
from typing import Final

from attrs import frozen

from brokers.market import market_day


MINUTE_S: Final = 60.0


class Urgency(IntEnum):
    """What a request is for; exits and cancels may use what is kept for them."""

    ENTRY = 0
    EXIT = 1


@frozen(kw_only=True)
class Allowance:
    """What an app may send in one account; `reserve` of it only for exits and cancels."""

    per_minute: int = 120
    per_day: int = 4_000
    reserve: int = 20
    reserve_per_day: int = 200


@frozen(kw_only=True)
class Budget:
    """What is left at an instant of a monotonic clock, and of a day in New York."""

    allowance: Allowance
    tokens: float
    at_s: float
    day: date | None = None
    today: int = 0

    def taken(self, urgency: Urgency, at_s: float, now: datetime) -> "Budget | float":
        """The budget after one more request; or the seconds to wait until it may be made."""
        tokens, day = self._tokens(at_s), market_day(now)
        today = self.today if day == self.day else 0
        is_entry = urgency is Urgency.ENTRY
        kept = self.allowance.reserve if is_entry else 0
        kept_today = self.allowance.reserve_per_day if is_entry else 0
        if today + kept_today >= self.allowance.per_day:
            return MINUTE_S
        if tokens - 1 < kept:
            return (kept + 1 - tokens) * MINUTE_S / self.allowance.per_minute
        return Budget(
            allowance=self.allowance, tokens=tokens - 1, at_s=at_s, day=day, today=today + 1
        )

    def _tokens(self, at_s: float) -> float:
        grown = (at_s - self.at_s) * self.allowance.per_minute / MINUTE_S
        return min(float(self.allowance.per_minute), self.tokens + max(grown, 0.0))


def full(allowance: Allowance, at_s: float) -> Budget:
    """A budget of which nothing is spent."""
    return Budget(allowance=allowance, tokens=float(allowance.per_minute), at_s=at_s)
