"""When each event of a journal could first be read by another process: the end of the way.

A process of its own looks at the journal's head about each millisecond, at a slow pace four times
as often. SQLite shows a commit to readers only once its frames are flushed, so what is seen is
durable. A sight is late by up to the time between two looks (some 1.1 or 0.35 ms), never early: the
figures err to the bad side.
"""

import multiprocessing
import time
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import frozen

from journal import Codec, SqliteReader
from trading.alert_events import AlertAccepted
from trading.events import EVENT_TYPES
from trading.order_events import OrderFilled


LOOK_EACH_S = 0.001
LOOK_CLOSELY_EACH_S = 0.000_25

Sights = tuple[Sequence[float], Sequence[int]]
"""The instants at which the head was seen to have moved, and to where; both ascend."""


def _watch(journal: Path, look_each_s: float, parent: "Connection[Sights | None, None]") -> None:
    reader = SqliteReader(journal, Codec(EVENT_TYPES))
    instants, heads = array("d"), array("q")
    known = reader.head()
    parent.send(None)
    while not parent.poll(look_each_s):
        head = reader.head()
        if head != known:
            known = head
            instants.append(time.monotonic())
            heads.append(head)
    reader.close()
    parent.send((instants, heads))


class FirstSight:
    """Watches a journal from `with` on; `sights` ends it."""

    def __init__(self, journal: Path, *, closely: bool = False) -> None:
        each = LOOK_CLOSELY_EACH_S if closely else LOOK_EACH_S
        context = multiprocessing.get_context("spawn")
        self._pipe, child = context.Pipe()
        self._process = context.Process(target=_watch, args=(journal, each, child), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._pipe.recv()
        return self

    def sights(self) -> Sights:
        """Everything seen so far; the watch is over."""
        self._pipe.send(None)
        sights: Sights = self._pipe.recv()
        return sights

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()


@frozen(kw_only=True)
class Ways:
    """What the journal says became of alerts, by the number their sender gave them.

    `filled` holds the instant at which the fill was first seen.
    """

    accepted: int
    filled: dict[int, float]
    filled_twice: int


def ways(journal: Path, sights: Sights) -> Ways:
    """Read a journal whose daemon has ended, with what was seen while it ran."""
    instants, heads = sights
    reader = SqliteReader(journal, Codec(EVENT_TYPES))
    numbers: dict[str, int] = {}
    filled: dict[int, float] = {}
    fills: Counter[str] = Counter()
    for recorded in reader.events(types=(AlertAccepted, OrderFilled)):
        match recorded.event:
            case AlertAccepted(alert_id=alert_id, client_id=str(client_id)):
                numbers[alert_id] = int(client_id)
            case OrderFilled(alert_id=alert_id):
                fills[alert_id] += 1
                seen = bisect_left(heads, recorded.seq)
                if seen < len(heads):
                    filled[numbers[alert_id]] = instants[seen]
            case _:
                pass
    reader.close()
    twice = sum(1 for times in fills.values() if times > 1)
    return Ways(accepted=len(numbers), filled=filled, filled_twice=twice)


def wait_for_fills(journal: Path, wanted: int, within_s: float) -> None:
    """Return when so many fills are in the journal, or when the time is over."""
    reader = SqliteReader(journal, Codec(EVENT_TYPES))
    end, found, after = time.monotonic() + within_s, 0, 0
    while found < wanted and time.monotonic() < end:
        for recorded in reader.events(after=after, types=(OrderFilled,)):
            found, after = found + 1, recorded.seq
        time.sleep(0.05)
    reader.close()
