"""Tokens, the app's secret and account numbers stand in no text, though Schwab repeat them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import define, field

from brokers.schwab.simulator.faults import Fault
from brokers.schwab.simulator.grants import Grants
from tests.canaries.birds import files, leaks
from tests.canaries.surfaces import PAGES
from tests.daemon.process import HOUSE, PATIENCE_S, Daemon
from tests.daemon.simulated import (
    ENVIRON,
    NUMBER,
    Login,
    Simulated,
    allowed,
    rehearsal,
    simulated,
)


SECRET = "canary/of+the=app&secret"
MORE = {**ENVIRON, "TOS_API_SECRET": SECRET}
STATUSES = (401, 429, 500, 502, 504)


@define
class Flock:
    """What must not be seen, as it comes up: tokens and codes are new each time."""

    simulator: Simulated
    birds: dict[str, str] = field(factory=lambda: {"app secret": SECRET, "number": NUMBER})

    def look(self) -> None:
        """Take note of what is granted now."""
        grants = self.simulator.desk.grants
        for kind, known in (("access", grants.access), ("code", grants.codes)):
            self.birds |= {f"{kind} {one}": one for one in known}
        if grants.refresh:
            self.birds[f"refresh {grants.refresh}"] = grants.refresh


def logins(path: Path, flock: Flock) -> Iterator[str]:
    """What `auth login` says: of a code that is not taken, of a wrong secret, of a sign-in."""
    for pasted, environ in (("C0.canary-code@", MORE), ("", {**MORE, "TOS_API_SECRET": "wrong"})):
        with Login(path, environ=environ) as login:
            address = login.address()
            login.paste(pasted or allowed(address))
            flock.look()
            assert login.end() == 7
            yield login.said
    yield sign_in(path, flock)


def sign_in(path: Path, flock: Flock) -> str:
    with Login(path, environ=MORE) as login:
        back = allowed(login.address())
        flock.look()
        login.paste(back)
        assert login.end() == 0, login.said
        flock.look()
        return login.said


def command(daemon: Daemon, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HOUSE / "app.py"), *words, "--settings", str(daemon.path)],
        cwd=daemon.folder,
        env={**os.environ, **MORE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.stdout + done.stderr


def pages(daemon: Daemon) -> str:
    token = (daemon.folder / "state/secrets/api_token").read_text().strip()
    said = ""
    for page in PAGES:
        connection = HTTPConnection("127.0.0.1", daemon.ports["dashboard"], timeout=PATIENCE_S)
        connection.request("GET", page, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        said += f"{answer.status} {answer.getheaders()} {answer.read().decode()}"
        connection.close()
    return said


def asked(daemon: Daemon, holds: Callable[[Any], object]) -> None:
    """Ask how it stands until it does as wanted, patiently."""
    patience = monotonic() + PATIENCE_S
    while not holds(told := daemon.get("/api/status")):
        assert monotonic() < patience, told


def troubled(daemon: Daemon, simulator: Simulated, flock: Flock) -> None:
    """Orders that meet every error, tokens that are taken back, and a sign-in that dies."""
    for status in STATUSES:
        simulator.desk.faults.append(Fault(kind="status", status=status, method="GET"))
    simulator.desk.faults.append(Fault(kind="status", status=401))
    daemon.post(action="buy", quantity=1, price=187.5)
    asked(daemon, lambda told: told["needs_you"])
    flock.look()
    simulator.desk.grants = Grants()
    asked(daemon, lambda told: told["state"] == "disconnected")
    sign_in(daemon.path, flock)


def lived(folder: Path, simulator: Simulated, flock: Flock) -> Mapping[str, str]:
    """A daemon's whole life beside its sign-ins, and every text that came of it."""
    path = rehearsal(folder, simulator)
    texts = dict(enumerate(logins(path, flock)))
    settings = path.read_text() + "logging: {level: DEBUG, format: json}\n"
    with Daemon(folder, settings, **MORE) as daemon:
        asked(daemon, lambda told: told["state"] == "first_run")
        shown = pages(daemon)
        troubled(daemon, simulator, flock)
        shown += pages(daemon)
        commands = [
            *(("auth", "status"), ("auth", "status", "--json"), ("status",), ("check-settings",)),
            *(("journal", "export"), ("journal", "verify"), ("orders", "--json"), ("alerts",)),
        ]
        said = {" ".join(words): command(daemon, *words) for words in commands}
        running = files(folder)
        assert daemon.stop() == 0
    told = {f"login {number}": text for number, text in texts.items()}
    own = {"the daemon": "".join(daemon.said), "pages": shown}
    return {**running, **files(folder), **said, **told, **own}


def test_no_token_and_no_number_stands_where_it_should_not(tmp_path: Path) -> None:
    with simulated(secret=SECRET, repeats=True) as simulator:
        flock = Flock(simulator)
        texts = lived(tmp_path, simulator, flock)
    assert len(flock.birds) >= 6
    places = {place for place, text in texts.items() if "you sent" in text}
    assert {"the daemon", "journal export", "state/journal.db"} <= places
    assert "***" in texts["state/journal.db"]
    lines = [json.loads(line) for line in texts["the daemon"].splitlines() if line[:2] == '{"']
    assert {line["event"] for line in lines} >= {"schwab_refused", "venue_signed_in"}
    assert leaks(texts, flock.birds) == set()
