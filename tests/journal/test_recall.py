from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from journal import Codec, Draft, MemoryReader, MemoryStore, StoreFailed
from journal.recall import Recall
from journal.snapshot import Kept
from trading.events import EVENT_TYPES, ActorStarted, VenueLost
from trading.vocabulary import AccountName


NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LOST = VenueLost(at=NOW, account=AccountName("paper"), reason="gone")
STARTED = ActorStarted(at=NOW, actor="risk:paper", incarnation=1)
STATE = Kept(2, "some code", b"{}")


@pytest.fixture
def recall() -> Iterator[Recall]:
    store = MemoryStore(Codec(EVENT_TYPES))
    store.commit([Draft(events=(LOST, STARTED, LOST), keys=("first",), writer="test")])
    recall = Recall(MemoryReader(store))
    yield recall
    recall.close()


def test_events_are_read_as_the_store_has_them(recall: Recall) -> None:
    assert [r.event for r in recall.events()] == [LOST, STARTED, LOST]
    assert [r.seq for r in recall.events(after=1, types=(VenueLost,))] == [3]
    assert [r.seq for r in recall.events(newest_first=True, limit=2)] == [3, 2]
    assert recall.head() == 3
    assert list(recall.facts(after=1, limit=1)) == [(2, STARTED)]


def test_a_key_is_looked_up_in_the_store(recall: Recall) -> None:
    first = recall.first_of("first")
    assert first is not None
    assert first.seq == 1


def test_nothing_is_kept_at_first(recall: Recall) -> None:
    assert recall.kept("risk:paper") is None


def test_what_was_kept_last_is_what_there_is(recall: Recall) -> None:
    recall.keep({"book:paper": STATE, "risk:paper": STATE})
    recall.keep({"risk:paper": STATE})
    assert (recall.kept("risk:paper"), recall.kept("book:paper")) == (STATE, None)


def test_a_closed_one_reads_nothing_more(recall: Recall) -> None:
    recall.close()
    with pytest.raises(StoreFailed):
        recall.head()
