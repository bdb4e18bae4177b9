"""An account in a line: where it is, and with what money."""

from settings.model import Account, Broker
from trading.money import dollars
from trading.vocabulary import Mode


def at_broker(account: Account, mode: Mode) -> str:
    """As `paper broker, 25,000.00 dollars to start with`."""
    if account.broker is Broker.PAPER:
        return f"paper broker, {dollars(account.starting_cash)} dollars to start with"
    if account.base_url is not None:
        return f"a simulator of Schwab at {account.base_url}, no money behind it (REHEARSAL)"
    if mode is Mode.PAPER:
        return "Schwab, read and shown; in mode paper no order leaves for it"
    return "Schwab, real money"
