"""What bookings do to quantities and cash, written only from what they mean; nothing of the bot."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from tests.crash.rows import Row


ZERO = Decimal(0)
EXTERNAL = ""
"""Whose share it is that is no strategy's."""


class Sums(Protocol):
    """What is added up: by account and symbol, by account, strategy and symbol, by account."""

    positions: dict[tuple[str, str], Decimal]
    shares: dict[tuple[str, str, str], Decimal]
    cash: dict[str, Decimal]
    booked: set[tuple[str, str, str]]


def shares_came(sums: Sums, row: Row, strategy: str, quantity: Decimal) -> None:
    """So many shares to a strategy, or away from it; the account has so many more."""
    account, symbol = row.text("account"), row.text("symbol")
    sums.positions[account, symbol] = sums.positions.get((account, symbol), ZERO) + quantity
    _given(sums, row, strategy, quantity)


def cash_came(sums: Sums, row: Row, amount: Decimal) -> None:
    """So much money, or away."""
    account = row.text("account")
    sums.cash[account] = sums.cash.get(account, ZERO) + amount


def book(sums: Sums, row: Row) -> None:
    """One booking, counted once."""
    known = (row.text("account"), row.type, row.text("booking_id"))
    if known not in sums.booked:
        sums.booked.add(known)
        BOOKINGS[row.type](sums, row)


def _share(sums: Sums, row: Row, strategy: str) -> Decimal:
    return sums.shares.get((row.text("account"), strategy, row.text("symbol")), ZERO)


def _given(sums: Sums, row: Row, strategy: str, quantity: Decimal) -> None:
    """A share without the account's sum: what one gets here another gives."""
    key = (row.text("account"), strategy, row.text("symbol"))
    sums.shares[key] = sums.shares.get(key, ZERO) + quantity


def _between(sums: Sums, row: Row, giver: str, taker: str) -> None:
    """From one to the other, and no more than there is."""
    held, asked = _share(sums, row, giver), row.number("quantity")
    if held * asked <= 0:
        return
    quantity = asked if abs(asked) <= abs(held) else held
    _given(sums, row, giver, -quantity)
    _given(sums, row, taker, quantity)


def _external(sums: Sums, row: Row) -> None:
    shares_came(sums, row, EXTERNAL, row.signed)
    cash_came(sums, row, -row.spent)


def _closed(sums: Sums, row: Row) -> None:
    _given(sums, row, row.text("strategy"), row.signed)
    _given(sums, row, EXTERNAL, -row.signed)


def _company(sums: Sums, row: Row) -> None:
    """Whole shares to strategies, to external all the rest."""
    account, symbol = row.text("account"), row.text("symbol")
    new, old = row.number("new"), row.number("old")
    if new <= 0 or old <= 0:
        return
    before = sums.positions.get((account, symbol), ZERO)
    cash_came(sums, row, before * row.number("cash"))
    total = round(before * new / old, 6)
    sums.positions[account, symbol] = total
    for key in [key for key in sums.shares if key[0] == account and key[2] == symbol]:
        if key[1] != EXTERNAL:
            whole = (sums.shares[key] * new / old).to_integral_value(ROUND_DOWN)
            sums.shares[key], total = whole, total - whole
    sums.shares[account, EXTERNAL, symbol] = total


def _in_lieu(sums: Sums, row: Row) -> None:
    held, asked = _share(sums, row, EXTERNAL), row.number("quantity")
    if held * asked > 0:
        shares_came(sums, row, EXTERNAL, -asked if abs(asked) <= abs(held) else -held)
    cash_came(sums, row, row.number("amount"))


def _portions(sums: Sums, row: Row) -> None:
    paid = (Decimal(portion["amount"]) for portion in row.body["portions"])
    cash_came(sums, row, sum(paid, ZERO))


def _adjusted(sums: Sums, row: Row) -> None:
    if row.text("symbol"):
        shares_came(sums, row, row.text("strategy"), row.number("quantity"))
    cash_came(sums, row, row.number("cash"))


def _amount(sums: Sums, row: Row) -> None:
    cash_came(sums, row, row.number("amount"))


BOOKINGS: dict[str, Callable[[Sums, Row], None]] = {
    "ExternalTraded": _external,
    "ExternallyClosed": _closed,
    "CorporateAction": _company,
    "CashInLieuPaid": _in_lieu,
    "DividendPaid": _portions,
    "BorrowCharged": _portions,
    "FeeCharged": lambda sums, row: cash_came(sums, row, -row.number("amount")),
    "FeeReplaced": lambda sums, row: cash_came(
        sums, row, row.number("was_fee") - row.number("fee")
    ),
    "InterestBooked": _amount,
    "CashFlow": _amount,
    "SharesTransferred": lambda sums, row: shares_came(sums, row, EXTERNAL, row.number("quantity")),
    "Adopted": lambda sums, row: _between(sums, row, EXTERNAL, row.text("strategy")),
    "Transferred": lambda sums, row: _between(sums, row, row.text("strategy"), row.text("to")),
    "DustMoved": lambda sums, row: _between(sums, row, row.text("strategy"), EXTERNAL),
    "Adjusted": _adjusted,
    "PeakReset": lambda _sums, _row: None,
}
"""What each booking means, by its type."""
