"""Random histories of two accounts: everything that can happen, in any order, possible or not."""

from datetime import timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, Final

import attrs
from attrs import evolve
from hypothesis import strategies as st

from actors.breaker import watch_memory
from actors.circuit_breaker import stop_memory
from actors.dashboard import model_memory
from actors.doorkeeper import tries_memory
from actors.memory import AnyMemory
from actors.position_book import book_memory
from actors.risk_memory import risk_memory
from actors.webhook import dedup_memory
from actors.wire_memory import wire_memory
from journal.store import Fact
from tests.actors.facts import (
    AAPL,
    AT,
    CALENDAR_APPLIED,
    DEMO,
    OPENED,
    PAPER,
    READY,
    a_life,
    acted,
    actor_started,
    alert,
    approved,
    at_venue,
    bookings,
    cancel_requested,
    cancelled,
    filled,
    halted,
    held,
    later,
    of_order,
    order_id,
    password_wrong,
    planned,
    refused,
    resumed,
    started,
    tripped,
)
from tests.journal.event_strategies import instances_of
from trading.alert_events import AlertUnreadable, Checked
from trading.event import Event
from trading.events import EVENT_TYPES, CalendarApplied, Scope, VenueFailed, VenueLost
from trading.order_events import OrderAbandoned, OrderAbsent, OrderRejected, SubmitUnknown
from trading.vocabulary import (
    AccountName,
    Act,
    Action,
    AlertId,
    Code,
    ErrorKind,
    ExecutionId,
    Side,
)


OTHER: Final = AccountName("other")
NAMES: Final = st.sampled_from(("a", "b", "c"))
SIDES: Final = st.sampled_from(Side)
ROUTES: Final = st.sampled_from(((PAPER,), (OTHER,), (PAPER, OTHER), ()))
SCOPES: Final = st.sampled_from((Scope(), Scope(account=PAPER), Scope(account=OTHER)))
GENERATIONS: Final = st.integers(1, 5)
WINDOWED: Final = st.builds(
    lambda body, number: f"accept:{body * 32}/{number}", st.sampled_from("01"), st.integers(0, 9)
)

CHECKS: Final = (Checked(Code.CASH, passed=True, inputs={"said": ',"checks":[]', "cash": "7"}),)


def memories() -> dict[str, AnyMemory]:
    """What each actor of a daemon with two accounts remembers."""
    accounts = (PAPER, OTHER)
    of_account = (book_memory, watch_memory, wire_memory, risk_memory)
    kept: tuple[AnyMemory, ...] = (
        stop_memory(),
        tries_memory(),
        model_memory(accounts),
        dedup_memory(timedelta(seconds=45)),
        *(make(account) for account in accounts for make in of_account),
    )
    return {memory.name: memory for memory in kept}


def _told(name: str, **more: Any) -> Event:
    return AlertUnreadable(
        at=AT, alert_id=AlertId(name), strategy=DEMO, faults=("x",), body="", **more
    )


@st.composite
def about_ours(draw: st.DrawFn, kind: type[Event]) -> Event:
    """An event of a type, of any content, about the alerts, orders and accounts there are."""
    event, name = draw(instances_of(kind)), draw(NAMES)
    ours: dict[str, Any] = {
        "alert_id": AlertId(name),
        "order_id": order_id(name),
        "execution_id": ExecutionId(f"X-{name}"),
        "replace_id": "1",
        "account": PAPER,
        "routes": (PAPER,),
        "strategy": DEMO,
        "symbol": AAPL,
    }
    for field in attrs.fields(kind):
        if type(getattr(event, field.name)) is Decimal:
            ours[field.name] = Decimal(draw(st.integers(1, 99)))
        elif type(getattr(event, field.name)) is int:
            ours[field.name] = draw(st.integers(0, 9))
    named = {field.name for field in attrs.fields(kind)}
    renamed: Event = evolve(event, **{name: it for name, it in ours.items() if name in named})
    return renamed


FACTS: Final = st.one_of(
    st.one_of(*(about_ours(kind) for kind in EVENT_TYPES if kind is not CalendarApplied)),
    st.just(CALENDAR_APPLIED),
    st.builds(alert, NAMES, st.sampled_from(Action), routes=ROUTES, dedup=WINDOWED),
    st.builds(alert, NAMES, fired_at=st.just(AT)),
    st.builds(_told, NAMES),
    st.builds(approved, NAMES).map(lambda event: evolve(event, checks=CHECKS)),
    st.builds(held, NAMES, st.just(later(9))),
    st.builds(refused, NAMES, st.just(Code.STALE), is_exit=st.booleans()),
    st.builds(planned, NAMES, SIDES),
    st.builds(started, NAMES),
    st.builds(at_venue, NAMES),
    st.builds(filled, NAMES, SIDES, st.integers(1, 12), st.integers(1, 99)),
    st.builds(cancelled, NAMES),
    st.builds(cancel_requested, NAMES),
    st.builds(of_order, st.just(OrderRejected), NAMES, code=st.just(Code.CASH), reason=st.just("")),
    st.builds(of_order, st.just(OrderAbandoned), NAMES, code=st.just(Code.STALE)),
    st.builds(of_order, st.sampled_from((SubmitUnknown, OrderAbsent)), NAMES, reason=st.just("x")),
    st.builds(halted, GENERATIONS, SCOPES),
    st.builds(tripped, GENERATIONS, st.sampled_from((PAPER, OTHER))),
    st.builds(resumed, GENERATIONS, SCOPES),
    st.builds(actor_started, st.sampled_from(("broker:paper", "risk:other", "dashboard"))),
    st.builds(password_wrong, st.integers(1, 9), act=st.sampled_from(Act)),
    st.builds(acted, act=st.sampled_from(Act), after=st.just({"password": "a mark"})),
    st.just(OPENED),
    st.just(READY),
    st.just(VenueLost(at=AT, account=PAPER, reason="gone")),
    st.sampled_from(bookings()),
    st.just(VenueFailed(at=AT, account=PAPER, kind=ErrorKind.FUNDS, detail="poor")),
)
"""Any one fact: of whatever type there is, and oftener those that lives are made of."""


STRETCHES: Final = st.one_of(
    FACTS.map(lambda fact: (fact,)),
    st.builds(lambda name, side, upto: a_life(name, side)[:upto], NAMES, SIDES, st.integers(1, 6)),
)
"""One fact, or an alert's life up to some point of it."""


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Facts with times that mostly rise, over several days, as the journal would number them."""
    seconds, facts = 0.0, []
    stretches = draw(st.lists(STRETCHES, min_size=draw(st.sampled_from((0, 15))), max_size=30))
    for seq, event in enumerate(chain.from_iterable(stretches), 1):
        seconds += draw(st.sampled_from((0.0, 1.0, 50.0, -1.0, 40_000.0)))
        facts.append((seq, evolve(event, at=later(seconds))))
    return facts
