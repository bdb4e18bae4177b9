"""Every fact the journal can hold: immutable, in the past tense, complete enough to fold from."""

from decimal import Decimal
from typing import Final

from attrs import Factory, frozen

from trading.alert_events import ALERT_EVENTS
from trading.bookings import BOOKINGS, Held
from trading.differences import DIFFERENCES
from trading.event import Event
from trading.in_force import AccountInForce, StrategyInForce
from trading.order_events import ORDER_EVENTS
from trading.people import PEOPLE
from trading.sessions import Calendar
from trading.sign_ins import SIGN_INS
from trading.vocabulary import (
    AccountName,
    Code,
    ErrorKind,
    Mode,
    StrategyName,
    Symbol,
    TradingState,
)


@frozen(kw_only=True)
class Scope:
    """What a stop applies to; None means "all of them"."""

    account: AccountName | None = None
    strategy: StrategyName | None = None
    symbol: Symbol | None = None

    def covers(self, account: str, strategy: str, symbol: str) -> bool:
        """Whether an order of this account, strategy and symbol stands inside the scope."""
        return (
            self.account in (None, account)
            and self.strategy in (None, strategy)
            and self.symbol in (None, symbol)
        )

    def __str__(self) -> str:
        parts = (
            f"{name} {value}"
            for name, value in (
                ("account", self.account),
                ("strategy", self.strategy),
                ("symbol", self.symbol),
            )
            if value is not None
        )
        return ", ".join(parts) or "everything"


# --- the daemon and its actors ------------------------------------------------------------------


@frozen(kw_only=True)
class ActorStarted(Event):
    """An actor's new incarnation; the seq of this event is its epoch."""

    actor: str
    incarnation: int
    last_error: str | None = None


@frozen(kw_only=True)
class SettingsApplied(Event):
    """What the daemon goes by from this start to its next; no secret is in it.

    The limits in force at a seq are those of the last of these before it. `digest` is of every
    single value, so that two starts by the same settings show the same; `breaker` is by name too.
    """

    version: str
    mode: Mode
    digest: str
    accounts: tuple[AccountInForce, ...] = ()
    strategies: tuple[StrategyInForce, ...] = ()
    breaker: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class AccountParked(Event):
    """An account whose actors could not be kept alive: nothing is decided or sent for it.

    It halts the account like a trip, latched. `actor` is whose end was one too many, `reason` what
    it died of: where that was a fact it cannot fold, its seq stands there.
    """

    account: AccountName
    generation: int
    actor: str
    reason: str


@frozen(kw_only=True)
class CommandQuarantined(Event):
    """A message that brought its actor down three times, and is not handled again."""

    actor: str
    what: str


# --- the venue ----------------------------------------------------------------------------------


@frozen(kw_only=True)
class AccountOpened(Event):
    """The first sight of an account at its venue: the opening balance our books start from.

    What it held already is external.
    """

    account: AccountName
    cash: Decimal
    positions: tuple[Held, ...] = ()


@frozen(kw_only=True)
class VenueReady(Event):
    """The account is connected and read: orders may leave. `cash` is the venue's own figure.

    `rehearsal`: a simulator, or trouble made on purpose, now or ever: its figures prove nothing.
    """

    account: AccountName
    cash: Decimal
    rehearsal: bool = False


@frozen(kw_only=True)
class VenueLost(Event):
    """The account cannot be reached; its signals wait."""

    account: AccountName
    reason: str


@frozen(kw_only=True)
class VenueFailed(Event):
    """Venue trouble that counts towards the breaker; `count` folds those of one second."""

    account: AccountName
    kind: ErrorKind
    detail: str
    count: int = 1


# --- stopping and starting ----------------------------------------------------------------------


@frozen(kw_only=True)
class Halted(Event):
    """A person stopped trading. Latched: only a Resumed of a higher generation ends it."""

    act_id: str
    scope: Scope
    generation: int
    code: Code
    reason: str
    by: str


@frozen(kw_only=True)
class Tripped(Event):
    """A breaker stopped trading, with the numbers it saw. Latched likewise, but for what may heal
    alone: then a Healed ends it too.
    """

    scope: Scope
    generation: int
    state: TradingState
    code: Code
    inputs: dict[str, str] = Factory(dict)


@frozen(kw_only=True)
class Resumed(Event):
    """A person who signed in let trading start again."""

    act_id: str
    scope: Scope
    generation: int
    reason: str
    by: str


@frozen(kw_only=True)
class Healed(Event):
    """A trip of this scope and code is over because its cause is: no person was needed.

    `generation` is that of the trip; one that came later stands.
    """

    scope: Scope
    generation: int
    code: Code


# --- the exchange's hours -----------------------------------------------------------------------


@frozen(kw_only=True)
class CalendarApplied(Event):
    """The exchange's calendar as of now: by it sessions are told and days are counted from here on.

    It is a fact, so that a replay counts each day as it was counted then. `edition` says what it
    was made of.
    """

    edition: str
    calendar: Calendar


EVENT_TYPES: Final[tuple[type[Event], ...]] = (
    ActorStarted,
    SettingsApplied,
    AccountParked,
    CommandQuarantined,
    *PEOPLE,
    *ALERT_EVENTS,
    *ORDER_EVENTS,
    AccountOpened,
    VenueReady,
    VenueLost,
    VenueFailed,
    Halted,
    Tripped,
    Resumed,
    Healed,
    CalendarApplied,
    *BOOKINGS,
    *DIFFERENCES,
    *SIGN_INS,
)
