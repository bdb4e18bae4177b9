"""A systemd of its own, over this machine's files: what is done in it is gone with it."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self


HOUSE: Final = Path(__file__).parents[2]
PROGRAM: Final = Path("/opt/trading-bot")
NOT_COPIED: Final = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "state")
BOOTS_WITHIN_S: Final = 60.0
LOOKS_EVERY_S: Final = 0.1


class Impossible(Exception):  # noqa: N818 - it states a condition of this machine, not a mistake
    """This machine cannot boot a systemd; the message says why."""


class Machine:
    """A container with a systemd as its first process and the checkout in /opt/trading-bot."""

    def __init__(self) -> None:
        _look_for_what_is_needed()

    def __enter__(self) -> Self:
        # Not under /tmp, which the container covers with its own.
        self._folder = Path(tempfile.mkdtemp(prefix="trading-bot-machine-", dir="/opt"))
        self.root = self._folder / "root"
        self._mount()
        try:
            self._furnish()
            self._boot()
        except BaseException:
            if hasattr(self, "_container"):
                self._container.kill()  # what runs in it dies with it
            self._take_down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.kill(self._init, signal.SIGRTMIN + 4)  # systemd's word for: power off
        self._take_down()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in there, as root, and wait for it."""
        enter = ("nsenter", "-t", str(self._init), "-m", "-u", "-i", "-n", "-p", "-C", "--")
        return subprocess.run(
            [*enter, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOOTS_WITHIN_S,
            check=False,
        )

    def told(self, *words: str) -> str:
        """What a command says; raises where it fails."""
        done = self.run(*words)
        if done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}: {done.stderr}")
        return done.stdout

    # --- putting it up and down -----------------------------------------------------------------

    def _mount(self) -> None:
        files = self._folder / "files"
        files.mkdir()
        self.root.mkdir()
        _mounted("-t", "tmpfs", "tmpfs", str(files))
        for name in ("upper", "work"):
            (files / name).mkdir()
        layers = f"lowerdir=/,upperdir={files}/upper,workdir={files}/work"
        try:
            _mounted("-t", "overlay", "overlay", "-o", layers, str(self.root))
        except Impossible:
            self._unmount()
            raise

    def _furnish(self) -> None:
        """The checkout with an environment of this python's packages, and no other service."""
        (self.root / "etc/machine-id").write_text("")
        shutil.rmtree(self.root / "etc/systemd/system/multi-user.target.wants", ignore_errors=True)
        program = self.root / PROGRAM.relative_to("/")
        shutil.copytree(HOUSE, program, ignore=NOT_COPIED)
        (program / ".venv/bin").mkdir(parents=True)
        (program / _SITE).mkdir(parents=True)
        (program / ".venv/bin/python").symlink_to(_PYTHON)
        (program / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")

    def _boot(self) -> None:
        self._said: IO[bytes] = (self._folder / "console").open("wb")
        site = f"{sysconfig.get_paths()['purelib']}:{PROGRAM / _SITE}"
        how = ("--boot", "--keep-unit", "--register=no", "--console=pipe", "--private-network")
        self._container = subprocess.Popen(
            ["systemd-nspawn", "-D", str(self.root), *how, f"--bind-ro={site}"],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        if until(self._is_up, BOOTS_WITHIN_S) is None:
            raise Impossible(f"no systemd came up: {(self._folder / 'console').read_text()}")

    def _is_up(self) -> bool:
        if self._container.poll() is not None:
            raise Impossible((self._folder / "console").read_text().strip())
        init = _first_process_below(self._container.pid)
        if init is None:
            return False
        self._init = init
        return self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def _take_down(self) -> None:
        if hasattr(self, "_container"):
            try:
                self._container.wait(BOOTS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._container.kill()
                self._container.wait()
            self._said.close()
        subprocess.run(["umount", str(self.root)], check=True)
        self._unmount()

    def _unmount(self) -> None:
        subprocess.run(["umount", str(self._folder / "files")], check=True)
        shutil.rmtree(self._folder)


def until(holds: Callable[[], bool], timeout_s: float) -> float | None:
    """How long it took until something held; None where it never did in time."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > timeout_s:
            return None
        threading.Event().wait(LOOKS_EVERY_S)
    return time.monotonic() - began


_PYTHON: Final = Path("/usr/bin") / f"python{sys.version_info.major}.{sys.version_info.minor}"
_SITE: Final = Path(".venv/lib") / _PYTHON.name / "site-packages"


def _look_for_what_is_needed() -> None:
    missing = [name for name in ("systemd-nspawn", "nsenter") if shutil.which(name) is None]
    if missing:
        raise Impossible(f"{' and '.join(missing)} not found (Debian: systemd-container)")
    if os.geteuid() != 0:
        raise Impossible("only root may start a container")
    if not _PYTHON.exists():
        raise Impossible(f"the packages here are of {_PYTHON.name}, which is not in /usr/bin")


def _mounted(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Impossible(done.stderr.strip())


def _first_process_below(pid: int) -> int | None:
    """The process below this one that is number 1 in a namespace of its own."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        status = Path(f"/proc/{child}/status").read_text()
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
        if len(numbers) > 2 and numbers[-1] == "1":
            return int(child)
        if (found := _first_process_below(int(child))) is not None:
            return found
    return None
