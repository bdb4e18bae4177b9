"""What the simulator knows, in Schwab's JSON: its key order, its numbers, its times. Pure."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zlib import crc32

import orjson

from brokers.schwab.simulator.balances import balances
from brokers.schwab.simulator.model import ENDED, Account, Activity, Order, Position, World
from brokers.schwab.simulator.refusals import equity
from trading.money import CENT, ZERO
from trading.sessions import NEW_YORK


Json = dict[str, Any]
FUNDS: Final = frozenset({"SPY", "QQQ", "IWM", "DIA", "VTI", "VOO", "GLD", "TLT"})
"""The symbols that are exchange traded funds here; every other one is a share."""


def to_bytes(answer: Any) -> bytes:
    """The JSON; a Decimal is written out exactly, with a point, as Schwab writes its numbers."""
    return orjson.dumps(answer, default=_number)


def _number(value: object) -> orjson.Fragment:
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    text = f"{value.normalize():f}"
    return orjson.Fragment(text if "." in text else f"{text}.0")


def at_second(at: datetime) -> str:
    """An instant as orders have it: UTC, whole seconds, no colon in the offset."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def instrument_id(symbol: str) -> int:
    """A number that a symbol always has."""
    return 1_000_000 + crc32(symbol.encode()) % 1_000_000_000


def instrument(symbol: str) -> Json:
    """A share, as orders and positions name it."""
    number = instrument_id(symbol)
    return {
        "assetType": "EQUITY",
        "cusip": f"{number:010d}"[:9],
        "symbol": symbol,
        "instrumentId": number,
    }


def held_instrument(symbol: str) -> Json:
    """A share, as positions name it: a fund that is traded like one is no EQUITY there."""
    if symbol not in FUNDS:
        return instrument(symbol)
    return instrument(symbol) | {
        "assetType": "COLLECTIVE_INVESTMENT",
        "type": "EXCHANGE_TRADED_FUND",
    }


# --- orders -------------------------------------------------------------------------------------


def order_tree(world: World, order: Order) -> Json:
    """An order with its children under it."""
    body = _leg_part(order) | {
        "orderStrategyType": order.strategy,
        "orderId": order.order_id,
        "cancelable": order.status not in ENDED,
        "editable": order.status not in ENDED and order.strategy == "SINGLE",
        "status": order.status.value,
        "enteredTime": at_second(order.entered_at),
    }
    if order.closed_at is not None:
        body["closeTime"] = at_second(order.closed_at)
    body |= {"tag": order.tag, "accountNumber": int(order.account)}
    if order.activities:
        body["orderActivityCollection"] = [_activity(order, each) for each in order.activities]
    if order.children:
        body["childOrderStrategies"] = [order_tree(world, world.orders[c]) for c in order.children]
    if order.description is not None:
        body["statusDescription"] = order.description
    return body


def _leg_part(order: Order) -> Json:
    terms = order.terms
    if terms is None:
        return {}
    prices: Json = {
        "price": terms.price,
        "stopPrice": terms.stop_price,
        "stopPriceLinkBasis": terms.trail_basis,
        "stopPriceLinkType": terms.trail_type,
        "stopPriceOffset": terms.trail,
    }
    prices["stopType"] = (terms.stop_type or "STANDARD") if terms.stop_price is not None else None
    return {
        "session": terms.session,
        "duration": terms.duration,
        "orderType": terms.order_type,
        "complexOrderStrategyType": "NONE",
        "quantity": terms.quantity,
        "filledQuantity": order.filled,
        "remainingQuantity": order.open_quantity,
        "requestedDestination": "AUTO",
        "destinationLinkName": "AutoRoute",
        **{name: value for name, value in prices.items() if value is not None},
        "orderLegCollection": [
            {
                "orderLegType": "EQUITY",
                "legId": 1,
                "instrument": instrument(terms.symbol),
                "instruction": terms.instruction,
                "positionEffect": "OPENING" if terms.opens else "CLOSING",
                "quantity": terms.quantity,
            }
        ],
    }


def _activity(order: Order, report: Activity) -> Json:
    leg = {
        "legId": 1,
        "quantity": report.quantity,
        "mismarkedQuantity": ZERO,
        "price": report.price,
        "time": at_second(report.at),
        "instrumentId": instrument_id(order.terms.symbol if order.terms is not None else ""),
    }
    return {
        "activityType": "EXECUTION",
        "activityId": report.activity_id,
        "executionType": "CANCELED" if report.is_cancel else "FILL",
        "quantity": report.quantity,
        "orderRemainingQuantity": report.remaining,
        "executionLegs": [leg],
    }


def transaction(order: Order, report: Activity) -> Json:
    """One execution, as the account's transactions have it."""
    assert order.terms is not None  # noqa: S101 - only an order with a leg is executed
    signed = order.terms.side.sign * report.quantity
    return {
        "activityId": report.activity_id,
        "time": at_second(report.at),
        "type": "TRADE",
        "status": "VALID",
        "subAccount": "MARGIN",
        "tradeDate": report.at.astimezone(NEW_YORK).date().isoformat(),
        "positionId": instrument_id(order.terms.symbol),
        "orderId": order.order_id,
        "netAmount": -(signed * report.price) - report.fee,
        "transferItems": [
            {
                "instrument": instrument(order.terms.symbol) | {"status": "ACTIVE"},
                "amount": signed,
                "cost": -(signed * report.price),
                "price": report.price,
                "positionEffect": "OPENING" if order.terms.opens else "CLOSING",
            }
        ],
    }


# --- accounts -----------------------------------------------------------------------------------


def account_body(world: World, account: Account, *, with_positions: bool) -> Json:
    """An account with its balances, and its positions where they are asked for."""
    worth = equity(world, account).quantize(CENT)
    body: Json = {
        "type": account.kind,
        "accountNumber": account.number,
        "roundTrips": 0,
        "isDayTrader": False,
        "isClosingOnlyRestricted": False,
        "pfcbFlag": False,
    }
    if with_positions and account.positions:
        body["positions"] = [_position(world, *each) for each in account.positions.items()]
    body |= balances(world, account)
    totals = {"currentLiquidationValue": worth, "liquidationValue": worth}
    return {"securitiesAccount": body, "aggregatedBalance": totals}


def _position(world: World, symbol: str, position: Position) -> Json:
    quantity, average = position.quantity, position.average.quantize(CENT / 100)
    value = (quantity * world.price(symbol)).quantize(CENT)
    side = "Long" if quantity > 0 else "Short"
    return {
        "shortQuantity": max(-quantity, ZERO),
        "averagePrice": average,
        "currentDayProfitLoss": ZERO,
        "currentDayProfitLossPercentage": ZERO,
        "longQuantity": max(quantity, ZERO),
        "settledLongQuantity": max(quantity, ZERO),
        "settledShortQuantity": min(quantity, ZERO),
        "instrument": held_instrument(symbol),
        "marketValue": value,
        "maintenanceRequirement": ZERO,
        f"average{side}Price": average,
        f"taxLotAverage{side}Price": average,
        f"{side.lower()}OpenProfitLoss": value - (quantity * position.average).quantize(CENT),
        "currentDayCost": ZERO,
    }
