"""A market in a file: lines of quotes or of bars, as values or as faults with their place. Pure.

The first line names the columns: `at,symbol,bid,ask,last,volume` for quotes, where what is not
known is left empty, or `at,symbol,open,high,low,close,volume` for bars, `at` being a bar's begin.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import define, field, frozen

from brokers.market import Candle, Quote
from trading.alerts import SYMBOL
from trading.vocabulary import Symbol


FROM_FILE: Final = "file"
"""The source of a price that stood in a file."""

QUOTE_COLUMNS: Final = ("at", "symbol", "bid", "ask", "last", "volume")
BAR_COLUMNS: Final = ("at", "symbol", "open", "high", "low", "close", "volume")

Shown = Quote | Candle
"""What a line of the file shows of the market."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")


@frozen
class LineFault:
    """What is wrong in the file and where; lines and columns count from 1."""

    line: int
    column: int
    message: str


class _Wrong(ValueError):  # noqa: N818 - what is wrong with one value
    """A value breaks a rule; `name` is its column."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name}: {rule}")
        self.name = name


def known_at(shown: Shown) -> datetime:
    """The instant from which it is known: a bar when it is over."""
    return shown.ends_at if isinstance(shown, Candle) else shown.at


@define
class Lines:
    """The lines of one file as they come, of which the first names the columns.

    `bar_length` is how long its bars are. `faults` keeps what was wrong so far.
    """

    bar_length: timedelta = timedelta(minutes=1)
    columns: tuple[str, ...] = ()
    number: int = 0
    faults: list[LineFault] = field(factory=list)

    def take(self, lines: Iterable[str]) -> list[Shown]:
        """What the next lines show; a faulty line shows nothing."""
        shown = []
        for line in lines:
            self.number += 1
            if self.number == 1:
                self._name_columns(line)
            elif line.strip() and self.columns:
                shown += self._row(line)
        return shown

    def _name_columns(self, line: str) -> None:
        columns = tuple(name.strip() for name in line.removeprefix("\ufeff").split(","))
        if columns in (QUOTE_COLUMNS, BAR_COLUMNS):
            self.columns = columns
            return
        wanted = " or ".join(",".join(names) for names in (QUOTE_COLUMNS, BAR_COLUMNS))
        self.faults.append(LineFault(self.number, 1, f"the first line must be {wanted}"))

    def _row(self, line: str) -> list[Shown]:
        cells = line.rstrip("\r").split(",")
        if len(cells) != len(self.columns):
            told = f"has {len(cells)} values where there are {len(self.columns)} columns"
            self.faults.append(LineFault(self.number, 1, told))
            return []
        row = dict(zip(self.columns, (cell.strip() for cell in cells), strict=True))
        wrong = [fault for name in row if (fault := _error(name, row[name], self.columns))]
        try:
            found = [] if wrong else [self._shown(row)]
        except _Wrong as error:
            wrong, found = [error], []
        for each in wrong:
            place = self.columns.index(each.name)
            column = 1 + sum(len(cell) + 1 for cell in cells[:place])
            self.faults.append(LineFault(self.number, column, str(each)))
        return found

    def _shown(self, row: dict[str, str]) -> Shown:
        known: dict[str, Any] = {
            "at": _instant(row["at"]),
            "symbol": Symbol(row["symbol"]),
            "source": FROM_FILE,
            **{name: Decimal(row[name]) for name in self.columns[2:] if row[name]},
        }
        if self.columns == BAR_COLUMNS:
            return _sound(Candle(length=self.bar_length, **known))
        if not known.keys() & {"bid", "ask", "last"}:
            raise _Wrong("bid", "a line needs a bid, an ask or a last price")
        return Quote(**known)


def _sound(bar: Candle) -> Candle:
    if bar.high < max(bar.open, bar.low, bar.close):
        raise _Wrong("high", "is below another price of the bar")
    if bar.low > min(bar.open, bar.close):
        raise _Wrong("low", "is above another price of the bar")
    return bar


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


def _error(name: str, text: str, columns: tuple[str, ...]) -> _Wrong | None:
    """What is wrong with a value by itself."""
    may_be_empty = columns == QUOTE_COLUMNS or name == "volume"
    if not text and may_be_empty and name not in ("at", "symbol"):
        return None
    rule = _RULES.get(name, _price)(text)
    return _Wrong(name, rule) if rule else None


def _at(text: str) -> str:
    try:
        _instant(text)
    except (ValueError, OverflowError):
        return "must be an instant with its zone, like 2026-11-23T14:30:00Z"
    return ""


def _symbol(text: str) -> str:
    return "" if SYMBOL.fullmatch(text) else "must be a symbol, like AAPL or BRK.B"


def _volume(text: str) -> str:
    return "" if _NUMBER.fullmatch(text) else "must be a number of shares"


def _price(text: str) -> str:
    if _NUMBER.fullmatch(text) and Decimal(text) > 0:
        return ""
    return "must be a price above 0, like 187.50"


_RULES: Final[dict[str, Callable[[str], str]]] = {"at": _at, "symbol": _symbol, "volume": _volume}
