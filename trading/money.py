"""Money and quantities as exact decimals, and how they are written."""

from decimal import Decimal


ZERO = Decimal(0)
CENT = Decimal("0.01")
TICK = CENT
"""The price step of US stocks at or above 1 $; below it we stay on the coarser side of safety."""


def plain(value: Decimal) -> str:
    """The shortest exact text of a number: no exponent, no trailing zeros (150.5, 100, -0.01)."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def dollars(value: Decimal) -> str:
    """An amount rounded to the cent, for people: 24,812.50."""
    return f"{value.quantize(CENT):,}"


def is_whole(quantity: Decimal) -> bool:
    """Whether a quantity is a whole number of shares."""
    return quantity == quantity.to_integral_value()


def percent_of(value: Decimal, percent: Decimal) -> Decimal:
    """`percent` per cent of a value."""
    return value * percent / 100
