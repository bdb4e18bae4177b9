"""The field's own words, as types that the rest of the house shares."""

from decimal import Decimal
from enum import StrEnum
from typing import NewType


AccountName = NewType("AccountName", str)
"""An account as settings.yaml names it, not the broker's number."""

StrategyName = NewType("StrategyName", str)

Symbol = NewType("Symbol", str)
"""A US stock or ETF in its canonical form: AAPL, BRK.B."""

AlertId = NewType("AlertId", str)

OrderId = NewType("OrderId", str)
"""Our own id of an order, fixed under its alert: <alert>.<account>.<leg>."""

BrokerOrderId = NewType("BrokerOrderId", str)

ExecutionId = NewType("ExecutionId", str)
"""The venue's id of one execution; fills are counted once per id."""

BookingId = NewType("BookingId", str)
"""What a booking is counted once by: the venue's id of a transaction, or that of a person's act."""


class Origin(StrEnum):
    """Who asked for a trade: an alert that came in, or our own clock."""

    WEBHOOK = "webhook"
    SCHEDULE = "schedule"


class Action(StrEnum):
    """What an alert asks for."""

    BUY = "buy"
    SELL = "sell"
    CLOSE_LONG = "close_long"
    CLOSE_SHORT = "close_short"


class Side(StrEnum):
    """The direction of an order or a fill."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The side that takes this one back."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order names its price."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long an order stays at the venue."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class SessionAsked(StrEnum):
    """In which hours of the exchange an order is to trade."""

    REGULAR = "regular"
    EXTENDED = "extended"


class Intent(StrEnum):
    """What an order does to exposure: an entry can raise worst-case |position|, an exit cannot."""

    ENTRY = "entry"
    EXIT = "exit"


class OrderStatus(StrEnum):
    """Where an order stands in its life.

    REFUSED is by us, and it never left; REJECTED is by the venue. DONE_FOR_DAY, SUSPENDED and
    STOPPED (a price is guaranteed) are its words for an order that it has and does not work now.
    """

    PLANNED = "PLANNED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    PENDING_REPLACE = "PENDING_REPLACE"
    DONE_FOR_DAY = "DONE_FOR_DAY"
    SUSPENDED = "SUSPENDED"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    REFUSED = "REFUSED"
    ABANDONED = "ABANDONED"
    UNKNOWN = "UNKNOWN"
    ABSENT = "ABSENT"


class TradingState(StrEnum):
    """What a scope may still do; REDUCING and HALTED both refuse entries and let exits pass."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class Mode(StrEnum):
    """Whether orders may leave for a venue where real money is."""

    PAPER = "paper"
    LIVE = "live"


class MarkSource(StrEnum):
    """Where a price came from that something is valued at."""

    ALERT = "alert"
    FILL = "fill"
    QUOTE = "quote"
    CLOSE = "close"


class FlowKind(StrEnum):
    """What kind of money came into an account from outside, or left it."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"


class Act(StrEnum):
    """What a person does with the bot."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PASSWORD = "password"  # noqa: S105 - the name of an act
    HALT = "halt"
    RESUME = "resume"
    ADOPT = "adopt"
    TRANSFER = "transfer"
    ADJUST = "adjust"
    THAW = "thaw"
    RESET = "reset"


class Sides(StrEnum):
    """Which positions a strategy may hold."""

    LONG_ONLY = "long_only"
    SHORT_ONLY = "short_only"
    LONG_SHORT = "long_short"

    def allow(self, side: Side) -> bool:
        """Whether a position may be opened that an order of this side builds up."""
        if self is Sides.LONG_SHORT:
            return True
        return side is (Side.BUY if self is Sides.LONG_ONLY else Side.SELL)

    def may_hold(self, quantity: Decimal) -> bool:
        """Whether so many shares, below 0 where they are short, may be held."""
        return not quantity or self.allow(Side.BUY if quantity > 0 else Side.SELL)


class TimestampMeaning(StrEnum):
    """What a strategy's `timestamp` says: when the alert fired, or which bar it speaks of."""

    TIMENOW = "timenow"
    BAR = "bar"


class Code(StrEnum):
    """Why something was refused, abandoned or stopped; stable, for people and programs."""

    # the gate
    HALTED = "HALTED"
    REDUCING = "REDUCING"
    STRATEGY_RETIRED = "STRATEGY_RETIRED"
    STALE = "STALE"
    TIMESTAMP_AHEAD = "TIMESTAMP_AHEAD"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    REPEATED_SIGNAL = "REPEATED_SIGNAL"
    SUPERSEDED = "SUPERSEDED"
    SYMBOL_NOT_ALLOWED = "SYMBOL_NOT_ALLOWED"
    WHOLE_SHARES_ONLY = "WHOLE_SHARES_ONLY"
    NO_REFERENCE_PRICE = "NO_REFERENCE_PRICE"
    QUOTE_TOO_OLD = "QUOTE_TOO_OLD"
    GTC_ENTRY = "GTC_ENTRY"
    SESSION_NOT_OFFERED = "SESSION_NOT_OFFERED"
    WRONG_SIDE = "WRONG_SIDE"
    ALREADY_LONG = "ALREADY_LONG"
    ALREADY_SHORT = "ALREADY_SHORT"
    SHORT_NOT_ALLOWED = "SHORT_NOT_ALLOWED"
    NOT_BORROWABLE = "NOT_BORROWABLE"
    SHORT_NEEDS_STOP = "SHORT_NEEDS_STOP"
    NOTHING_TO_DO = "NOTHING_TO_DO"
    EXIT_ALREADY_FILLED = "EXIT_ALREADY_FILLED"
    REVERSAL_NOT_FLAT = "REVERSAL_NOT_FLAT"
    OPPOSING_POSITION = "OPPOSING_POSITION"
    HELD_EXTERNALLY = "HELD_EXTERNALLY"
    MAX_ORDER_VALUE = "MAX_ORDER_VALUE"
    MAX_POSITION_SIZE = "MAX_POSITION_SIZE"
    MAX_POSITION_VALUE = "MAX_POSITION_VALUE"
    MAX_TOTAL_EXPOSURE = "MAX_TOTAL_EXPOSURE"
    MAX_DAILY_LOSS = "MAX_DAILY_LOSS"
    CASH = "CASH"
    MODE_PAPER = "MODE_PAPER"
    SIGN_IN_ENDS = "SIGN_IN_ENDS"
    # the exchange's hours
    MARKET_CLOSED = "MARKET_CLOSED"
    ENTRY_WINDOW = "ENTRY_WINDOW"
    ENTRY_DRIFT = "ENTRY_DRIFT"
    FLATTEN_LATE = "FLATTEN_LATE"
    HELD_OVERNIGHT_UNINTENDED = "HELD_OVERNIGHT_UNINTENDED"
    # waiting too long
    BROKER_NOT_READY = "BROKER_NOT_READY"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    # the wire
    SEND_DEADLINE = "SEND_DEADLINE"
    GATE_CLOSED = "GATE_CLOSED"
    REPLACED = "REPLACED"
    QUARANTINED = "QUARANTINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    VENUE_REJECTED = "VENUE_REJECTED"
    NOT_SENT = "NOT_SENT"
    RATE_LIMITED = "RATE_LIMITED"
    CANCELLED_FIRST = "CANCELLED_FIRST"
    ENTRY_TTL = "ENTRY_TTL"
    EXIT_TO_MARKET = "EXIT_TO_MARKET"
    NO_ANSWER_TO_CANCEL = "NO_ANSWER_TO_CANCEL"
    # protection
    PARTLY_FILLED = "PARTLY_FILLED"
    PROTECTION_RESIZED = "PROTECTION_RESIZED"
    EXTERNALLY_CLOSED = "EXTERNALLY_CLOSED"
    # by hand
    NOT_THAT_MANY = "NOT_THAT_MANY"
    SIDE_NOT_HELD = "SIDE_NOT_HELD"
    ORDERS_IN_THE_WAY = "ORDERS_IN_THE_WAY"
    # the breaker
    CONSECUTIVE_ERRORS = "CONSECUTIVE_ERRORS"
    OPERATOR = "OPERATOR"
    STOP_FILE = "STOP_FILE"
    ACCOUNT_PARKED = "ACCOUNT_PARKED"
    LATE_FILL = "LATE_FILL"
    OVERFILL = "OVERFILL"
    POSITION_DIFFERENCE = "POSITION_DIFFERENCE"
    VENUE_SILENT = "VENUE_SILENT"
    MISSED_ALERTS = "MISSED_ALERTS"
    SHARE_REVERSED = "SHARE_REVERSED"


class ErrorKind(StrEnum):
    """What kind of venue trouble counts towards the breaker."""

    REJECTED = "rejected"
    FUNDS = "funds"
    UNKNOWN = "unknown"
    TRANSPORT = "transport"
