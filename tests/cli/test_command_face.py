import json
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app import main
from cli.version import VERSION
from tests.cli.conftest import Run, write_private
from tests.cli.fake_daemon import FakeDaemon


ROOT = Path(__file__).parents[2]
ASKING = [
    ("status",),
    ("positions",),
    ("orders",),
    ("alerts",),
    ("why", "20261120T143000-7f3a9c21"),
]


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_and_every_option_of_it_has_help(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {' '.join(words)} ")


def test_the_commands_are_those_people_rely_on() -> None:
    assert {" ".join(words) for words in commands(main)} >= {
        "check-settings",
        "status",
        "positions",
        "orders",
        "alerts",
        "why",
        "halt",
        "resume",
        "adopt",
        "transfer",
        "adjust",
        "template",
        "test-alert",
        "password",
        "journal verify",
        "journal export",
    }


def test_help_waits_for_no_heavy_import() -> None:
    program = (
        "import sys, json, app\n"
        "try: app.main(['--help'])\n"
        "except SystemExit: print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, timeout=20
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"aiohttp", "attrs", "cattrs", "falcon", "jinja2", "orjson", "pykka", "structlog"}
    assert loaded.isdisjoint({*heavy, "yaml", "waitress", "sqlite3", "asyncio"})


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert CliRunner().invoke(main, ["--version"]).stdout == f"trading-bot, version {VERSION}\n"


@pytest.mark.parametrize(
    "words", [("statu",), ("status", "--no"), ("why",), ("orders", "--limit", "0")]
)
def test_wrong_usage_ends_with_2(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("words", [*ASKING, ("test-alert", "demo")], ids=" ".join)
def test_without_a_daemon_it_ends_with_3(run_alone: Run, words: list[str]) -> None:
    result = run_alone(*words)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "`python app.py daemon` starts it" in result.stderr


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_a_daemon_that_fails_ends_it_with_1(
    run: Run, daemon: FakeDaemon, words: tuple[str, ...]
) -> None:
    daemon.refuses("GET", f"/api/{words[0]}", 500, "INTERNAL", "something is broken here")
    daemon.refuses(
        "GET", "/api/alerts/20261120T143000-7f3a9c21", 500, "INTERNAL", "something is broken here"
    )
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "INTERNAL: something is broken here\n"


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_without_a_token_it_ends_with_7_and_says_where_it_should_be(
    run: Run, folder: Path, words: list[str]
) -> None:
    token = folder / "state" / "secrets" / "api_token"
    token.unlink()
    result = run(*words)
    assert (result.exit_code, result.stdout) == (7, "")
    assert str(token) in result.stderr


@pytest.mark.parametrize("text", ["another-token", "not a\ntoken", "tökén"])
def test_a_wrong_token_ends_it_with_7_and_is_not_repeated(
    run: Run, folder: Path, text: str
) -> None:
    token = write_private(folder / "other", text)
    result = run("status", "--token-file", str(token))
    assert result.exit_code == 7
    assert str(token) in result.stderr
    assert text not in result.stderr


def test_a_token_that_others_can_read_is_not_used(run: Run, folder: Path) -> None:
    (folder / "state" / "secrets" / "api_token").chmod(0o644)
    result = run("status")
    assert result.exit_code == 7
    assert "chmod 600" in result.stderr


@pytest.mark.parametrize(
    "words",
    [*ASKING, ("resume",), ("template", "demo"), ("test-alert", "demo"), ("journal", "verify")],
    ids=" ".join,
)
def test_faulty_settings_end_it_with_78(run: Run, folder: Path, words: list[str]) -> None:
    (folder / "settings.yaml").write_text("mode: papr\n")
    result = run(*words)
    assert (result.exit_code, result.stdout) == (78, "")
    assert result.stderr.startswith("settings.yaml:1:1: mode: ")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b'"x"'])
def test_another_program_at_the_address_is_told_from_the_daemon(
    run: Run, daemon: FakeDaemon, body: bytes
) -> None:
    daemon.answers("GET", "/api/status", body)
    result = run("status")
    assert result.exit_code == 1
    assert "is it another program?" in result.stderr


def test_a_list_that_is_none_is_said_in_words(run: Run, daemon: FakeDaemon) -> None:
    daemon.answers("GET", "/api/alerts", {"items": "many"})
    assert run("alerts").exit_code == 1


def test_settings_elsewhere_are_named_by_an_option(
    run: Run, daemon: FakeDaemon, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.answers("GET", "/api/status", {"state": "healthy"})
    monkeypatch.chdir("/")
    result = run("status", "--settings", str(folder / "settings.yaml"))
    assert result.stdout.startswith("healthy\n")


def test_port_zero_cannot_be_asked(run: Run, folder: Path, daemon: FakeDaemon) -> None:
    settings = folder / "settings.yaml"
    settings.write_text(settings.read_text().replace(f":{daemon.port}", ":0"))
    assert run("status").exit_code == 3
