"""Many lives of the daemon at a local Schwab, and the judge of both ledgers."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from brokers.schwab.simulator.desk import read_quote
from brokers.schwab.simulator.faults import Fault
from brokers.schwab.simulator.model import Order as VenueOrder
from tests.crash.fold import State
from tests.crash.harness import Trial
from tests.crash.load import SYMBOLS
from tests.daemon.simulated import ENVIRON, NUMBER, Simulated, sign_in, simulated


ACCOUNT = """\
  paper:
    broker: schwab
    account_number: env:TOS_ACCOUNT_ID
    app_key: env:TOS_API_KEY
    app_secret: env:TOS_API_SECRET
    base_url: {url}
    hours: always
    orders_per_minute: 100000
    orders_per_day: 1000000
"""
ON_PAPER = "  paper: {broker: paper, starting_cash: 1000000000, hours: always}\n"
SHOWN_WITHIN_S = 3.0
"""How late Schwab may show an order, here; two minutes are believed of the real one."""

NEVER_SENT = frozenset({"PLANNED", "SUBMITTED", "REFUSED", "ABANDONED", "ABSENT"})


class SchwabTrial(Trial):
    """A trial whose account `paper` is at a local Schwab, signed in at."""

    def __init__(self, folder: Path, seed: str) -> None:
        super().__init__(folder, seed, rate=20)
        self.always = {
            **ENVIRON,
            "SHOWN_WITHIN_S": str(SHOWN_WITHIN_S),
        }
        self._running = simulated()

    def __enter__(self) -> Self:
        self.simulator: Simulated = self._running.__enter__()
        for symbol in SYMBOLS:
            told = {"bid": "99.99", "ask": "100.01", "last": "100.00"}
            name = symbol.replace(".", "/")
            self.simulator.desk.show(read_quote(name, told, self.simulator.desk.now()))
        settings = self.folder / "settings.yaml"
        there = ACCOUNT.format(url=self.simulator.url)
        settings.write_text(settings.read_text().replace(ON_PAPER, there))
        sign_in(settings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._running.__exit__(kind, error, traceback)

    def meets(self, trouble: Fault | None) -> None:
        """The next request of its kind meets this, if anything."""
        self.simulator.desk.faults[:] = [] if trouble is None else [trouble]

    def judged(self) -> list[str]:
        """What the checker finds, and what the two ledgers say of each other."""
        found = [line for line in super().judged() if not _misses_paper(line)]
        return [*found, *differences(self.evidence().state, self._taken(), self._held())]

    def _taken(self) -> list[VenueOrder]:
        orders = self.simulator.desk.world.orders.values()
        return [o for o in orders if o.terms is not None and o.account == NUMBER]

    def _held(self) -> dict[str, Decimal]:
        positions = self.simulator.desk.world.accounts[NUMBER].positions
        return {symbol.replace("/", "."): it.quantity for symbol, it in positions.items()}


def _misses_paper(finding: str) -> bool:
    """Whether the checker only says that a paper account's own ledger is not there."""
    return finding.startswith("I8: ") or finding.endswith(" has no ledger")


def differences(state: State, taken: list[VenueOrder], held: dict[str, Decimal]) -> Iterator[str]:
    """Whatever Schwab's ledger has and ours has not, or the other way about."""
    for there in taken:
        fills = {f"{fill.activity_id}.1": fill.quantity for fill in there.fills}
        here = [
            order
            for order in state.orders.values()
            if order.broker_order_id == str(there.order_id) or order.executions.keys() & fills
        ]
        if len(here) != 1:
            yield f"I2: {len(here)} orders of ours are {there.order_id} of Schwab"
        elif here[0].executions != fills:
            yield f"I3: {there.order_id} traded {fills} at Schwab, {here[0].executions} here"
    sent = [order for order in state.orders.values() if order.status not in NEVER_SENT]
    if len(sent) != len(taken):
        yield f"I2: {len(sent)} orders of ours came to Schwab, which has {len(taken)}"
    books = {symbol: quantity for (_, symbol), quantity in state.positions.items() if quantity}
    if books != held:
        yield f"I5: held at Schwab {held}, here {books}"
