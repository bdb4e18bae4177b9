"""`auth login` and `auth status`, as a person at a terminal has them, at a simulator."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from brokers.schwab.callback import CAME
from brokers.schwab.tokens import TokenFile
from tests.daemon.process import HOUSE, PATIENCE_S
from tests.daemon.simulated import (
    ENVIRON,
    KEY,
    NUMBER,
    SECRET,
    Login,
    Simulated,
    allowed,
    followed,
    free_port,
    rehearsal,
    sign_in,
    simulated,
)


AWAY = "https://bot.example.org/back"
OTHER = """\
  other:
    broker: schwab
    account_number: env:OTHER_ID
    app_key: env:{key}
    app_secret: env:TOS_API_SECRET
    base_url: {url}
    callback_url: {callback}
"""
BOTH = {**ENVIRON, "OTHER_ID": "12345679", "OTHER_KEY": "another-key"}


@pytest.fixture
def simulator() -> Iterator[Simulated]:
    with simulated() as simulator:
        yield simulator


def auth(path: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """A command that asks nothing, run where nobody can answer."""
    return subprocess.run(
        [sys.executable, str(HOUSE / "app.py"), "auth", *words, "--settings", str(path)],
        env={**os.environ, **ENVIRON, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def kept(path: Path) -> list[Path]:
    return sorted((path.parent / "state" / "secrets").glob("schwab-*.json"))


def test_a_person_signs_in_by_paste(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator)
    assert auth(path, "status").returncode == 7
    said = sign_in(path)
    assert "Signed in for main until" in said
    (file,) = kept(path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tokens = TokenFile(file).read()
    assert tokens is not None
    assert tokens.refresh_token == simulator.desk.grants.refresh
    for hidden in (SECRET, NUMBER, tokens.access_token, tokens.refresh_token):
        assert hidden not in said
    told = auth(path, "status")
    assert (told.returncode, told.stderr) == (0, "")
    assert [word for word in told.stdout.splitlines()[1].split() if word in ("main", "6")] == [
        "main",
        "6",
    ]
    (row,) = json.loads(auth(path, "status", "--json").stdout)["items"]
    assert (row["accounts"], row["state"]) == ("main", "signed_in")
    until = datetime.fromisoformat(row["until"])
    assert until == tokens.refresh_expires_at.replace(microsecond=0)


def test_a_person_signs_in_by_a_browser_here(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator)
    with Login(path) as login:
        assert followed(allowed(login.address())) == CAME
        assert login.end() == 0
    assert "A browser on this machine comes back by itself" in login.said
    assert auth(path, "status").returncode == 0


def test_a_new_sign_in_takes_the_place_of_the_old(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator)
    sign_in(path)
    first = TokenFile(kept(path)[0]).read()
    sign_in(path)
    (file,) = kept(path)
    second = TokenFile(file).read()
    assert first is not None
    assert second is not None
    assert first.signed_in_at < second.signed_in_at
    assert second.refresh_token == simulator.desk.grants.refresh != first.refresh_token


def test_accounts_of_one_app_share_a_sign_in(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator, callback=AWAY)
    more = OTHER.format(key="TOS_API_KEY", url=simulator.url, callback=AWAY)
    path.write_text(path.read_text().replace("strategies:", more + "strategies:"))
    with Login(path, "--account", "other", environ=BOTH) as login:
        login.paste(allowed(login.address()))
        assert login.end() == 0
    assert "Signed in for main, other until" in login.said
    assert len(kept(path)) == 1


def test_two_apps_are_signed_in_at_one_after_the_other(
    tmp_path: Path, simulator: Simulated
) -> None:
    with simulated("another-key") as another:
        path = rehearsal(tmp_path, simulator)
        more = OTHER.format(key="OTHER_KEY", url=another.url, callback=AWAY)
        path.write_text(path.read_text().replace("strategies:", more + "strategies:"))
        with Login(path, environ=BOTH) as login:
            login.paste(allowed(login.address()))
            login.paste(allowed(login.address()))
            assert login.end() == 0
    assert "Signed in for main until" in login.said
    assert "Signed in for other until" in login.said
    assert len(kept(path)) == 2
    told = json.loads(auth(path, "status", "--json", **BOTH).stdout)["items"]
    assert [row["state"] for row in told] == ["signed_in", "signed_in"]


def test_what_was_pasted_is_no_sign_in(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator)
    with Login(path) as login:
        login.address()
        login.paste("https://www.schwab.com/client-home")
        assert login.end() == 7
    assert "No code in it. Paste the whole address of the last page" in login.said
    assert kept(path) == []


def test_where_nobody_can_paste_it_is_said(tmp_path: Path, simulator: Simulated) -> None:
    told = auth(rehearsal(tmp_path, simulator, callback=AWAY), "login")
    assert told.returncode == 7
    assert "nothing was pasted" in told.stderr


def test_a_simulator_that_is_not_there(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator, url=f"http://127.0.0.1:{free_port()}")
    with Login(path) as login:
        login.address()
        login.paste("C0.abc@")
        assert login.end() == 1
    assert "nothing is changed, start again" in login.said


def test_a_week_later_it_has_run_out(tmp_path: Path, simulator: Simulated) -> None:
    path = rehearsal(tmp_path, simulator)
    sign_in(path)
    file = TokenFile(kept(path)[0])
    tokens = file.read()
    assert tokens is not None
    old = tokens.signed_in_at.isoformat()
    text = file.path.read_text()
    week_ago = (tokens.signed_in_at - timedelta(days=7)).isoformat()
    file.path.write_text(text.replace(old, week_ago))
    told = auth(path, "status")
    assert (told.returncode, "expired" in told.stdout) == (7, True)
    assert told.stderr == "sign in with: python app.py auth login\n"
    as_json = auth(path, "status", "--json")
    assert as_json.returncode == 7
    assert json.loads(as_json.stdout)["items"][0]["state"] == "expired"


def test_tokens_of_another_user_are_not_taken_for_none(
    tmp_path: Path, simulator: Simulated
) -> None:
    path = rehearsal(tmp_path, simulator)
    sign_in(path)
    (file,) = kept(path)
    file.unlink()
    file.mkdir()  # unreadable for whoever runs this, root included
    told = auth(path, "status")
    assert told.returncode == 1
    assert told.stderr.startswith(f"{file}: ")
    assert "ask as the user that the daemon runs as" in told.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("login", "--account", "paper"), 2, "paper is none at Schwab; there is: main"),
        (("status", "--account", "nobody"), 2, "nobody is none at Schwab; there is: main"),
    ],
)
def test_an_account_that_signs_in_nowhere(
    tmp_path: Path, simulator: Simulated, words: tuple[str, ...], status: int, said: str
) -> None:
    path = rehearsal(tmp_path, simulator)
    path.write_text(
        path.read_text().replace("accounts:\n", "accounts:\n  paper: {broker: paper}\n", 1)
    )
    told = auth(path, *words)
    assert (told.returncode, said in told.stderr) == (status, True)


def test_settings_without_schwab(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("accounts:\n  paper: {broker: paper}\n")
    told = auth(path, "login")
    assert (told.returncode, told.stderr) == (2, "no account at Schwab in these settings\n")


def test_a_secret_that_is_not_there(tmp_path: Path, simulator: Simulated) -> None:
    told = auth(rehearsal(tmp_path, simulator), "status", TOS_API_SECRET="")
    assert told.returncode == 78
    assert "env:TOS_API_SECRET: the environment variable is not set" in told.stderr
    assert KEY not in told.stderr
