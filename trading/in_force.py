"""Accounts and strategies as a start of the daemon found them in the settings."""

from attrs import Factory, frozen

from trading.vocabulary import AccountName, Sides, StrategyName


@frozen(kw_only=True)
class AccountInForce:
    """An account as the settings have it, with all its limits by name, `off` where one is off.

    `number` tells the account from every other at its broker without being its number: empty where
    the broker has none, as paper.
    """

    account: AccountName
    broker: str
    number: str = ""
    retired: bool = False
    limits: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class StrategyInForce:
    """A strategy as the settings have it: which sides it may hold, and the limits that replace its
    account's.
    """

    strategy: StrategyName
    accounts: tuple[AccountName, ...]
    retired: bool = False
    limits: dict[str, str] = Factory(dict)
    sides: Sides = Sides.LONG_ONLY
