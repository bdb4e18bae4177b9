"""Text fit for a terminal: what others wrote cannot steer it, and columns line up."""

import unicodedata
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from trading.money import CENT
from trading.sessions import NEW_YORK


NOTHING: Final = "-"
_FINEST: Final = Decimal("0.0001")


def clean(text: str) -> str:
    """The text in one line, with a mark in place of what a terminal would obey instead of show."""
    # Cc and Cf: escapes, newlines, and marks that turn the direction of writing around.
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c
        for c in text
    )


def width(text: str) -> int:
    """How many columns a text takes: two for wide characters, none for combining ones."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def shown(value: object) -> str:
    """A value of the API in words: lists joined, nothing as a dash."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(shown(one) for one in value) or NOTHING
        case dict():
            named = (f"{clean(str(name))} {shown(one)}" for name, one in value.items())
            return ", ".join(named) or NOTHING
        case _:
            return clean(str(value))


def money(value: object) -> str:
    """An amount to the cent: 24,812.50."""
    return _number(value, CENT)


def price(value: object) -> str:
    """A price with the decimals it has, at least two and at most four."""
    number = _decimal(value)
    if number is None or number == number.quantize(CENT):
        return _number(value, CENT)
    return _number(value, _FINEST).rstrip("0")


def _number(value: object, step: Decimal) -> str:
    number = _decimal(value)
    return shown(value) if number is None else f"{number.quantize(step) + 0:,}"  # + 0: no -0.00


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
        return number if number.is_finite() and number.adjusted() < 18 else None
    except InvalidOperation:
        return None


def instant(value: object, *, milliseconds: bool = False) -> str:
    """A time of the API as New York's wall clocks show it."""
    try:
        local = datetime.fromisoformat(str(value)).astimezone(NEW_YORK)
    except ValueError:
        return shown(value)
    return local.replace(tzinfo=None).isoformat(
        sep=" ", timespec="milliseconds" if milliseconds else "seconds"
    )
