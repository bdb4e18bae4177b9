"""Whether the market is seen well enough to take on more risk: how old its last quotes are."""

from datetime import timedelta
from typing import Final

from trading.alert_events import Checked
from trading.day_loss import FRESH
from trading.entry import Entry
from trading.hours import Hours
from trading.marks import Shown
from trading.vocabulary import Code, Symbol


QUOTES_FRESH: Final = Checked(Code.QUOTE_TOO_OLD, True, {})


def quotes_are_fresh(entry: Entry) -> Checked:
    """The market still shows the symbol, and all that our strategies hold (trading rules, 3.7).

    Of a symbol that no market ever showed nothing is expected. The first quote of a session has a
    minute to come, as any other, and the first bar its length more.
    """
    desk = entry.desk
    if not desk.shown:
        return QUOTES_FRESH
    held = (symbol for (_, symbol), p in desk.book.positions.items() if p.quantity)
    watched = sorted({entry.alert.symbol, *held} & desk.shown.keys())
    ages = {symbol: _age(entry, desk.shown[symbol]) for symbol in watched}
    oldest = max(ages, key=ages.__getitem__, default=None)
    if oldest is None or ages[oldest] <= FRESH:
        return QUOTES_FRESH
    return Checked(Code.QUOTE_TOO_OLD, False, _inputs(oldest, ages[oldest]))


def _age(entry: Entry, shown: Shown) -> timedelta:
    since = shown.at
    if entry.rules.hours is Hours.EXCHANGE:
        day = entry.desk.book.calendar.hours_at(entry.now)
        since = since if day is None else max(since, day.opens)
    return entry.now - since - shown.holds_for


def _inputs(symbol: Symbol, age: timedelta) -> dict[str, str]:
    return {
        "of": symbol,
        "quote_age_seconds": f"{age.total_seconds():.1f}",
        "allowed_seconds": f"{FRESH.total_seconds():.0f}",
    }
