"""A fold of the journal written only from what the events mean; it shares nothing with the bot's.

That is its worth: a mistake in the bot's own fold is not made here a second time.
"""

from collections.abc import Iterable
from decimal import Decimal

from attrs import define, field

from tests.crash.rows import Row


ENDED = frozenset({"FILLED", "CANCELLED", "EXPIRED", "REJECTED", "ABANDONED", "ABSENT"})
_WORKING = {"ACCEPTED", "PARTIALLY_FILLED", "DONE_FOR_DAY", "SUSPENDED", "STOPPED"}
AT_THE_VENUE = frozenset({*_WORKING, "PENDING_CANCEL", "PENDING_REPLACE"})

_SENT = {"SUBMITTED", "UNKNOWN"}
_STEPS: dict[str, tuple[set[str], str]] = {
    "SubmitStarted": ({"PLANNED"}, "SUBMITTED"),
    "OrderAbandoned": ({"PLANNED", "SUBMITTED", "PENDING_CANCEL"}, "ABANDONED"),
    "SubmitUnknown": ({"SUBMITTED", "PENDING_CANCEL"}, "UNKNOWN"),
    "OrderAbsent": ({"UNKNOWN"}, "ABSENT"),
    "OrderAccepted": ({*_SENT, "ABSENT"}, "ACCEPTED"),
    "OrderRejected": ({*_SENT, *AT_THE_VENUE}, "REJECTED"),
    "CancelRequested": ({*_WORKING, "SUBMITTED", "PENDING_REPLACE"}, "PENDING_CANCEL"),
    "OrderCancelled": ({*_SENT, *AT_THE_VENUE}, "CANCELLED"),
    "OrderExpired": ({*_SENT, *AT_THE_VENUE}, "EXPIRED"),
}
"""From which statuses each event may come, and to which it leads."""

ORDER_EVENTS = frozenset({*_STEPS, "OrderFilled"})


@define
class Order:
    """A planned order and what became of it; `executions` by the venue's id."""

    plan: Row
    status: str = "PLANNED"
    broker_order_id: str = ""
    executions: dict[str, Decimal] = field(factory=dict)

    @property
    def filled(self) -> Decimal:
        """The sum of its executions."""
        return sum(self.executions.values(), Decimal(0))


@define
class State:
    """What the journal amounts to; `problems` are events that do not fit what came before."""

    orders: dict[str, Order] = field(factory=dict)
    positions: dict[tuple[str, str], Decimal] = field(factory=dict)
    shares: dict[tuple[str, str, str], Decimal] = field(factory=dict)
    cash: dict[str, Decimal] = field(factory=dict)
    executions: set[tuple[str, str]] = field(factory=set)
    problems: list[str] = field(factory=list, eq=False)


def fold(rows: Iterable[Row]) -> State:
    """The state after these events, the first to the last."""
    state = State()
    for row in rows:
        if row.type == "AccountOpened":
            state.cash.setdefault(row.text("account"), row.number("cash"))
        elif row.type == "OrderPlanned":
            state.orders.setdefault(row.text("order_id"), Order(row))
        elif row.type in ORDER_EVENTS:
            _onto_order(state, row)
    return state


def _onto_order(state: State, row: Row) -> None:
    order = state.orders.get(row.text("order_id"))
    if order is None:
        state.problems.append(f"seq {row.seq}: {row.type} of {row.text('order_id')}, never planned")
    elif row.type == "OrderFilled":
        _fill(state, order, row)
    else:
        _step(state, order, row)


def _step(state: State, order: Order, row: Row) -> None:
    sources, target = _STEPS[row.type]
    if row.type == "OrderAccepted":
        order.broker_order_id = row.text("broker_order_id")
    if order.status in sources:
        order.status = target
    elif row.type != "OrderAccepted" or order.status not in {*AT_THE_VENUE, "FILLED"}:
        # An acknowledgement may be overtaken by the fill that says more than it.
        order_id = row.text("order_id")
        state.problems.append(f"seq {row.seq}: {row.type} of {order_id}, which was {order.status}")


def _fill(state: State, order: Order, row: Row) -> None:
    account, symbol = row.text("account"), row.text("symbol")
    execution = (account, row.text("execution_id"))
    if execution in state.executions:
        return
    if order.status == "PLANNED":
        state.problems.append(f"seq {row.seq}: {row.text('order_id')} was filled and never sent")
    state.executions.add(execution)
    order.executions[row.text("execution_id")] = row.number("quantity")
    share = (account, row.text("strategy"), symbol)
    state.positions[account, symbol] = (
        state.positions.get((account, symbol), Decimal(0)) + row.signed
    )
    state.shares[share] = state.shares.get(share, Decimal(0)) + row.signed
    state.cash[account] = state.cash.get(account, Decimal(0)) - row.spent
    if order.filled >= order.plan.number("quantity"):
        order.status = "FILLED"
    elif order.status not in {"PENDING_CANCEL", "CANCELLED"}:
        order.status = "PARTIALLY_FILLED"
