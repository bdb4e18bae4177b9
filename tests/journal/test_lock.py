"""One daemon per journal."""

import os
import re
import signal
from pathlib import Path

import pytest

from journal import AlreadyRunning, hold
from tests.journal.samples import line_of, program


HOLD = """
import sys
from pathlib import Path
from journal import hold

lock = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_held_here_refuses_a_second_holder_until_released(tmp_path: Path) -> None:
    lock = hold(tmp_path / "state" / "journal.db")
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()} holds"):
        hold(tmp_path / "state" / "journal.db")
    lock.release()
    lock.release()
    hold(tmp_path / "state" / "journal.db").release()


def test_a_lock_held_by_another_process_is_refused_by_one_line_naming_it(tmp_path: Path) -> None:
    with program(HOLD, tmp_path / "journal.db") as holder:
        assert line_of(holder) == "held"
        expected = f"{tmp_path}/journal.db.lock: already running, process {holder.pid} holds"
        with pytest.raises(AlreadyRunning, match=re.escape(expected)) as caught:
            hold(tmp_path / "journal.db")
        assert caught.value.pid == holder.pid


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    with program(HOLD, tmp_path / "journal.db") as holder:
        assert line_of(holder) == "held"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    hold(tmp_path / "journal.db").release()


def test_a_holder_that_has_not_yet_said_who_it_is_is_refused_too(tmp_path: Path) -> None:
    lock = hold(tmp_path / "journal.db")
    (tmp_path / "journal.db.lock").write_text("")
    with pytest.raises(AlreadyRunning, match="another process holds") as caught:
        hold(tmp_path / "journal.db")
    assert caught.value.pid is None
    lock.release()


HOLD_ON_A_FULL_DISK = """
import sys
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, setrlimit
from journal import hold

setrlimit(RLIMIT_FSIZE, (0, RLIM_INFINITY))
lock = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_lock_is_held_where_there_is_no_room_to_note_by_whom(tmp_path: Path) -> None:
    with program(HOLD_ON_A_FULL_DISK, tmp_path / "journal.db") as holder:
        assert line_of(holder) == "held"
        with pytest.raises(AlreadyRunning, match="another process holds"):
            hold(tmp_path / "journal.db")


def test_only_the_owner_may_read_the_lock(tmp_path: Path) -> None:
    lock = hold(tmp_path / "journal.db")
    assert (tmp_path / "journal.db.lock").stat().st_mode & 0o777 == 0o600
    lock.release()


def test_a_lock_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "journal.db.lock").mkdir()
    with pytest.raises(IsADirectoryError):
        hold(tmp_path / "journal.db")
