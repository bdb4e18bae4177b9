"""One try of each series: start a server, put load on it, and check what became of every alert."""

import multiprocessing
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from benchmarks import alerts
from benchmarks.daemon_process import DaemonProcess
from benchmarks.figures import percentile
from benchmarks.first_sight import FirstSight, Sights, Ways, wait_for_fills, ways
from benchmarks.load import put_load
from benchmarks.noop_server import serve
from benchmarks.plans import OpenLoop, Plan, Tally, Target
from benchmarks.report import Figures


FILLED_WITHIN_S = 15.0
"""How long after the last answer fills are waited for."""

NO_SIGHTS: Sights = ((), ())


@frozen(kw_only=True)
class Measured:
    """What one try came to, before the disk is asked whether it counts."""

    answers: Figures
    fills: Figures | None = None
    faults: tuple[str, ...] = ()


def try_noop(_: Path, plan: Plan) -> Measured:
    """The server that does nothing, sent the same alerts."""
    with noop_server() as port:
        target = alerts.target(port, strategy="record", secret=secrets.token_hex(16))
        tally = in_own_process(target, plan)
    return Measured(answers=answered(tally), faults=tuple(wrong_answers(tally)))


def try_accept(folder: Path, plan: Plan) -> Measured:
    """The daemon, alerts made durable and nothing else done with them."""
    with DaemonProcess(folder) as daemon:
        tally = in_own_process(
            alerts.target(daemon.port, strategy="record", secret=daemon.secret), plan
        )
    found = ways(daemon.journal, NO_SIGHTS)
    faults = (*wrong_answers(tally), *miscounted(tally, found))
    return Measured(answers=answered(tally), faults=faults)


def try_way(folder: Path, plan: Plan) -> Measured:
    """The daemon, alerts becoming fills of the paper account."""
    close = isinstance(plan, OpenLoop) and plan.new_connections
    closely = isinstance(plan, OpenLoop) and plan.is_slow
    with DaemonProcess(folder) as daemon, FirstSight(daemon.journal, closely=closely) as watch:
        target = alerts.target(daemon.port, strategy="demo", secret=daemon.secret, close=close)
        tally = in_own_process(target, plan)
        wait_for_fills(daemon.journal, len(tally.good()), FILLED_WITHIN_S)
        sights = watch.sights()
    found = ways(daemon.journal, sights)
    faults = (*wrong_answers(tally), *miscounted(tally, found), *unfilled(tally, found))
    return Measured(answers=answered(tally), fills=filled(tally, found), faults=faults)


@contextmanager
def noop_server() -> Iterator[int]:
    """Its port, while it runs."""
    context = multiprocessing.get_context("spawn")
    pipe, child = context.Pipe()
    process = context.Process(target=serve, args=(child,), daemon=True)
    process.start()
    try:
        yield pipe.recv()
    finally:
        pipe.send(None)
        process.join()


def in_own_process(target: Target, plan: Plan) -> Tally:
    """What the client says after carrying out the plan."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(put_load, (target, plan))


# --- what it came to ----------------------------------------------------------------------------


def answered(tally: Tally) -> Figures:
    """Answers that came within the measured time, and how long they took."""
    took = [(tally.answered[n] - tally.due[n]) * 1000 for n in tally.measured()]
    inside = sum(tally.began <= at < tally.ended for at in tally.answered)
    return Figures(
        per_s=inside / (tally.ended - tally.began),
        p50_ms=percentile(took, 50),
        p99_ms=percentile(took, 99),
    )


def filled(tally: Tally, found: Ways) -> Figures:
    """Fills of the measured alerts: from the due instant, and per second up to the last of them."""
    seen = [(tally.due[n], found.filled[n]) for n in tally.measured() if n in found.filled]
    took = [(at - due) * 1000 for due, at in seen]
    last = max((at for _, at in seen), default=tally.ended)
    return Figures(
        per_s=len(seen) / (last - tally.began),
        p50_ms=percentile(took, 50),
        p99_ms=percentile(took, 99),
    )


def wrong_answers(tally: Tally) -> Iterator[str]:
    """Any answer but 200 accepted."""
    if tally.wrong:
        yield f"{tally.wrong} WRONG ANSWERS, as {tally.example[:300]!r}"


def miscounted(tally: Tally, found: Ways) -> Iterator[str]:
    """A journal that does not hold what was answered accepted, no more and no less."""
    good = len(tally.good())
    if found.accepted != good:
        yield f"{good} ANSWERED accepted, {found.accepted} IN THE JOURNAL"


def unfilled(tally: Tally, found: Ways) -> Iterator[str]:
    """Accepted alerts without a fill, or with two."""
    if lost := sum(number not in found.filled for number in tally.good()):
        yield f"{lost} NOT FILLED"
    if found.filled_twice:
        yield f"{found.filled_twice} FILLED TWICE"
