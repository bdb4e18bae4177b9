"""Numbers and instants as JSON holds them."""

from datetime import UTC, datetime
from decimal import Decimal

from trading.money import ZERO, plain


EXACT_PLACES = 6
"""Quotients of money have no end; six places are finer than any price step."""


def number(value: Decimal | None, places: int = EXACT_PLACES) -> str | None:
    """A number as text, rounded where it goes on for ever; None stays None."""
    # Adding zero turns -0 into 0.
    return None if value is None else plain(round(value, places) + ZERO)


def instant(at: datetime) -> str:
    """An aware instant as ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
