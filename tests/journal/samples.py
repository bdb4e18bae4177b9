"""What the journal's tests share: one codec, a few facts, and programs that run beside the test."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from journal import Codec, Draft
from trading.events import EVENT_TYPES, AccountOpened
from trading.order_events import OrderFilled
from trading.vocabulary import (
    AccountName,
    AlertId,
    ExecutionId,
    OrderId,
    Side,
    StrategyName,
    Symbol,
)


ROOT: Final = Path(__file__).parents[2]
CODEC: Final = Codec(EVENT_TYPES)
AT: Final = datetime(2026, 3, 2, 14, 30, 0, 250, tzinfo=UTC)
OPENED: Final = AccountOpened(at=AT, account=AccountName("paper"), cash=Decimal("25000.00"))
FILLED: Final = OrderFilled(
    at=AT,
    order_id=OrderId("a1.paper.1"),
    alert_id=AlertId("a1"),
    account=AccountName("paper"),
    strategy=StrategyName("demo"),
    symbol=Symbol("BRK.B"),
    side=Side.BUY,
    execution_id=ExecutionId("X-1"),
    quantity=Decimal(10),
    price=Decimal("250.10"),
    fee=Decimal("0E-2"),
    executed_at=AT,
)


def draft(number: int = 0, keys: Sequence[str] = ()) -> Draft:
    """A draft of one event, recognisable by its number."""
    return Draft(events=(OPENED,), keys=tuple(keys), writer="test", number=number)


@contextmanager
def program(source: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A Python program in a process of its own; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line the program prints; the empty string once it is gone."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
