"""The daemon as its user starts it: `python app.py daemon`, in a folder and on ports of its own."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self


HOUSE = Path(__file__).resolve().parents[2]
SETTINGS = """\
web:
  webhook: {listen: 127.0.0.1:0}
  dashboard: {listen: 127.0.0.1:0}
accounts:
  paper: {broker: paper, hours: always}
strategies:
  demo: {accounts: [paper], allow_repeats: true, allow_add: true}
"""
PATIENCE_S = 30.0
_PORT = re.compile(r"(dashboard|webhook) +http://127\.0\.0\.1:(\d+)/")


class Daemon:
    """One life of the daemon, over when the `with` ends.

    It has begun when the daemon says `until`.
    """

    stderr = subprocess.STDOUT
    """Where its errors and its log go, unless a test says otherwise."""

    def __init__(
        self, folder: Path, settings: str = SETTINGS, *, until: str = "ready in", **environ: str
    ) -> None:
        self._until = until
        self.folder = folder
        self.environ = environ
        self.path = folder / "settings.yaml"
        self.path.write_text(settings)
        self.ports: dict[str, int] = {}
        self.said: list[str] = []

    def __enter__(self) -> Self:
        self.process = begun(self.path, self.stderr, **self.environ)
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._pump = threading.Thread(target=self._read)
        self._pump.start()
        self.wait_for(self._until)
        return self

    def wait_for(self, said: str) -> None:
        """Wait until it says something."""
        while said not in (line := self._lines.get(timeout=PATIENCE_S)):
            assert line, "\n".join(self.said)
            if found := _PORT.search(line):
                self.ports[found[1]] = int(found[2])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            self._lines.put(line)
        self._lines.put("")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._pump.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and return its exit status; all that it said has been read then."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_S)
        self._pump.join(PATIENCE_S)
        return status

    def post(self, **fields: object) -> tuple[int, Any]:
        """Send an alert of the demo strategy, equal to no other."""
        secret = (self.folder / "state/secrets/webhook_secret").read_text().strip()
        alert = {
            "strategy": "demo",
            "ticker": "AAPL",
            "secret": secret,
            "message": secrets.token_hex(4),
            **fields,
        }
        return self._ask("webhook", "POST", "/webhook/tradingview", alert)

    def get(self, path: str) -> Any:
        """Ask the API."""
        return self._ask("dashboard", "GET", path)[1]

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics by its line's beginning: `name{label="value",...}`."""
        _, text = self._exchange("dashboard", "GET", "/metrics")
        lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def tell(self, path: str, **body: object) -> tuple[int, Any]:
        """Post to the API."""
        return self._ask("dashboard", "POST", path, body)

    def _ask(self, listener: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        status, answer = self._exchange(listener, method, path, body)
        return status, json.loads(answer)

    def _exchange(
        self, listener: str, method: str, path: str, body: Any = None
    ) -> tuple[int, bytes]:
        token = (self.folder / "state/secrets/api_token").read_text().strip()
        connection = HTTPConnection("127.0.0.1", self.ports[listener], timeout=PATIENCE_S)
        try:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def order(self, alert_id: str, status: str = "FILLED") -> Any:
        """The alert's order, once it has this status; asks until then, patiently."""
        found: Any = None
        for _ in range(1_000):
            orders = self.get("/api/orders")["items"]
            found = next((o for o in orders if o["alert_id"] == alert_id), None)
            if found and found["status"] == status:
                return found
        raise AssertionError(f"{alert_id} has no {status} order but {found}")

    def word(self, unlike: str) -> Any:
        """Its state in a word, once it is another one; asks until then, patiently."""
        for _ in range(1_000):
            if (word := self.get("/api/status")["state"]) != unlike:
                return word
        raise AssertionError(f"it is {unlike} for ever")

    def decided(self, alert_id: str) -> Any:
        """The alert, once it is decided; asks until then, patiently."""
        for _ in range(1_000):
            alert = self.get(f"/api/alerts/{alert_id}")
            if alert["verdict"] != "pending":
                return alert
        raise AssertionError(f"{alert_id} is never decided")


def started(settings: Path, *program: str, **environ: str) -> "subprocess.Popen[str]":
    """The daemon's process, as soon as there is one; or that of another program that runs it."""
    return begun(settings, subprocess.STDOUT, *program, **environ)


def begun(settings: Path, stderr: int, *program: str, **environ: str) -> "subprocess.Popen[str]":
    """The same, its errors and its log led elsewhere."""
    program = program or ("app.py", "daemon", "--settings")
    return subprocess.Popen(
        [sys.executable, *program, str(settings)],
        cwd=HOUSE,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
