import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal import Codec, Draft, SqliteStore
from settings.secrets import StateSecrets
from tests.actors.facts import a_life
from tests.cli.conftest import Run, write_private
from trading.events import EVENT_TYPES, AccountOpened, ActorStarted
from trading.vocabulary import AccountName


AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.fixture
def journal(folder: Path) -> Iterator[Path]:
    """A journal of two events whose writer is still at it, as the daemon would be."""
    path = folder / "state" / "journal.db"
    with closing(SqliteStore(path, Codec(EVENT_TYPES))) as store:
        started = ActorStarted(at=AT, actor="journal", incarnation=1)
        opened = AccountOpened(at=AT, account=AccountName("paper"), cash=Decimal("25000.50"))
        store.commit([Draft(events=(started, opened), writer="journal")])
        yield path


def damage(journal: Path, statement: str) -> None:
    """Change what no program of ours would."""
    with closing(sqlite3.connect(journal)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statement)
        db.commit()


def test_check_settings_says_in_short_what_they_say(run: Run, folder: Path) -> None:
    result = run("check-settings")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "settings.yaml is fine:\n"
        "  mode       paper\n"
        "  account    paper: paper broker, 25,000.00 dollars to start with\n"
        "  strategy   demo -> paper\n"
        "  strategy   quiet -> no account, its alerts are only recorded\n"
    )
    assert str(folder / "state") in result.stdout


def test_check_settings_lists_every_fault(run: Run, folder: Path) -> None:
    (folder / "settings.yaml").write_text("mode: papr\nrisk:\n  max_daily_los: 5\n")
    result = run("check-settings")
    assert (result.exit_code, result.stdout) == (78, "")
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        "settings.yaml:1:1",
        "settings.yaml:3:3",
        "2 faults.",
    ]


def test_check_settings_reads_the_quotes_and_tells_their_faults_by_place(
    run: Run, folder: Path
) -> None:
    settings, quotes = folder / "settings.yaml", folder / "quotes.csv"
    by_file = "hours: always, quotes: {file: quotes.csv}"
    settings.write_text(settings.read_text().replace("hours: always", by_file))
    missing = run("check-settings")
    assert (missing.exit_code, missing.stdout) == (78, "")
    assert "accounts.paper.quotes.file: cannot be read: No such file" in missing.stderr
    quotes.write_text("at,symbol,bid,ask,last,volume\nyesterday,AAPL,50,51,,\n")
    faulty = run("check-settings")
    assert (faulty.exit_code, faulty.stdout) == (78, "")
    assert faulty.stderr.startswith("quotes.csv:2:1: accounts.paper.quotes.file: ")
    quotes.write_text("at,symbol,bid,ask,last,volume\n2026-11-23T14:30:00Z,AAPL,50,51,,\n")
    assert run("check-settings").exit_code == 0


def test_a_secret_that_cannot_be_found_from_here_is_mentioned(run: Run, folder: Path) -> None:
    settings = folder / "settings.yaml"
    settings.write_text(settings.read_text().replace("[paper]", "[paper], secret: env:NOT_SET"))
    result = run("check-settings")
    assert result.exit_code == 0
    assert result.stderr.startswith("settings.yaml:8:29: strategies.demo.secret: env:NOT_SET: ")


def test_check_settings_shows_each_value_and_where_it_is_from(run: Run) -> None:
    lines = run("check-settings").stdout.splitlines()
    assert ["strategies.quiet.symbols", '["SPY"]', "settings.yaml:9"] in map(str.split, lines)
    assert ["risk.max_daily_loss", "500", "default"] in map(str.split, lines)


def test_programs_read_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_BOT__LOGGING__LEVEL", "DEBUG")
    items = json.loads(run("check-settings", "--json").stdout)["items"]
    (level,) = [item for item in items if item["setting"] == "logging.level"]
    place = "TRADING_BOT__LOGGING__LEVEL"
    assert (level["value"], level["source"], level["place"]) == ("DEBUG", "environment", place)


def test_check_settings_says_what_the_daemon_would_refuse(run: Run, journal: Path) -> None:
    with closing(SqliteStore(journal, Codec(EVENT_TYPES))) as store:
        store.commit([Draft(events=a_life("a"), writer="before")])
    settings = journal.parents[1] / "settings.yaml"
    settings.write_text(settings.read_text().replace("demo:", "renamed:"))
    result = run("check-settings")
    assert (result.exit_code, result.stdout) == (78, "")
    assert result.stderr == (
        "settings.yaml:7:1: strategies.demo: is gone, but demo holds 10 AAPL on paper; "
        "put it back (with `retired: true` it may only leave what it has)\n1 fault.\n"
    )


def test_check_settings_mentions_a_starting_cash_without_effect(run: Run, journal: Path) -> None:
    assert journal.exists()
    assert "25000 has no effect: paper was opened with 25000.5" in run("check-settings").stderr


def test_check_settings_does_without_a_journal_it_cannot_read(run: Run, folder: Path) -> None:
    (folder / "state" / "journal.db").write_text("not a journal")
    result = run("check-settings")
    assert result.exit_code == 0
    assert result.stderr.startswith("not held against the journal: ")


def test_verify_counts_the_events_of_a_sound_journal(run: Run, journal: Path) -> None:
    assert journal.exists()
    assert run("journal", "verify").stdout == (
        "the journal is sound: 2 events\n"
        "event          count\n"
        "AccountOpened      1\n"
        "ActorStarted       1\n"
    )


def test_verify_names_what_is_wrong_and_fails(run: Run, journal: Path) -> None:
    damage(journal, "DELETE FROM events WHERE seq = 1")
    result = run("journal", "verify")
    faults = [
        "Event 1 is missing.",
        "Event 2 does not fit the chain: it, or one before it, is not as written.",
    ]
    assert (result.exit_code, result.stdout.splitlines()) == (1, faults)
    assert json.loads(run("journal", "verify", "--json").stdout)["faults"] == faults


@pytest.mark.parametrize("command", ["verify", "export"])
def test_a_journal_that_does_not_exist_is_one_clear_line(run: Run, command: str) -> None:
    result = run("journal", command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_export_writes_every_event_as_a_line_of_json(run: Run, journal: Path) -> None:
    assert journal.exists()
    result = run("journal", "export")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["seq"], line["type"]) for line in lines] == [
        (1, "ActorStarted"),
        (2, "AccountOpened"),
    ]
    assert lines[1]["body"]["cash"] == "25000.50"
    assert result.stderr == "2 events\n"


def test_export_to_a_file_is_for_its_owner_only(run: Run, journal: Path, folder: Path) -> None:
    assert journal.exists()
    out = folder / "out.jsonl"
    assert run("journal", "export", "--out", str(out)).stdout == ""
    assert len(out.read_text().splitlines()) == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_export_writes_over_nothing_least_of_all_the_journal(run: Run, journal: Path) -> None:
    before = journal.read_bytes()
    result = run("journal", "export", "--out", str(journal))
    assert (result.exit_code, result.stderr) == (1, f"{journal}: File exists\n")
    assert journal.read_bytes() == before


def test_an_export_that_fails_leaves_no_half_a_file(run: Run, journal: Path, folder: Path) -> None:
    damage(journal, "UPDATE events SET body = '{}' WHERE seq = 2")
    result = run("journal", "export", "--out", str(folder / "out.jsonl"))
    assert result.exit_code == 1
    assert "event 2" in result.stderr
    assert not (folder / "out.jsonl").exists()


def test_a_new_password_from_a_file_holds(run: Run, folder: Path) -> None:
    file = write_private(folder / "new.txt", "correct horse")
    result = run("password", "--password-file", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert StateSecrets(folder / "state" / "secrets").verify_password("correct horse")


def test_a_short_password_is_refused_and_the_old_one_stays(run: Run, folder: Path) -> None:
    secrets = StateSecrets(folder / "state" / "secrets")
    secrets.set_password("correct horse")
    file = write_private(folder / "new.txt", "short")
    result = run("password", "--password-file", str(file))
    assert result.exit_code == 2
    assert "short" not in result.output
    assert secrets.verify_password("correct horse")
