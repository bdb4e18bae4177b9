"""Orders on their way to a local Schwab: how long until it has them, and whether anything grows.

    python -m benchmarks.schwab_orders [--orders 10000] [--per-second 40] [--folder DIR]

The real daemon, signed in at a simulator in the benchmark's own process; each alert buys one share.
Limits on orders are out of the way. Shown after every tenth part: the daemon's memory, threads and
open files, and the times of that part

planned  from OrderPlanned, before it is on disk, until Schwab has read the order: two commits more
         than from the disk to the wire, and the simulator's own work on top
started  from SubmitStarted, which the broker writes once OrderPlanned is on disk, until the same

in milliseconds, and beside them the disk's own flush. Exit status 1: an order was lost or doubled.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.daemon_process import DaemonProcess
from benchmarks.figures import percentile
from benchmarks.fsync_probe import probe
from brokers.schwab.simulator.desk import read_quote
from brokers.schwab.simulator.model import World
from journal import Codec, SqliteReader
from tests.daemon.simulated import ENVIRON, Simulated, sign_in, simulated
from trading.events import EVENT_TYPES
from trading.order_events import OrderAccepted, OrderPlanned, SubmitStarted


SETTINGS = Path(__file__).parent / "open-limits.yaml"
ON_PAPER = "  paper: {broker: paper, starting_cash: 1000000000, hours: always}\n"
AT_SCHWAB = """\
  paper:
    broker: schwab
    account_number: env:TOS_ACCOUNT_ID
    app_key: env:TOS_API_KEY
    app_secret: env:TOS_API_SECRET
    base_url: {url}
    hours: always
    orders_per_minute: 1000000
    orders_per_day: 10000000
"""
SYMBOLS = tuple(f"BM{letter}" for letter in "ABCDEFGHIJKLMNOP")
PARTS = 10
SETTLES_WITHIN_S = 60.0


class Arrivals:
    """When Schwab had each order, by its own id; hears of every change of its world."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    def __call__(self, before: World, after: World) -> None:
        """A new world takes the old one's place."""
        now = time.time()
        for number in range(before.next_order, after.next_order):
            self.at[str(number)] = now


def opened(folder: Path, simulator: Simulated) -> Path:
    """Settings of the account there, which has its quotes and is signed in at."""
    for symbol in SYMBOLS:
        told = {"bid": "9.99", "ask": "10.01", "last": "10.00"}
        simulator.desk.show(read_quote(symbol, told, simulator.desk.now()))
    there = AT_SCHWAB.format(url=simulator.url)
    path = folder / "settings.yaml"
    path.write_text(SETTINGS.read_text().replace(ON_PAPER, there))
    sign_in(path)
    return path


def send(port: int, secret: str, first: int, orders: int, per_second: float) -> None:
    """Alerts at an even pace, one after the other."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.monotonic()
    for number in range(orders):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        body = {"strategy": "demo", "ticker": symbol, "action": "buy", "quantity": "1"}
        body |= {"price": "10", "secret": secret, "id": f"order-{first + number}"}
        time.sleep(max(began + number / per_second - time.monotonic(), 0))
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/webhook/tradingview", json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"alert {first + number}: {answer.status} {answer.read().decode()}")
        answer.read()
    connection.close()


def ways(journal: Path, arrivals: Arrivals) -> list[tuple[float, float]]:
    """Of each order, in the order planned: milliseconds from its plan and from its start."""
    planned: dict[str, datetime] = {}
    started: dict[str, datetime] = {}
    known_as: dict[str, str] = {}
    reader = SqliteReader(journal, Codec(EVENT_TYPES))
    for recorded in reader.events():
        match recorded.event:
            case OrderPlanned(order_id=order_id, at=at):
                planned[order_id] = at
            case SubmitStarted(order_id=order_id, at=at):
                started[order_id] = at
            case OrderAccepted(order_id=order_id, broker_order_id=there):
                known_as[order_id] = there
            case _:
                pass
    reader.close()
    there_at = {o: arrivals.at[known_as[o]] for o in planned if known_as.get(o) in arrivals.at}
    return [
        ((at - planned[o].timestamp()) * 1000, (at - started[o].timestamp()) * 1000)
        for o, at in there_at.items()
    ]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Orders on their way to a local Schwab.")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--per-second", type=float, default=40.0)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name, simulated() as simulator:
        folder, arrivals = Path(name), Arrivals()
        simulator.desk.watchers.append(arrivals)
        os.environ.update(ENVIRON)
        settings = opened(folder, simulator)
        flush = probe(folder, 1.0)
        print(f"flush p50 {flush.p50_ms:.2f} ms, p99 {flush.p99_ms:.2f} ms\n")
        print("orders   RSS MB  threads  files  planned p50   p99  started p50   p99")
        with DaemonProcess(folder, settings=settings) as daemon:
            for part in range(PARTS):
                size = asked.orders // PARTS
                send(daemon.port, daemon.secret, part * size, size, asked.per_second)
                until_all_are_there(arrivals, (part + 1) * size)
                took = ways(daemon.journal, arrivals)[-size:]
                figures = [
                    f"{percentile([each[n] for each in took], share):8.2f}"
                    for n in (0, 1)
                    for share in (50, 99)
                ]
                print(
                    f"{(part + 1) * size:6}  {daemon.memory_mb():7.1f}  {daemon.threads():7}  "
                    f"{daemon.files():5}  {' '.join(figures)}",
                    flush=True,
                )
        there, ours = len(arrivals.at), len(ways(folder / "state" / "journal.db", arrivals))
    print(f"\n{asked.orders} alerts, {ours} orders of ours, {there} at Schwab")
    return 0 if there == ours == asked.orders // PARTS * PARTS else 1


def until_all_are_there(arrivals: Arrivals, number: int) -> None:
    """Wait for the last order of a part."""
    end = time.monotonic() + SETTLES_WITHIN_S
    while len(arrivals.at) < number and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1.0)  # the answers are written down


if __name__ == "__main__":
    sys.exit(main())
