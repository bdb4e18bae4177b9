"""The examiner finds what was planted, and nothing in a sound journal."""

import io
import sqlite3
from pathlib import Path

import orjson
import pytest

from journal import (
    Draft,
    SqliteReader,
    SqliteStore,
    StoreFailed,
    UnreadableEvent,
    export,
    verify,
)
from tests.journal.samples import CODEC, FILLED, OPENED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of eight events, cleanly closed."""
    store = SqliteStore(tmp_path / "journal.db", CODEC)
    pair = (OPENED, FILLED)
    store.commit(
        [
            Draft(events=pair, keys=(f"k{n}",), writer="test", epoch=2, number=n, cause="a1")
            for n in range(4)
        ]
    )
    store.close()
    return tmp_path / "journal.db"


def plant(path: Path, statement: str) -> tuple[str, ...]:
    """The faults found after tampering with the file."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(statement)
    db.close()
    return verify(path, CODEC).faults


def test_a_sound_journal_has_no_faults_and_its_events_are_counted(path: Path) -> None:
    found = verify(path, CODEC)
    assert (found.faults, found.is_sound, found.events) == ((), True, 8)
    assert found.counts == {"AccountOpened": 4, "OrderFilled": 4}


def test_an_empty_journal_is_sound(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "empty.db", CODEC).close()
    assert verify(tmp_path / "empty.db", CODEC).is_sound


def test_a_journal_is_verified_beside_its_writer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "live.db", CODEC)
    store.commit([Draft(events=(OPENED,), writer="test")])
    assert verify(tmp_path / "live.db", CODEC).events == 1
    store.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "DELETE FROM events WHERE seq = 4",
            "Event 4 is missing.",
        ),
        (
            "DELETE FROM events WHERE seq IN (4, 6)",
            "Event 6 is missing.",
        ),
        (
            "DELETE FROM events WHERE seq IN (2, 3, 4)",
            "Events 2 to 4 are missing.",
        ),
        (
            "UPDATE events SET seq = -1 WHERE seq = 8",
            "Event -1 stands before the first.",
        ),
        (
            "INSERT INTO keys VALUES ('send:o9', 99)",
            "Key 'send:o9' points to event 99, which does not exist.",
        ),
        (
            "UPDATE events SET type = 'OrderTeleported' WHERE seq = 3",
            "Event 3 cannot be read: OrderTeleported is not an event this version knows.",
        ),
        (
            "UPDATE events SET account = 'main' WHERE seq = 3",
            "Event 3 is filed under account 'main', its body says 'paper'.",
        ),
        (
            "UPDATE events SET at = '2020' WHERE seq = 3",
            "Event 3 is filed under at '2020', its body says '2026-03-02T14:30:00.000250Z'.",
        ),
        (
            "UPDATE events SET number = 7 WHERE seq = 3",
            "Event 3 does not fit the chain: it, or one before it, is not as written.",
        ),
        (
            "UPDATE events SET keys = '' WHERE seq = 3",
            "Event 3 does not fit the chain: it, or one before it, is not as written.",
        ),
        (
            "UPDATE events SET body = CAST(body AS BLOB) WHERE seq = 8",
            "Event 8 does not fit the chain: it, or one before it, is not as written.",
        ),
        (
            "DELETE FROM keys WHERE seq = 3",
            """Event 3 has the keys ["k1"], filed are [].""",
        ),
        (
            "UPDATE keys SET key = 'other' WHERE seq = 3",
            """Event 3 has the keys ["k1"], filed are ["other"].""",
        ),
        (
            "INSERT INTO keys VALUES ('send:o9', 4)",
            """Event 4 has the keys [], filed are ["send:o9"].""",
        ),
        (
            "DELETE FROM events WHERE seq = 8",
            "The journal ends at event 7, and event 8 had been committed.",
        ),
    ],
)
def test_what_was_planted_is_found(path: Path, statement: str, fault: str) -> None:
    assert fault in plant(path, statement)


def test_a_broken_body_is_found_with_its_reason(path: Path) -> None:
    (fault, seal) = plant(path, "UPDATE events SET body = substr(body, 1, 40) WHERE seq = 5")
    assert fault.startswith("Event 5 cannot be read: AccountOpened: not JSON")
    assert seal.startswith("Event 5 does not fit the chain")


def test_many_faults_of_a_kind_are_shown_in_part_and_counted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "journal.db", CODEC)
    store.commit([Draft(events=(OPENED,), writer="test") for _ in range(50)])
    store.close()
    faults = plant(tmp_path / "journal.db", "UPDATE events SET body = '{}'")
    assert len(faults) == 22
    assert faults[20] == "There are 30 more of this kind."


@pytest.mark.parametrize("damaged", ["events", "events_type"])
def test_a_damaged_page_is_a_finding_not_a_crash(path: Path, damaged: str) -> None:
    db = sqlite3.connect(path)
    ((page,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (damaged,))
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\x5a" * 64)
    assert "damaged" in " ".join(verify(path, CODEC).faults)


def test_an_index_that_lost_rows_is_a_finding(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET sql = replace(sql, '(type)', '(writer)')")
    db.commit()
    db.close()
    assert any(
        it.startswith("The file is damaged: row 1 missing from index events_type")
        for it in verify(path, CODEC).faults
    )


def test_without_a_journal_there_is_nothing_to_verify_or_export(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed):
        verify(tmp_path / "journal.db", CODEC)
    with pytest.raises(StoreFailed):
        export(tmp_path / "journal.db", CODEC, io.StringIO())


def test_verifying_and_exporting_change_nothing(path: Path) -> None:
    before = path.read_bytes()
    verify(path, CODEC)
    export(path, CODEC, io.StringIO())
    assert path.read_bytes() == before


def test_an_export_is_one_json_object_a_line_in_order(path: Path) -> None:
    out = io.StringIO()
    assert export(path, CODEC, out) == 8
    lines = [orjson.loads(line) for line in out.getvalue().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, 9))
    assert lines[1] == {
        "seq": 2,
        "type": "OrderFilled",
        "at": "2026-03-02T14:30:00.000250Z",
        "account": "paper",
        "alert_id": "a1",
        "order_id": "a1.paper.1",
        "writer": "test",
        "epoch": 2,
        "number": 0,
        "cause": "a1",
        "body": orjson.loads(CODEC.encode(FILLED)[1]),
    }


def test_an_export_holds_what_a_reader_reads(path: Path) -> None:
    out = io.StringIO()
    export(path, CODEC, out)
    reader = SqliteReader(path, CODEC)
    for line, record in zip(out.getvalue().splitlines(), reader.events(), strict=True):
        it = orjson.loads(line)
        assert CODEC.decode(it["type"], orjson.dumps(it["body"])) == record.event
    reader.close()


def test_an_export_stops_at_what_it_cannot_read_and_names_it(path: Path) -> None:
    plant(path, "UPDATE events SET body = '{}' WHERE seq = 3")
    out = io.StringIO()
    with pytest.raises(UnreadableEvent, match="event 3"):
        export(path, CODEC, out)
    assert len(out.getvalue().splitlines()) == 2
