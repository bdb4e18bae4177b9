"""A fold of the journal written only from what the events mean; it shares nothing with the bot's.

That is its worth: a mistake in the bot's own fold is not made here a second time.
"""

from collections.abc import Iterable
from decimal import Decimal

from attrs import define, field

from tests.crash.booked import BOOKINGS, EXTERNAL, book, cash_came, shares_came
from tests.crash.rows import Row


ENDED = frozenset({"FILLED", "CANCELLED", "EXPIRED", "REJECTED", "REFUSED", "ABANDONED", "ABSENT"})
_WORKING = {"ACCEPTED", "PARTIALLY_FILLED", "DONE_FOR_DAY", "SUSPENDED", "STOPPED"}
AT_THE_VENUE = frozenset({*_WORKING, "PENDING_CANCEL", "PENDING_REPLACE"})

_SENT = {"SUBMITTED", "UNKNOWN"}
_STEPS: dict[str, tuple[set[str], str]] = {
    "SubmitStarted": ({"PLANNED"}, "SUBMITTED"),
    "OrderAbandoned": ({"PLANNED", "SUBMITTED", "PENDING_CANCEL"}, "ABANDONED"),
    "OrderRefused": ({"PLANNED", "SUBMITTED", "PENDING_CANCEL"}, "REFUSED"),
    "SubmitUnknown": ({"SUBMITTED", "PENDING_CANCEL"}, "UNKNOWN"),
    "OrderAbsent": ({"UNKNOWN"}, "ABSENT"),
    "OrderAccepted": ({*_SENT, "ABSENT"}, "ACCEPTED"),
    "OrderRejected": ({*_SENT, *AT_THE_VENUE}, "REJECTED"),
    "CancelRequested": ({*_WORKING, "SUBMITTED", "PENDING_REPLACE"}, "PENDING_CANCEL"),
    "OrderCancelled": ({*_SENT, *AT_THE_VENUE}, "CANCELLED"),
    "OrderExpired": ({*_SENT, *AT_THE_VENUE}, "EXPIRED"),
}
"""From which statuses each event may come, and to which it leads."""

_TAKEN_BACK = frozenset({"ExecutionBusted", "ExecutionCorrected"})
ORDER_EVENTS = frozenset({*_STEPS, *_TAKEN_BACK, "OrderFilled"})


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
    booked: set[tuple[str, str, str]] = field(factory=set)
    problems: list[str] = field(factory=list, eq=False)


def fold(rows: Iterable[Row]) -> State:
    """The state after these events, the first to the last."""
    state = State()
    for row in rows:
        if row.type == "AccountOpened":
            _open(state, row)
        elif row.type in BOOKINGS:
            book(state, row)
        elif row.type == "OrderPlanned":
            state.orders.setdefault(row.text("order_id"), Order(row))
        elif row.type in ORDER_EVENTS:
            _onto_order(state, row)
    return state


def _open(state: State, row: Row) -> None:
    """What an account has at first; what it holds already is external."""
    if row.text("account") in state.cash:
        return
    state.cash[row.text("account")] = row.number("cash")
    for held in row.body.get("positions", ()):
        held_row = Row(seq=row.seq, at=row.at, type=row.type, body={**row.body, **held})
        shares_came(state, held_row, EXTERNAL, held_row.number("quantity"))


def _onto_order(state: State, row: Row) -> None:
    order = state.orders.get(row.text("order_id"))
    if order is None:
        state.problems.append(f"seq {row.seq}: {row.type} of {row.text('order_id')}, never planned")
    elif row.type == "OrderFilled":
        _fill(state, order, row)
    elif row.type in _TAKEN_BACK:
        _take_back(state, order, row)
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
    execution = (row.text("account"), row.text("execution_id"))
    if execution in state.executions:
        return
    if order.status == "PLANNED":
        state.problems.append(f"seq {row.seq}: {row.text('order_id')} was filled and never sent")
    state.executions.add(execution)
    order.executions[row.text("execution_id")] = row.number("quantity")
    shares_came(state, row, row.text("strategy"), row.signed)
    cash_came(state, row, -row.spent)
    if order.filled >= order.plan.number("quantity"):
        order.status = "FILLED"
    elif order.status not in {"PENDING_CANCEL", "CANCELLED"}:
        order.status = "PARTIALLY_FILLED"


def _take_back(state: State, order: Order, row: Row) -> None:
    """An execution that is none, or is another: the fact says what it was and what it is now."""
    name, account = row.text("execution_id"), row.text("account")
    is_busted = row.type == "ExecutionBusted"
    known = (account, row.type, f"{name}/{row.seq}")
    if known in state.booked:
        return
    state.booked.add(known)
    prefix = "" if is_busted else "was_"
    sign = 1 if row.text("side") == "buy" else -1
    was, price = row.number(f"{prefix}quantity"), row.number(f"{prefix}price")
    shares_came(state, row, row.text("strategy"), -sign * was)
    cash_came(state, row, sign * was * price)
    order.executions[name] = Decimal(0)
    if not is_busted:
        now = row.number("quantity")
        shares_came(state, row, row.text("strategy"), sign * now)
        cash_came(state, row, -sign * now * row.number("price"))
        order.executions[name] = now
    if order.status in {"ACCEPTED", "PARTIALLY_FILLED", "FILLED"}:
        if order.filled >= order.plan.number("quantity"):
            order.status = "FILLED"
        else:
            order.status = "PARTIALLY_FILLED" if order.filled else "ACCEPTED"
