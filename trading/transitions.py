"""The table of an order's life: what each fact makes of each status."""

from collections.abc import Mapping
from typing import Final

from trading.event import Event
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    CancelRequested,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderAccepted,
    OrderCancelled,
    OrderDoneForDay,
    OrderExpired,
    OrderRefused,
    OrderReinstated,
    OrderRejected,
    OrderReplaced,
    OrderStopped,
    OrderSuspended,
    ReplaceRejected,
    ReplaceRequested,
    SubmitStarted,
    SubmitUnknown,
)
from trading.vocabulary import OrderStatus


S = OrderStatus

TERMINAL: Final = frozenset(
    {S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED, S.REFUSED, S.ABANDONED, S.ABSENT},
)
"""Statuses after which nothing more is expected. A late fill still counts."""

WORKING: Final = frozenset(
    {S.ACCEPTED, S.PARTIALLY_FILLED, S.DONE_FOR_DAY, S.SUSPENDED, S.STOPPED},
)
"""Statuses in which the venue has the order and no request of ours about it is under way."""

AT_THE_VENUE: Final = WORKING | {S.PENDING_CANCEL, S.PENDING_REPLACE}
"""Statuses in which the order rests at the venue."""

_SENT: Final = AT_THE_VENUE | {S.SUBMITTED, S.UNKNOWN}

BY_FILLS: Final = None
"""In the table: whatever the order's fills and open requests make of it by themselves."""

Steps = Mapping[OrderStatus, OrderStatus | None]

TRANSITIONS: Final[Mapping[type[Event], Steps]] = {
    SubmitStarted: {S.PLANNED: S.SUBMITTED},
    # Once sent: known not to have left (deadline passed, connection refused).
    OrderAbandoned: dict.fromkeys((S.PLANNED, S.SUBMITTED, S.PENDING_CANCEL), S.ABANDONED),
    OrderRefused: dict.fromkeys((S.PLANNED, S.SUBMITTED, S.PENDING_CANCEL), S.REFUSED),
    SubmitUnknown: dict.fromkeys((S.SUBMITTED, S.PENDING_CANCEL), S.UNKNOWN),
    OrderAccepted: {
        S.SUBMITTED: S.ACCEPTED,
        S.UNKNOWN: S.ACCEPTED,
        S.ABSENT: S.ACCEPTED,  # found after all
        # A fill may overtake the acknowledgement; it then says more than the acknowledgement.
        S.PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        S.FILLED: S.FILLED,
        S.PENDING_CANCEL: S.PENDING_CANCEL,
    },
    OrderRejected: dict.fromkeys(_SENT, S.REJECTED),
    OrderAbsent: {S.UNKNOWN: S.ABSENT},
    CancelRequested: dict.fromkeys(WORKING | {S.SUBMITTED, S.PENDING_REPLACE}, S.PENDING_CANCEL),
    CancelOverdue: {S.PENDING_CANCEL: S.PENDING_CANCEL},
    CancelRejected: {S.PENDING_CANCEL: BY_FILLS},
    OrderCancelled: dict.fromkeys(_SENT, S.CANCELLED),
    OrderExpired: dict.fromkeys(_SENT, S.EXPIRED),
    OrderDoneForDay: dict.fromkeys((S.ACCEPTED, S.PARTIALLY_FILLED, S.STOPPED), S.DONE_FOR_DAY),
    OrderSuspended: dict.fromkeys((S.ACCEPTED, S.PARTIALLY_FILLED, S.STOPPED), S.SUSPENDED),
    OrderStopped: dict.fromkeys((S.ACCEPTED, S.PARTIALLY_FILLED), S.STOPPED),
    OrderReinstated: dict.fromkeys((S.DONE_FOR_DAY, S.SUSPENDED, S.STOPPED), BY_FILLS),
    ReplaceRequested: dict.fromkeys(WORKING | {S.FILLED, S.PENDING_REPLACE}, S.PENDING_REPLACE),
    OrderReplaced: {
        **dict.fromkeys(WORKING | {S.FILLED, S.PENDING_REPLACE}, BY_FILLS),
        S.PENDING_CANCEL: S.PENDING_CANCEL,
    },
    ReplaceRejected: {
        S.PENDING_REPLACE: BY_FILLS,
        S.PENDING_CANCEL: S.PENDING_CANCEL,
        S.FILLED: S.FILLED,  # the fill that made it too late overtook the refusal
    },
    ExecutionBusted: dict.fromkeys((S.PARTIALLY_FILLED, S.FILLED), BY_FILLS),
    ExecutionCorrected: dict.fromkeys((S.ACCEPTED, S.PARTIALLY_FILLED, S.FILLED), BY_FILLS),
}
"""What each fact makes of each status; a pair that is not here leaves the status as it is.

A fill is not here: it may come at any time, and how much it fills decides (`orders.py`).
"""
