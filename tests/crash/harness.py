"""One state folder through many lives of the daemon: loaded, killed, started again, and judged."""

import json
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.crash.checker import Evidence, gather, unfinished
from tests.crash.invariants import i5_live
from tests.crash.load import Alert, Load, written
from tests.crash.process import HOUSE, Process


SETTINGS = HOUSE / "benchmarks" / "open-limits.yaml"
QUIET_WITHIN_S = 40.0
SHOWN_WITHIN_S = 3.0


class Trial:
    """One state folder through any number of the daemon's lives, and the alerts sent to it."""

    def __init__(self, folder: Path, seed: str, *, rate: int = 120) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.acks = folder / "acks.jsonl"
        self.live = folder / "live.json"
        self._seed = seed
        self._rate = rate
        self._secret = secrets.token_hex(16)
        self._loads = 0
        self._open: list[Alert] = []
        self.found: list[str] = []
        self.always: dict[str, str] = {}
        self.answers: Counter[int] = Counter()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(SETTINGS, folder / "settings.yaml")

    def daemon(
        self,
        *,
        crash_at: str = "",
        nth: int = 1,
        plant: str = "",
        probe_s: float = 5.0,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> Process:
        """A life of the daemon, which ends by itself at a point, or has a bug, if so asked."""
        fate = {"CRASH_AT": crash_at, "CRASH_NTH": str(nth), "PLANT": plant}
        fate["PROBE_S"] = str(probe_s)
        listen = {
            f"TRADING_BOT__WEB__{name}__LISTEN": "127.0.0.1:0"
            for name in ("WEBHOOK", "DASHBOARD", "LIVE")
        }
        return Process(
            self.folder,
            {
                **{name: value for name, value in fate.items() if value},
                **listen,
                "TRADING_BOT__LOGGING__LEVEL": "WARNING",
                "WEBHOOK_SECRET": self._secret,
                **self.always,
                **environ,
            },
        )

    def load(self, daemon: Process, *, new: bool = True) -> Load:
        """Alerts from now on, first those that are still open; to be given to `enough`."""
        self._loads += 1
        return Load(
            daemon.ports["webhook"],
            self._secret,
            seed=f"{self._seed}-{self._loads}",
            acks=self.acks,
            rate=self._rate,
            first=self._open,
            new=new,
        )

    def enough(self, load: Load) -> None:
        """End a load."""
        self._open = load.stop()
        self.answers += load.answers()
        self.found += load.wrong

    def one_by_one(self, daemon: Process, history: Sequence[Mapping[str, str]]) -> None:
        """Send each alert until it is taken, and wait until all work is done, before the next.

        Where the daemon dies on the way the others are left for its next life.
        """
        alerts = [
            written(f"{self._seed}-{n}", self._secret, said) for n, said in enumerate(history, 1)
        ]
        for number, alert in enumerate(alerts, 1):
            self._open.append(alert)
            if not _comes_true(lambda: daemon.is_over or self._is_through(daemon), QUIET_WITHIN_S):
                self.found.append(f"I11: {alert.id} was not through after {QUIET_WITHIN_S:g} s")
            if daemon.is_over:
                self._open += alerts[number:]
                return

    def _is_through(self, daemon: Process) -> bool:
        if self._open:
            self.enough(self.load(daemon, new=False))
        return not self._open and not unfinished(self.state)

    def die_at(self, point: str, nth: int, *, plant: str = "") -> None:
        """A life under load that ends at the nth time of a point; that it does not is a finding."""
        with self.daemon(crash_at=point, nth=nth, plant=plant) as daemon:
            load = self.load(daemon) if daemon.is_ready() else None
            if not daemon.has_died():
                self.found.append(f"{point} was never reached {nth} times")
                daemon.kill()
            if load is not None:
                self.enough(load)

    def heal(self, *, seconds: float = 0.5, plant: str = "") -> float | None:
        """A whole life: alerts for a while, all work done, an orderly end; seconds until at rest.

        What does not go well is found.
        """
        with self.daemon(plant=plant) as daemon:
            began = time.monotonic()
            if not daemon.is_ready():
                self.found.append("the daemon did not start again")
                return None
            self.exercise(daemon, seconds)
            rested = self.rest(daemon)
            return time.monotonic() - began - seconds if rested else None

    def exercise(self, daemon: Process, seconds: float) -> None:
        """Alerts for a while."""
        load = self.load(daemon)
        threading.Event().wait(seconds)
        self.enough(load)

    def rest(self, daemon: Process) -> bool:
        """Send what is open, wait until all work is done, note what is shown, and end it."""
        self.enough(self.load(daemon, new=False))
        if self._open:
            self.found.append(f"{len(self._open)} alerts were never taken")
        rested = _comes_true(lambda: not unfinished(self.state), QUIET_WITHIN_S)
        if not rested:
            self.found.append(
                f"I11: {unfinished(self.state)} unfinished after {QUIET_WITHIN_S:g} s"
            )
        self._note_what_is_shown(daemon.ports["dashboard"])
        status = daemon.end()
        if status != 0:
            self.found.append(f"the daemon ended with {status}")
        return rested

    def _note_what_is_shown(self, port: int) -> None:
        """The view follows the journal within milliseconds; the judge gets the last of it."""
        state = gather(self.state).state

        def is_right() -> bool:
            shown = _shown(port, (self.state / "secrets" / "api_token").read_text().strip())
            self.live.write_text(json.dumps(shown))
            return not list(i5_live(state, shown))

        _comes_true(is_right, SHOWN_WITHIN_S)

    def judged(self) -> list[str]:
        """All that is wrong, by what was seen on the way and by the checker in its own process."""
        command = [sys.executable, "-m", "tests.crash.checker", str(self.state)]
        command += ["--acks", str(self.acks)]
        command += ["--live", str(self.live)] if self.live.exists() else []
        said = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
        if said.returncode == 0:
            return [*self.found]
        return [*self.found, *(said.stdout.splitlines() or said.stderr.splitlines())]

    def evidence(self) -> Evidence:
        """What the judge goes by."""
        return gather(self.state, self.acks, self.live if self.live.exists() else None)


def _comes_true(holds: Callable[[], bool], timeout_s: float) -> bool:
    """Whether something in another process comes to hold in time."""
    end = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.02)
    return True


def _shown(port: int, token: str) -> dict[str, Any]:
    """What the API shows: the newest orders, what is held, the account."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        answers = {}
        for name in ("orders?limit=200", "positions", "account"):
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", f"/api/{name}", headers=headers)
            answers[name] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return {
        "orders": answers["orders?limit=200"]["items"],
        "positions": answers["positions"]["items"],
        "accounts": [answers["account"]],
    }
