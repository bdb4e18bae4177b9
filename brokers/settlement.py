"""When the money of a sale is there to be spent: a trading day later. Pure."""

from datetime import datetime, time

from trading.sessions import ONE_DAY, Calendar, on_day


def next_day(calendar: Calendar, at: datetime) -> datetime:
    """The aware UTC instant at which a sale of `at` has settled: midnight in New York of T+1.

    Days on which the exchange trades and the banks do not are counted as any other.
    """
    day = calendar.trading_day(at) + ONE_DAY
    while not calendar.is_trading_day(day):
        day += ONE_DAY
    return on_day(day, time(0, 0))
