"""Schwab's accounts: their ids, their money, what they hold and what moved it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from brokers.base import Balances, Transaction
from brokers.schwab.wire_json import EPOCH
from brokers.schwab.wire_orders import NO_INSTRUMENT, Instrument
from brokers.schwab.wire_words import AccountKind, TransactionKind, TransactionStatus
from trading.money import ZERO
from trading.vocabulary import Symbol


@frozen(kw_only=True)
class AccountId:
    """An account's number, and the hash that stands for it in every address."""

    account_number: str
    hash_value: str


@frozen(kw_only=True)
class PositionRecord:
    """What an account holds of one instrument; both sides are positive numbers."""

    instrument: Instrument
    long_quantity: Decimal = ZERO
    short_quantity: Decimal = ZERO
    average_price: Decimal = ZERO
    market_value: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        """Signed: below 0 what is sold short."""
        return self.long_quantity - self.short_quantity


@frozen(kw_only=True)
class Money:
    """An account's amounts; a cash account has other fields than a margin account."""

    cash_balance: Decimal | None = None
    margin_balance: Decimal = ZERO
    short_balance: Decimal = ZERO
    total_cash: Decimal | None = None
    buying_power: Decimal | None = None
    cash_available_for_trading: Decimal | None = None
    unsettled_cash: Decimal = ZERO
    equity: Decimal | None = None
    liquidation_value: Decimal | None = None


@frozen(kw_only=True)
class SecuritiesAccount:
    """One account; `positions` are there only where they were asked for, and some are held."""

    account_number: str
    type: AccountKind = AccountKind.OTHER
    is_day_trader: bool = False
    is_closing_only_restricted: bool = False
    round_trips: int = 0
    positions: tuple[PositionRecord, ...] = ()
    current_balances: Money = Money()
    initial_balances: Money = Money()

    @property
    def may_sell_short(self) -> bool:
        """A cash account may not."""
        return self.type is AccountKind.MARGIN


@frozen(kw_only=True)
class AccountRecord:
    """An account as asked for by its hash, which it does not name."""

    securities_account: SecuritiesAccount


def balances_of(account: SecuritiesAccount) -> Balances:
    """An account's money. What a cash account has not settled yet buys nothing."""
    money = account.current_balances
    owned = money.cash_balance if money.cash_balance is not None else money.total_cash
    if account.type is AccountKind.CASH:
        free = money.cash_available_for_trading
        settled = None if free is None else max(free - money.unsettled_cash, ZERO)
        return Balances(cash=owned or ZERO, buying_power=settled)
    # What is borrowed stands apart, below 0, and so does what short sales brought in.
    cash = (owned or ZERO) + money.margin_balance + money.short_balance
    return Balances(cash=cash, buying_power=money.buying_power)


def positions_of(account: SecuritiesAccount) -> Mapping[Symbol, Decimal]:
    """The shares held, signed; options and funds have no place in our books: `others_of`."""
    return {
        position.instrument.share: position.quantity
        for position in account.positions
        if position.instrument.is_shares and position.quantity
    }


def others_of(account: SecuritiesAccount) -> tuple[str, ...]:
    """The names of what is held and is no share."""
    return tuple(p.instrument.symbol for p in account.positions if not p.instrument.is_shares)


# --- what moved without an order ----------------------------------------------------------------


@frozen(kw_only=True)
class TransferItem:
    """One part of a transaction: shares, cash, or a fee, which names its kind."""

    instrument: Instrument = NO_INSTRUMENT
    amount: Decimal = ZERO
    cost: Decimal = ZERO
    price: Decimal = ZERO
    fee_type: str = ""


@frozen(kw_only=True)
class TransactionRecord:
    """Money or shares that moved."""

    activity_id: str
    time: datetime = EPOCH
    type: TransactionKind = TransactionKind.OTHER
    status: TransactionStatus = TransactionStatus.VALID
    description: str = ""
    net_amount: Decimal = ZERO
    order_id: str = ""
    transfer_items: tuple[TransferItem, ...] = ()

    @property
    def shares(self) -> TransferItem | None:
        """The shares that it moves."""
        return next((i for i in self.transfer_items if i.instrument.is_shares), None)

    @property
    def fees(self) -> Decimal:
        """What was charged for it, above 0."""
        return -sum((i.cost for i in self.transfer_items if i.fee_type), ZERO)


def transactions_of(records: Iterable[TransactionRecord]) -> tuple[Transaction, ...]:
    """What moved an account, oldest first.

    Of a trade in shares only its fees: the trade itself is an execution. A trade in anything else
    moves cash that nothing of ours explains, and so is told whole.
    """
    told = [moved for record in records if _stands(record) for moved in _moved(record)]
    return tuple(sorted(told, key=lambda moved: moved.at))


def _stands(record: TransactionRecord) -> bool:
    return record.status in (TransactionStatus.VALID, TransactionStatus.OTHER)


def _moved(record: TransactionRecord) -> Iterator[Transaction]:
    shares = record.shares
    if record.type is TransactionKind.TRADE and shares is not None:
        if record.fees:
            yield _told(record, "fee", -record.fees, shares, suffix=".fee")
        return
    kind = _kind(record)
    if kind is not None and (record.net_amount or shares is not None):
        yield _told(record, kind, record.net_amount, shares)


def _told(
    record: TransactionRecord,
    kind: str,
    amount: Decimal,
    shares: TransferItem | None,
    suffix: str = "",
) -> Transaction:
    return Transaction(
        transaction_id=f"{record.activity_id}{suffix}",
        at=record.time,
        kind=kind,
        amount=amount,
        symbol=None if shares is None else shares.instrument.share,
        quantity=None if shares is None or kind == "fee" else shares.amount,
        text=record.description or record.type.value,
    )


def _kind(record: TransactionRecord) -> str | None:
    """The word for it; one that nobody books is for a person to judge. None: no money moved."""
    match record.type:
        case TransactionKind.DIVIDEND_OR_INTEREST:
            return "interest" if record.shares is None else "dividend"
        case TransactionKind.ACH_RECEIPT | TransactionKind.CASH_RECEIPT | TransactionKind.WIRE_IN:
            return "deposit"
        case (
            TransactionKind.ACH_DISBURSEMENT
            | TransactionKind.CASH_DISBURSEMENT
            | TransactionKind.WIRE_OUT
        ):
            return "withdrawal"
        case TransactionKind.ELECTRONIC_FUND:
            return "deposit" if record.net_amount > 0 else "withdrawal"
        case TransactionKind.JOURNAL | TransactionKind.RECEIVE_AND_DELIVER:
            return "transfer"
        case TransactionKind.MARGIN_CALL | TransactionKind.SMA_ADJUSTMENT:
            return None  # a call on money, not money
        case (
            TransactionKind.TRADE
            | TransactionKind.MEMORANDUM
            | TransactionKind.MONEY_MARKET
            | TransactionKind.OTHER
        ):
            return record.type.value.lower()
