"""What the streamer says: answers, heartbeats and data, with its codes and its numbers. Pure."""

from decimal import Decimal
from typing import Any, Final

from brokers.schwab.simulator.answers import Json


DONE: Final = 0
"""The guide has 26 to 29 for subscriptions; live, and for every known client, it is 0."""

LOGIN_DENIED: Final = 3
NO_SERVICE: Final = 11
TOO_MANY: Final = 12
TOO_MANY_SYMBOLS: Final = 19
NO_CONNECTION: Final = 20
BAD_COMMAND: Final = 21
FAILED: Final = {"SUBS": 22, "UNSUBS": 23, "ADD": 24, "VIEW": 25}
STOP_STREAMING: Final = 30
CLOSING: Final = frozenset({LOGIN_DENIED, TOO_MANY, STOP_STREAMING})
"""After these the connection is closed."""

SCALE: Final = 6


def responded(request: Json, code: int, message: str, at: int) -> Json:
    """The answer to a request; `at` in epoch milliseconds."""
    return {
        "response": [
            {
                "service": request.get("service", ""),
                "command": request.get("command", ""),
                "requestid": str(request.get("requestid", "")),
                "SchwabClientCorrelId": request.get("SchwabClientCorrelId", ""),
                "timestamp": at,
                "content": {"code": code, "msg": message},
            }
        ]
    }


def beat(at: int) -> Json:
    """A heartbeat."""
    return {"notify": [{"heartbeat": str(at)}]}


def data(service: str, content: list[Json], at: int) -> Json:
    """What a subscription brings."""
    return {"data": [{"service": service, "timestamp": at, "command": "SUBS", "content": content}]}


def packed(number: Decimal | None) -> Json:
    """A number of account activity: `lo` in millionths; 0 has no `lo`, None is empty."""
    if number is None:
        return {}
    lo = int(abs(number).scaleb(SCALE))
    scale: dict[str, Any] = {"signScale": SCALE << 1 | (number < 0)}
    return {"lo": str(lo)} | scale if lo else scale
