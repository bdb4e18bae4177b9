"""What hundreds of connections that drip do to a real alert, with the real daemon.

    python -m benchmarks.dripping [--connections 500] [--pairs 5] [--seconds 10] [--folder DIR]

Each pair is two runs of 20 alerts a second, each on a new connection: one alone, one beside so many
connections that send a byte of a head twice a second and come again when they are thrown out. The
pairs stand one after the other on one daemon, so that both runs of a pair see the same machine;
shown are the median and 99th percentile up to the answer of each run and their differences, and
the median of the differences.

Exit status 1: a real alert was not accepted.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import alerts
from benchmarks.daemon_process import DaemonProcess
from benchmarks.plans import OpenLoop
from benchmarks.report import Figures
from benchmarks.tries import answered, in_own_process, wrong_answers


EVERY_S = 0.5
HEAD = b"POST /webhook/tradingview HTTP/1.1\r\nHost: slow\r\nX-Slow: "
HEADER = "pair  alone p50     p99  beside p50     p99    more     p99"


async def _drip(port: int) -> None:
    """One sender that never comes to the point."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(HEAD)
                while not writer.is_closing():
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(EVERY_S)
            finally:
                writer.close()
        await asyncio.sleep(EVERY_S)


async def _drip_all(port: int, connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for nth in range(connections):
            group.create_task(_drip(port))
            if nth % 50 == 0:
                await asyncio.sleep(0.05)


def _in_process(port: int, connections: int) -> None:
    asyncio.run(_drip_all(port, connections))


@contextmanager
def dripping(port: int, connections: int) -> Iterator[None]:
    """So many slow senders, in a process of their own."""
    process = multiprocessing.get_context("spawn").Process(
        target=_in_process, args=(port, connections), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def main() -> int:
    """Measure and print; whether every real alert was accepted."""
    options = _options()
    plan = OpenLoop(rate=20, new_connections=True, warm_s=2.0, seconds=options.seconds)
    faults: list[str] = []
    pairs: list[tuple[Figures, Figures]] = []

    def run(port: int, secret: str, name: str) -> Figures:
        target = alerts.target(port, strategy="demo", secret=secret, close=True, run=name)
        tally = in_own_process(target, plan)
        faults.extend(wrong_answers(tally))
        return answered(tally)

    print(HEADER, flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="dripping-") as name:
        with DaemonProcess(Path(name)) as daemon:
            for nth in range(1, options.pairs + 1):
                alone = run(daemon.port, daemon.secret, f"alone-{nth}-")
                with dripping(daemon.port, options.connections):
                    beside = run(daemon.port, daemon.secret, f"beside-{nth}-")
                pairs.append((alone, beside))
                print(_line(nth, alone, beside), flush=True)
    p50 = statistics.median(b.p50_ms - a.p50_ms for a, b in pairs)
    p99 = statistics.median(b.p99_ms - a.p99_ms for a, b in pairs)
    print(f"\nmedian of the differences: p50 {p50:+.2f} ms, p99 {p99:+.2f} ms")
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


def _line(nth: int, alone: Figures, beside: Figures) -> str:
    return (
        f"{nth:>4} {alone.p50_ms:>10.2f} {alone.p99_ms:>7.2f} {beside.p50_ms:>11.2f} "
        f"{beside.p99_ms:>7.2f} {beside.p50_ms - alone.p50_ms:>+7.2f} "
        f"{beside.p99_ms - alone.p99_ms:>+7.2f}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dripping",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
