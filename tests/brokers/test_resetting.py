"""A paper account begins anew: nothing is erased, and the difference in cash is a flow."""

import asyncio
from decimal import Decimal

import pytest

from brokers.base import NotOfferedError, RejectedError
from brokers.ledger_events import LedgerOpened, LedgerReset, PaperMoved
from brokers.paper import PaperVenue
from brokers.paper_faults import Faults
from brokers.resetting import reset
from tests.actors.venues import ScriptedVenue
from tests.brokers.paper_house import House, Mail, MemoryDisk, ticket
from tests.trading.builders import AT
from trading.vocabulary import Side


@pytest.fixture
def house() -> House:
    return House(MemoryDisk())


async def lost_a_little(venue: PaperVenue) -> Decimal:
    """Ten shares are bought and sold again; the cash that is left."""
    await venue.submit(ticket(quantity=10, price=100))
    await venue.submit(ticket(quantity=10, price=100, side=Side.SELL, order_id="o2"))
    return (await venue.balances()).cash


def test_it_begins_with_the_starting_cash_and_forgets_nothing(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        left = await lost_a_little(venue)
        assert left < 25_000
        first = await venue.order(await venue.submit(ticket(quantity=1, price=1, order_id="o3")))
        await venue.submit(ticket(quantity=1, price=1, side=Side.SELL, order_id="o4"))
        before = (await venue.balances()).cash
        assert await reset(venue, "a new month") == 25_000
        assert (await venue.balances()).cash == 25_000
        (moved,) = await venue.transactions_since(AT)
        assert (moved.kind, moved.amount) == ("deposit", 25_000 - before)
        assert len(await venue.executions_since(AT)) == 4
        assert first is not None
        assert await venue.find(ticket(order_id="o3").order_id) is not None

    house.run(scenario)
    opened, begun = house.facts()[0], house.facts()[-1]
    assert isinstance(opened, LedgerOpened)
    assert isinstance(begun, LedgerReset)
    assert (begun.follows, begun.reason) == (f"{opened.at:%y%m%d%H%M%S}", "a new month")
    assert begun.was < begun.cash == 25_000


def test_more_than_the_starting_cash_goes_as_a_withdrawal_and_again_nothing_moves(
    house: House,
) -> None:
    async def opens(venue: PaperVenue, _: Mail) -> None:
        assert (await venue.balances()).cash == 25_000

    async def scenario(venue: PaperVenue, _: Mail) -> None:
        await reset(venue, "a smaller account")
        await reset(venue, "once more")
        (moved,) = await venue.transactions_since(AT)
        assert (moved.kind, moved.amount) == ("withdrawal", Decimal(-20_000))

    house.run(opens)
    house.run(scenario, cash=5000)
    kinds = [type(fact) for fact in house.facts()]
    assert kinds == [LedgerOpened, PaperMoved, LedgerReset, LedgerReset]


def test_what_is_held_or_works_is_named_and_stays(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        await venue.submit(ticket(quantity=10, price=100))
        works = await venue.submit(ticket(limit=50, order_id="o2"))
        with pytest.raises(RejectedError, match=f"not while it has 10 AAPL, order {works}"):
            await reset(venue, "x")

    house.run(scenario)
    assert not any(isinstance(fact, LedgerReset) for fact in house.facts())


def test_the_mark_of_a_rehearsal_stays_and_no_id_comes_twice(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        first = await venue.submit(ticket(quantity=1, price=1))
        await venue.submit(ticket(quantity=1, price=1, side=Side.SELL, order_id="o2"))
        await reset(venue, "x")
        assert (await venue.balances()).rehearsal
        assert await venue.submit(ticket(quantity=1, price=1, order_id="o3")) != first

    house.run(scenario, faults=Faults(latency_s=0.001))


def test_only_paper_begins_anew() -> None:
    with pytest.raises(NotOfferedError, match="only an account at the paper broker"):
        asyncio.run(reset(ScriptedVenue(), "x"))
