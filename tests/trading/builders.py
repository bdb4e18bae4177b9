"""What the tests of the rules share: one account, one strategy, and facts in few words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

from trading.alert_events import AlertAccepted
from trading.bookings import Booking, ByHand, EquityMarked
from trading.desk import Desk, new_desk
from trading.desk_fold import evolve_desk
from trading.event import Event
from trading.events import AccountOpened, Halted, Resumed, Scope, Tripped, VenueReady
from trading.hours import EntryWindow
from trading.marks import Mark
from trading.order_events import (
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderEvent,
    OrderFilled,
    OrderPlanned,
    OrderReplaced,
    ReplaceRequested,
    SubmitStarted,
    SubmitUnknown,
)
from trading.orders import Order
from trading.rules import Limits, StrategyRules
from trading.signals import Reading
from trading.vocabulary import (
    AccountName,
    Action,
    AlertId,
    BookingId,
    BrokerOrderId,
    Code,
    ExecutionId,
    Intent,
    MarkSource,
    OrderId,
    OrderType,
    Side,
    StrategyName,
    Symbol,
    TradingState,
)


SHARED: Final = Path(__file__).parents[3] / "shared" / "data"
"""Data that may stand beside a checkout; tests that read it are skipped where it does not."""

ACCOUNT: Final = AccountName("paper")
DEMO: Final = StrategyName("demo")
OTHER: Final = StrategyName("other")
AAPL: Final = Symbol("AAPL")
MSFT: Final = Symbol("MSFT")
AT: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in New York."""

Number = Decimal | int | str
E = TypeVar("E", bound=OrderEvent)
B = TypeVar("B", bound=Booking)
NUMBERS: Final = count(1)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def seen(*values: object) -> tuple[object, ...]:
    """Values to compare at once, whatever their types: a Decimal equals the int it is worth."""
    return values


def decimal(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


# --- rules --------------------------------------------------------------------------------------


def limits(**on: Number | EntryWindow) -> Limits:
    """Limits that are all off but those named."""
    every: dict[str, Any] = dict.fromkeys(Limits.__annotations__)
    every |= {k: v if isinstance(v, EntryWindow) else Decimal(v) for k, v in on.items()}
    return Limits(**every)


def rules(limited: Limits | None = None, **changes: Any) -> StrategyRules:
    return StrategyRules(name=DEMO, limits=limited or limits(), **changes)


def buys(quantity: Number) -> Reading:
    return Reading(Side.BUY, Decimal(quantity))


# --- alerts and orders --------------------------------------------------------------------------


def alert(
    alert_id: str = "a1",
    action: Action = Action.BUY,
    quantity: Number | None = 10,
    *,
    price: Number | None = 100,
    symbol: Symbol = AAPL,
    strategy: StrategyName = DEMO,
    at: datetime = AT,
    fired_at: datetime | None = None,
    client_id: str | None = None,
    routes: tuple[AccountName, ...] = (ACCOUNT,),
) -> AlertAccepted:
    return AlertAccepted(
        at=at,
        alert_id=AlertId(alert_id),
        strategy=strategy,
        routes=routes,
        symbol=symbol,
        action=action,
        quantity=decimal(quantity),
        price=decimal(price),
        fired_at=fired_at,
        client_id=client_id,
    )


def planned(
    order_id: str = "o1",
    side: Side = Side.BUY,
    quantity: Number = 100,
    *,
    price: Number | None = 100,
    limit: Number | None = None,
    symbol: Symbol = AAPL,
    strategy: StrategyName = DEMO,
    account: AccountName = ACCOUNT,
    at: datetime = AT,
) -> OrderPlanned:
    """A buy that enters, or a sell that leaves."""
    return OrderPlanned(
        at=at,
        order_id=OrderId(order_id),
        alert_id=AlertId("a1"),
        account=account,
        strategy=strategy,
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit_price=decimal(limit),
        intent=Intent.ENTRY if side is Side.BUY else Intent.EXIT,
        worst_price=Decimal((price or 0) if limit is None else limit),
        reference_price=decimal(price),
    )


def about(fact: type[E], order_id: str = "o1", *, at: datetime = AT, **more: Any) -> E:
    """A later fact about an order."""
    named = {"account": ACCOUNT, "alert_id": AlertId("a1")} | more
    return fact(at=at, order_id=OrderId(order_id), **named)


def started(order_id: str = "o1", generation: int = 0) -> SubmitStarted:
    return about(SubmitStarted, order_id, generation=generation)


def acknowledged(order_id: str = "o1") -> OrderAccepted:
    return about(OrderAccepted, order_id, broker_order_id=BrokerOrderId(f"B-{order_id}"))


def unknown(order_id: str = "o1") -> SubmitUnknown:
    return about(SubmitUnknown, order_id, reason="no answer")


def fill(
    execution_id: str = "x1",
    quantity: Number = 100,
    price: Number = 100,
    *,
    side: Side = Side.BUY,
    order_id: str = "o1",
    symbol: Symbol = AAPL,
    strategy: StrategyName = DEMO,
    account: AccountName = ACCOUNT,
    fee: Number = 0,
    at: datetime = AT,
    is_fee_estimated: bool = False,
) -> OrderFilled:
    return OrderFilled(
        at=at,
        order_id=OrderId(order_id),
        alert_id=AlertId("a1"),
        account=account,
        strategy=strategy,
        symbol=symbol,
        side=side,
        execution_id=ExecutionId(execution_id),
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee),
        executed_at=at,
        is_fee_estimated=is_fee_estimated,
    )


def booking(
    kind: type[B], /, *, account: AccountName = ACCOUNT, at: datetime = AT, **more: Any
) -> B:
    """A booking of its own; those by hand are ann's, and she has her reasons."""
    if issubclass(kind, ByHand):
        more = {"reason": "her own", "by": "ann"} | more
    named = {"booking_id": BookingId(f"b{next(NUMBERS)}")} | more
    return kind(at=at, account=account, **named)


def quoted(symbol: Symbol, price: Number, at: datetime = AT) -> EquityMarked:
    """A market's price, as it stands where equity is marked; what that says of equity is not."""
    mark = Mark(Decimal(price), at, MarkSource.QUOTE)
    one = Decimal(1)
    return EquityMarked(
        at=at, account=ACCOUNT, equity=one, index=one, bot_index=one, marks={symbol: mark}
    )


def replace(
    replace_id: str = "r1",
    *,
    quantity: Number = 80,
    limit: Number | None = None,
    worst: Number = 100,
) -> ReplaceRequested:
    return about(
        ReplaceRequested,
        replace_id=replace_id,
        quantity=Decimal(quantity),
        limit_price=decimal(limit),
        worst_price=Decimal(worst),
        code=Code.OPERATOR,
    )


def replaced(
    replace_id: str | None = "r1",
    *,
    quantity: Number = 80,
    limit: Number | None = None,
    worst: Number = 100,
    broker_order_id: str = "B-2",
) -> OrderReplaced:
    return about(
        OrderReplaced,
        replace_id=replace_id,
        broker_order_id=BrokerOrderId(broker_order_id),
        quantity=Decimal(quantity),
        limit_price=decimal(limit),
        worst_price=Decimal(worst),
    )


def execution(execution_id: str, quantity: Number, price: Number) -> dict[str, Any]:
    """What facts about an execution name."""
    return {
        "strategy": DEMO,
        "symbol": AAPL,
        "side": Side.BUY,
        "execution_id": ExecutionId(execution_id),
        "quantity": Decimal(quantity),
        "price": Decimal(price),
    }


def busted(execution_id: str, quantity: Number, price: Number = 100) -> ExecutionBusted:
    return about(ExecutionBusted, **execution(execution_id, quantity, price))


def corrected(
    execution_id: str,
    quantity: Number,
    price: Number = 100,
    *,
    was: Number,
    was_price: Number = 100,
) -> ExecutionCorrected:
    now = execution(execution_id, quantity, price)
    return about(ExecutionCorrected, **now, was_quantity=Decimal(was), was_price=Decimal(was_price))


def order(*events: Event, quantity: Number = 100) -> Order:
    """An order of 100 shares after these facts."""
    from trading.orders import evolve_order

    return reduce(evolve_order, events, Order(plan=planned(quantity=quantity)))


# --- stops --------------------------------------------------------------------------------------


def halted(
    scope: Scope | None = None, generation: int = 1, *, code: Code = Code.OPERATOR
) -> Halted:
    return Halted(
        at=AT,
        act_id=f"h{generation}",
        scope=scope or Scope(),
        generation=generation,
        code=code,
        reason="lunch",
        by="ann",
    )


def tripped(
    scope: Scope | None = None,
    generation: int = 1,
    *,
    state: TradingState = TradingState.REDUCING,
    code: Code = Code.CONSECUTIVE_ERRORS,
) -> Tripped:
    return Tripped(
        at=AT,
        scope=scope or Scope(account=ACCOUNT),
        generation=generation,
        state=state,
        code=code,
        inputs={"errors": "3"},
    )


def resumed(scope: Scope | None = None, generation: int = 2) -> Resumed:
    return Resumed(
        at=AT,
        act_id=f"r{generation}",
        scope=scope or Scope(),
        generation=generation,
        reason="looked at it",
        by="ann",
    )


# --- the desk -----------------------------------------------------------------------------------


def opened(cash: Number = 25_000, at: datetime = AT) -> AccountOpened:
    return AccountOpened(at=at, account=ACCOUNT, cash=Decimal(cash))


READY: Final = VenueReady(at=AT, account=ACCOUNT, cash=Decimal(25_000))


def desk(*events: Event, cash: Number = 25_000) -> Desk:
    """An account that is open and ready, after these facts."""
    return reduce(evolve_desk, (opened(cash), READY, *events), new_desk(ACCOUNT))
