"""What a list of orders or transactions is asked for by: days, states, types, how many. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from attrs import frozen

from brokers.schwab.simulator.entry import Malformed
from brokers.schwab.simulator.model import Activity, Order, World


LONGEST: Final = timedelta(days=366)
"""A year between the first and the last day."""

OLDEST_OF_ALL: Final = timedelta(days=60)
"""How far back the list over all accounts may begin."""

MOST: Final = 3000
STATES: Final = frozenset(
    {
        "AWAITING_PARENT_ORDER",
        "AWAITING_CONDITION",
        "AWAITING_STOP_CONDITION",
        "AWAITING_MANUAL_REVIEW",
        "ACCEPTED",
        "AWAITING_UR_OUT",
        "PENDING_ACTIVATION",
        "QUEUED",
        "WORKING",
        "REJECTED",
        "PENDING_CANCEL",
        "CANCELED",
        "PENDING_REPLACE",
        "REPLACED",
        "FILLED",
        "EXPIRED",
        "NEW",
        "AWAITING_RELEASE_TIME",
        "PENDING_ACKNOWLEDGEMENT",
        "PENDING_RECALL",
        "UNKNOWN",
    }
)
TYPES: Final = frozenset(
    {
        "TRADE",
        "RECEIVE_AND_DELIVER",
        "DIVIDEND_OR_INTEREST",
        "ACH_RECEIPT",
        "ACH_DISBURSEMENT",
        "CASH_RECEIPT",
        "CASH_DISBURSEMENT",
        "ELECTRONIC_FUND",
        "WIRE_OUT",
        "WIRE_IN",
        "JOURNAL",
        "MEMORANDUM",
        "MARGIN_CALL",
        "MONEY_MARKET",
        "SMA_ADJUSTMENT",
    }
)


@frozen(kw_only=True)
class Days:
    """The days asked for, both included, as UTC has them: the time of day is not looked at."""

    first: date
    last: date

    def hold(self, at: datetime) -> bool:
        """Whether an instant is asked for."""
        return self.first <= at.astimezone(UTC).date() <= self.last


def orders_asked(
    query: Mapping[str, str], world: World, account: str | None, now: datetime
) -> list[Order]:
    """The trees that a query asks for, newest first; over all accounts without one.

    Raises:
        Malformed: something is missing or none of Schwab's.
    """
    days = _days(query, "fromEnteredTime", "toEnteredTime")
    if account is None and days.first < now.astimezone(UTC).date() - OLDEST_OF_ALL:
        raise Malformed("Date must be within 60 days from today's date")
    most = _most(query.get("maxResults", str(MOST)))
    state = query.get("status")
    if state is not None and state not in STATES:
        raise Malformed(f"Invalid value '{state}'")
    found = [
        order
        for order in reversed(tuple(world.orders.values()))
        if order.parent is None
        and account in (None, order.account)
        and days.hold(order.entered_at)
        and state in (None, order.status)
    ]
    return found[:most]


def executions_asked(
    query: Mapping[str, str], world: World, account: str
) -> list[tuple[Order, Activity]]:
    """The executions that a query for transactions asks for, newest first.

    Raises:
        Malformed: something is missing or none of Schwab's.
    """
    days = _days(query, "startDate", "endDate")
    types = frozenset(query.get("types", "").split(","))
    if unknown := types - TYPES:
        raise Malformed(f"Invalid value '{min(unknown)}'")
    symbol = query.get("symbol")
    if "TRADE" not in types:
        return []
    found = [
        (order, report)
        for order, report in executions(world, account)
        if days.hold(report.at)
        and (symbol is None or (order.terms is not None and order.terms.symbol == symbol))
    ]
    return sorted(found, key=lambda each: -each[1].activity_id)[:MOST]


def executions(world: World, account: str) -> list[tuple[Order, Activity]]:
    """Every execution of an account, with its order."""
    mine = (order for order in world.orders.values() if order.account == account)
    return [(order, report) for order in mine for report in order.fills]


def _days(query: Mapping[str, str], start: str, end: str) -> Days:
    first, last = _day(query, start), _day(query, end)
    if first > last:
        raise Malformed(f"{start} must not be after {end}")
    if last - first > LONGEST:
        raise Malformed("Date range must not be longer than one year")
    return Days(first=first, last=last)


def _day(query: Mapping[str, str], name: str) -> date:
    told = query.get(name)
    if told is None:
        raise Malformed(f"{name} is required")
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Malformed(f"Invalid value '{told}'") from None
    if at.tzinfo is None or "T" not in told:
        raise Malformed(f"Invalid value '{told}'")
    return at.astimezone(UTC).date()


def _most(told: str) -> int:
    if not told.isdecimal() or not 0 < int(told) <= MOST:
        raise Malformed(f"Invalid value '{told}'")
    return int(told)
