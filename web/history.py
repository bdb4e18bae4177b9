"""Alerts and orders page by page, newest first, back to the first one ever."""

import base64
import binascii
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Final, Generic, TypeVar

from attrs import frozen

from actors.views import AlertView, OrderView, View
from journal import Reader, Recorded
from trading.alert_events import AlertAccepted, AlertUnreadable
from trading.bookings import EquityMarked
from trading.event import Event
from trading.order_events import OrderPlanned
from trading.vocabulary import AccountName, AlertId
from web.retold import alert_of, order_of


ALERTS: Final = (AlertAccepted, AlertUnreadable)
PREFIX_REACH: Final = 10_000
"""Among how many of the newest alerts the beginning of an id is looked for."""

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """Some items and where the next page begins; None at the end."""

    items: tuple[T, ...]
    next: str | None


# --- pages --------------------------------------------------------------------------------------
#
# The journal says what there is and in which order, so that nothing is given twice or left out
# while new things arrive; what the view holds is taken from there, only what is older is folded.


def orders_page(
    reader: Reader, view: View, *, limit: int, before: int | None, account: AccountName | None
) -> Page[OrderView]:
    """Orders, newest first; `before` is where the page before ended."""
    held = {o.order.plan.order_id: o for o in view.orders}
    records = reader.events(
        types=(OrderPlanned,), account=account, upto=_upto(before), newest_first=True
    )

    def shown(event: Event) -> OrderView | None:
        assert isinstance(event, OrderPlanned)  # noqa: S101 - the only type asked for
        return held.get(event.order_id) or order_of(reader, event.order_id)

    return _page(records, shown, limit)


def equity_page(
    reader: Reader,
    *,
    limit: int,
    before: int | None,
    account: AccountName | None,
    without: Collection[AccountName] = (),
) -> Page[EquityMarked]:
    """Marks of equity, newest first; those of accounts `without` are left out."""
    records = reader.events(
        types=(EquityMarked,), account=account, upto=_upto(before), newest_first=True
    )

    def shown(event: Event) -> EquityMarked | None:
        assert isinstance(event, EquityMarked)  # noqa: S101 - the only type asked for
        return None if event.account in without else event

    return _page(records, shown, limit)


def alerts_page(
    reader: Reader, view: View, *, limit: int, before: int | None, account: AccountName | None
) -> Page[AlertView]:
    """Alerts, newest first; of one account those that were routed to it."""
    held = {a.alert_id: a for a in view.alerts}
    records = reader.events(types=ALERTS, upto=_upto(before), newest_first=True)

    def shown(event: Event) -> AlertView | None:
        assert isinstance(event, AlertAccepted | AlertUnreadable)  # noqa: S101 - types asked for
        if account is not None and account not in getattr(event, "routes", ()):
            return None
        return held.get(event.alert_id) or alert_of(reader, event.alert_id)

    return _page(records, shown, limit)


def _page(records: Iterable[Recorded], shown: Callable[[Event], T | None], limit: int) -> Page[T]:
    """One more than asked for is looked at, to know whether there is a next page."""
    found = ((r.seq, item) for r in records if (item := shown(r.event)) is not None)
    rows = list(islice(found, limit + 1))
    more = len(rows) > limit
    items = tuple(item for _, item in rows[:limit])
    return Page(items, _cursor(rows[limit - 1][0]) if more else None)


def _upto(before: int | None) -> int | None:
    return None if before is None else before - 1


def _cursor(seq: int) -> str:
    return base64.urlsafe_b64encode(b"%d" % seq).decode().rstrip("=")


def read_cursor(text: str) -> int | None:
    """Where a page ended, from what it gave as `next`; None where it gave no such thing."""
    try:
        seq = int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    return seq if 0 < seq < 2**63 else None


def alert_ids(reader: Reader, prefix: str) -> Iterator[AlertId]:
    """The ids that begin so, newest first, among the newest alerts."""
    records = reader.events(types=ALERTS, newest_first=True, limit=PREFIX_REACH)
    for record in records:
        event = record.event
        if isinstance(event, ALERTS) and event.alert_id.startswith(prefix):
            yield event.alert_id
