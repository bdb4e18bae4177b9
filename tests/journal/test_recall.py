from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from journal import Codec, Draft, MemoryReader, MemoryStore, Recorded
from journal.recall import Recall
from trading.events import EVENT_TYPES, ActorStarted, Event, VenueLost
from trading.vocabulary import AccountName


NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class CountingReader(MemoryReader):
    """Counts how often anyone reads."""

    readings = 0

    def events(self, **filters: Any) -> Iterator[Recorded]:
        CountingReader.readings += 1
        return super().events(**filters)


def a_fact(number: int) -> Event:
    if number % 2:
        return VenueLost(at=NOW, account=AccountName("paper"), reason=str(number))
    return ActorStarted(at=NOW, actor=f"a{number}", incarnation=1)


def put(store: MemoryStore, number: int) -> None:
    store.commit([Draft(events=(a_fact(number),), writer="test")])


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(Codec(EVENT_TYPES))
    for number in range(20):
        put(store, number)
    return store


@pytest.fixture
def recall(store: MemoryStore) -> Recall:
    recall = Recall(CountingReader(store))
    recall.remember()
    CountingReader.readings = 0
    return recall


@pytest.mark.parametrize("after", [0, 7, 20, 30])
@pytest.mark.parametrize("upto", [None, 0, 12, 20, 25])
@pytest.mark.parametrize("types", [None, (VenueLost,), (Event,), ()])
def test_memory_answers_as_the_store_does(
    store: MemoryStore,
    recall: Recall,
    after: int,
    upto: int | None,
    types: tuple[type[Event], ...] | None,
) -> None:
    for number in range(20, 24):
        put(store, number)
    read = MemoryReader(store).events(after=after, upto=upto, types=types)
    assert list(recall.events(after=after, upto=upto, types=types)) == list(read)


def test_the_past_is_read_once_for_everyone(recall: Recall) -> None:
    for _ in range(7):
        list(recall.events(upto=20, types=(VenueLost,)))
    assert CountingReader.readings == 0


def test_what_is_forgotten_is_read_again(recall: Recall) -> None:
    recall.forget()
    assert len(list(recall.events())) == 20
    assert CountingReader.readings == 1


def test_narrow_questions_go_to_the_index(recall: Recall) -> None:
    assert [r.seq for r in recall.events(newest_first=True, limit=2)] == [20, 19]
    assert CountingReader.readings == 1
