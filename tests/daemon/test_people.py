"""What people do with a running daemon, on its pages and on the command line beside it."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from settings.secrets import StateSecrets
from tests.daemon.process import HOUSE, PATIENCE_S, Daemon


OLD, NEW = "the first password", "the second password"
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    StateSecrets(tmp_path / "state" / "secrets").set_password(OLD)
    with Daemon(tmp_path) as daemon:
        yield daemon


def browse(daemon: Daemon, method: str, path: str, cookie: str = "", **form: str) -> Any:
    """What a browser is answered; the body is read."""
    port = daemon.ports["dashboard"]
    headers = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"session={cookie}"}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as connection:
        connection.request(method, path, urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        return answer


def sign_in(daemon: Daemon, password: str) -> str:
    """The session's id."""
    answer = browse(daemon, "POST", "/signin", password=password)
    assert answer.status == 303
    cookie: str = answer.headers["Set-Cookie"].partition("session=")[2].partition(";")[0]
    return cookie


def app(daemon: Daemon, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """A command line for this daemon, run where nobody can be asked."""
    return subprocess.run(
        [sys.executable, str(HOUSE / "app.py"), *words, "--settings", str(daemon.path)],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def command(daemon: Daemon, *words: str, password: str) -> "subprocess.CompletedProcess[str]":
    """A command line with a password in a file of its own."""
    file = daemon.folder / "given"
    file.touch(mode=0o600)
    file.write_text(password)
    listen = f"127.0.0.1:{daemon.ports['dashboard']}"
    where = {"TRADING_BOT__WEB__DASHBOARD__LISTEN": listen}
    return app(daemon, *words, "--password-file", str(file), **where)


def written(daemon: Daemon, number: int) -> list[dict[str, Any]]:
    """What the journal holds of people, once there is so much of it."""
    for _ in range(100):
        events = map(json.loads, app(daemon, "journal", "export").stdout.splitlines())
        found = [e["body"] for e in events if e["type"] in {"OperatorActed", "PasswordWrong"}]
        if len(found) >= number:
            return found
    raise AssertionError(f"there is only {found}")


def mark(daemon: Daemon) -> str:
    return StateSecrets(daemon.folder / "state" / "secrets").password_mark()


def test_a_password_set_on_the_command_line_signs_everybody_out(daemon: Daemon) -> None:
    session = sign_in(daemon, OLD)
    assert browse(daemon, "GET", "/", session).status == 200
    done = command(daemon, "password", password=NEW)
    assert done.returncode == 0
    assert "whoever was signed in is signed out" in done.stderr
    assert browse(daemon, "GET", "/", session).status == 303
    assert browse(daemon, "POST", "/signin", password=OLD).status == 403
    sign_in(daemon, NEW)
    (changed,) = (e for e in written(daemon, 4) if e["act"] == "password")
    assert changed["by"] == "command line"
    assert changed["before"] != changed["after"] == {"password": mark(daemon)}


def test_a_resume_on_the_command_line_takes_the_password_and_names_who_ran_it(
    daemon: Daemon,
) -> None:
    daemon.tell("/api/halt", reason="lunch")
    wrong = command(daemon, "resume", "--reason", "back", password="a wrong one")
    assert (wrong.returncode, "WRONG_PASSWORD" in wrong.stderr) == (7, True)
    assert daemon.word(unlike="first_run") == "stopped"
    assert command(daemon, "resume", "--reason", "back", password=OLD).returncode == 0
    assert daemon.word(unlike="stopped") == "first_run"
    halt, missed, resume = written(daemon, 3)
    assert (halt["act"], halt["by"], halt["reason"]) == ("halt", "API token", "lunch")
    assert (missed["act"], missed["by"], missed["tries"]) == ("resume", f"command line of {ME}", 1)
    assert (resume["by"], resume["address"]) == (f"command line of {ME}", "127.0.0.1")
    assert (resume["before"]["state"], resume["after"]["state"]) == ("HALTED", "ACTIVE")


def test_five_wrong_ones_are_told_how_long_to_wait_and_a_restart_changes_nothing(
    daemon: Daemon, tmp_path: Path
) -> None:
    for _ in range(5):
        assert browse(daemon, "POST", "/signin", password="wrong").status == 403
    answer = browse(daemon, "POST", "/signin", password=OLD)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    written(daemon, 5)
    assert daemon.stop() == 0
    with Daemon(tmp_path) as again:
        assert browse(again, "POST", "/signin", password=OLD).status == 429
        assert again.tell("/api/halt")[1]["status"] == "halted"
