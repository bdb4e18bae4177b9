"""When an order may trade, and when its time is over. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from brokers.schwab.simulator.model import Order
from trading.sessions import NEW_YORK, Calendar, DayHours, Session


AT_ONCE: Final = frozenset({"IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"})
ONE_DAY: Final = timedelta(days=1)
DECEMBER: Final = 12

_EXTENDED: Final = {
    "AM": {Session.PRE},
    "PM": {Session.POST},
    "SEAMLESS": {Session.PRE, Session.REGULAR, Session.POST},
}


def trades(order: Order, session: Session) -> bool:
    """Whether an order may be executed in a session of the day."""
    if order.terms is None:
        return False
    return session in _EXTENDED.get(order.terms.session, {Session.REGULAR})


def is_over(order: Order, now: datetime, calendar: Calendar) -> bool:
    """Whether the time for which an order was given has passed."""
    if order.terms is None or order.terms.duration in {"GOOD_TILL_CANCEL", *AT_ONCE}:
        return False
    kind = order.terms.session
    first = next(each for each in _days(calendar, order) if _end(each, kind) > order.entered_at)
    last = _last_day(order.terms.duration, first.day)
    end = _end(first, kind)
    for hours in _days(calendar, order):
        if hours.day > last:
            break
        end = max(end, _end(hours, kind))
    return now >= end


def _days(calendar: Calendar, order: Order) -> Iterator[DayHours]:
    day = order.entered_at.astimezone(NEW_YORK).date()
    while True:
        if (hours := calendar.hours(day)) is not None:
            yield hours
        day += ONE_DAY


def _end(hours: DayHours, session: str) -> datetime:
    match session:
        case "AM":
            return hours.opens
        case "NORMAL":
            return hours.closes
        case _:
            return hours.post_ends


def _last_day(duration: str, day: date) -> date:
    match duration:
        case "END_OF_WEEK":
            return day + ONE_DAY * (6 - day.weekday())
        case "END_OF_MONTH":
            return _end_of_month(day)
        case "NEXT_END_OF_MONTH":
            return _end_of_month(_end_of_month(day) + ONE_DAY)
        case _:
            return day


def _end_of_month(day: date) -> date:
    after = day.month == DECEMBER
    return day.replace(year=day.year + after, month=day.month % 12 + 1, day=1) - ONE_DAY
