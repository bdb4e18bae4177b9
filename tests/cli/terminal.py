"""A command line run at a terminal of its own, as a person does."""

import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen


ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0

_SPEAKING = ("WEBHOOK_SECRET", "TRADING_BOT_")

# The terminal must be the process's own, or a hidden prompt would ask the one that runs the tests.
_OWN_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


@frozen
class Ended:
    """What stood on the terminal at the end, and the exit code."""

    screen: str
    exit_code: int


def at_terminal(
    folder: Path,
    *words: str,
    typed: Mapping[str, str] | None = None,
    program: Path = ROOT / "app.py",
) -> Ended:
    """Run a command line; when a prompt of `typed` appears its answer is typed, in order.

    Of what stands in the tests' own environment nothing speaks to it about settings or secrets.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_SPEAKING)}
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", _OWN_TERMINAL, str(program), *words]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            screen = _talk(ours, list((typed or {}).items()))
            return Ended(screen, process.wait(PATIENCE_S))
        finally:
            process.kill()
            os.close(ours)


def _talk(terminal: int, answers: list[tuple[str, str]]) -> str:
    screen, answered = "", 0
    while select.select([terminal], [], [], PATIENCE_S)[0]:
        try:
            screen += os.read(terminal, 4096).decode()
        except OSError:  # Linux says so when the last program at the terminal ends
            return screen.replace("\r\n", "\n")
        if answers and answers[0][0] in screen[answered:]:
            answered = len(screen)
            os.write(terminal, f"{answers.pop(0)[1]}\n".encode())
    raise AssertionError(f"nothing more came after {screen!r}")
