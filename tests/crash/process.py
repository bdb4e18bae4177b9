"""The daemon in a process of its own, to be killed at any time."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self


HOUSE = Path(__file__).resolve().parent.parent.parent
READY_WITHIN_S = 30.0
DIES_WITHIN_S = 20.0
ENDS_WITHIN_S = 20.0
_ADDRESS = re.compile(r"^  (dashboard|webhook) +http://127\.0\.0\.1:(\d+)/")


class Process:
    """One life of the daemon; it is over, one way or another, when the `with` ends."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._errors = (folder / "daemon.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.daemon", str(folder / "settings.yaml")],
            cwd=HOUSE,
            env={**_bare_environment(), **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_pump, args=(self._stdout, self._lines))
        self._reader.start()
        self.ports: dict[str, int] = {}
        self._said: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._reader.join()
        for stream in (self._stdout, self._stdin, self._errors):
            stream.close()

    def _line(self, timeout_s: float) -> str | None:
        """The next thing it says; None where it has died or says nothing in time."""
        try:
            return self._lines.get(timeout=timeout_s) or None
        except queue.Empty:
            return None

    @property
    def said(self) -> str:
        """What it wrote to stdout until it was ready."""
        return "\n".join(self._said)

    def is_ready(self) -> bool:
        """Whether it came up; False where it died before."""
        end = time.monotonic() + READY_WITHIN_S
        while (line := self._line(end - time.monotonic())) is not None:
            self._said.append(line)
            if found := _ADDRESS.match(line):
                self.ports[found[1]] = int(found[2])
            if line.startswith("ready in "):
                return True
        return False

    def trouble(self, kind: str, actor: str) -> dict[str, Any] | None:
        """Make trouble inside; what the daemon says of its end, None where it ended itself."""
        self._stdin.write(f"{kind} {actor}\n")
        self._stdin.flush()
        while (line := self._line(ENDS_WITHIN_S)) is not None:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        return None

    def crash(self, actor: str, words: str = "") -> dict[str, Any]:
        """Kill an actor inside, by a message of these words; what the daemon says of its return."""
        told = self.trouble("crash", f"{actor} {words}")
        assert told is not None, f"the daemon did not say what became of {actor}"
        return told

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self._process.poll() is not None

    def ended(self) -> int | None:
        """The status with which it ended by itself; None where it does not."""
        try:
            return self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """SIGKILL: nothing of it runs on."""
        self._process.kill()
        self._process.wait()

    def has_died(self, timeout_s: float = DIES_WITHIN_S) -> bool:
        """Whether it came to its end by SIGKILL in time."""
        try:
            return self._process.wait(timeout_s) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False

    def end(self) -> int | None:
        """SIGTERM; the exit status, None where it does not end."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            return None


def _bare_environment() -> dict[str, str]:
    """Ours, without what would change the daemon's settings or its fate."""
    ours = ("TRADING_BOT__", "CRASH_", "PLANT", "PROBE_S", "CHECKPOINT_S")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _pump(stream: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    for line in stream:
        lines.put(line)
    lines.put("")
