"""What only a paper account does: books on a disk of its own, faults on purpose, money at once."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from brokers.base import (
    Change,
    InsufficientFundsError,
    NotOfferedError,
    OutcomeUnknownError,
    RejectedError,
    Ticket,
    UnreachableError,
    Venue,
    VenueStatus,
)
from brokers.paper_faults import Faults
from tests.brokers.paper_house import House, Mail, MemoryDisk, SqliteDisk, ticket
from tests.trading.builders import AAPL, AT
from trading.vocabulary import BrokerOrderId, OrderId, OrderType, Side, TimeInForce


O1 = OrderId("o1")
LATER = timedelta(seconds=1)
LOSES_ANSWERS = Faults(timeout_after_accept=1.0, answer_timeout_s=0)


@pytest.fixture(params=["sqlite", "memory"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    disk = SqliteDisk(tmp_path / "paper.db") if request.param == "sqlite" else MemoryDisk()
    yield House(disk)
    disk.heal()


def stop(name: str) -> Ticket:
    sale = ticket(Side.SELL, order_id=name)
    return evolve(sale, order_type=OrderType.STOP, stop_price=Decimal(95))


def test_the_starting_cash_is_given_once(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> Decimal:
        return (await venue.balances()).cash

    assert house.run(scenario, cash=100) == house.run(scenario, cash=999) == 100


def test_a_refused_order_leaves_no_trace(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        with pytest.raises(RejectedError, match="oversold"):
            await venue.submit(ticket(Side.SELL))
        with pytest.raises(InsufficientFundsError, match="needed"):
            await venue.submit(ticket(quantity=1_000))
        assert await venue.find(O1) is None
        assert mail.is_empty
        assert (await venue.balances()).cash == 25_000

    house.run(scenario)


def test_a_replace_that_is_refused_leaves_the_order_as_it_was(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        resting = await venue.submit(ticket(limit=99))
        with pytest.raises(InsufficientFundsError):
            await venue.replace(resting, Change(quantity=Decimal(999), limit_price=Decimal(99)))
        with pytest.raises(RejectedError):
            await venue.replace(BrokerOrderId("nobody's"), Change(quantity=Decimal(1)))
        assert mail.is_empty
        found = await venue.order(resting)
        assert found is not None
        assert found.status is VenueStatus.WORKING

    house.run(scenario)


def test_an_order_for_now_or_never_that_is_not_filled_has_expired(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(evolve(ticket(limit=99), time_in_force=TimeInForce.IOC))
        end = await mail.end()
        assert (end.order_id, end.status) == (O1, VenueStatus.EXPIRED)
        found = await venue.find(O1)
        assert found is not None
        assert found.status is VenueStatus.EXPIRED

    house.run(scenario)


def test_a_child_works_from_its_parents_completion(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket(limit=99, order_id="entry"))
        await venue.submit(evolve(stop("stop"), parent_id=OrderId("entry")))
        venue.observe(AAPL, Decimal(94), AT)
        assert (await mail.execution()).order_id == "entry"
        venue.observe(AAPL, Decimal(93), AT)
        assert (await mail.execution()).order_id == "stop"

    house.run(scenario)


def test_what_is_reserved_is_no_buying_power(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        await venue.submit(ticket(limit=90))
        balances = await venue.balances()
        assert (balances.cash, balances.buying_power) == (Decimal(25_000), Decimal(24_100))

    house.run(scenario)


def test_a_venue_without_a_market_has_no_quotes_no_bars_and_no_hours(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        venue.observe(AAPL, Decimal(100), AT)
        assert await venue.quotes([AAPL]) == {}
        assert await venue.market_hours(AT) is None
        with pytest.raises(NotOfferedError, match="keeps none"):
            await venue.history(AAPL, LATER, AT)

    house.run(scenario)


def test_an_answer_that_is_lost_leaves_the_order_to_be_found(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        with pytest.raises(OutcomeUnknownError, match="no answer within"):
            await venue.submit(ticket())
        assert mail.is_empty
        found = await venue.find(O1)
        assert found is not None
        assert found.status is VenueStatus.FILLED
        assert await venue.positions() == {AAPL: 10}

    house.run(scenario, faults=LOSES_ANSWERS)


def test_an_order_that_a_failing_disk_took_is_of_unknown_outcome_until_it_is_found_absent(
    house: House,
) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        house.disk.fail()
        with pytest.raises(OutcomeUnknownError, match="may not have been written"):
            await venue.submit(ticket())
        assert (await venue.balances()).cash == 25_000
        assert await venue.positions() == {}
        house.disk.heal()
        assert await venue.find(O1) is None
        await venue.submit(ticket(order_id="o2"))
        assert (await mail.execution()).order_id == "o2"

    house.run(scenario)


def test_a_cancel_that_cannot_be_written_leaves_the_order_resting(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket(limit=99))
        house.disk.fail()
        with pytest.raises(OutcomeUnknownError):
            await venue.cancel(broker_order_id)
        house.disk.heal()
        assert mail.is_empty
        await venue.cancel(broker_order_id)
        await mail.end()

    house.run(scenario)


def test_an_account_that_cannot_be_opened_can_be_tried_again(house: House) -> None:
    async def scenario() -> Decimal:
        venue, mail = house.venue(), Mail()
        house.disk.fail()
        with pytest.raises(UnreachableError):
            await venue.connect(mail.put)
        house.disk.heal()
        await venue.connect(mail.put)
        cash = (await venue.balances()).cash
        await venue.close()
        return cash

    assert asyncio.run(scenario()) == 25_000


def test_many_orders_at_once_share_few_commits(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        house.commits.clear()
        sent = [venue.submit(ticket(quantity=1, order_id=f"o{n}")) for n in range(200)]
        assert len(set(await asyncio.gather(*sent))) == 200
        for _ in sent:
            await mail.execution()
        assert sum(house.commits) == 200
        assert len(house.commits) <= 5
        assert await venue.positions() == {AAPL: 200}

    house.run(scenario)


def test_orders_at_once_never_spend_the_same_money(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        sent = [venue.submit(ticket(quantity=10, order_id=f"o{n}")) for n in range(20)]
        fates = await asyncio.gather(*sent, return_exceptions=True)
        assert sum(isinstance(fate, InsufficientFundsError) for fate in fates) == 15
        assert (await venue.balances()).cash >= 0

    house.run(scenario, cash=5_010)
