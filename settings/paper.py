"""What only accounts at the paper broker have: its market, and trouble on purpose."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final

from attrs import field, frozen

from settings.rules import above, at_least, probability, symbols_or_none
from trading.vocabulary import Symbol


@frozen(kw_only=True)
class PaperFaults:
    """Trouble that the paper broker makes on purpose, for rehearsals.

    Probabilities, and seconds where a name ends in `_s`; the seed makes it repeatable.
    """

    drop: Decimal = field(default=Decimal(0), validator=probability)
    timeout_before_accept: Decimal = field(default=Decimal(0), validator=probability)
    server_error: Decimal = field(default=Decimal(0), validator=probability)
    rate_limited: Decimal = field(default=Decimal(0), validator=probability)
    timeout_after_accept: Decimal = field(default=Decimal(0), validator=probability)
    duplicate_fill: Decimal = field(default=Decimal(0), validator=probability)
    late_fill: Decimal = field(default=Decimal(0), validator=probability)
    out_of_order_fill: Decimal = field(default=Decimal(0), validator=probability)
    external_trade: Decimal = field(default=Decimal(0), validator=probability)
    corporate_action: Decimal = field(default=Decimal(0), validator=probability)
    latency_s: Decimal = field(default=Decimal(0), validator=at_least(0))
    late_fill_s: Decimal = field(default=Decimal(5), validator=above(0))
    answer_timeout_s: Decimal = field(default=Decimal(2), validator=above(0))
    seed: int = field(default=1, validator=at_least(0))


EXCLUSIVE: Final = (
    "drop",
    "timeout_before_accept",
    "server_error",
    "rate_limited",
    "timeout_after_accept",
)
"""Faults of which one request suffers at most one: together no more than certain."""


class QuoteSource(StrEnum):
    """Where the paper broker's prices come from."""

    AUTO = "auto"
    ALERTS = "alerts"
    FILE = "file"


class Funds(StrEnum):
    """What a paper account trades with: all its cash, as a cash account what has settled, or as a
    margin account all its cash and short sales against half of their value.
    """

    CASH_LIKE = "cash_like"
    CASH = "cash"
    MARGIN = "margin"


@frozen(kw_only=True)
class PaperShorts:
    """What a paper margin account may sell short, and what borrowing costs in per cent a year."""

    borrowable: tuple[Symbol, ...] = field(default=(), validator=symbols_or_none)
    fee_percent: Decimal = field(default=Decimal(1), validator=at_least(0))


@frozen(kw_only=True)
class PaperQuotes:
    """The paper broker's market: a file of quotes or bars, if there is one, or what alerts say.

    `auto` takes the file and, for symbols that it has not shown, the alerts; `file` the file alone.
    """

    source: QuoteSource = QuoteSource.AUTO
    file: Path | None = None
    bar_minutes: int = field(default=1, validator=above(0))

    @property
    def tape(self) -> Path | None:
        """The file that is read, if any."""
        return None if self.source is QuoteSource.ALERTS else self.file
