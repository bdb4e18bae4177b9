"""Taking an alert's fields one by one, and keeping every fault on the way."""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from trading.document import Fault, NotFinite, writable
from trading.vocabulary import Action, StrategyName, Symbol


SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(\.[A-Z])?")
MAX_TEXT = 2_000
MAX_NUMBER = Decimal(1_000_000_000)
FINEST = Decimal("1E-8")

Word = TypeVar("Word", bound=StrEnum)


class Fields:
    """Takes fields one by one and keeps every fault it meets."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self.faults: list[Fault] = []

    def fault(self, place: str, problem: str) -> None:
        """One more fault."""
        self.faults.append(Fault(place, problem))

    def has(self, name: str) -> bool:
        """Whether the field is there and is not null."""
        return self._fields.get(name) is not None

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A text as it stands; None where there is none."""
        value = self._fields.get(name)
        if value is None or (required and value == ""):
            if required:
                self.fault(name, "is required")
            return None
        if not isinstance(value, str):
            self.fault(name, f"must be text; got {_shown(value)}")
            return None
        if value != writable(value):
            self.fault(name, "holds half a character (a lone surrogate)")
            return None
        if len(value) > MAX_TEXT:
            self.fault(name, f"is longer than {MAX_TEXT} characters")
            return None
        return value

    def strategy(self, known: Collection[StrategyName]) -> StrategyName:
        """The strategy it names, one of those that are known."""
        name = self.text("strategy", required=True)
        if name is not None and name not in known:
            self.fault("strategy", f"unknown strategy {_shown(name)}{_did_you_mean(name, known)}")
        return StrategyName(name or "")

    def action(self) -> Action:
        """What is asked for; some exit where that cannot be read."""
        word = self.text("action", required=True)
        if word is None:
            return Action.CLOSE_LONG
        try:
            return Action(word.lower())
        except ValueError:
            known = ", ".join(Action)
            self.fault("action", f"must be one of {known}; got {_shown(word)}")
            return Action.CLOSE_LONG

    def symbol(self) -> Symbol:
        """The ticker in its canonical form."""
        ticker = self.text("ticker", required=True)
        if ticker is None:
            return Symbol("")
        symbol = ticker.strip().upper()
        # Upper case turns some foreign letters into plain ones: a symbol nobody wrote.
        if not (ticker.isascii() and SYMBOL.fullmatch(symbol)):
            what = "a futures contract" if symbol.endswith("!") else "not a US stock or ETF symbol"
            self.fault(
                "ticker", f"{_shown(ticker)} is {what}; stocks and ETFs only, as AAPL or BRK.B"
            )
        return Symbol(symbol)

    def quantity(self, *, required: bool) -> Decimal | None:
        """How many shares; a close may leave it out."""
        if required and self._fields.get("quantity") is None:
            self.fault("quantity", "is required for buy and sell")
            return None
        return self.positive("quantity")

    def positive(self, name: str) -> Decimal | None:
        """A number above 0; None where there is none."""
        number = self.number(name)
        if number is not None and number <= 0:
            self.fault(name, f"must be above 0; got {_shown(self._fields[name])}")
            return None
        return number

    def number(self, name: str) -> Decimal | None:
        """A number, as JSON number or as text; None where there is none."""
        value = self._fields.get(name)
        if value is None:
            return None
        number = _decimal(value)
        if number is None:
            self.fault(name, f"must be a number; got {_shown(value)}")
        elif abs(number) > MAX_NUMBER or number != number.quantize(FINEST):
            self.fault(name, f"must be at most {MAX_NUMBER} with 8 decimals; got {_shown(value)}")
        else:
            return number
        return None

    def percent(self, name: str) -> Decimal | None:
        """A number above 0 and below 100; None where there is none."""
        number = self.positive(name)
        if number is not None and number >= 100:
            self.fault(name, f"must be below 100; got {_shown(self._fields[name])}")
            return None
        return number

    def word(self, name: str, known: Sequence[Word]) -> Word:
        """One of these words; the first of them where there is none."""
        text = self.text(name)
        if text is None:
            return known[0]
        found = [word for word in known if word.value == text.strip().lower()]
        if not found:
            self.fault(name, f"must be one of {', '.join(known)}; got {_shown(text)}")
        return found[0] if found else known[0]

    def timestamp(self) -> datetime | None:
        """The time that the alert names, in UTC."""
        text = self.text("timestamp")
        if text is None:
            return None
        stamp = _instant(text)
        if stamp is None:
            self.fault("timestamp", f"must be a time as 2026-11-20T14:30:00Z; got {_shown(text)}")
        return stamp

    def client_id(self) -> str | None:
        """The sender's own id, text or number."""
        value = self._fields.get("id")
        if not isinstance(value, Decimal):
            return self.text("id") or None
        number = str(value)
        if len(number) > MAX_TEXT:
            self.fault("id", f"is longer than {MAX_TEXT} digits")
        return number

    def unknown_fields(self, known: Sequence[str]) -> None:
        """A fault for each field that no alert has."""
        for name in self._fields:
            if name not in known:
                self.fault(name[:40], f"unknown field{_did_you_mean(name, known)}")


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
