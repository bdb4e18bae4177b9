"""What regulators take from a sale of US stocks, by the day it is made. Pure; a dated table.

Buys cost nothing and commission is 0. A new rate is a new row; none is ever changed, so that an
old ledger folds to the same cents.
"""

from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Final

from attrs import frozen

from trading.money import CENT, ZERO
from trading.sessions import NEW_YORK
from trading.vocabulary import Side


MILLION: Final = Decimal(1_000_000)


@frozen(kw_only=True)
class FeeRates:
    """The rates from a day on: SEC in dollars a million sold, TAF in dollars a share, capped."""

    since: date
    sec_per_million: Decimal
    taf_per_share: Decimal
    taf_cap: Decimal
    source: str


FEE_TABLE: Final = (
    FeeRates(
        since=date(2024, 5, 22),
        sec_per_million=Decimal("27.80"),
        taf_per_share=Decimal("0.000166"),
        taf_cap=Decimal("8.30"),
        source="SEC fee rate advisory 2 of fiscal 2024; FINRA By-Laws, Schedule A, section 1",
    ),
    FeeRates(
        since=date(2025, 5, 14),
        sec_per_million=Decimal(0),
        taf_per_share=Decimal("0.000166"),
        taf_cap=Decimal("8.30"),
        source="SEC fee rate advisory of fiscal 2025: 0 from 14 May 2025",
    ),
    FeeRates(
        since=date(2026, 1, 1),
        sec_per_million=Decimal(0),
        taf_per_share=Decimal("0.000195"),
        taf_cap=Decimal("9.79"),
        source="TAF of 2026 as noted 22 November 2026, not checked; the SEC's rate as before",
    ),
    FeeRates(
        since=date(2026, 4, 4),
        sec_per_million=Decimal("20.60"),
        taf_per_share=Decimal("0.000195"),
        taf_cap=Decimal("9.79"),
        source="SEC release 34-104909 of 27 February 2026, 91 FR 10643: it cannot hold before; "
        "its rate and its day as noted 22 November 2026",
    ),
)
"""Oldest first. Sales before the first row cost what it says."""


def rates_on(day: date, table: tuple[FeeRates, ...] = FEE_TABLE) -> FeeRates:
    """The rates in force on a day."""
    return next((rates for rates in reversed(table) if rates.since <= day), table[0])


def fee_of(side: Side, quantity: Decimal, price: Decimal, at: datetime) -> Decimal:
    """What one execution costs in dollars; SEC and TAF each rounded up to the cent."""
    if side is Side.BUY:
        return ZERO
    rates = rates_on(at.astimezone(NEW_YORK).date())
    sec = quantity * price * rates.sec_per_million / MILLION
    taf = min(quantity * rates.taf_per_share, rates.taf_cap)
    return sum((part.quantize(CENT, rounding=ROUND_CEILING) for part in (sec, taf)), ZERO)
