"""The whole tree: its order, what each fold is told of, and a daemon's day in a few moments."""

import json
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from attrs import evolve, fields, frozen

from actors.breaker import AccountBreaker
from actors.broker import BrokerActor
from actors.circuit_breaker import CircuitBreaker
from actors.dashboard import Dashboard
from actors.doorkeeper import Doorkeeper
from actors.event_sourced import EventSourced
from actors.market_data import MarketData
from actors.messages import (
    Answer,
    Halt,
    HaltAnswer,
    JournalHealth,
    Receive,
    Resume,
    ResumeAnswer,
    ShowBook,
)
from actors.parts import Parts
from actors.position_book import PositionBook
from actors.risk import RECHECK, RiskActor
from actors.rules import breaker_limits, front_desk, limits_of, rules_of
from actors.runtime import (
    Publication,
    State,
    SystemClock,
    ThreadReply,
    Timers,
    Tree,
    TreeState,
    start_tree,
)
from actors.runtime.testing import ManualTimers
from actors.stop_file import StopFile
from actors.tree import TradingTree
from actors.views import Verdict, View
from actors.webhook import WebhookActor
from brokers.base import Venue
from brokers.ledger_events import LEDGER_EVENTS
from brokers.paper import PaperVenue
from journal import Codec, Draft, SqliteReader, SqliteStore, Store, StoreFailed
from journal.recall import Recall
from journal.snapshot import read_snapshot
from settings.model import Account, Broker, Risk, RiskOverrides, Settings, Strategy
from settings.secrets import Secret
from tests.actors.facts import (
    APPLIED,
    AT,
    CALENDAR,
    CALENDAR_APPLIED,
    DEMO,
    OPENED,
    PAPER,
    READY,
    RECONCILED,
    a_life,
    acted,
    actor_started,
    alert,
    bookings,
    cancel_requested,
    cancelled,
    difference_explained,
    difference_found,
    halted,
    healed,
    held,
    later,
    of_order,
    parked,
    password_wrong,
    planned,
    quarantined,
    read_as,
    refused,
    removed,
    resumed,
    still_held,
    tripped,
)
from tests.actors.room import CODEC, Room
from trading.alert_events import AlertQuarantined, AlertUnreadable
from trading.decisions import decide
from trading.event import Event
from trading.events import (
    EVENT_TYPES,
    AccountParked,
    CommandQuarantined,
    Scope,
    VenueFailed,
    VenueLost,
)
from trading.hours import Hours
from trading.masking import Mask
from trading.order_events import (
    CancelOverdue,
    CancelRejected,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAbandoned,
    OrderAbsent,
    OrderDoneForDay,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    OrderReinstated,
    OrderRejected,
    OrderReplaced,
    OrderStopped,
    OrderSuspended,
    ReplaceRejected,
    ReplaceRequested,
    SubmitUnknown,
)
from trading.rules import Limits
from trading.sessions import Calendar
from trading.sign_ins import SignInDue, VenueSignedIn, VenueSignedOut
from trading.vocabulary import (
    AccountName,
    AlertId,
    BrokerOrderId,
    Code,
    ErrorKind,
    ExecutionId,
    Side,
    StrategyName,
    Symbol,
)


OTHER: Final = AccountName("other")
WITHIN_S: Final = 15.0
"""Nothing here takes a second; a busy machine may."""

SECRET: Final = Secret("common-secret-0123456789")
SETTINGS: Final = Settings(
    accounts={a: Account(broker=Broker.PAPER, hours=Hours.ALWAYS) for a in (PAPER, OTHER)},
    strategies={DEMO: Strategy(accounts=(PAPER, OTHER), allow_add=True)},
)


class Pocket:
    """An almanac of one edition."""

    def edition(self, now: datetime) -> str:  # noqa: ARG002 - one for all time
        return CALENDAR_APPLIED.edition

    def calendar(self, now: datetime) -> Calendar:  # noqa: ARG002 - likewise
        return CALENDAR


class RefusingStore(SqliteStore):
    """A store on a disk that is full while the test says so."""

    is_full = threading.Event()

    def commit(self, drafts: Any) -> Any:
        if self.is_full.is_set():
            raise StoreFailed("disk full")
        return super().commit(drafts)


def parts(folder: Path, timers: Timers | ManualTimers, settings: Settings = SETTINGS) -> Parts:
    path = folder / "journal.db"
    SqliteStore(path, CODEC).close()
    books = Codec(LEDGER_EVENTS)

    def venue(account: AccountName) -> Callable[[], Venue]:
        file = folder / f"paper-{account}.db"

        def open_books() -> tuple[Store, SqliteReader]:
            return SqliteStore(file, books), SqliteReader(file, books)

        return lambda: PaperVenue(
            account=account,
            starting_cash=settings.accounts[account].starting_cash,
            open_books=open_books,
            clock=SystemClock(),
        )

    return Parts(
        settings=settings,
        open_store=lambda: RefusingStore(path, CODEC),
        reader=Recall(SqliteReader(path, CODEC)),
        snapshot=folder / "journal.snapshot",
        make_venue={account: venue(account) for account in settings.accounts},
        alarms=timers,
        secret=SECRET,
        strategy_secrets={},
        mask=Mask([SECRET.reveal()]),
        note=lambda _: None,
        stop_file=StopFile(folder / "STOP"),
        almanac=Pocket(),
        password_mark=lambda: "",
        health=Publication(JournalHealth()),
        view=Publication(View()),
    )


# --- the table ----------------------------------------------------------------------------------


def test_the_tree_starts_in_order(tmp_path: Path) -> None:
    its = parts(tmp_path, ManualTimers())
    names = [child.name for child in TradingTree(its).children()]
    its.reader.close()
    assert names == [
        "journal",
        "snapshots",
        "breaker:*",
        "market",
        *(f"{role}:paper" for role in ("book", "breaker", "broker", "risk")),
        *(f"{role}:other" for role in ("book", "breaker", "broker", "risk")),
        "doorkeeper",
        "dashboard",
        "webhook",
    ]


def test_limits_have_the_names_that_settings_give_them() -> None:
    front_desk_only = {"dedup_window_seconds"}
    assert {a.name for a in fields(Limits)} == {a.name for a in fields(Risk)} - front_desk_only


def test_a_strategys_limits_stand_over_its_accounts() -> None:
    own = RiskOverrides({"max_order_value": None})
    settings = Settings(
        accounts={
            PAPER: Account(broker=Broker.PAPER, risk=RiskOverrides({"max_daily_loss": None}))
        },
        strategies={DEMO: Strategy(accounts=(PAPER,), risk=own)},
    )
    limits = limits_of(settings, PAPER, DEMO)
    assert (limits.max_order_value, limits.max_daily_loss) == (None, None)
    assert limits_of(settings, PAPER, None).max_order_value == 2500
    assert breaker_limits(settings, PAPER).max_daily_loss is None


def test_a_strategy_that_is_gone_may_only_leave() -> None:
    rules, orphan = rules_of(SETTINGS, PAPER)
    assert set(rules) == {DEMO}
    assert orphan.retired


def test_on_a_retired_account_every_strategy_only_leaves() -> None:
    accounts = SETTINGS.accounts | {OTHER: evolve(SETTINGS.accounts[OTHER], retired=True)}
    settings = evolve(SETTINGS, accounts=accounts)
    assert not rules_of(settings, PAPER)[0][DEMO].retired
    assert rules_of(settings, OTHER)[0][DEMO].retired


def test_the_front_desk_knows_each_strategys_own_secret() -> None:
    own = Secret("own")
    assert front_desk(SETTINGS, {DEMO: own})[DEMO].secret is own
    assert front_desk(SETTINGS, {})[DEMO].secret is None


# --- interests ----------------------------------------------------------------------------------

EXECUTION: Final[dict[str, Any]] = {
    "strategy": DEMO,
    "symbol": Symbol("AAPL"),
    "side": Side.BUY,
    "execution_id": ExecutionId("x"),
    "quantity": Decimal(3),
    "price": Decimal(98),
}


def replace_requested(name: str, replace_id: str) -> Event:
    return of_order(
        ReplaceRequested,
        name,
        replace_id=replace_id,
        quantity=Decimal(12),
        worst_price=Decimal(100),
        code=Code.OPERATOR,
    )


STORY: Final[tuple[Event, ...]] = (
    OPENED,
    READY,
    APPLIED,
    *a_life("a")[:5],
    cancel_requested("a"),
    a_life("a")[5],
    *a_life("b")[:4],
    of_order(SubmitUnknown, "b", reason="?"),
    of_order(OrderAbsent, "b", reason="gone"),
    *a_life("c")[:5],
    cancel_requested("c"),
    of_order(CancelOverdue, "c", asked_at=AT),
    of_order(CancelRejected, "c", reason="too late"),
    replace_requested("c", "r1"),
    of_order(ReplaceRejected, "c", replace_id="r1", reason="no"),
    replace_requested("c", "r2"),
    of_order(
        OrderReplaced,
        "c",
        replace_id="r2",
        broker_order_id=BrokerOrderId("V-2"),
        quantity=Decimal(12),
        worst_price=Decimal(100),
    ),
    of_order(OrderStopped, "c"),
    of_order(OrderSuspended, "c"),
    of_order(OrderReinstated, "c"),
    a_life("c")[5],
    of_order(ExecutionCorrected, "c", **EXECUTION, was_quantity=Decimal(4), was_price=Decimal(99)),
    of_order(ExecutionBusted, "c", **EXECUTION),
    of_order(OrderDoneForDay, "c"),
    cancelled("c"),
    *a_life("i")[:5],
    of_order(OrderExpired, "i"),
    *a_life("d")[:4],
    of_order(OrderRejected, "d", code=Code.VENUE_REJECTED, reason="no"),
    *a_life("e")[:2],
    planned("e"),
    of_order(OrderAbandoned, "e", code=Code.STALE),
    *a_life("j")[:2],
    planned("j"),
    of_order(OrderRefused, "j", code=Code.STALE),
    a_life("f")[0],
    refused("f", Code.CASH),
    AlertUnreadable(at=AT, alert_id=AlertId("g"), strategy=DEMO, faults=("x",), body=""),
    VenueFailed(at=AT, account=PAPER, kind=ErrorKind.FUNDS, detail="poor"),
    VenueLost(at=AT, account=PAPER, reason="gone"),
    halted(1),
    tripped(2),
    parked(3),
    resumed(4),
    alert("h"),
    held("h", later(3600)),
    read_as("h", 10),
    removed("a"),
    still_held(),
    quarantined("h"),
    CALENDAR_APPLIED,
    CommandQuarantined(at=AT, actor="webhook", what="a request"),
    READY,
    password_wrong(),
    acted(),
    actor_started("broker:paper"),
    actor_started("risk:paper"),
    *bookings(),
    difference_found(5),
    difference_explained(),
    healed(),
    RECONCILED,
    VenueSignedIn(at=AT, account=PAPER, until=AT + timedelta(days=7)),
    SignInDue(at=AT, account=PAPER, until=AT + timedelta(days=7), hours=48),
    VenueSignedOut(at=AT, account=PAPER, reason="nobody is signed in"),
)
"""Something of everything that can happen, in an order in which it makes a difference."""

FOLDING: Final[tuple[type[EventSourced[Any]], ...]] = (
    BrokerActor,
    RiskActor,
    PositionBook,
    AccountBreaker,
    CircuitBreaker,
    MarketData,
    Doorkeeper,
    WebhookActor,
)


def bare(kind: type[EventSourced[Any]]) -> Any:
    """An actor as its own __init__ makes it, with whatever it does not need here left empty."""
    room = Room()
    given: dict[type[EventSourced[Any]], dict[str, Any]] = {
        BrokerActor: {"make_venue": None, "rules": {}, "orphan": None},
        RiskActor: {"broker": room.address("broker:paper"), "rules": {}, "orphan": None},
        PositionBook: {"dashboard": room.address("dashboard")},
        AccountBreaker: {"limits": None, "rules": {}},
        CircuitBreaker: {"brokers": {}, "stop_file": None},
        MarketData: {"almanac": Pocket()},
        Doorkeeper: {"password_mark": lambda: ""},
        WebhookActor: {
            "strategies": {},
            "secret": SECRET,
            "mask": Mask(),
            "rate_per_minute": None,
            "dedup_window": timedelta(seconds=45),
        },
        Dashboard: {"books": {}, "view": None, "note": None},
    }
    its = given[kind] | {"journal": room.address("journal"), "reader": room.reader}
    if kind in (BrokerActor, RiskActor, PositionBook, AccountBreaker):
        its["account"] = PAPER
    if kind not in (AccountBreaker, WebhookActor):
        its["alarms"] = room.timers
    return kind(room.birth("it"), **its)


def test_the_story_has_everything_in_it() -> None:
    assert {type(event) for event in STORY} == set(EVENT_TYPES)


@pytest.mark.parametrize("kind", FOLDING, ids=lambda kind: kind.__name__)
def test_a_fold_is_told_of_everything_it_reacts_to(kind: type[EventSourced[Any]]) -> None:
    actor = bare(kind)
    for event in STORY:
        before = deepcopy(actor.state)
        actor.fold(event)
        if not actor._interest.matches(event):
            assert actor.state == before, f"{kind.__name__} reacts to {type(event).__name__}"


@pytest.mark.parametrize("kind", FOLDING, ids=lambda kind: kind.__name__)
def test_a_fold_reacts_to_something_of_what_it_is_told(kind: type[EventSourced[Any]]) -> None:
    actor = bare(kind)
    before = deepcopy(actor.state)
    for event in (*STORY, alert("z", dedup=f"accept:{'0' * 32}/0")):
        actor.fold(event)
    assert actor.state != before


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (BrokerActor, "broker:paper"),
        (RiskActor, "risk:paper"),
        (PositionBook, "book:paper"),
        (AccountBreaker, "breaker:paper"),
        (CircuitBreaker, "breaker:*"),
        (MarketData, "market"),
        (Doorkeeper, "doorkeeper"),
        (WebhookActor, "webhook"),
    ],
)
def test_a_snapshot_is_folded_as_its_actor_folds(
    tmp_path: Path, kind: type[EventSourced[Any]], name: str
) -> None:
    its = parts(tmp_path, ManualTimers())
    made, actors = TradingTree(its).memories()[name], bare(kind)._memory
    its.reader.close()
    assert (made.name, made.kind, made.step) == (actors.name, actors.kind, actors.step)
    assert made.interest == actors.interest
    assert made.begin() == actors.begin()


def test_every_memory_has_its_snapshot(tmp_path: Path) -> None:
    its = parts(tmp_path, ManualTimers())
    tree = TradingTree(its)
    its.reader.close()
    names = {child.name for child in tree.children()}
    assert set(tree.memories()) == names - {"snapshots", "journal"}


def test_the_dashboard_is_told_of_everything() -> None:
    assert bare(Dashboard)._interest.types == frozenset(EVENT_TYPES)


def test_an_accounts_actors_are_not_told_of_another() -> None:
    foreign = [
        VenueLost(at=AT, account=OTHER, reason="gone"),
        halted(1, Scope(account=OTHER)),
        tripped(1, OTHER),
        actor_started("broker:other"),
    ]
    assert not any(bare(RiskActor)._interest.matches(event) for event in foreign)


# --- a running tree -----------------------------------------------------------------------------


@frozen
class Running:
    """A tree of threads over a paper venue, all in one folder."""

    parts: Parts
    actors: TradingTree
    tree: Tree
    numbers: Iterator[int]

    def post(self, **more: Any) -> Answer:
        reply = ThreadReply[Answer]()
        number = next(self.numbers)
        known = {"strategy": "demo", "ticker": "AAPL", "action": "buy", "price": 100}
        body = json.dumps(known | {"quantity": number} | more).encode()
        request = Receive(
            id=f"alert-{number}",
            at=datetime.now(UTC),
            body=body,
            token=SECRET.reveal(),
            address="192.0.2.1",
            reply=reply,
        )
        self.actors.webhook.tell(request)
        return reply.wait(5)

    def halt(self) -> HaltAnswer:
        reply = ThreadReply[HaltAnswer]()
        self.actors.breaker.tell(
            Halt(id="h", at=AT, scope=Scope(), reason="a test", by="someone", reply=reply),
            control=True,
        )
        return reply.wait(5)

    def resume(self) -> ResumeAnswer:
        reply = ThreadReply[ResumeAnswer]()
        self.actors.breaker.tell(
            Resume(id="r", at=AT, scope=Scope(), reason="looked", by="someone", reply=reply),
            control=True,
        )
        return reply.wait(5)

    def sees(self, wanted: Callable[[View], bool]) -> bool:
        if self.parts.view.wait_for(wanted, WITHIN_S):
            return True
        view = self.parts.view.current
        verdicts = [(a.alert_id, a.verdict, a.code) for a in view.alerts]
        orders = [(o.order.plan.order_id, o.order.status, o.order.error) for o in view.orders]
        raise AssertionError(f"never seen; there is: {verdicts}, {orders}, {view.needs_you}")

    def is_ready(self) -> bool:
        return self.tree.state.wait_for(lambda state: state.ready, WITHIN_S) and self.sees(
            lambda v: all(a.venue_ready for a in v.accounts.values()) and bool(v.accounts)
        )

    def records(self, kind: type[Event]) -> list[Any]:
        return list(self.parts.reader.events(types=(kind,)))

    def facts(self, kind: type[Event]) -> list[Any]:
        return [record.event for record in self.records(kind)]

    def crash(self, name: str) -> None:
        """Tell an actor what no actor knows, and wait for its next incarnation."""
        before = incarnation(self.tree.state.current, name)
        address = {c.name: c.address for c in self.actors.children()}[name]
        address.tell("poison", control=True)

        def is_back(state: TreeState) -> bool:
            return state.ready and incarnation(state, name) > before

        assert self.tree.state.wait_for(is_back, WITHIN_S)


def incarnation(state: TreeState, name: str) -> int:
    return next(child.incarnation for child in state.children if child.name == name)


def settled(number: int) -> Callable[[View], bool]:
    """Whether so many alerts are ordered on both accounts and filled."""

    def is_so(view: View) -> bool:
        filled = [o for o in view.orders if o.order.status == "FILLED"]
        return len(view.alerts) == number and len(filled) == 2 * number and not view.unfinished

    return is_so


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    yield from _run(tmp_path)


def _run(folder: Path) -> Iterator[Running]:
    RefusingStore.is_full.clear()
    clock = SystemClock()
    timers = Timers(clock.monotonic)
    its = parts(folder, timers)
    actors = TradingTree(its)
    tree = start_tree(
        actors.children(),
        clock=clock,
        timers=timers,
        random=Random(1),
        on_parking=actors.park,
        on_giving_up=lambda *_: None,
    )
    running = Running(its, actors, tree, count(1))
    try:
        assert running.is_ready()
        yield running
    finally:
        RefusingStore.is_full.clear()
        assert tree.stop(10)
        timers.close()
        its.reader.close()


def test_an_alert_becomes_a_fill_on_each_account(running: Running) -> None:
    assert running.post().body["status"] == "accepted"
    assert running.sees(settled(1))
    (alert,) = running.parts.view.current.alerts
    assert alert.verdict is Verdict.ORDERED
    assert running.sees(lambda v: all(a.book.net("AAPL") == 1 for a in v.accounts.values()))  # type: ignore[arg-type]


def test_a_halt_holds_and_a_resume_lifts_it(running: Running) -> None:
    stopped = running.halt()
    assert (stopped.durable, stopped.gates) == (True, {PAPER: True, OTHER: True})
    running.post()
    assert running.sees(lambda v: bool(v.alerts) and v.alerts[0].code == Code.HALTED)
    assert running.resume().lifted == 1
    running.post()
    assert running.sees(lambda v: len(v.orders) == 2)


@pytest.mark.parametrize(
    "name",
    [
        "snapshots",
        "market",
        "risk:paper",
        "broker:paper",
        "book:paper",
        "breaker:paper",
        "doorkeeper",
        "webhook",
        "dashboard",
    ],
)
def test_an_actor_that_dies_is_back_and_nobody_else_notices(running: Running, name: str) -> None:
    running.post()
    assert running.sees(settled(1))
    running.crash(name)
    others = {c.incarnation for c in running.tree.state.current.children if c.name != name}
    assert others == {1}
    assert running.is_ready()
    running.post()
    assert running.sees(settled(2))


def is_parked(state: TreeState) -> bool:
    return [c.name for c in state.children if c.state is State.PARKED] == [
        f"{role}:other" for role in ("book", "breaker", "broker", "risk")
    ]


def test_an_account_with_a_fact_that_cannot_be_folded_is_parked_and_the_other_trades_on(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold = PositionBook.fold

    def dies(book: PositionBook, event: Event) -> None:
        if book.state.book.account == OTHER and isinstance(event, OrderFilled):
            raise KeyError("poison")
        fold(book, event)

    monkeypatch.setattr(PositionBook, "fold", dies)
    running.post()
    assert running.tree.state.wait_for(is_parked, WITHIN_S)
    assert running.sees(lambda v: v.stops.over_account(OTHER) is not None)
    (fact,) = running.facts(AccountParked)
    (fill,) = [r for r in running.records(OrderFilled) if r.event.account == OTHER]
    assert (fact.account, fact.actor) == (OTHER, "book:other")
    assert f"cannot fold seq {fill.seq} (OrderFilled)" in fact.reason
    running.post()
    assert running.sees(lambda v: v.alerts[0].decisions[OTHER].code == Code.ACCOUNT_PARKED)
    assert running.sees(lambda v: v.alerts[0].decisions[PAPER].verdict is Verdict.ORDERED)
    assert running.tree.state.current.ready
    monkeypatch.undo()
    assert running.resume().lifted == 1
    assert running.tree.state.wait_for(lambda s: s.ready and not is_parked(s), WITHIN_S)
    assert running.is_ready()
    running.post()
    assert running.sees(lambda v: v.alerts[0].verdict is Verdict.ORDERED and not v.unfinished)


def test_an_alert_that_kills_whoever_decides_it_is_quarantined_and_trading_goes_on(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(desk: Any, alert: Any, *rest: Any) -> Any:
        if alert.symbol == "BAD" and desk.account == OTHER:
            raise ZeroDivisionError
        return decide(desk, alert, *rest)

    monkeypatch.setattr("actors.risk.decide", dies)
    running.post(ticker="BAD")
    assert running.sees(lambda v: bool(v.alerts) and v.alerts[0].verdict is Verdict.QUARANTINED)
    running.post()
    assert running.sees(lambda v: v.alerts[0].verdict is Verdict.ORDERED and not v.unfinished)
    (fact,) = running.facts(AlertQuarantined)
    assert (fact.account, incarnation(running.tree.state.current, "risk:other")) == (OTHER, 4)


def test_the_journals_death_restarts_all(running: Running) -> None:
    running.post()
    assert running.sees(settled(1))
    running.crash("journal")
    assert {c.incarnation for c in running.tree.state.current.children} == {2}
    assert running.is_ready()
    running.post()
    assert running.sees(settled(2))


def test_ten_thousand_queued_messages_do_not_hold_up_a_stop(running: Running) -> None:
    for _ in range(10_000):
        running.actors.of("book", PAPER).tell(ShowBook(), reserved=True)
        running.actors.of("risk", OTHER).tell(RECHECK, reserved=True)
    assert running.tree.stop(5)


def test_what_an_actor_died_of_is_journalled(running: Running) -> None:
    running.crash("risk:paper")
    starts = running.parts.reader.events(types=(type(actor_started("x")),), newest_first=True)
    event: Any = next(iter(starts)).event
    assert (event.actor, event.incarnation) == ("risk:paper", 2)
    assert "poison" in event.last_error


def test_a_full_disk_is_a_state_and_heals(running: Running) -> None:
    RefusingStore.is_full.set()
    assert running.post().status == 503
    assert running.parts.health.wait_for(lambda h: not h.commits, 5)
    stopped = running.halt()
    assert (stopped.durable, set(stopped.gates.values())) == (False, {True})
    assert running.parts.stop_file.exists()
    RefusingStore.is_full.clear()
    assert running.parts.health.wait_for(lambda h: h.commits, 5)
    assert running.sees(lambda v: bool(v.stops.in_force))
    assert {c.incarnation for c in running.tree.state.current.children} == {1}


def test_a_restart_knows_everything(tmp_path: Path) -> None:
    for running in _run(tmp_path):
        first = running.post(quantity=7)
        assert running.sees(settled(1))
    for running in _run(tmp_path):
        assert running.sees(settled(1))
        again = running.post(quantity=7)
        assert again.body == {"status": "duplicate", "alert_id": first.body["alert_id"]}


def test_the_last_life_leaves_a_snapshot_of_its_very_end(tmp_path: Path) -> None:
    for running in _run(tmp_path):
        running.post()
        assert running.sees(settled(1))
    snapshot = read_snapshot(tmp_path / "journal.snapshot")
    reader = SqliteReader(tmp_path / "journal.db", CODEC)
    assert snapshot is not None
    assert snapshot.seq == reader.head()
    assert set(snapshot.states) == set(running.actors.memories())
    reader.close()


def test_an_empty_draft_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="events"):
        Draft(events=(), writer=StrategyName("x"))
