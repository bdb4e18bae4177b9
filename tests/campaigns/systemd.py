"""The unit under a real systemd: installed as the page says, killed, stopped, hung, misled."""

import re
from typing import Final

from attrs import define

from tests.campaigns.machine import HOUSE, PROGRAM, Machine, until
from tests.campaigns.table import Findings, seconds


UNIT: Final = "trading-bot"
SETTINGS: Final = "/etc/trading-bot/settings.yaml"
QUICKER: Final = "[Service]\nRestartSec=1\nWatchdogSec=12\n"
"""As the unit, but for the patience: the campaign has less of it."""

UP_WITHIN_S: Final = 30.0
STUCK_WITHIN_S: Final = 60.0
STAYS_S: Final = 5.0


def campaign(_seed: int, runs: int) -> Findings:
    """One machine a run."""
    found = Findings((34, 12, 9, 30, 8))
    found.head("what is done", "state", "after", "status", "verdict")
    for _ in range(runs):
        with Machine() as machine:
            trial = Trial(machine, found)
            for step in (
                trial.install,
                trial.alert,
                trial.kill,
                trial.stray_sigterm,
                trial.hang,
                trial.stop,
                trial.mislead,
                trial.look_it_over,
            ):
                step()
    return found


@define
class Trial:
    """What is done to the service in one machine, step by step."""

    machine: Machine
    found: Findings

    def install(self) -> None:
        """As docs/service.md says, word by word."""
        folder = self.machine.root / f"etc/systemd/system/{UNIT}.service.d"
        folder.mkdir(parents=True)
        (folder / "quicker.conf").write_text(QUICKER)
        *before, start = install_lines()
        for line in before:
            self.machine.told("bash", "-c", line)
        took = self._does(*start.split())
        self._judge("installed and started", took)

    def alert(self) -> None:
        """A first alert shows in the status line."""
        self._bot("test-alert", "demo")
        took = until(lambda: self.show("StatusText").startswith("healthy: paper"), UP_WITHIN_S)
        self._judge("a first alert", took)

    def kill(self) -> None:
        """It comes back."""
        self.machine.told("systemctl", "kill", "-s", "KILL", "--kill-who=main", UNIT)
        self._judge("kill -9", self._is_up(restarts=1))

    def stray_sigterm(self) -> None:
        """It ends in good order, and comes back all the same."""
        self.machine.told("systemctl", "kill", "-s", "TERM", "--kill-who=main", UNIT)
        self._judge("SIGTERM from who knows where", self._is_up(restarts=2))

    def hang(self) -> None:
        """The watchdog finds it, its last words are in the log, and it comes back."""
        self.machine.told("systemctl", "kill", "-s", "STOP", "--kill-who=main", UNIT)
        took = self._is_up(restarts=3, within_s=STUCK_WITHIN_S)
        log = self.machine.told("journalctl", "-u", UNIT, "--no-pager")
        wrong = [f"the log has no {word!r}" for word in LAST_WORDS if word not in log]
        self._judge("hung (SIGSTOP)", took, *wrong)

    def stop(self) -> None:
        """It ends in time with status 0, and stays away."""
        took = self._does("systemctl", "stop", UNIT)
        result = self.show("Result"), self.show("ExecMainStatus")
        wrong = [] if result == ("success", "0") else [f"it ended with {result}"]
        self._judge("systemctl stop", took, *wrong, *self._stays("inactive"))

    def mislead(self) -> None:
        """Wrong settings end it with 78, their fault is in the log, and it is not tried again."""
        settings = self.machine.root / SETTINGS[1:]
        right = settings.read_text()
        settings.write_text(right.replace("mode: paper", "mode: papr "))
        took = self._does("systemctl", "start", UNIT, fails=True)
        log = self.machine.told("journalctl", "-u", UNIT, "--no-pager")
        status = self.show("ExecMainStatus")
        wrong = [] if status == "78" else [f"it ended with {status}"]
        if not re.search(r"settings\.yaml:\d+:\d+: mode:", log):
            wrong.append("the fault is not in the log")
        self._judge("wrong settings", took, *wrong, *self._stays("failed"))
        settings.write_text(right)

    def look_it_over(self) -> None:
        """Nothing of all this was lost, and nobody else may look at it."""
        took = self._does("systemctl", "start", UNIT)
        wrong = [] if "AAPL" in self._bot("positions") else ["the position is gone"]
        self._bot("journal", "verify")
        mode = self.machine.told("stat", "-c", "%U %a", "/var/lib/trading-bot").strip()
        wrong += [] if mode == "trading-bot 700" else [f"the state directory is {mode}"]
        self._judge("mended, started, looked over", took, *wrong)

    # --- what systemd says ----------------------------------------------------------------------

    def show(self, name: str) -> str:
        """A property of the service."""
        return self.machine.told("systemctl", "show", "-P", name, UNIT).strip()

    def _is_up(self, *, restarts: int, within_s: float = UP_WITHIN_S) -> float | None:
        def holds() -> bool:
            return self.show("NRestarts") == str(restarts) and self.show("ActiveState") == "active"

        return until(holds, within_s)

    def _does(self, *words: str, fails: bool = False) -> float | None:
        """How long a command took that has to succeed, or to fail."""
        return until(lambda: bool(self.machine.run(*words).returncode) is fails, 0)

    def _stays(self, state: str) -> list[str]:
        if until(lambda: self.show("ActiveState") != state, STAYS_S) is None:
            return []
        return [f"it did not stay {state}"]

    def _bot(self, *words: str) -> str:
        python = str(PROGRAM / ".venv/bin/python")
        command = (python, str(PROGRAM / "app.py"), *words, "--settings", SETTINGS)
        return self.machine.told("runuser", "-u", "trading-bot", "--", *command)

    def _judge(self, what: str, took: float | None, *wrong: str) -> None:
        faults = [*([] if took is not None else ["it did not come to that in time"]), *wrong]
        state, status = self.show("ActiveState"), self.show("StatusText")
        self.found.row(what, state, seconds(took), status[:30], found=faults)
        if faults:
            print(self.machine.run("journalctl", "-u", UNIT, "-n", "40", "--no-pager").stdout)


LAST_WORDS: Final = ("Watchdog timeout", "most recent call first", "actors/runtime/port.py")


def install_lines() -> list[str]:
    """The commands of docs/service.md from the user on; those before need a network."""
    page = (HOUSE / "docs/service.md").read_text()
    install = page.partition("## Install")[2].partition("\n## ")[0]
    block = install[install.index("    useradd") :].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]
