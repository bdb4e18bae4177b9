"""Trouble at a local Schwab, at each step of an order's life, and who judges what came of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Final

from attrs import evolve, frozen

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.faults import Fault
from brokers.schwab.simulator.model import Order as VenueOrder
from settings.model import Risk
from settings.paper import Funds, PaperShorts
from tests.situations.floor import LONG, Floor
from tests.situations.simulated_market import ANSWERS_WITHIN_S, MARGIN_ACCOUNT, SimulatedMarket
from tests.trading.builders import AAPL
from trading.order_events import OrderPlanned, SubmitStarted
from trading.vocabulary import OrderStatus, Side, Sides


class Step(StrEnum):
    """What is asked of Schwab while the trouble lasts."""

    ENTRY = "entry sent"
    LOOK = "orders looked at"
    LEGS = "protection sent"
    READ = "anything read"
    CANCEL = "protection cancelled"
    EXIT = "exit sent"
    ACCESS = "access renewed"


class Crash(StrEnum):
    """Whether the daemon dies with it."""

    NONE = "lives"
    AT_ONCE = "dies"


TRADER: Final = "/trader/v1/accounts"
ASKED: Final = {
    Step.ENTRY: ("POST", TRADER),
    Step.LOOK: ("GET", f"{TRADER}/{{hash}}/orders"),
    Step.LEGS: ("POST", TRADER),
    Step.READ: ("GET", TRADER),
    Step.CANCEL: ("DELETE", TRADER),
    Step.EXIT: ("POST", TRADER),
    Step.ACCESS: ("POST", "/v1/oauth/token"),
}
TROUBLES: Final = (
    *(Fault(kind="status", status=status) for status in (401, 403, 429, 500, 502, 504)),
    Fault(kind="drop_before"),
    Fault(kind="drop_after"),
    Fault(kind="drop_during"),
    Fault(kind="no_location"),
    Fault(kind="hidden", seconds=20),
    Fault(kind="stall_after", seconds=ANSWERS_WITHIN_S + 1),
)
RESTS_WITHIN_S: Final = 400
"""Two settling times of an order of unknown fate, and the tries beside them."""


@frozen
class Cell:
    """One trouble at one step, met so many times in a row, and whether the daemon dies of it."""

    step: Step
    trouble: Fault
    crash: Crash
    times: int = 1

    def __str__(self) -> str:
        what = self.trouble.kind if self.trouble.kind != "status" else f"{self.trouble.status}"
        return f"{self.step}, {what} x{self.times}, {self.crash}"


def cells() -> Iterator[Cell]:
    """The whole table, each trouble met once."""
    for step in Step:
        for trouble in TROUBLES:
            for crash in Crash:
                yield Cell(step, trouble, crash)


def tried(cell: Cell, seed: int = 0, way: Side = Side.BUY) -> list[str]:
    """What was wrong with a life in which a cell's trouble came; the seed moves its times about,
    and it is lived long or short.
    """
    chance = Random(seed)
    strategy = evolve(LONG, allow_add=True, sides=Sides.LONG_SHORT)
    floor = Floor(
        at="schwab",
        strategies={"demo": strategy},
        native_brackets=cell.step is not Step.LEGS,  # else nobody would have to send them
        limits=Risk(allow_short=True),
        funds=Funds.MARGIN,
        shorts=PaperShorts(borrowable=(AAPL,)),
    )
    try:
        _life(floor, cell, chance, way)
        is_unmet = any(fault.times == cell.times for fault in _market(floor).desk.faults)
        unmet = [f"{cell.step} was never asked for"] if is_unmet else []
        return [*unmet, *wrong(floor, way)]
    finally:
        floor.close()


def _life(floor: Floor, cell: Cell, chance: Random, way: Side) -> None:
    """Bought with protection, held for a while, sold, or the other way round; the trouble comes
    where the cell says.
    """
    target, stop = ("110", "90") if way is Side.BUY else ("90", "110")

    def meets(*steps: Step) -> None:
        if cell.step in steps:
            arm(floor, cell)

    def dies(*steps: Step) -> None:
        if cell.step in steps and cell.crash is Crash.AT_ONCE:
            floor.restart(chance.choice([0, 1, 7]))

    meets(Step.ENTRY)
    floor.alert(way.value, 10, take_profit=target, stop_loss=stop)
    dies(Step.ENTRY)
    meets(Step.LOOK, Step.LEGS, Step.READ)
    _passes(floor, chance.randint(4, 12))
    dies(Step.LOOK, Step.LEGS, Step.READ)
    if cell.step is Step.ACCESS:
        meets(Step.ACCESS)
        floor.wait_until(floor.room.clock.now() + timedelta(minutes=chance.randint(29, 31)))
        dies(Step.ACCESS)
    _passes(floor, chance.randint(1, 150))
    meets(Step.CANCEL)
    if cell.step is Step.EXIT:
        arm(floor, cell)
    floor.alert(way.opposite.value, 10)
    dies(Step.CANCEL, Step.EXIT)
    for _ in range(RESTS_WITHIN_S):
        _passes(floor, 1)
        if not floor.live() and not floor.share():
            break


def arm(floor: Floor, cell: Cell) -> None:
    """From now on what the cell's step asks for meets its trouble."""
    method, path = ASKED[cell.step]

    def meets(desk: Desk) -> None:
        known_as = desk.world.accounts[MARGIN_ACCOUNT].hash_value
        trouble = evolve(cell.trouble, method=method, path=path.format(hash=known_as))
        desk.faults.append(evolve(trouble, times=cell.times))

    _market(floor).on_desk(meets)


def _passes(floor: Floor, seconds: int) -> None:
    for _ in range(seconds):
        floor.wait(1)


# --- judging --------------------------------------------------------------------------------------


def wrong(floor: Floor, way: Side = Side.BUY) -> Iterator[str]:
    """Whatever the two ledgers, ours and Schwab's, say that should not be."""
    yield from _sent_twice(floor)
    unknown = [o for o in floor.live().values() if o.status is OrderStatus.UNKNOWN]
    ours, theirs = floor.share(), floor.at_venue()
    if ours != theirs and not unknown:
        yield f"we hold {ours}, Schwab has {theirs}, and no order is in doubt"
    if theirs * way.sign < 0:
        yield f"Schwab has {theirs}: more was closed than held"
    if not unknown and (ours or floor.live()):
        yield f"not at rest: {ours} held, {[str(o.status) for o in floor.live().values()]}"


def _sent_twice(floor: Floor) -> Iterator[str]:
    started = {event.order_id for event in floor.events(SubmitStarted)}
    planned = Counter(
        (plan.side.value, plan.order_type.value)
        for plan in floor.events(OrderPlanned)
        if plan.order_id in started
    )
    for terms, number in Counter(_terms(o) for o in taken(floor)).items():
        if number > planned[terms]:
            yield f"{number} orders {terms} at Schwab, {planned[terms]} were planned and sent"


def taken(floor: Floor) -> list[VenueOrder]:
    """Every order that ever came to Schwab."""
    return [o for o in _market(floor).desk.world.orders.values() if o.terms is not None]


def _terms(order: VenueOrder) -> tuple[str, str]:
    assert order.terms is not None
    return order.terms.side.value, order.terms.order_type.lower()


def _market(floor: Floor) -> SimulatedMarket:
    assert isinstance(floor.market, SimulatedMarket)
    return floor.market
