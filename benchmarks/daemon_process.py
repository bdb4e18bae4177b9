"""The real daemon in a process of its own, every limit out of the way, in a new state folder."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen


HOUSE = Path(__file__).resolve().parent.parent
SETTINGS = HOUSE / "benchmarks" / "open-limits.yaml"
READY_WITHIN_S = 30.0
END_WITHIN_S = 30.0


class DaemonFailed(Exception):  # noqa: N818 - says what happened
    """The daemon did not start or did not end well; the message holds what it said."""


class DaemonProcess:
    """Started by `with`, which returns when alerts are taken; ended by SIGTERM.

    `seconds` is the time from its start to the first 200 of `/ready`, looked for each 10 ms.
    """

    def __init__(
        self, folder: Path, *, settings: Path = SETTINGS, ready_within_s: float = READY_WITHIN_S
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._ready_within_s = ready_within_s
        self.secret = secrets.token_hex(16)
        self._said = folder / "daemon.txt"
        self.port = _free_port()
        self._dashboard_port = _free_port()
        self.seconds = float("nan")

    @property
    def journal(self) -> Path:
        """The event store's file."""
        return self._folder / "state" / "journal.db"

    def __enter__(self) -> Self:
        settings = self._folder / "settings.yaml"
        began = time.monotonic()
        if self._settings != settings:
            shutil.copy(self._settings, settings)
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "app.py", "daemon", "--settings", str(settings)],
                cwd=HOUSE,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        try:
            self._wait_until_ready()
            self.seconds = time.monotonic() - began
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def _environ(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("TRADING_BOT__")}
        return {
            **own,
            "WEBHOOK_SECRET": self.secret,
            "TRADING_BOT__WEB__WEBHOOK__LISTEN": f"127.0.0.1:{self.port}",
            "TRADING_BOT__WEB__DASHBOARD__LISTEN": f"127.0.0.1:{self._dashboard_port}",
            "TRADING_BOT__WEB__LIVE__LISTEN": "127.0.0.1:0",
        }

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + self._ready_within_s
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise DaemonFailed(f"the daemon did not start:\n{self.said()}")
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self._dashboard_port}/ready", timeout=1):
                return True
        except OSError:  # nobody there yet, or a 503
            return False

    def memory_mb(self, name: str = "VmRSS") -> float:
        """What the kernel says of the process's memory: VmRSS now, VmHWM at its peak."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (each for each in status.splitlines() if each.startswith(f"{name}:"))
        return int(line.split()[1]) / 1024

    def threads(self) -> int:
        """How many threads the process has."""
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

    def files(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def busy_s(self) -> float:
        """The processor time that the process has used so far, in seconds."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """What the daemon printed so far."""
        return self._said.read_text(errors="replace")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if error is None and status:
            raise DaemonFailed(f"the daemon ended with {status}:\n{self.said()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
