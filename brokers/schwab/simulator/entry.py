"""An order's JSON body as a request, or what is wrong with it, as Schwab checks before its 201."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from brokers.schwab.simulator.model import SIDES, Request, Terms
from brokers.schwab.simulator.validity import AT_ONCE


SESSIONS: Final = frozenset({"NORMAL", "AM", "PM", "SEAMLESS"})
DURATIONS: Final = frozenset(
    {"DAY", "GOOD_TILL_CANCEL", "END_OF_WEEK", "END_OF_MONTH", "NEXT_END_OF_MONTH", *AT_ONCE}
)
ORDER_TYPES: Final = frozenset({"MARKET", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING_STOP"})
TRAIL_BASES: Final = frozenset({"LAST", "BID", "ASK", "MARK"})
TRAIL_TYPES: Final = frozenset({"VALUE", "PERCENT"})
STRATEGIES: Final = frozenset({"SINGLE", "TRIGGER", "OCO"})
PRICED: Final = frozenset({"LIMIT", "STOP_LIMIT"})
STOPPED: Final = frozenset({"STOP", "STOP_LIMIT"})
NOT_ALLOWED: Final = frozenset({"requestedDestination", "tag"})
"""Fields that only answers have; sending the first is refused, of the second it is assumed."""

CENTS: Final = -2
SUB_PENNY: Final = -4
"""The exponents that prices may have, from a dollar on and below."""


class Malformed(Exception):  # noqa: N818 - says what is the matter
    """A body that Schwab answers with 400; the message is the answer's."""


def read_order(body: Any) -> Request:
    """The request in a body; numbers may be texts, as in Schwab's own samples.

    Raises:
        Malformed: something in it is not Schwab's.
    """
    if not isinstance(body, Mapping):
        raise Malformed("Invalid request data")
    if found := NOT_ALLOWED & body.keys():
        raise Malformed(f"Invalid field '{min(found)}'")
    strategy = _one_of(body, "orderStrategyType", STRATEGIES)
    below = body.get("childOrderStrategies", [])
    if not isinstance(below, list) or bool(below) != (strategy != "SINGLE"):
        raise Malformed("Invalid request data")
    children = tuple(read_order(child) for child in below)
    terms = None if strategy == "OCO" else _terms(body)
    return Request(strategy=strategy, terms=terms, children=children)


def _terms(body: Mapping[str, Any]) -> Terms:
    legs = body.get("orderLegCollection")
    if not isinstance(legs, list) or len(legs) != 1 or not isinstance(legs[0], Mapping):
        raise Malformed("Invalid request data")
    leg = legs[0]
    instrument = leg.get("instrument")
    if not isinstance(instrument, Mapping) or not isinstance(instrument.get("symbol"), str):
        raise Malformed("Invalid request data")
    _one_of(instrument, "assetType", frozenset({"EQUITY"}))
    order_type = _one_of(body, "orderType", ORDER_TYPES)
    session = _one_of(body, "session", SESSIONS)
    if session != "NORMAL" and order_type != "LIMIT":
        raise Malformed("Invalid request data")
    duration = _one_of(body, "duration", DURATIONS)
    if duration in AT_ONCE and order_type not in ("MARKET", "LIMIT"):
        raise Malformed("Invalid request data")
    trails = order_type == "TRAILING_STOP"
    quantity = _number(leg, "quantity")
    if quantity <= 0 or quantity != quantity.to_integral_value():
        raise Malformed("Invalid quantity")
    return Terms(
        symbol=instrument["symbol"],
        instruction=_one_of(leg, "instruction", frozenset(SIDES)),
        quantity=quantity,
        order_type=order_type,
        session=session,
        duration=duration,
        price=_price(body, "price") if order_type in PRICED else None,
        stop_price=_price(body, "stopPrice") if order_type in STOPPED else None,
        stop_type=body.get("stopType"),
        trail=_trail(body) if trails else None,
        trail_type=_one_of(body, "stopPriceLinkType", TRAIL_TYPES) if trails else None,
        trail_basis=_one_of(body, "stopPriceLinkBasis", TRAIL_BASES) if trails else None,
    )


def _trail(body: Mapping[str, Any]) -> Decimal:
    trail = _number(body, "stopPriceOffset")
    if trail <= 0:
        raise Malformed("Invalid stopPriceOffset")
    return trail


def _one_of(body: Mapping[str, Any], name: str, allowed: frozenset[str]) -> str:
    value = body.get(name)
    if value is None:
        raise Malformed("Invalid request data")
    if value not in allowed:
        raise Malformed(f"Invalid value '{value}'")
    return str(value)


def _number(body: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(body.get(name)))
    except InvalidOperation:
        raise Malformed("Invalid request data") from None
    if not value.is_finite():
        raise Malformed("Invalid request data")
    return value


def _price(body: Mapping[str, Any], name: str) -> Decimal:
    price = _number(body, name)
    exponent = price.normalize().as_tuple().exponent
    finest = CENTS if price >= 1 else SUB_PENNY
    if price <= 0 or not isinstance(exponent, int) or exponent < finest:
        raise Malformed(f"Invalid {name}")
    return price
