"""The one place that reads the wall clock; everyone else is handed a clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's time, as `trading.clock.Clock`; safe to call from any thread."""

    def now(self) -> datetime:
        """The wall clock as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()
