"""Facts as tests need them: one account, one strategy, one symbol, one afternoon."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from trading.alert_events import (
    AlertAccepted,
    AlertQuarantined,
    ProtectionRemoved,
    SignalApproved,
    SignalHeld,
    SignalRead,
    SignalRefused,
    StillHeld,
)
from trading.bookings import (
    Adjusted,
    Adopted,
    Booking,
    BorrowCharged,
    ByHand,
    CashFlow,
    CashInLieuPaid,
    CorporateAction,
    DividendPaid,
    DustMoved,
    EquityMarked,
    ExternallyClosed,
    ExternalTraded,
    FeeCharged,
    FeeReplaced,
    InterestBooked,
    PeakReset,
    Portion,
    SharesTransferred,
    Transferred,
)
from trading.differences import (
    AccountReconciled,
    DifferenceExplained,
    DifferenceFound,
    DifferenceKind,
)
from trading.event import Event
from trading.events import (
    AccountOpened,
    AccountParked,
    ActorStarted,
    CalendarApplied,
    Halted,
    Healed,
    Resumed,
    Scope,
    SettingsApplied,
    Tripped,
    VenueReady,
)
from trading.in_force import AccountInForce, StrategyInForce
from trading.marks import Mark
from trading.order_events import (
    CancelRequested,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
    SubmitStarted,
)
from trading.people import OperatorActed, PasswordWrong
from trading.sessions import Calendar
from trading.vocabulary import (
    AccountName,
    Act,
    Action,
    AlertId,
    BookingId,
    BrokerOrderId,
    Code,
    ExecutionId,
    FlowKind,
    Intent,
    MarkSource,
    Mode,
    OrderId,
    Side,
    StrategyName,
    Symbol,
    TradingState,
)


AT: Final = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
PAPER: Final = AccountName("paper")
B = TypeVar("B", bound=Booking)
DEMO: Final = StrategyName("demo")
AAPL: Final = Symbol("AAPL")

OPENED: Final = AccountOpened(at=AT, account=PAPER, cash=Decimal(25_000))
READY: Final = VenueReady(at=AT, account=PAPER, cash=Decimal(25_000))
APPLIED: Final = SettingsApplied(
    at=AT,
    version="0.1.0",
    mode=Mode.PAPER,
    digest="9f86d081884c7d65",
    accounts=(AccountInForce(account=PAPER, broker="paper"),),
    strategies=(StrategyInForce(strategy=DEMO, accounts=(PAPER,)),),
)
CALENDAR: Final = Calendar(
    closed=frozenset({date(2026, 1, 1), date(2026, 1, 19)}),
    half_days={date(2026, 1, 6): time(13, 0)},
)
"""With a half day made up, the day after that of all facts."""

CALENDAR_APPLIED: Final = CalendarApplied(at=AT, edition="a test's", calendar=CALENDAR)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def alert(name: str, action: Action = Action.BUY, **more: Any) -> AlertAccepted:
    known: dict[str, Any] = {
        "at": AT,
        "alert_id": AlertId(name),
        "strategy": DEMO,
        "routes": (PAPER,),
        "symbol": AAPL,
        "action": action,
        "quantity": Decimal(10) if action in (Action.BUY, Action.SELL) else None,
        "price": Decimal(100),
    }
    return AlertAccepted(**(known | more))


def approved(name: str, account: AccountName = PAPER) -> SignalApproved:
    return SignalApproved(
        at=AT, alert_id=AlertId(name), account=account, strategy=DEMO, symbol=AAPL
    )


def refused(name: str, code: Code, account: AccountName = PAPER, **more: Any) -> SignalRefused:
    return SignalRefused(
        at=AT,
        alert_id=AlertId(name),
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        code=code,
        **more,
    )


def held(name: str, until: datetime, account: AccountName = PAPER) -> SignalHeld:
    return SignalHeld(
        at=AT,
        alert_id=AlertId(name),
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        code=Code.MARKET_CLOSED,
        until=until,
    )


def removed(name: str, account: AccountName = PAPER) -> ProtectionRemoved:
    return ProtectionRemoved(
        at=AT,
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        alert_id=AlertId(name),
        entry_id=order_id(name),
        quantity=Decimal(10),
    )


def read_as(name: str, before: int, account: AccountName = PAPER) -> SignalRead:
    return SignalRead(
        at=AT,
        alert_id=AlertId(name),
        account=account,
        strategy=DEMO,
        symbol=AAPL,
        before=Decimal(before),
    )


def still_held(code: Code = Code.FLATTEN_LATE, account: AccountName = PAPER) -> StillHeld:
    return StillHeld(
        at=AT, account=account, strategy=DEMO, symbol=AAPL, quantity=Decimal(10), code=code
    )


def order_id(name: str, account: AccountName = PAPER) -> OrderId:
    return OrderId(f"{name}.{account}.1")


def planned(name: str, side: Side = Side.BUY, **more: Any) -> OrderPlanned:
    known: dict[str, Any] = {
        "at": AT,
        "order_id": order_id(name),
        "alert_id": AlertId(name),
        "account": PAPER,
        "strategy": DEMO,
        "symbol": AAPL,
        "side": side,
        "quantity": Decimal(10),
        "intent": Intent.ENTRY if side is Side.BUY else Intent.EXIT,
        "worst_price": Decimal(100),
        "reference_price": Decimal(100),
    }
    return OrderPlanned(**(known | more))


def of_order(kind: type[OrderEvent], name: str, **more: Any) -> Event:
    known: dict[str, Any] = {
        "at": AT,
        "order_id": order_id(name),
        "alert_id": AlertId(name),
        "account": PAPER,
    }
    return kind(**(known | more))


def started(name: str, at: datetime = AT, generation: int = 0) -> Event:
    return of_order(SubmitStarted, name, at=at, generation=generation)


def at_venue(name: str) -> Event:
    return of_order(OrderAccepted, name, broker_order_id=BrokerOrderId(f"V-{name}"))


def filled(name: str, side: Side = Side.BUY, quantity: int = 10, price: int = 100) -> OrderFilled:
    return OrderFilled(
        at=AT,
        order_id=order_id(name),
        alert_id=AlertId(name),
        account=PAPER,
        strategy=DEMO,
        symbol=AAPL,
        side=side,
        execution_id=ExecutionId(f"X-{name}"),
        quantity=Decimal(quantity),
        price=Decimal(price),
        executed_at=AT,
    )


def cancelled(name: str) -> Event:
    return of_order(OrderCancelled, name)


def cancel_requested(name: str) -> Event:
    return of_order(CancelRequested, name, code=Code.HALTED)


def a_life(name: str, side: Side = Side.BUY) -> tuple[Event, ...]:
    """An alert from its acceptance to its fill."""
    action = Action.BUY if side is Side.BUY else Action.SELL
    return (
        alert(name, action),
        approved(name),
        planned(name, side),
        started(name),
        at_venue(name),
        filled(name, side),
    )


def halted(generation: int = 1, scope: Scope = Scope(), code: Code = Code.OPERATOR) -> Halted:  # noqa: B008 - immutable
    return Halted(
        at=AT,
        act_id=f"halt-{generation}",
        scope=scope,
        generation=generation,
        code=code,
        reason="a test",
        by="someone",
    )


def tripped(generation: int = 1, account: AccountName = PAPER) -> Tripped:
    return Tripped(
        at=AT,
        scope=Scope(account=account),
        generation=generation,
        state=TradingState.REDUCING,
        code=Code.CONSECUTIVE_ERRORS,
    )


def parked(generation: int = 1, account: AccountName = PAPER) -> AccountParked:
    return AccountParked(
        at=AT,
        account=account,
        generation=generation,
        actor=f"book:{account}",
        reason="Unfoldable: cannot fold seq 7 (OrderFilled)",
    )


def quarantined(name: str, account: AccountName = PAPER, **more: Any) -> AlertQuarantined:
    return AlertQuarantined(
        at=AT, alert_id=AlertId(name), account=account, strategy=DEMO, symbol=AAPL, **more
    )


def resumed(generation: int, scope: Scope = Scope()) -> Resumed:  # noqa: B008 - immutable
    return Resumed(
        at=AT,
        act_id=f"resume-{generation}",
        scope=scope,
        generation=generation,
        reason="looked",
        by="someone",
    )


def acted(number: int = 1, act: Act = Act.SIGN_IN, **more: Any) -> OperatorActed:
    return OperatorActed(
        at=AT,
        act_id=f"act-{number}",
        by="session a",
        address="192.0.2.1",
        act=act,
        showed_password=True,
        **more,
    )


def password_wrong(number: int = 1, act: Act = Act.SIGN_IN) -> PasswordWrong:
    return PasswordWrong(
        at=AT,
        act_id=f"try-{number}",
        by="stranger",
        address="192.0.2.1",
        tries=number,
        act=act,
    )


def actor_started(name: str) -> ActorStarted:
    return ActorStarted(at=AT, actor=name, incarnation=1)


# --- bookings -------------------------------------------------------------------------------------


def booked(kind: type[B], name: str = "t1", /, **more: Any) -> B:
    """A booking on the account; a person's are someone's, for a test."""
    if issubclass(kind, ByHand):
        more = {"reason": "a test", "by": "someone"} | more
    known: dict[str, Any] = {"at": AT, "account": PAPER, "booking_id": BookingId(name)}
    return kind(**(known | more))


def bookings() -> tuple[Event, ...]:
    """One of each kind, on ten shares of the strategy's and ten external ones."""
    ten, one = Decimal(10), Decimal(1)
    traded: dict[str, Any] = {
        "symbol": AAPL,
        "execution_id": ExecutionId("F1"),
        "side": Side.SELL,
        "price": Decimal(101),
    }
    share: dict[str, Any] = {"strategy": DEMO, "symbol": AAPL}
    portions = (Portion(strategy=DEMO, amount=one),)
    return (
        booked(SharesTransferred, symbol=AAPL, quantity=ten, price=ten),
        booked(ExternalTraded, quantity=Decimal(11), executed_at=AT, **traded),
        booked(ExternallyClosed, strategy=DEMO, quantity=one, **traded),
        booked(CashFlow, kind=FlowKind.DEPOSIT, amount=ten),
        booked(CorporateAction, symbol=AAPL, new=Decimal(3), old=Decimal(2)),
        booked(CashInLieuPaid, symbol=AAPL, quantity=Decimal("0.5"), amount=one),
        booked(DividendPaid, symbol=AAPL, portions=portions),
        booked(BorrowCharged, symbol=AAPL, portions=portions),
        booked(FeeCharged, amount=one),
        booked(
            FeeReplaced,
            execution_id=ExecutionId("X-a"),
            fee=one,
            was_fee=Decimal(0),
            executed_at=AT,
            **share,
        ),
        booked(InterestBooked, amount=one),
        booked(SharesTransferred, "t2", symbol=AAPL, quantity=ten, price=ten),
        booked(Adopted, quantity=one, price=ten, **share),
        booked(Transferred, to=StrategyName("other"), quantity=one, **share),
        booked(Adjusted, quantity=Decimal("0.5"), price=ten, **share),
        booked(DustMoved, quantity=Decimal("0.5"), **share),
        of_order(
            ExecutionCorrected,
            "a",
            strategy=DEMO,
            symbol=AAPL,
            side=Side.BUY,
            execution_id=ExecutionId("X-a"),
            quantity=Decimal(9),
            price=Decimal(100),
            was_quantity=ten,
            was_price=Decimal(100),
        ),
        of_order(
            ExecutionBusted,
            "a",
            strategy=DEMO,
            symbol=AAPL,
            side=Side.BUY,
            execution_id=ExecutionId("X-a"),
            quantity=Decimal(9),
            price=Decimal(100),
        ),
        EquityMarked(
            at=AT,
            account=PAPER,
            equity=Decimal(25_000),
            index=one,
            bot_index=one,
            marks={AAPL: Mark(Decimal(99), AT, MarkSource.QUOTE)},
        ),
        booked(PeakReset),
    )


# --- what the venue says otherwise ----------------------------------------------------------------


def difference_found(venue: int = 5, ours: int = 0, symbol: Symbol = AAPL) -> DifferenceFound:
    return DifferenceFound(
        at=AT,
        account=PAPER,
        kind=DifferenceKind.POSITION,
        symbol=symbol,
        ours=Decimal(ours),
        venue=Decimal(venue),
        residual=Decimal(venue - ours),
        since=AT - timedelta(seconds=30),
    )


def difference_explained(symbol: Symbol = AAPL) -> DifferenceExplained:
    return DifferenceExplained(at=AT, account=PAPER, kind=DifferenceKind.POSITION, symbol=symbol)


def healed(generation: int = 1, code: Code = Code.POSITION_DIFFERENCE) -> Healed:
    scope = Scope(account=PAPER, symbol=AAPL)
    return Healed(at=AT, scope=scope, generation=generation, code=code)


RECONCILED: Final = AccountReconciled(at=AT, account=PAPER, upto=AT)
