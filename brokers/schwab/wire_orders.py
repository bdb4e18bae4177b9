"""Schwab's order records, and what they say in our words. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from brokers.base import Execution, VenueOrder
from brokers.schwab.wire_json import EPOCH
from brokers.schwab.wire_symbols import SymbolUnmappedError, from_schwab
from brokers.schwab.wire_words import (
    SHARES,
    SIDES,
    ActivityKind,
    AssetType,
    Duration,
    ExecutionKind,
    Instruction,
    Kind,
    Session,
    Status,
    Strategy,
    status_of,
)
from trading.money import ZERO
from trading.vocabulary import BrokerOrderId, ExecutionId, OrderId, Side, Symbol


@frozen(kw_only=True)
class Instrument:
    """What is traded."""

    asset_type: AssetType = AssetType.OTHER
    symbol: str = ""
    type: str = ""
    description: str = ""

    @property
    def is_shares(self) -> bool:
        """Whether it is a stock or an ETF, of which we keep books."""
        return self.asset_type in SHARES

    @property
    def share(self) -> Symbol:
        """Its canonical name. One that has none keeps Schwab's: it can be held, never ordered."""
        try:
            return from_schwab(self.symbol)
        except SymbolUnmappedError:
            return Symbol(self.symbol)


NO_INSTRUMENT: Final = Instrument()


@frozen(kw_only=True)
class Leg:
    """What an order does to one instrument; shares have one leg."""

    instruction: Instruction = Instruction.OTHER
    quantity: Decimal = ZERO
    instrument: Instrument = NO_INSTRUMENT
    leg_id: int = 1


@frozen(kw_only=True)
class ExecutedLeg:
    """One leg's part in an execution."""

    quantity: Decimal
    price: Decimal
    time: datetime
    leg_id: int = 1


@frozen(kw_only=True)
class Activity:
    """Something that happened to an order: one for each execution report."""

    activity_type: ActivityKind = ActivityKind.OTHER
    execution_type: ExecutionKind = ExecutionKind.OTHER
    activity_id: str = ""
    quantity: Decimal = ZERO
    execution_legs: tuple[ExecutedLeg, ...] = ()

    @property
    def has_traded(self) -> bool:
        """Whether shares changed hands: what a cancel took back is an activity too, at 0 $."""
        return (
            self.activity_type is ActivityKind.EXECUTION
            and self.execution_type is ExecutionKind.FILL
        )


@frozen(kw_only=True)
class OrderRecord:
    """An order as Schwab shows it; an OCO node has children only, a TRIGGER order both.

    `remaining` is not taken from them: it is 0 of what was cancelled.
    """

    order_id: str
    status: Status = Status.OTHER
    order_strategy_type: Strategy = Strategy.SINGLE
    session: Session = Session.OTHER
    duration: Duration = Duration.OTHER
    order_type: Kind = Kind.OTHER
    quantity: Decimal = ZERO
    filled_quantity: Decimal = ZERO
    price: Decimal | None = None
    stop_price: Decimal | None = None
    stop_price_offset: Decimal | None = None
    entered_time: datetime = EPOCH
    close_time: datetime | None = None
    cancelable: bool = False
    editable: bool = False
    tag: str = ""
    account_number: str = ""
    status_description: str = ""
    order_leg_collection: tuple[Leg, ...] = ()
    order_activity_collection: tuple[Activity, ...] = ()
    child_order_strategies: tuple["OrderRecord", ...] = ()
    replacing_order_collection: tuple["OrderRecord", ...] = ()

    @property
    def leg(self) -> Leg | None:
        """The one leg of an order for shares; None: it is something else."""
        if len(self.order_leg_collection) != 1:
            return None
        (leg,) = self.order_leg_collection
        return leg if leg.instrument.is_shares and leg.instruction in SIDES else None

    @property
    def side(self) -> Side | None:
        """Which way an order for shares goes."""
        return None if self.leg is None else SIDES[self.leg.instruction]

    @property
    def is_by_program(self) -> bool:
        """Whether it came through the API rather than by hand; only Schwab says so, in its tag."""
        return self.tag.startswith("TA_")

    @property
    def is_queued_for_open(self) -> bool:
        """Whether it waits for the next session instead of working now."""
        return self.status is Status.PENDING_ACTIVATION


def walked(orders: Iterable[OrderRecord]) -> Iterator[OrderRecord]:
    """Every order that trades, children after their parents; OCO nodes are none themselves."""
    for order in orders:
        if order.order_leg_collection:
            yield order
        yield from walked(order.child_order_strategies)


def executions_of(order: OrderRecord, order_id: OrderId | None = None) -> tuple[Execution, ...]:
    """What an order has traded, oldest first; nothing of one that is not for shares."""
    leg, side = order.leg, order.side
    if leg is None or side is None:
        return ()
    told = [
        Execution(
            execution_id=execution_id(activity, executed),
            broker_order_id=BrokerOrderId(order.order_id),
            order_id=order_id,
            symbol=leg.instrument.share,
            side=side,
            quantity=executed.quantity,
            price=executed.price,
            executed_at=executed.time,
        )
        for activity in order.order_activity_collection
        if activity.has_traded
        for executed in activity.execution_legs
        if executed.quantity
    ]
    return tuple(sorted(told, key=lambda execution: execution.executed_at))


def execution_id(activity: Activity, leg: ExecutedLeg) -> ExecutionId:
    """What an execution is counted once by."""
    return ExecutionId(f"{activity.activity_id}.{leg.leg_id}")


def venue_order_of(
    order: OrderRecord,
    order_id: OrderId | None = None,
    *,
    replaced_by: BrokerOrderId | None = None,
    before: tuple[Execution, ...] = (),
) -> VenueOrder:
    """An order in our words; `before` is what it traded under ids that it had earlier."""
    return VenueOrder(
        broker_order_id=BrokerOrderId(order.order_id),
        order_id=order_id,
        status=status_of(order.status),
        executions=(*before, *executions_of(order, order_id)),
        replaced_by=replaced_by,
        taken_at=order.entered_time,
    )
