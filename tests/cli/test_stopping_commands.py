import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_private
from tests.cli.fake_daemon import FakeDaemon


HALTED = {
    "status": "halted",
    "act_id": "halt-20261120T143000-00000001",
    "scope": "everything",
    "generation": 3,
    "gates": {"paper": True},
}


@pytest.fixture
def password_file(folder: Path) -> str:
    return str(write_private(folder / "password.txt", "correct horse"))


def test_halt_stops_everything_at_once(run: Run, daemon: FakeDaemon, folder: Path) -> None:
    daemon.answers("POST", "/api/halt", HALTED)
    result = run("halt")
    assert (result.stdout, result.stderr, result.exit_code) == ("halted: everything\n", "", 0)
    assert daemon.asked[0].body == {}
    assert not (folder / "state" / "STOP").exists()


def test_halt_names_scope_and_reason(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("POST", "/api/halt", HALTED)
    run("halt", "--account", "paper", "--strategy", "demo", "--symbol", "aapl", "--reason", "news")
    assert daemon.asked[0].body == {
        "account": "paper",
        "strategy": "demo",
        "symbol": "AAPL",
        "reason": "news",
    }


def test_no_reason_is_too_long_to_halt(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("POST", "/api/halt", HALTED)
    run("halt", "--reason", "why " * 1000)
    assert len(daemon.asked[0].body["reason"]) == 500


def test_a_gate_that_has_not_confirmed_is_named(run: Run, daemon: FakeDaemon) -> None:
    said = HALTED | {"status": "halted, not yet durable", "gates": {"paper": True, "main": False}}
    daemon.answers("POST", "/api/halt", said)
    result = run("halt")
    assert result.stdout == "halted, not yet durable: everything\n"
    assert result.stderr.startswith("not yet confirmed by main;")


def test_halt_without_a_daemon_writes_the_stop_file_and_says_so(
    run_alone: Run, folder: Path
) -> None:
    result = run_alone("halt", "--reason", "news")
    stop = folder / "state" / "STOP"
    assert stop.read_text() == "news\n"
    assert (result.stdout, result.exit_code) == (f"stop file written: {stop}\n", 0)
    assert "no daemon answers" in result.stderr


def test_the_stop_file_of_a_narrow_halt_is_said_to_stop_everything(run_alone: Run) -> None:
    result = run_alone("halt", "--symbol", "AAPL", "--json")
    assert json.loads(result.stdout)["status"] == "stop file written"
    assert "stops everything, not only what was asked for" in result.stderr


def test_halt_makes_the_state_folder_where_no_daemon_ever_ran(run_alone: Run, folder: Path) -> None:
    settings = (folder / "settings.yaml").read_text().replace("state_dir: state", "state_dir: new")
    (folder / "settings.yaml").write_text(settings)
    assert run_alone("halt").exit_code == 0
    assert (folder / "new" / "STOP").exists()


def test_a_halt_that_could_not_be_written_either_says_so_loudly(
    run_alone: Run, folder: Path
) -> None:
    (folder / "state" / "STOP").mkdir()
    result = run_alone("halt")
    assert result.exit_code == 1
    assert "NOT STOPPED" in result.stderr


@pytest.mark.parametrize(("status", "code"), [(401, 7), (500, 1), (503, 1)])
def test_a_daemon_that_does_not_take_the_halt_meets_the_stop_file(
    run: Run, daemon: FakeDaemon, folder: Path, status: int, code: int
) -> None:
    daemon.refuses("POST", "/api/halt", status, "ANY", "something is wrong")
    assert run("halt").exit_code == code
    assert (folder / "state" / "STOP").exists()


@pytest.mark.parametrize("status", [400, 404])
def test_a_halt_of_what_does_not_exist_stops_nothing_and_says_so(
    run: Run, daemon: FakeDaemon, folder: Path, status: int
) -> None:
    daemon.refuses("POST", "/api/halt", status, "UNKNOWN_ACCOUNT", "there is no account pap")
    result = run("halt", "--account", "pap")
    assert result.exit_code == 2
    assert result.stderr == "Nothing was stopped. UNKNOWN_ACCOUNT: there is no account pap\n"
    assert not (folder / "state" / "STOP").exists()


def test_a_halt_with_faulty_settings_says_how_to_stop_without_them(run: Run, folder: Path) -> None:
    (folder / "settings.yaml").write_text("mode: papr\n")
    result = run("halt")
    assert result.exit_code == 78
    assert "put a file named STOP into the state folder" in result.stderr


def test_resume_sends_scope_reason_and_password(
    run: Run, daemon: FakeDaemon, password_file: str
) -> None:
    daemon.answers("POST", "/api/resume", {"status": "resumed", "lifted": 2})
    result = run(
        "resume", "--reason", "news read", "--account", "paper", "--password-file", password_file
    )
    assert result.stdout == "resumed; stops lifted: 2\n"
    assert daemon.asked[0].body == {
        "account": "paper",
        "reason": "news read",
        "password": "correct horse",
    }


@pytest.mark.parametrize(
    ("problem", "ends"),
    [
        ((403, "WRONG_PASSWORD"), 7),
        ((429, "TOO_MANY_ATTEMPTS"), 7),
        ((401, "NOT_SIGNED_IN"), 7),
        ((409, "RESUME_REFUSED"), 6),
        ((404, "UNKNOWN_ACCOUNT"), 1),
        ((400, "BAD_REQUEST"), 2),
        ((500, "INTERNAL"), 1),
    ],
)
def test_a_resume_that_was_refused_ends_with_the_codes_of_its_cause(
    run: Run, daemon: FakeDaemon, password_file: str, problem: tuple[int, str], ends: int
) -> None:
    daemon.refuses("POST", "/api/resume", *problem, "because of this")
    result = run("resume", "--reason", "x", "--password-file", password_file)
    assert result.exit_code == ends
    assert result.stdout == ""
    assert "correct horse" not in result.stderr


@pytest.mark.parametrize(
    "words", [("--reason", "x"), ("--reason", " "), ()], ids=["password", "empty reason", "reason"]
)
def test_resume_asks_nobody_where_nobody_is(run: Run, daemon: FakeDaemon, words: list[str]) -> None:
    assert run("resume", *words).exit_code == 2
    assert daemon.asked == []


def test_a_password_file_that_others_can_read_is_not_taken(
    run: Run, daemon: FakeDaemon, password_file: str
) -> None:
    Path(password_file).chmod(0o644)
    result = run("resume", "--reason", "x", "--password-file", password_file)
    assert result.exit_code == 2
    assert "chmod 600" in result.stderr
    assert daemon.asked == []
