"""An account's balances, under every name that they have at Schwab. Pure."""

from decimal import Decimal
from typing import Final

from brokers.schwab.simulator.model import Account, World
from brokers.schwab.simulator.refusals import equity, spendable
from trading.money import CENT, ZERO


LEVERAGE: Final = 2
HUNDRED: Final = Decimal(100)
Balances = dict[str, dict[str, Decimal | bool]]


def balances(world: World, account: Account) -> Balances:
    """The initial, current and projected balances, by the kind of account."""
    worth = equity(world, account).quantize(CENT)
    longs, shorts = (market_value(world, account, sign) for sign in (1, -1))
    build = _of_cash if account.kind == "CASH" else _on_margin
    return build(world, account, worth, (longs, shorts))


def market_value(world: World, account: Account, sign: int) -> Decimal:
    """What is held on one side is worth, below 0 for short positions."""
    held = ((p.quantity, world.price(s)) for s, p in account.positions.items())
    return sum((q * price for q, price in held if q * sign > 0), ZERO)


def _on_margin(
    world: World, account: Account, worth: Decimal, held: tuple[Decimal, Decimal]
) -> Balances:
    spend = spendable(world, account).quantize(CENT)
    free, start, borrowed = spend / LEVERAGE, account.starting_cash, min(account.cash, ZERO)
    return {
        "initialBalances": _initial(start)
        | {
            "availableFundsNonMarginableTrade": start, "buyingPower": start * LEVERAGE,
            "dayTradingBuyingPower": start * LEVERAGE, "dayTradingBuyingPowerCall": ZERO,
            "dayTradingEquityCall": ZERO, "equity": start, "equityPercentage": HUNDRED,
            "longMarginValue": ZERO, "maintenanceCall": ZERO, "maintenanceRequirement": ZERO,
            "margin": start, "marginEquity": start, "regTCall": ZERO, "shortMarginValue": ZERO,
            "totalCash": start, "marginBalance": ZERO, "shortBalance": ZERO,
        },
        "currentBalances": _current(account, worth, held)
        | {
            "availableFunds": free, "availableFundsNonMarginableTrade": free,
            "buyingPower": spend, "buyingPowerNonMarginableTrade": free,
            "dayTradingBuyingPower": spend, "equity": worth, "equityPercentage": HUNDRED,
            "longMarginValue": held[0], "maintenanceCall": ZERO, "maintenanceRequirement": ZERO,
            "marginBalance": borrowed, "regTCall": ZERO, "shortBalance": ZERO,
            "shortMarginValue": held[1], "sma": free,
        },
        "projectedBalances": {
            "availableFunds": free, "availableFundsNonMarginableTrade": free,
            "buyingPower": spend, "dayTradingBuyingPower": spend,
            "dayTradingBuyingPowerCall": ZERO, "maintenanceCall": ZERO, "regTCall": ZERO,
            "isInCall": False, "stockBuyingPower": spend,
        },
    }  # fmt: skip


def _of_cash(_: World, account: Account, worth: Decimal, held: tuple[Decimal, Decimal]) -> Balances:
    start, cash = account.starting_cash, account.cash
    free: dict[str, Decimal | bool] = {
        "cashAvailableForTrading": cash,
        "cashAvailableForWithdrawal": cash,
    }
    return {
        "initialBalances": _initial(start)
        | {
            "cashAvailableForWithdrawal": start, "unsettledCash": ZERO, "cashDebitCallValue": ZERO,
        },
        "currentBalances": _current(account, worth, held)
        | free
        | {
            "cashCall": ZERO, "longNonMarginableMarketValue": held[0], "totalCash": cash,
            "cashDebitCallValue": ZERO, "unsettledCash": ZERO,
        },
        "projectedBalances": free,
    }  # fmt: skip


def _initial(start: Decimal) -> dict[str, Decimal | bool]:
    return {
        "accruedInterest": ZERO, "bondValue": ZERO, "cashBalance": start,
        "cashAvailableForTrading": start, "cashReceipts": ZERO, "liquidationValue": start,
        "longOptionMarketValue": ZERO, "longStockValue": ZERO, "moneyMarketFund": ZERO,
        "mutualFundValue": ZERO, "shortOptionMarketValue": ZERO, "shortStockValue": ZERO,
        "isInCall": False, "pendingDeposits": ZERO, "accountValue": start,
    }  # fmt: skip


def _current(
    account: Account, worth: Decimal, held: tuple[Decimal, Decimal]
) -> dict[str, Decimal | bool]:
    return {
        "accruedInterest": ZERO, "cashBalance": account.cash, "cashReceipts": ZERO,
        "longOptionMarketValue": ZERO, "liquidationValue": worth, "longMarketValue": held[0],
        "moneyMarketFund": ZERO, "savings": ZERO, "shortMarketValue": held[1],
        "pendingDeposits": ZERO, "mutualFundValue": ZERO, "bondValue": ZERO,
        "shortOptionMarketValue": ZERO,
    }  # fmt: skip
