"""Sharing out an amount that can only be split so finely."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final, TypeVar

from trading.money import ZERO


K = TypeVar("K")

_EXACT: Final = Context(prec=100)


def apportioned(amount: Decimal, weights: Mapping[K, Decimal], step: Decimal) -> dict[K, Decimal]:
    """An amount by weight in whole steps: largest remainder first, and of equal ones as they come.

    What is left when no whole step is goes to the first in that order. Weights are above 0, and
    there is at least one; the parts sum to the amount, whatever its sign.
    """
    total = sum(weights.values(), ZERO)
    exact = {
        key: _EXACT.divide(_EXACT.multiply(amount, weight), total)
        for key, weight in weights.items()
    }
    steps = {key: (part / step).to_integral_value(ROUND_DOWN) for key, part in exact.items()}
    parts = {key: count * step for key, count in steps.items()}
    by_remainder = sorted(parts, key=lambda key: -abs(exact[key] - parts[key]))
    rest = amount - sum(parts.values(), ZERO)
    towards = step if amount >= 0 else -step
    for key in by_remainder[: int(abs(rest) / step)]:
        parts[key] += towards
        rest -= towards
    parts[by_remainder[0]] += rest
    return parts
