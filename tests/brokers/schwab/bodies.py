"""Small bodies as Schwab sends them, with values of our own."""

import json
from typing import Any, Final, TypeVar

from brokers.schwab.wire_json import parsed, read
from brokers.schwab.wire_orders import OrderRecord


T = TypeVar("T")

HASH: Final = "A1" * 32
NUMBER: Final = "12345678"
ENTERED: Final = "2026-03-02T15:00:00+0000"


def made(body: Any, kind: type[T]) -> T:
    """A body as it comes over the wire: by its text, for a float is refused."""
    return read(text(body), kind)


def answered(body: Any) -> Any:
    return parsed(text(body))


def leg(
    instruction: str = "BUY", quantity: float = 10.0, symbol: str = "AAPL", **instrument: str
) -> dict[str, Any]:
    return {
        "orderLegType": "EQUITY",
        "legId": 1,
        "instrument": {"assetType": "EQUITY", "symbol": symbol, **instrument},
        "instruction": instruction,
        "quantity": quantity,
    }


def activity(
    number: int, quantity: float, price: float, kind: str = "FILL", at: str = ENTERED
) -> dict[str, Any]:
    executed = {"legId": 1, "quantity": quantity, "price": price, "time": at}
    return {
        "activityType": "EXECUTION",
        "activityId": number,
        "executionType": kind,
        "quantity": quantity,
        "executionLegs": [executed],
    }


def order(number: int = 1005000000001, status: str = "WORKING", **more: Any) -> dict[str, Any]:
    body = {
        "session": "NORMAL",
        "duration": "DAY",
        "orderType": "LIMIT",
        "quantity": 10.0,
        "filledQuantity": 0.0,
        "remainingQuantity": 10.0,
        "price": 25.5,
        "orderLegCollection": [leg()],
        "orderStrategyType": "SINGLE",
        "orderId": number,
        "status": status,
        "enteredTime": ENTERED,
        "tag": "TA_dev1",
        "accountNumber": int(NUMBER),
    }
    return body | more


def record(**more: Any) -> OrderRecord:
    return made(order(**more), OrderRecord)


def text(body: Any) -> str:
    return json.dumps(body)
