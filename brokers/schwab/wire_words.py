"""The words of Schwab's documents, each kind complete, and what they mean to us."""

from typing import Final

from brokers.base import VenueStatus
from brokers.schwab.wire_json import OTHER as ANOTHER
from brokers.schwab.wire_json import Word
from trading.vocabulary import OrderType, Side, TimeInForce


class Status(Word):
    """Where an order stands. There is none for a partial fill: that is a live one's quantity."""

    AWAITING_PARENT_ORDER = "AWAITING_PARENT_ORDER"
    AWAITING_CONDITION = "AWAITING_CONDITION"
    AWAITING_STOP_CONDITION = "AWAITING_STOP_CONDITION"
    AWAITING_MANUAL_REVIEW = "AWAITING_MANUAL_REVIEW"
    ACCEPTED = "ACCEPTED"
    AWAITING_UR_OUT = "AWAITING_UR_OUT"
    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    QUEUED = "QUEUED"
    WORKING = "WORKING"
    REJECTED = "REJECTED"
    PENDING_CANCEL = "PENDING_CANCEL"
    CANCELED = "CANCELED"
    PENDING_REPLACE = "PENDING_REPLACE"
    REPLACED = "REPLACED"
    FILLED = "FILLED"
    EXPIRED = "EXPIRED"
    NEW = "NEW"
    AWAITING_RELEASE_TIME = "AWAITING_RELEASE_TIME"
    PENDING_ACKNOWLEDGEMENT = "PENDING_ACKNOWLEDGEMENT"
    PENDING_RECALL = "PENDING_RECALL"
    UNKNOWN = "UNKNOWN"
    OTHER = ANOTHER


ENDS: Final = {
    Status.FILLED: VenueStatus.FILLED,
    Status.CANCELED: VenueStatus.CANCELLED,
    Status.EXPIRED: VenueStatus.EXPIRED,
    Status.REPLACED: VenueStatus.REPLACED,
    Status.REJECTED: VenueStatus.REJECTED,
}


def status_of(status: Status) -> VenueStatus:
    """A status of theirs in our words: whatever is not an end, unknown words too, still lives."""
    return ENDS.get(status, VenueStatus.WORKING)


class Session(Word):
    """When an order may trade."""

    NORMAL = "NORMAL"
    AM = "AM"
    PM = "PM"
    SEAMLESS = "SEAMLESS"
    OTHER = ANOTHER


class Duration(Word):
    """How long an order stays."""

    DAY = "DAY"
    GOOD_TILL_CANCEL = "GOOD_TILL_CANCEL"
    FILL_OR_KILL = "FILL_OR_KILL"
    IMMEDIATE_OR_CANCEL = "IMMEDIATE_OR_CANCEL"
    END_OF_WEEK = "END_OF_WEEK"
    END_OF_MONTH = "END_OF_MONTH"
    NEXT_END_OF_MONTH = "NEXT_END_OF_MONTH"
    UNKNOWN = "UNKNOWN"
    OTHER = ANOTHER


DURATIONS: Final = {
    TimeInForce.DAY: Duration.DAY,
    TimeInForce.GTC: Duration.GOOD_TILL_CANCEL,
    TimeInForce.IOC: Duration.IMMEDIATE_OR_CANCEL,
    TimeInForce.FOK: Duration.FILL_OR_KILL,
}


class Kind(Word):
    """How an order names its price."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"
    TRAILING_STOP = "TRAILING_STOP"
    CABINET = "CABINET"
    NON_MARKETABLE = "NON_MARKETABLE"
    MARKET_ON_CLOSE = "MARKET_ON_CLOSE"
    EXERCISE = "EXERCISE"
    TRAILING_STOP_LIMIT = "TRAILING_STOP_LIMIT"
    NET_DEBIT = "NET_DEBIT"
    NET_CREDIT = "NET_CREDIT"
    NET_ZERO = "NET_ZERO"
    LIMIT_ON_CLOSE = "LIMIT_ON_CLOSE"
    UNKNOWN = "UNKNOWN"
    OTHER = ANOTHER


KINDS: Final = {
    OrderType.MARKET: Kind.MARKET,
    OrderType.LIMIT: Kind.LIMIT,
    OrderType.STOP: Kind.STOP,
    OrderType.STOP_LIMIT: Kind.STOP_LIMIT,
    OrderType.TRAILING_STOP: Kind.TRAILING_STOP,
}


class Strategy(Word):
    """How an order stands to others."""

    SINGLE = "SINGLE"
    CANCEL = "CANCEL"
    RECALL = "RECALL"
    PAIR = "PAIR"
    FLATTEN = "FLATTEN"
    TWO_DAY_SWAP = "TWO_DAY_SWAP"
    BLAST_ALL = "BLAST_ALL"
    OCO = "OCO"
    TRIGGER = "TRIGGER"
    OTHER = ANOTHER


class Instruction(Word):
    """What a leg does; shares know the first four only."""

    BUY = "BUY"
    SELL = "SELL"
    BUY_TO_COVER = "BUY_TO_COVER"
    SELL_SHORT = "SELL_SHORT"
    BUY_TO_OPEN = "BUY_TO_OPEN"
    BUY_TO_CLOSE = "BUY_TO_CLOSE"
    SELL_TO_OPEN = "SELL_TO_OPEN"
    SELL_TO_CLOSE = "SELL_TO_CLOSE"
    EXCHANGE = "EXCHANGE"
    SELL_SHORT_EXEMPT = "SELL_SHORT_EXEMPT"
    OTHER = ANOTHER


SIDES: Final = {
    Instruction.BUY: Side.BUY,
    Instruction.BUY_TO_COVER: Side.BUY,
    Instruction.SELL: Side.SELL,
    Instruction.SELL_SHORT: Side.SELL,
    Instruction.SELL_SHORT_EXEMPT: Side.SELL,
}
"""The instructions for shares; what is not here is none."""


class AssetType(Word):
    """What an instrument is; the last three are words of market data and transactions."""

    EQUITY = "EQUITY"
    MUTUAL_FUND = "MUTUAL_FUND"
    OPTION = "OPTION"
    FUTURE = "FUTURE"
    FOREX = "FOREX"
    INDEX = "INDEX"
    CASH_EQUIVALENT = "CASH_EQUIVALENT"
    FIXED_INCOME = "FIXED_INCOME"
    PRODUCT = "PRODUCT"
    CURRENCY = "CURRENCY"
    COLLECTIVE_INVESTMENT = "COLLECTIVE_INVESTMENT"
    BOND = "BOND"
    FUTURE_OPTION = "FUTURE_OPTION"
    OTHER = ANOTHER


SHARES: Final = frozenset({AssetType.EQUITY, AssetType.COLLECTIVE_INVESTMENT})
"""What we trade. ETFs are ordered as EQUITY and come back as COLLECTIVE_INVESTMENT."""


class ActivityKind(Word):
    """What an activity of an order is."""

    EXECUTION = "EXECUTION"
    ORDER_ACTION = "ORDER_ACTION"
    OTHER = ANOTHER


class ExecutionKind(Word):
    """What an execution is. Only FILL has traded: a CANCELED one is what was taken back, at 0 $."""

    FILL = "FILL"
    CANCELED = "CANCELED"
    CANCEL_REPLACE = "CANCEL_REPLACE"
    OTHER = ANOTHER


class AccountKind(Word):
    """Whose money an account trades with."""

    CASH = "CASH"
    MARGIN = "MARGIN"
    OTHER = ANOTHER


class TransactionKind(Word):
    """Why money or shares moved."""

    TRADE = "TRADE"
    RECEIVE_AND_DELIVER = "RECEIVE_AND_DELIVER"
    DIVIDEND_OR_INTEREST = "DIVIDEND_OR_INTEREST"
    ACH_RECEIPT = "ACH_RECEIPT"
    ACH_DISBURSEMENT = "ACH_DISBURSEMENT"
    CASH_RECEIPT = "CASH_RECEIPT"
    CASH_DISBURSEMENT = "CASH_DISBURSEMENT"
    ELECTRONIC_FUND = "ELECTRONIC_FUND"
    WIRE_OUT = "WIRE_OUT"
    WIRE_IN = "WIRE_IN"
    JOURNAL = "JOURNAL"
    MEMORANDUM = "MEMORANDUM"
    MARGIN_CALL = "MARGIN_CALL"
    MONEY_MARKET = "MONEY_MARKET"
    SMA_ADJUSTMENT = "SMA_ADJUSTMENT"
    OTHER = ANOTHER


class TransactionStatus(Word):
    """Whether a transaction stands."""

    VALID = "VALID"
    INVALID = "INVALID"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    OTHER = ANOTHER
