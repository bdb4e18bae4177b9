"""Which trading day an instant belongs to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


NEW_YORK = ZoneInfo("America/New_York")
DAY_BOUNDARY = time(20, 0)
"""Everything daily starts anew at 20:00 in New York, not at midnight."""


def trading_day(at: datetime) -> date:
    """The day whose P&L an instant counts for: it runs from 20:00 New York of the day before."""
    local = at.astimezone(NEW_YORK)
    return local.date() + timedelta(days=1) if local.time() >= DAY_BOUNDARY else local.date()


def day_end(at: datetime) -> datetime:
    """The aware UTC instant at which the trading day of `at` is over."""
    return datetime.combine(trading_day(at), DAY_BOUNDARY, NEW_YORK).astimezone(UTC)
