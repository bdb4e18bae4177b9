"""A journal and a paper ledger of any length, as a year of trading would have left them.

Alerts take turns over some symbols; each is approved, planned, sent, accepted and filled. All but
the last of each symbol's buys have been closed again, so that the past is long and the present
small. Everything goes through the real codec into the real store.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from random import Random

from attrs import frozen

from benchmarks.daemon_process import SETTINGS
from brokers.ledger_events import (
    INDICATIVE,
    LEDGER_EVENTS,
    LedgerOpened,
    PaperAccepted,
    PaperFilled,
)
from cli.version import VERSION
from journal import Codec, Draft, SqliteStore
from settings.in_force import settings_applied
from settings.load import load
from trading.alert_events import AlertAccepted, Checked, SignalApproved
from trading.event import Event
from trading.events import EVENT_TYPES, AccountOpened
from trading.order_events import OrderAccepted, OrderFilled, OrderPlanned, SubmitStarted
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BrokerOrderId,
    Code,
    ExecutionId,
    Intent,
    OrderId,
    OrderType,
    Side,
    StrategyName,
    Symbol,
)


SYMBOLS = tuple(Symbol(f"BM{letter}") for letter in "ABCDEFGHIJKLMNOP")
ACCOUNT = AccountName("paper")
STRATEGY = StrategyName("demo")
CASH = Decimal(1_000_000_000)
APART = timedelta(seconds=20)
PER_COMMIT = 200
CHECKS = (
    Checked(Code.HALTED, passed=True),
    Checked(Code.SYMBOL_NOT_ALLOWED, passed=True, inputs={"symbol": "BMA"}),
    Checked(Code.TIMESTAMP_AHEAD, passed=True),
    Checked(Code.WHOLE_SHARES_ONLY, passed=True, inputs={"quantity": "10"}),
    Checked(Code.NO_REFERENCE_PRICE, passed=True, inputs={"price": "101.5"}),
    Checked(Code.OPPOSING_POSITION, passed=True, inputs={"account_holds": "0"}),
    Checked(Code.ALREADY_LONG, passed=True, inputs={"own_share": "0", "buys_in_flight": "0"}),
    Checked(Code.REPEATED_SIGNAL, passed=True),
    Checked(Code.MAX_ORDER_VALUE, passed=True, inputs={"max_order_value": "2500"}),
    Checked(Code.MAX_POSITION_SIZE, passed=True, inputs={"max_position_size": "500"}),
    Checked(Code.MAX_TOTAL_EXPOSURE, passed=True, inputs={"max_total_exposure": "12500"}),
    Checked(Code.MAX_DAILY_LOSS, passed=True, inputs={"max_daily_loss": "500", "day_pnl": "1.5"}),
    Checked(Code.CASH, passed=True, inputs={"order_value": "1015", "free_cash": "23985"}),
)
"""As many checks, with as many numbers, as the gate writes under an approval."""


@frozen(kw_only=True)
class Trade:
    """One alert and all that followed from it, in the journal and in the venue's ledger."""

    alert: AlertAccepted
    events: tuple[Event, ...]
    ledger: tuple[Event, ...]


def write(state: Path, events: int) -> None:
    """Make the state folder of a daemon that has lived through so many events."""
    began = datetime.now(UTC) - APART * (events // 6 + 1)
    journal = SqliteStore(state / "journal.db", Codec(EVENT_TYPES))
    ledger = SqliteStore(state / f"paper-{ACCOUNT}.db", Codec(LEDGER_EVENTS))
    applied = settings_applied(load(SETTINGS, {}), VERSION, began, {})
    journal.commit([_draft(applied, AccountOpened(at=began, account=ACCOUNT, cash=CASH))])
    ledger.commit([_draft(LedgerOpened(at=began, account=ACCOUNT, cash=CASH))])
    trades = _trades(began)
    while (left := events - journal.head) > 0:
        batch = list(islice(trades, min(PER_COMMIT, -(-left // 6))))
        journal.commit([draft for trade in batch for draft in _drafts(trade)])
        ledger.commit([_draft(*trade.ledger) for trade in batch])
        if journal.head % 10_000 < PER_COMMIT * 6:
            journal.checkpoint()
            ledger.checkpoint()
    journal.close()
    ledger.close()


def _draft(*events: Event) -> Draft:
    return Draft(events=events, writer="history")


def _drafts(trade: Trade) -> Iterator[Draft]:
    """Each fact under the key that the daemon would have given it."""
    alert_id = trade.alert.alert_id
    accepted, approved, planned, *order = trade.events
    yield Draft(events=(accepted,), keys=(trade.alert.dedup,), writer="webhook", cause=alert_id)
    keys = (f"decide:{alert_id}/{ACCOUNT}", f"plan:{alert_id}/{ACCOUNT}/1")
    yield Draft(events=(approved, planned), keys=keys, writer="risk:paper", cause=alert_id)
    for event in order:
        yield Draft(events=(event,), writer="broker:paper", cause=alert_id)


def _trades(began: datetime) -> Iterator[Trade]:
    """A buy and then its close, symbol by symbol; prices wander."""
    random = Random(1)
    prices = dict.fromkeys(SYMBOLS, 10_000)
    for number in count():
        symbol = SYMBOLS[number // 2 % len(SYMBOLS)]
        prices[symbol] = max(prices[symbol] + random.randint(-20, 20), 500)
        at = began + APART * number
        yield _trade(number, symbol, Decimal(prices[symbol]) / 100, at)


def _trade(number: int, symbol: Symbol, price: Decimal, at: datetime) -> Trade:
    side = Side.SELL if number % 2 else Side.BUY
    alert_id = AlertId(f"{at:%Y%m%dT%H%M%S}-{number:012x}")
    alert = AlertAccepted(
        at=at,
        alert_id=alert_id,
        strategy=STRATEGY,
        routes=(ACCOUNT,),
        symbol=symbol,
        action=Action.SELL if number % 2 else Action.BUY,
        quantity=Decimal(10),
        price=price,
        fired_at=at,
        message=f"{symbol} crossed its average",
        client_id=f"h{number}",
        address="52.89.214.238",
        dedup=f"accept:{number:032x}",
    )
    return Trade(
        alert=alert,
        events=(alert, *_decided(alert, side), *_executed(alert, side, number)),
        ledger=_booked(alert, side, number),
    )


def _order_id(alert: AlertAccepted) -> OrderId:
    return OrderId(f"{alert.alert_id}.{ACCOUNT}.1")


def _price(alert: AlertAccepted) -> Decimal:
    return alert.price or Decimal(0)  # each of ours has one


def _decided(alert: AlertAccepted, side: Side) -> tuple[Event, ...]:
    at = alert.at + timedelta(milliseconds=2)
    return (
        SignalApproved(
            at=at,
            alert_id=alert.alert_id,
            account=ACCOUNT,
            strategy=STRATEGY,
            symbol=alert.symbol,
            checks=CHECKS,
        ),
        OrderPlanned(
            at=at,
            order_id=_order_id(alert),
            alert_id=alert.alert_id,
            account=ACCOUNT,
            strategy=STRATEGY,
            symbol=alert.symbol,
            side=side,
            quantity=Decimal(10),
            intent=Intent.ENTRY if side is Side.BUY else Intent.EXIT,
            worst_price=_price(alert),
            reference_price=alert.price,
        ),
    )


def _executed(alert: AlertAccepted, side: Side, number: int) -> tuple[Event, ...]:
    order_id, alert_id = _order_id(alert), alert.alert_id
    start, end = alert.at + timedelta(milliseconds=4), alert.at + timedelta(milliseconds=7)
    return (
        SubmitStarted(
            at=start, order_id=order_id, alert_id=alert_id, account=ACCOUNT, generation=0
        ),
        OrderAccepted(
            at=end,
            order_id=order_id,
            alert_id=alert_id,
            account=ACCOUNT,
            broker_order_id=BrokerOrderId(f"P-{number}"),
        ),
        OrderFilled(
            at=end,
            order_id=order_id,
            alert_id=alert_id,
            account=ACCOUNT,
            strategy=STRATEGY,
            symbol=alert.symbol,
            side=side,
            execution_id=ExecutionId(f"P-{number}.1"),
            quantity=Decimal(10),
            price=_price(alert),
            executed_at=end,
            label=INDICATIVE,
        ),
    )


def _booked(alert: AlertAccepted, side: Side, number: int) -> tuple[Event, ...]:
    at = alert.at + timedelta(milliseconds=6)
    return (
        PaperAccepted(
            at=at,
            broker_order_id=BrokerOrderId(f"P-{number}"),
            order_id=_order_id(alert),
            symbol=alert.symbol,
            side=side,
            quantity=Decimal(10),
            order_type=OrderType.MARKET,
        ),
        PaperFilled(
            at=at,
            execution_id=ExecutionId(f"P-{number}.1"),
            broker_order_id=BrokerOrderId(f"P-{number}"),
            order_id=_order_id(alert),
            symbol=alert.symbol,
            side=side,
            quantity=Decimal(10),
            price=_price(alert),
            label=INDICATIVE,
        ),
    )
