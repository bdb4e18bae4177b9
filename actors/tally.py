"""What is counted since the first event of the journal, so that a restart counts nothing twice."""

from datetime import datetime
from typing import TypeAlias

from attrs import Factory, define

from actors.histogram import Histogram
from trading.alert_events import SignalRefused
from trading.order_events import (
    OrderAbandoned,
    OrderEvent,
    OrderPlanned,
    OrderRefused,
    OrderRejected,
)
from trading.vocabulary import AccountName, OrderStatus


Counts: TypeAlias = dict[tuple[str, ...], int]
NONE_YET = Histogram()


@define
class Tally:
    """Totals by label; a part of the dashboard's fold, owned by its thread, shown as copies.

    `alerts` by strategy and verdict; `submitted` and `filled` orders by account and strategy;
    `refused` signals and orders `rejected` by the venue or `abandoned` unsent by code too.
    `to_order` and `to_fill` are the times from an alert's acceptance to the sending of its order
    and to its order's last fill, by account.
    """

    alerts: Counts = Factory(dict)
    refused: Counts = Factory(dict)
    submitted: Counts = Factory(dict)
    filled: Counts = Factory(dict)
    rejected: Counts = Factory(dict)
    abandoned: Counts = Factory(dict)
    to_order: dict[AccountName, Histogram] = Factory(dict)
    to_fill: dict[AccountName, Histogram] = Factory(dict)
    last_alert_at: datetime | None = None

    def refuse(self, event: SignalRefused) -> None:
        """An account refused a signal."""
        _count(self.refused, (event.account, event.strategy, str(event.code)))

    def decided(self, strategy: str, verdict: str) -> None:
        """An alert came to its verdict."""
        _count(self.alerts, (strategy, str(verdict)))

    def order(
        self, plan: OrderPlanned, status: OrderStatus, event: OrderEvent, asked: datetime | None
    ) -> None:
        """An event brought an order into another status; `asked` is when its alert was accepted."""
        account, strategy = plan.account, plan.strategy
        if status is OrderStatus.SUBMITTED:
            _count(self.submitted, (account, strategy))
            _time(self.to_order, account, asked, event.at)
        elif status is OrderStatus.FILLED:
            _count(self.filled, (account, strategy))
            _time(self.to_fill, account, asked, event.at)
        elif isinstance(event, OrderRejected):
            _count(self.rejected, (account, strategy, str(event.code)))
        elif isinstance(event, OrderAbandoned | OrderRefused):
            _count(self.abandoned, (account, strategy, str(event.code)))

    def copy(self) -> "Tally":
        """One that changes no more."""
        return Tally(
            dict(self.alerts),
            dict(self.refused),
            dict(self.submitted),
            dict(self.filled),
            dict(self.rejected),
            dict(self.abandoned),
            dict(self.to_order),
            dict(self.to_fill),
            self.last_alert_at,
        )


NO_TALLY = Tally()
"""What is shown before anything is; like all that is shown, it is never changed."""


def _count(counts: Counts, key: tuple[str, ...]) -> None:
    """One more; a word of ours is kept as the text it stands for."""
    counts[key] = counts.get(key, 0) + 1


def _time(
    spreads: dict[AccountName, Histogram],
    account: AccountName,
    began: datetime | None,
    ended: datetime,
) -> None:
    if began is not None:
        spreads[account] = spreads.get(account, NONE_YET).with_one(ended - began)
