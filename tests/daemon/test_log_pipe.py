"""Who logs is never held up, whatever becomes of the lines."""

import json
import logging
import threading
from collections.abc import Iterator
from itertools import cycle, islice
from queue import SimpleQueue
from typing import Any

import pytest

from daemon import log_pipe
from daemon.log_lines import Fields, as_json
from daemon.log_pipe import LogPipe
from journal import Committed, Draft, MemoryReader, MemoryStore, Recorded
from tests.actors.facts import a_life, actor_started
from tests.journal.samples import CODEC
from trading.masking import Mask


PATIENCE_S = 10.0


class Out:
    """Where lines go: it can be shut, so that a write hangs, or broken, so that it fails."""

    def __init__(self) -> None:
        self.lines: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.is_open = threading.Event()
        self.is_open.set()
        self.hangs = threading.Event()
        self.failed = threading.Event()
        self.errors: list[OSError] = []

    def write(self, data: bytes) -> None:
        if not self.is_open.is_set():
            self.hangs.set()
            self.is_open.wait(PATIENCE_S)
        if self.errors:
            self.failed.set()
            raise self.errors.pop()
        for line in data.splitlines():
            self.lines.put(json.loads(line))

    def next(self) -> dict[str, Any]:
        return self.lines.get(timeout=PATIENCE_S)


@pytest.fixture
def out() -> Out:
    return Out()


@pytest.fixture
def pipe(out: Out) -> Iterator[LogPipe]:
    pipe = LogPipe(out.write, as_json, logging.INFO)
    yield pipe
    out.is_open.set()
    pipe.end()


@pytest.fixture
def log(pipe: LogPipe) -> logging.Logger:
    log = logging.Logger("trading_bot.test")  # noqa: LOG001 - of this test alone, not of the process
    log.addHandler(pipe)
    return log


def recorded() -> Iterator[Recorded]:
    for seq, event in enumerate(a_life("a1"), 1):
        yield Recorded(seq, event, "risk:paper", 3, 1, "a1")


def test_records_and_events_come_out_in_the_order_they_went_in(
    pipe: LogPipe, log: logging.Logger, out: Out
) -> None:
    for one in recorded():
        pipe.event(one)
    log.info("said_after")
    assert [out.next().get("seq") for _ in range(7)] == [1, 2, 3, 4, 5, 6, None]


def test_what_is_below_the_level_is_not_written(
    pipe: LogPipe, log: logging.Logger, out: Out
) -> None:
    pipe.event(Recorded(1, actor_started("a"), "journal", 0, 0, ""))
    log.warning("said_after")
    assert out.next()["event"] == "said_after"


def test_a_write_that_hangs_holds_nobody_up_and_what_was_lost_is_counted(
    log: logging.Logger, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pipe, "BOUND", 3)
    out.is_open.clear()
    log.info("first")
    assert out.hangs.wait(PATIENCE_S)
    for _ in range(10):
        log.info("more")
    out.is_open.set()
    said = [out.next() for _ in range(5)]
    assert [line["event"] for line in said] == ["first", *["more"] * 3, "log_lines_lost"]
    assert said[-1]["count"] == 7


def test_a_write_that_fails_costs_its_lines_and_nothing_else(log: logging.Logger, out: Out) -> None:
    out.errors.append(BrokenPipeError())
    log.info("lost")
    assert out.failed.wait(PATIENCE_S)
    log.info("found")
    assert out.next()["event"] == "found"
    assert out.next()["count"] == 1


def test_a_secret_is_hidden_from_the_moment_it_is_known(
    pipe: LogPipe, log: logging.Logger, out: Out
) -> None:
    pipe.hide(Mask(["hunter2-hunter2"]))
    log.info("secret_told", extra={"secret": "hunter2-hunter2"})
    assert out.next()["secret"] == "***"


def test_a_call_that_cannot_be_put_into_words_is_a_line_and_no_error(
    log: logging.Logger, out: Out
) -> None:
    log.info("%d apples", "no")
    line = out.next()
    assert (line["event"], line["error"].partition(":")[0]) == ("log_call_failed", "TypeError")


def test_a_line_that_cannot_be_rendered_is_a_line_and_not_the_end() -> None:
    def render(fields: Fields) -> str:
        if fields["event"] == "bad":
            raise RecursionError
        return as_json(fields)

    out = Out()
    pipe = LogPipe(out.write, render, logging.INFO)
    for word in ("bad", "good"):
        pipe.emit(logging.makeLogRecord({"name": "trading_bot", "msg": word}))
    pipe.end()
    assert [out.next()["event"] for _ in range(2)] == ["log_line_failed", "good"]


def test_a_flood_is_written_without_pausing_in_between(pipe: LogPipe, out: Out) -> None:
    flood = 30 * log_pipe.BATCH
    for one in islice(cycle(recorded()), flood):
        pipe.event(one)
    pipe.end()
    assert out.lines.qsize() == flood


def test_what_waits_is_written_at_the_end(pipe: LogPipe, log: logging.Logger, out: Out) -> None:
    log.info("the_last")
    pipe.end()
    assert out.lines.get_nowait()["event"] == "the_last"


def test_the_end_waits_for_no_write_that_hangs(
    pipe: LogPipe, log: logging.Logger, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pipe, "END_WITHIN_S", 0.01)
    out.is_open.clear()
    log.info("hangs")
    assert out.hangs.wait(PATIENCE_S)
    pipe.end()
    assert out.lines.empty()


def test_what_nobody_noted_before_the_end_is_caught_up_with(pipe: LogPipe, out: Out) -> None:
    store = MemoryStore(CODEC)
    reader = MemoryReader(store)
    outcomes = [store.commit([Draft(events=(event,), writer="x")]) for event in a_life("a1")]
    pipe.catch_up(reader)  # before the first event is told the past is nobody's news
    ((first,), *_) = outcomes
    assert isinstance(first, Committed)
    pipe.event(first.records[0])
    pipe.catch_up(reader)
    assert [out.next()["seq"] for _ in outcomes] == list(range(1, len(outcomes) + 1))
