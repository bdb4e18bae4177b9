"""What every event store must do, SQLite and memory alike."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal import (
    Codec,
    Committed,
    Draft,
    KeyTaken,
    MemoryReader,
    MemoryStore,
    Outcome,
    Reader,
    Recorded,
    SqliteReader,
    SqliteStore,
    Store,
    StoreFailed,
    UnknownEventType,
    UnwritableEvent,
)
from tests.journal.event_strategies import events
from trading.event import Event
from trading.events import EVENT_TYPES, AccountOpened, Resumed, VenueLost
from trading.order_events import OrderAccepted, OrderCancelled, OrderEvent
from trading.vocabulary import AccountName, AlertId, BrokerOrderId, OrderId


CODEC = Codec(EVENT_TYPES)
AT = datetime(2026, 3, 2, 14, 30, 0, 250, tzinfo=UTC)


@frozen
class Journal:
    """A store and a reader of the same events."""

    store: Store
    reader: Reader

    def commit(self, *drafts: Draft) -> tuple[Outcome, ...]:
        return self.store.commit(drafts)

    def seqs(self) -> list[int]:
        return [record.seq for record in self.reader.events()]


@pytest.fixture(params=["sqlite", "memory"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Journal]]:
    """Makes empty journals, as many as asked for."""
    made: list[Journal] = []

    def make() -> Journal:
        if request.param == "sqlite":
            path = tmp_path / f"journal-{len(made)}.db"
            made.append(Journal(SqliteStore(path, CODEC), SqliteReader(path, CODEC)))
        else:
            store = MemoryStore(CODEC)
            made.append(Journal(store, MemoryReader(store)))
        return made[-1]

    yield make
    for it in made:
        it.reader.close()
        it.store.close()


@pytest.fixture
def journal(fresh: Callable[[], Journal]) -> Journal:
    return fresh()


def opened(account: str = "paper", cash: str = "25000.00") -> AccountOpened:
    return AccountOpened(at=AT, account=AccountName(account), cash=Decimal(cash))


def accepted(alert: str = "a1", account: str = "paper") -> OrderAccepted:
    return OrderAccepted(
        at=AT,
        order_id=OrderId(f"{alert}.{account}.1"),
        alert_id=AlertId(alert),
        account=AccountName(account),
        broker_order_id=BrokerOrderId("B-7"),
    )


def cancelled(alert: str = "a1", account: str = "paper") -> OrderCancelled:
    order = accepted(alert, account)
    return OrderCancelled(
        at=AT, order_id=order.order_id, alert_id=order.alert_id, account=order.account
    )


def draft(*facts: Event, keys: Sequence[str] = (), number: int = 0) -> Draft:
    return Draft(
        events=facts or (opened(),), keys=tuple(keys), writer="risk", epoch=4, number=number
    )


# --- committing ---------------------------------------------------------------------------------


def test_an_empty_store_stands_at_zero(journal: Journal) -> None:
    assert (journal.store.head, journal.reader.head(), journal.seqs()) == (0, 0, [])


def test_a_record_carries_its_event_and_who_wrote_it_and_why(journal: Journal) -> None:
    fact = accepted()
    one = Draft(events=(fact,), writer="broker.paper", epoch=3, number=9, cause="a1")
    record = Recorded(1, fact, "broker.paper", 3, 9, "a1")
    assert journal.commit(one) == (Committed(one, (record,)),)
    assert list(journal.reader.events()) == [record]


def test_the_events_of_a_draft_follow_each_other(journal: Journal) -> None:
    (outcome,) = journal.commit(draft(opened("a"), opened("b"), opened("c")))
    assert isinstance(outcome, Committed)
    assert [record.seq for record in outcome.records] == [1, 2, 3]
    assert journal.store.head == journal.reader.head() == 3


def test_a_draft_without_an_event_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="events"):
        Draft(events=(), keys=("send:o1",), writer="broker")


def test_nothing_to_commit_is_answered_with_nothing(journal: Journal) -> None:
    assert journal.store.commit([]) == ()
    assert journal.store.head == 0


def test_outcomes_come_in_the_order_of_the_drafts(journal: Journal) -> None:
    drafts = [draft(keys=[key], number=n) for n, key in enumerate(("k", "l", "k", "m"))]
    outcomes = journal.store.commit(drafts)
    assert [outcome.draft for outcome in outcomes] == drafts
    assert [type(outcome) for outcome in outcomes] == [Committed, Committed, KeyTaken, Committed]


def test_a_large_call_is_one_gapless_transaction(journal: Journal) -> None:
    outcomes = journal.commit(*(draft(keys=[f"k{n}"], number=n) for n in range(331)))
    assert all(isinstance(outcome, Committed) for outcome in outcomes)
    assert journal.seqs() == list(range(1, 332))
    assert [record.number for record in journal.reader.events()] == list(range(331))


# --- keys ---------------------------------------------------------------------------------------


def test_a_key_of_an_earlier_call_refuses_and_names_the_first_record(journal: Journal) -> None:
    first, _ = journal.commit(draft(accepted("a1"), opened(), keys=["accept:1"]), draft())
    assert isinstance(first, Committed)
    again = draft(accepted("a2"), keys=["accept:1"])
    assert journal.commit(again) == (KeyTaken(again, "accept:1", first.records[0]),)


def test_a_key_of_the_same_call_refuses_and_names_the_first_record(journal: Journal) -> None:
    first, refused = journal.commit(draft(keys=["k"]), draft(accepted(), keys=["k"]))
    assert isinstance(first, Committed)
    assert isinstance(refused, KeyTaken)
    assert refused.first == first.records[0]


def test_a_refused_draft_stores_none_of_its_events_and_none_of_its_keys(journal: Journal) -> None:
    journal.commit(draft(keys=["taken"]))
    journal.commit(draft(opened(), opened(), keys=["free", "taken"]))
    assert journal.store.head == 1
    assert journal.reader.first_of("free") is None
    assert isinstance(journal.commit(draft(keys=["free"]))[0], Committed)


def test_a_refused_draft_leaves_no_gap(journal: Journal) -> None:
    journal.commit(draft(keys=["k"]), draft(keys=["k"]), draft(keys=["l"]))
    journal.commit(draft(keys=["k"]))
    journal.commit(draft(keys=["m"]))
    assert journal.seqs() == [1, 2, 3]


def test_the_first_taken_key_is_the_one_named(journal: Journal) -> None:
    journal.commit(draft(keys=["b"]), draft(keys=["c"]))
    (refused,) = journal.commit(draft(keys=["a", "b", "c"]))
    assert isinstance(refused, KeyTaken)
    assert (refused.key, refused.first.seq) == ("b", 1)


def test_a_draft_that_names_a_key_twice_takes_it_once(journal: Journal) -> None:
    assert isinstance(journal.commit(draft(keys=["k", "k"]))[0], Committed)
    assert journal.reader.first_of("k") is not None


def test_the_first_of_a_key_is_the_first_event_of_its_draft(journal: Journal) -> None:
    journal.commit(draft(), draft(accepted(), opened(), keys=["k", "l"]))
    for key in ("k", "l"):
        first = journal.reader.first_of(key)
        assert first is not None
        assert (first.seq, first.event) == (2, accepted())


# --- failing ------------------------------------------------------------------------------------


def test_an_event_that_does_not_fit_its_type_stores_nothing_of_the_call(journal: Journal) -> None:
    odd = evolve(opened(), cash=Decimal("NaN"))
    with pytest.raises(UnwritableEvent, match="AccountOpened: Decimal\\('NaN'\\) is not a finite"):
        journal.commit(draft(keys=["k"]), draft(odd, keys=["l"]))
    assert (journal.store.head, journal.seqs()) == (0, [])
    assert isinstance(journal.commit(draft(keys=["k"]))[0], Committed)


def test_a_closed_store_refuses(journal: Journal) -> None:
    journal.store.close()
    journal.store.close()
    with pytest.raises(StoreFailed, match="closed"):
        journal.commit(draft())
    with pytest.raises(StoreFailed, match="closed"):
        journal.store.checkpoint()


def test_a_closed_reader_refuses(journal: Journal) -> None:
    journal.commit(draft())
    reading = journal.reader.events()
    journal.reader.close()
    journal.reader.close()
    with pytest.raises(StoreFailed, match="closed"):
        next(reading)
    with pytest.raises(StoreFailed, match="closed"):
        journal.reader.first_of("k")


# --- reading ------------------------------------------------------------------------------------


@pytest.fixture
def busy_day(journal: Journal) -> Reader:
    journal.commit(
        draft(opened("paper")),  # 1
        draft(accepted("a1", "paper"), accepted("a1", "main")),  # 2, 3
        draft(cancelled("a1", "main")),  # 4
        draft(accepted("a2", "paper")),  # 5
        draft(VenueLost(at=AT, account=AccountName("main"), reason="no route")),  # 6
    )
    return journal.reader


@pytest.mark.parametrize(
    ("filters", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"after": 4}, [5, 6]),
        ({"upto": 2}, [1, 2]),
        ({"after": 2, "upto": 4}, [3, 4]),
        ({"after": 6}, []),
        ({"upto": 99}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 0}, []),
        ({"newest_first": True}, [6, 5, 4, 3, 2, 1]),
        ({"newest_first": True, "limit": 2}, [6, 5]),
        ({"newest_first": True, "after": 2, "upto": 5}, [5, 4, 3]),
        ({"types": (OrderAccepted,)}, [2, 3, 5]),
        ({"types": (OrderAccepted, AccountOpened)}, [1, 2, 3, 5]),
        ({"types": (VenueLost, OrderAccepted), "newest_first": True, "limit": 3}, [6, 5, 3]),
        ({"types": (OrderEvent,)}, [2, 3, 4, 5]),
        ({"types": (Resumed,)}, []),
        ({"types": ()}, []),
        ({"account": "main"}, [3, 4, 6]),
        ({"account": "nobody"}, []),
        ({"alert_id": "a1"}, [2, 3, 4]),
        ({"order_id": "a1.main.1"}, [3, 4]),
        ({"alert_id": "a1", "account": "paper"}, [2]),
        ({"order_id": "a1.main.1", "alert_id": "a1", "account": "paper"}, []),
        ({"account": "main", "types": (OrderCancelled, VenueLost)}, [4, 6]),
        ({"account": "paper", "types": (OrderEvent,), "after": 2}, [5]),
    ],
)
def test_filters_narrow_each_other(
    busy_day: Reader, filters: dict[str, object], seqs: list[int]
) -> None:
    found = busy_day.events(**filters)  # type: ignore[arg-type]  # the table above is mixed
    assert [record.seq for record in found] == seqs


def test_a_type_the_codec_does_not_know_is_refused_at_the_call(busy_day: Reader) -> None:
    class Invented(Event):
        pass

    with pytest.raises(UnknownEventType, match="Invented"):
        busy_day.events(types=(OrderAccepted, Invented))


def test_a_reading_ends_where_the_journal_stood_when_it_began(journal: Journal) -> None:
    journal.commit(draft(), draft())
    reading = journal.reader.events()
    journal.commit(draft())
    next(reading)
    journal.commit(draft())
    assert [record.seq for record in reading] == [2, 3]


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_long_reading_is_complete(journal: Journal, *, newest_first: bool) -> None:
    journal.commit(*(draft(opened(f"{n % 3}")) for n in range(1600)))
    seqs = [record.seq for record in journal.reader.events(newest_first=newest_first, limit=1500)]
    expected = range(1600, 100, -1) if newest_first else range(1, 1501)
    assert seqs == list(expected)
    mine = journal.reader.events(account="1", newest_first=newest_first)
    assert len({record.seq for record in mine}) == 533


@pytest.mark.parametrize(
    ("after", "limit"), [(0, None), (0, 1_200), (512, 512), (7, 3), (1_100, 1)]
)
def test_facts_are_all_events_in_order(journal: Journal, after: int, limit: int | None) -> None:
    journal.commit(draft(*(opened() for _ in range(1_100))))
    upto = None if limit is None else after + limit
    expected = [(it.seq, it.event) for it in journal.reader.events(after=after, upto=upto)]
    assert list(journal.reader.facts(after=after, limit=limit)) == expected


def test_two_readings_of_one_thread_do_not_disturb_each_other(journal: Journal) -> None:
    journal.commit(*(draft() for _ in range(600)))
    pairs = zip(journal.reader.events(), journal.reader.events(newest_first=True), strict=True)
    assert all(one.seq + other.seq == 601 for one, other in pairs)


# --- the whole, against a model -----------------------------------------------------------------


@given(event=events(*EVENT_TYPES))
@settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_event_comes_back_as_it_went_in(journal: Journal, event: Event) -> None:
    journal.commit(draft(event))
    (back,) = journal.reader.events(newest_first=True, limit=1)
    assert back.event == event


DRAFTS = st.builds(
    Draft,
    events=st.lists(st.sampled_from((opened(), accepted(), cancelled("a2"))), min_size=1).map(
        tuple
    ),
    keys=st.lists(st.sampled_from("abcdef"), max_size=2).map(tuple),
    writer=st.sampled_from(("risk", "broker")),
    number=st.integers(min_value=0, max_value=9),
)
CALLS = st.lists(st.lists(DRAFTS, max_size=5), max_size=6)


class Model:
    """The contract in a few lines: a list, and who owns which key."""

    def __init__(self) -> None:
        self.log: list[tuple[Event, str, int]] = []
        self.owner: dict[str, int] = {}

    def commit(self, one: Draft) -> tuple[str, int] | range:
        """The taken key with the seq of its first event, or the seqs that the events get."""
        for key in one.keys:
            if key in self.owner:
                return key, self.owner[key]
        start = len(self.log) + 1
        self.log += [(event, one.writer, one.number) for event in one.events]
        self.owner |= dict.fromkeys(one.keys, start)
        return range(start, len(self.log) + 1)


def told(outcome: Outcome) -> tuple[str, int] | range:
    match outcome:
        case KeyTaken(key=key, first=first):
            return key, first.seq
        case Committed(records=records):
            return range(records[0].seq, records[-1].seq + 1)


@given(calls=CALLS)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_sequence_of_calls_does_what_the_model_does(
    fresh: Callable[[], Journal], calls: list[list[Draft]]
) -> None:
    journal, model = fresh(), Model()
    for drafts in calls:
        assert [told(it) for it in journal.store.commit(drafts)] == [*map(model.commit, drafts)]
        journal.store.checkpoint()
    stored = [(it.event, it.writer, it.number) for it in journal.reader.events()]
    assert (stored, journal.store.head) == (model.log, len(model.log))
    for key in "abcdef":
        first = journal.reader.first_of(key)
        assert (first and first.seq) == model.owner.get(key)
