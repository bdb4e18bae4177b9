"""The trouble that the paper venue makes on purpose, and how it is drawn. Pure but for the dice."""

import random
from decimal import Decimal
from enum import StrEnum

from attrs import fields, frozen

from trading.money import ZERO


class Fate(StrEnum):
    """What becomes of something that is asked of the venue."""

    NONE = "none"
    DROP = "drop"  # the connection breaks before the first byte
    TIMEOUT_BEFORE_ACCEPT = "timeout_before_accept"
    SERVER_ERROR = "server_error"  # an answer of the 5xx kind, and nothing was taken
    SERVER_ERROR_AFTER_ACCEPT = "server_error_after_accept"
    RATE_LIMITED = "rate_limited"
    TIMEOUT_AFTER_ACCEPT = "timeout_after_accept"


NEVER_TAKEN = (
    Fate.DROP,
    Fate.TIMEOUT_BEFORE_ACCEPT,
    Fate.SERVER_ERROR,
    Fate.RATE_LIMITED,
)

FAULTY = (Fate.DROP, Fate.SERVER_ERROR, Fate.SERVER_ERROR_AFTER_ACCEPT, Fate.RATE_LIMITED)
"""What may become of a question; that an order was lost is none of its faults."""


@frozen(kw_only=True)
class Faults:
    """Trouble the venue makes on purpose, drawn from a seeded source.

    All are probabilities but `latency_s`, the longest that an answer takes, `answer_timeout_s`, how
    long the client waits for one, and `late_fill_s`, how late a late fill is told. The first five
    exclude one another; `external_trade` and `corporate_action` are drawn at each price.
    """

    drop: float = 0.0
    timeout_before_accept: float = 0.0
    server_error: float = 0.0
    rate_limited: float = 0.0
    timeout_after_accept: float = 0.0
    duplicate_fill: float = 0.0
    late_fill: float = 0.0
    out_of_order_fill: float = 0.0
    external_trade: float = 0.0
    corporate_action: float = 0.0
    latency_s: float = 0.0
    late_fill_s: float = 5.0
    answer_timeout_s: float = 2.0
    seed: int = 1

    @property
    def any(self) -> bool:
        """Whether any fault is switched on."""
        durations = ("late_fill_s", "answer_timeout_s", "seed")
        names = [one.name for one in fields(Faults) if one.name not in durations]
        return any(getattr(self, name) > 0 for name in names)

    def fate(self, draw: Decimal) -> Fate:
        """What a draw from [0, 1) means: the faults lie side by side, each as wide as probable."""
        upto = 0.0
        for fate, width in (
            (Fate.DROP, self.drop),
            (Fate.TIMEOUT_BEFORE_ACCEPT, self.timeout_before_accept),
            (Fate.SERVER_ERROR, self.server_error / 2),
            (Fate.SERVER_ERROR_AFTER_ACCEPT, self.server_error / 2),
            (Fate.RATE_LIMITED, self.rate_limited),
            (Fate.TIMEOUT_AFTER_ACCEPT, self.timeout_after_accept),
        ):
            upto += width
            if draw < upto:
                return fate
        return Fate.NONE


NO_FAULTS = Faults()

FINENESS = 1_000_000


@frozen
class Drawn:
    """The draw of this number from a seed, and the seconds by which something is late by it."""

    number: int
    draw: Decimal
    seconds: Decimal = ZERO


class Dice:
    """Draws from a seed; `count` tells which draw the last one was, so that it can be repeated."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)  # noqa: S311 - faults are drawn, not secrets
        self.count = 0

    def draw(self) -> Decimal:
        """The next number from [0, 1)."""
        self.count += 1
        return Decimal(self._source.randrange(FINENESS)) / FINENESS

    def strikes(self, probability: float) -> Decimal | None:
        """The draw, if by it something of this probability happens; nothing is drawn for 0."""
        if not probability:
            return None
        draw = self.draw()
        return draw if draw < probability else None

    def part_of(self, most: float) -> Decimal:
        """Some part of the most there may be, in thousandths; nothing is drawn for 0."""
        return (self.draw() * Decimal(str(most))).quantize(Decimal("0.001")) if most else ZERO
