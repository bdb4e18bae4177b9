"""What an account's RiskActor remembers, and of it what the account's line to its venue does."""

from actors.interests import interest
from actors.memory import Memory
from trading.alert_events import (
    AlertQuarantined,
    ProtectionRemoved,
    SignalApproved,
    SignalHeld,
    SignalRead,
    SignalRefused,
    StillHeld,
)
from trading.bookkeeping import BOOK_FACTS
from trading.breaker import STOP_FACTS
from trading.desk import Desk, new_desk
from trading.desk_fold import evolve_desk
from trading.differences import DIFFERENCES
from trading.events import EVENT_TYPES, ActorStarted, CalendarApplied, VenueLost, VenueReady
from trading.order_events import OrderEvent, OrderPlanned
from trading.sign_ins import VenueSignedIn, VenueSignedOut
from trading.vocabulary import AccountName


RISK_FACTS = (
    *BOOK_FACTS,
    ActorStarted,
    SignalApproved,
    SignalRefused,
    SignalHeld,
    SignalRead,
    StillHeld,
    ProtectionRemoved,
    AlertQuarantined,
    OrderPlanned,
    *(kind for kind in EVENT_TYPES if issubclass(kind, OrderEvent)),
    VenueReady,
    VenueLost,
    CalendarApplied,
    *STOP_FACTS,
    *DIFFERENCES,
    VenueSignedIn,
    VenueSignedOut,
)
DECISIONS = (SignalApproved, SignalRefused, SignalHeld, SignalRead, StillHeld, AlertQuarantined)
WIRE_FACTS = tuple(f for f in RISK_FACTS if f not in DECISIONS)
"""What an account's line to its venue stands on: all of risk's facts but the decisions."""


def risk_memory(account: AccountName) -> Memory[Desk]:
    """What an account's RiskActor remembers."""
    return Memory(
        name=f"risk:{account}",
        kind=Desk,
        begin=lambda: new_desk(account),
        step=evolve_desk,
        interest=interest(RISK_FACTS, account),
    )
