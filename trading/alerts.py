"""What a TradingView alert asks for, or every fault in it at once."""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from attrs import frozen

from trading.document import Document, Fault, NotFinite, writable
from trading.vocabulary import (
    Action,
    AlertId,
    OrderType,
    StrategyName,
    Symbol,
    TimeInForce,
    TimestampMeaning,
)


FIELDS = (
    "timestamp",
    "ticker",
    "action",
    "quantity",
    "price",
    "order_type",
    "limit_price",
    "time_in_force",
    "position_size",
    "prev_position_size",
    "strategy",
    "message",
    "secret",
    "id",
)
"""What the plain JSON alert may hold; anything else is a fault, never silently ignored."""

SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(\.[A-Z])?")
MAX_TEXT = 2_000
MAX_NUMBER = Decimal(1_000_000_000)
FINEST = Decimal("1E-8")

ORDER_TYPES = (OrderType.MARKET, OrderType.LIMIT)
TIMES_IN_FORCE = (TimeInForce.DAY, TimeInForce.GTC)

Word = TypeVar("Word", bound=StrEnum)


@frozen(kw_only=True)
class Signal:
    """A readable alert: what its sender asks for, nothing judged yet.

    `position_size` and `prev_position_size` are what the strategy holds on its chart after and
    before this order, signed.
    """

    strategy: StrategyName
    symbol: Symbol
    action: Action
    quantity: Decimal | None
    price: Decimal | None
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    position_size: Decimal | None = None
    prev_position_size: Decimal | None = None
    fired_at: datetime | None
    message: str
    client_id: str | None


def interpret(
    document: Document, timestamps: Mapping[StrategyName, TimestampMeaning]
) -> Signal | tuple[Fault, ...]:
    """The signal a document asks for, or every fault in it; `timestamps` names all strategies."""
    if not document.fields and document.faults:
        return document.faults
    reader = _Fields(document.fields)
    strategy = reader.strategy(timestamps)
    meaning = timestamps.get(strategy, TimestampMeaning.TIMENOW)
    action = reader.action()
    stamp = reader.timestamp()
    order_type = reader.word("order_type", ORDER_TYPES)
    signal = Signal(
        strategy=strategy,
        symbol=reader.symbol(),
        action=action,
        quantity=reader.quantity(required=action in (Action.BUY, Action.SELL)),
        price=reader.positive("price"),
        order_type=order_type,
        limit_price=reader.limit_price(order_type),
        time_in_force=reader.word("time_in_force", TIMES_IN_FORCE),
        position_size=reader.number("position_size"),
        prev_position_size=reader.number("prev_position_size"),
        fired_at=stamp if meaning is TimestampMeaning.TIMENOW else None,
        message=reader.text("message") or "",
        client_id=reader.client_id(),
    )
    reader.unknown_fields()
    faults = (*document.faults, *reader.faults)
    return faults or signal


class _Fields:
    """Takes fields one by one and keeps every fault it meets."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self.faults: list[Fault] = []

    def _fault(self, place: str, problem: str) -> None:
        self.faults.append(Fault(place, problem))

    def text(self, name: str, *, required: bool = False) -> str | None:
        value = self._fields.get(name)
        if value is None or (required and value == ""):
            if required:
                self._fault(name, "is required")
            return None
        if not isinstance(value, str):
            self._fault(name, f"must be text; got {_shown(value)}")
            return None
        if value != writable(value):
            self._fault(name, "holds half a character (a lone surrogate)")
            return None
        if len(value) > MAX_TEXT:
            self._fault(name, f"is longer than {MAX_TEXT} characters")
            return None
        return value

    def strategy(self, known: Mapping[StrategyName, TimestampMeaning]) -> StrategyName:
        name = self.text("strategy", required=True)
        if name is not None and name not in known:
            self._fault("strategy", f"unknown strategy {_shown(name)}{_did_you_mean(name, known)}")
        return StrategyName(name or "")

    def action(self) -> Action:
        word = self.text("action", required=True)
        if word is None:
            return Action.CLOSE_LONG
        try:
            return Action(word.lower())
        except ValueError:
            known = ", ".join(Action)
            self._fault("action", f"must be one of {known}; got {_shown(word)}")
            return Action.CLOSE_LONG

    def symbol(self) -> Symbol:
        ticker = self.text("ticker", required=True)
        if ticker is None:
            return Symbol("")
        symbol = ticker.strip().upper()
        # Upper case turns some foreign letters into plain ones: a symbol nobody wrote.
        if not (ticker.isascii() and SYMBOL.fullmatch(symbol)):
            what = "a futures contract" if symbol.endswith("!") else "not a US stock or ETF symbol"
            self._fault(
                "ticker", f"{_shown(ticker)} is {what}; stocks and ETFs only, as AAPL or BRK.B"
            )
        return Symbol(symbol)

    def quantity(self, *, required: bool) -> Decimal | None:
        if required and self._fields.get("quantity") is None:
            self._fault("quantity", "is required for buy and sell")
            return None
        return self.positive("quantity")

    def positive(self, name: str) -> Decimal | None:
        """A number above 0; None where there is none."""
        number = self.number(name)
        if number is not None and number <= 0:
            self._fault(name, f"must be above 0; got {_shown(self._fields[name])}")
            return None
        return number

    def number(self, name: str) -> Decimal | None:
        """A number, as JSON number or as text; None where there is none."""
        value = self._fields.get(name)
        if value is None:
            return None
        number = _decimal(value)
        if number is None:
            self._fault(name, f"must be a number; got {_shown(value)}")
        elif abs(number) > MAX_NUMBER or number != number.quantize(FINEST):
            self._fault(name, f"must be at most {MAX_NUMBER} with 8 decimals; got {_shown(value)}")
        else:
            return number
        return None

    def limit_price(self, order_type: OrderType) -> Decimal | None:
        """The limit of a limit order. No other price makes one, and no other order has one."""
        price = self.positive("limit_price")
        given = self._fields.get("limit_price") is not None
        if order_type is OrderType.LIMIT and not given:
            self._fault("limit_price", "is required for order_type limit")
        if order_type is not OrderType.LIMIT and given:
            self._fault("limit_price", f"is for order_type limit; the order is {order_type}")
        return price

    def word(self, name: str, known: Sequence[Word]) -> Word:
        """One of these words; the first of them where there is none."""
        text = self.text(name)
        if text is None:
            return known[0]
        found = [word for word in known if word.value == text.strip().lower()]
        if not found:
            self._fault(name, f"must be one of {', '.join(known)}; got {_shown(text)}")
        return found[0] if found else known[0]

    def timestamp(self) -> datetime | None:
        text = self.text("timestamp")
        if text is None:
            return None
        stamp = _instant(text)
        if stamp is None:
            self._fault("timestamp", f"must be a time as 2026-11-20T14:30:00Z; got {_shown(text)}")
        return stamp

    def client_id(self) -> str | None:
        value = self._fields.get("id")
        if not isinstance(value, Decimal):
            return self.text("id") or None
        number = str(value)
        if len(number) > MAX_TEXT:
            self._fault("id", f"is longer than {MAX_TEXT} digits")
        return number

    def unknown_fields(self) -> None:
        for name in self._fields:
            if name not in FIELDS:
                self._fault(name[:40], f"unknown field{_did_you_mean(name, FIELDS)}")


def _instant(text: str) -> datetime | None:
    """An aware UTC instant, or None: no time, no zone, or beyond the years a calendar has."""
    try:
        stamp = datetime.fromisoformat(text)
        return None if stamp.tzinfo is None else stamp.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _decimal(value: object) -> Decimal | None:
    """A finite number, or None; text counts where it is one, for templates often quote it."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", value.strip()):
        return Decimal(value.strip())
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f". Did you mean {close[0]}?" if close else ""


def _shown(value: object) -> str:
    """A value as the sender wrote it, short."""
    match value:
        case NotFinite(text=text):
            return text
        case Decimal():
            return str(value)[:40]
        case bool() | None | str():
            return json.dumps(value, ensure_ascii=False)[:60]
        case dict():
            return "an object"
        case _:
            return "a list"


def fingerprint(strategy: StrategyName, body: bytes) -> str:
    """What two sends of one alert share: TradingView's re-sends are equal byte for byte."""
    return hashlib.sha256(strategy.encode() + b"\0" + body).hexdigest()[:32]


def new_alert_id(now: datetime, random_hex: str) -> AlertId:
    """An id that sorts by time and reads as one: 20261120T143000-7f3a9c21."""
    day = f"{now.year:04}{now.month:02}{now.day:02}"
    return AlertId(f"{day}T{now.hour:02}{now.minute:02}{now.second:02}-{random_hex}")
