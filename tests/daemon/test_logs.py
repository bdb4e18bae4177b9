"""The log as the daemon's user sees it: on a terminal, in a file, in the journal, or nowhere."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cli.terminal import at_terminal
from tests.crash.process import HOUSE
from tests.daemon.process import PATIENCE_S, SETTINGS, Daemon


SPEAKER = """
import logging, os, sys, threading
from daemon.logs import open_logs
from settings.model import LogFormat, Logging
logs = open_logs(Logging(format=LogFormat(sys.argv[1])), os.environ)
log = logging.getLogger("trading_bot.test")
log.warning("something_said", extra={"order_id": "o1"})
def die(): raise ValueError("boom")
dies = threading.Thread(target=die, name="dies")
dies.start(); dies.join()
logs.end()
print("it goes on")
"""
"""A program that says two things and ends."""


def spoken(
    form: str, stderr: int = subprocess.PIPE, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", SPEAKER, form],
        cwd=HOUSE,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )


def test_what_is_no_terminal_gets_json() -> None:
    said, died = map(json.loads, spoken("auto").stderr.splitlines())
    assert (said["event"], said["order_id"]) == ("something_said", "o1")
    assert (said["thread"], died["thread"]) == ("MainThread", "dies")
    assert (died["event"], died["error"]) == ("thread_crashed", "ValueError: boom")
    assert died["traceback"].startswith("Traceback")


def test_text_is_one_line_an_event_with_its_time_and_without_colour() -> None:
    first, *_, last = spoken("text").stderr.splitlines()
    assert re.match(r"20\d\d-\d\d-\d\dT[\d:.]+Z \[warning  \] something_said +\[", first)
    assert "order_id=o1" in first
    assert last == "ValueError: boom"
    assert "\x1b" not in first


def test_a_terminal_gets_text_in_colour(tmp_path: Path) -> None:
    program = tmp_path / "speaker.py"
    program.write_text(f"import sys; sys.path.insert(0, {str(HOUSE)!r})\n{SPEAKER}")
    screen = at_terminal(tmp_path, "auto", program=program).screen
    assert "\x1b[" in screen
    assert "something_said" in screen
    assert not screen.startswith("{")


def journald(tmp_path: Path, form: str) -> list[str]:
    """What systemd would read: its own file as stderr, named as systemd names it."""
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        named = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        spoken(form, stream.fileno(), named)
        stream.seek(0)
        return stream.read().splitlines()


def test_journald_is_told_how_grave_a_line_is(tmp_path: Path) -> None:
    warning, error = journald(tmp_path, "auto")
    assert (warning[:4], error[:4]) == ("<4>{", "<3>{")
    assert json.loads(warning[3:])["at"].endswith("Z")


def test_text_for_journald_leaves_the_time_to_it(tmp_path: Path) -> None:
    lines = journald(tmp_path, "text")
    assert lines[0].startswith("<4>[warning  ] something_said")
    assert all(line.startswith("<3>") for line in lines[1:])


def test_a_journal_stream_that_is_not_ours_means_nothing() -> None:
    assert spoken("json", environ={"JOURNAL_STREAM": "1:2"}).stderr.startswith("{")


def test_a_stderr_that_nobody_reads_any_more_is_survived() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    try:
        assert spoken("json", writes).stdout == "it goes on\n"
    finally:
        os.close(writes)


def test_a_stderr_that_is_full_holds_up_no_alert_and_no_end(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    try:
        while os.write(writes, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writes, True)
    mute = Daemon(tmp_path)
    mute.stderr = writes
    with mute as daemon:
        _, answer = daemon.post(action="buy", quantity=1, price=100)
        daemon.order(answer["alert_id"])
        assert daemon.stop() == 0
    os.close(writes)
    os.close(reads)


BROKEN = """
import os, sys
from pathlib import Path
from daemon.run import run
def open_store(path, codec): raise RuntimeError(os.environ["WEBHOOK_SECRET"] + " is wrong")
sys.exit(run(Path(sys.argv[1]), os.environ, open_store=open_store))
"""


def test_what_nobody_foresaw_ends_the_daemon_with_a_line(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, str(tmp_path / "settings.yaml")],
        cwd=HOUSE,
        env={**os.environ, "WEBHOOK_SECRET": "hunter2-hunter2"},
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    line = json.loads(done.stderr)
    assert (done.returncode, line["event"]) == (1, "daemon_crashed")
    assert line["error"] == "RuntimeError: *** is wrong"


def test_the_life_of_an_alert_is_found_by_its_id(tmp_path: Path) -> None:
    with Daemon(tmp_path) as daemon:
        _, answer = daemon.post(action="buy", quantity=1, price=100)
        daemon.order(answer["alert_id"])
        assert daemon.stop() == 0
    lines = [json.loads(line) for line in daemon.said if answer["alert_id"] in line]
    assert [line["event"] for line in lines] == [
        *("alert_accepted", "signal_approved", "order_planned"),
        *("submit_started", "order_accepted", "order_filled"),
    ]
    assert {line["caused_by"] for line in lines} == {answer["alert_id"]}
