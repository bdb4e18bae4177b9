"""What an execution does to an account. Pure."""

import attrs

from brokers.schwab.simulator.model import Account, Activity, Position, Terms
from trading.money import ZERO


def booked(account: Account, terms: Terms, report: Activity) -> Account:
    """The account with an execution's shares and money moved."""
    signed = terms.side.sign * report.quantity
    before = account.positions.get(terms.symbol, Position(quantity=ZERO, average=ZERO))
    after = before.quantity + signed
    average = before.average
    if abs(after) > abs(before.quantity):
        cost = abs(before.quantity) * before.average + report.quantity * report.price
        average = cost / abs(after)
    kept = {key: held for key, held in account.positions.items() if key != terms.symbol}
    if after != ZERO:
        kept[terms.symbol] = Position(quantity=after, average=average)
    cash = account.cash - signed * report.price - report.fee
    return attrs.evolve(account, positions=kept, cash=cash)
