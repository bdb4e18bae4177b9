"""What every venue must do: paper, over a real file and in memory."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from brokers.base import (
    InsufficientFundsError,
    OutcomeUnknownError,
    RejectedError,
    UnreachableError,
    Venue,
    VenueStatus,
)
from brokers.paper import Faults
from tests.brokers.paper_house import House, Mail, MemoryDisk, SqliteDisk, ticket
from tests.trading.builders import AAPL, AT, MSFT
from trading.vocabulary import BrokerOrderId, OrderId, Side


O1 = OrderId("o1")
LOSES_ANSWERS = Faults(timeout_after_accept=1.0, answer_timeout_s=0)


@pytest.fixture(params=["sqlite", "memory"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    disk = SqliteDisk(tmp_path / "paper.db") if request.param == "sqlite" else MemoryDisk()
    yield House(disk)
    disk.heal()


# --- the account ----------------------------------------------------------------------------------


def test_a_new_account_has_its_starting_cash_and_nothing_else(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        assert (await venue.balances()).cash == 25_000
        assert await venue.positions() == {}
        assert mail.is_empty

    house.run(scenario)


def test_the_starting_cash_is_given_once(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> Decimal:
        return (await venue.balances()).cash

    assert house.run(scenario, cash=100) == house.run(scenario, cash=999) == 100


def test_a_new_connection_finds_everything_as_it_was_left(house: House) -> None:
    async def works(venue: Venue, mail: Mail) -> tuple[object, ...]:
        await venue.submit(ticket(order_id="o1"))
        await mail.execution()
        await venue.submit(ticket(Side.SELL, 4, order_id="o2", limit=110))
        return await state(venue)

    async def state(venue: Venue) -> tuple[object, ...]:
        orders = [await venue.find(OrderId(name)) for name in ("o1", "o2", "o3")]
        return await venue.balances(), await venue.positions(), orders

    async def looks(venue: Venue, mail: Mail) -> tuple[object, ...]:
        assert mail.is_empty
        return await state(venue)

    left = house.run(works)
    assert house.run(looks) == left


def test_an_order_that_rests_still_fills_after_a_new_connection(house: House) -> None:
    async def rests(venue: Venue, _: Mail) -> BrokerOrderId:
        return await venue.submit(ticket(limit=99))

    async def fills(venue: Venue, mail: Mail) -> BrokerOrderId:
        venue.observe(AAPL, Decimal(98), AT)
        return (await mail.execution()).broker_order_id

    assert house.run(rests) == house.run(fills)


# --- orders ---------------------------------------------------------------------------------------


def test_a_market_order_is_taken_and_its_fill_is_reported(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket(quantity=10))
        fill = await mail.execution()
        assert (fill.broker_order_id, fill.order_id) == (broker_order_id, O1)
        assert (fill.side, fill.quantity, fill.symbol) == (Side.BUY, Decimal(10), AAPL)
        assert await venue.positions() == {AAPL: 10}
        assert (await venue.balances()).cash == 25_000 - 10 * fill.price

    house.run(scenario)


def test_a_fill_is_reported_only_after_the_acknowledgement(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        assert mail.is_empty
        await mail.execution()

    house.run(scenario)


def test_every_order_and_every_execution_has_an_id_of_its_own(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        orders = {await venue.submit(ticket(quantity=1, order_id=f"o{n}")) for n in range(5)}
        executions = {(await mail.execution()).execution_id for _ in range(5)}
        assert (len(orders), len(executions)) == (5, 5)

    house.run(scenario)


def test_a_limit_order_rests_until_the_price_goes_through_it(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket(limit=99))
        venue.observe(AAPL, Decimal(99), AT)
        venue.observe(MSFT, Decimal(1), AT)
        found = await venue.find(O1)
        assert found is not None
        assert (found.status, found.executions) == (VenueStatus.WORKING, ())
        venue.observe(AAPL, Decimal(98), AT)
        assert (await mail.execution()).price == 99

    house.run(scenario)


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


# --- cancelling -----------------------------------------------------------------------------------


def test_a_resting_order_is_cancelled_and_the_report_says_so(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket(limit=99))
        await venue.cancel(broker_order_id)
        end = await mail.end()
        assert (end.order_id, end.status) == (O1, VenueStatus.CANCELLED)
        found = await venue.find(O1)
        assert found is not None
        assert found.status is VenueStatus.CANCELLED
        venue.observe(AAPL, Decimal(1), AT)
        assert await venue.positions() == {}

    house.run(scenario)


def test_a_cancel_may_be_repeated_or_come_too_late(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        resting = await venue.submit(ticket(limit=99, order_id="o1"))
        filled = await venue.submit(ticket(order_id="o2"))
        await mail.execution()
        for broker_order_id in (resting, resting, filled, BrokerOrderId("nobody's")):
            await venue.cancel(broker_order_id)
        await mail.end()
        assert mail.is_empty
        assert await venue.positions() == {AAPL: 10}

    house.run(scenario)


# --- reading back ---------------------------------------------------------------------------------


def test_a_filled_order_is_found_with_its_executions(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket())
        fill = await mail.execution()
        found = await venue.find(O1)
        assert found is not None
        assert (found.broker_order_id, found.order_id) == (broker_order_id, O1)
        assert (found.status, found.executions) == (VenueStatus.FILLED, (fill,))

    house.run(scenario)


def test_an_order_that_never_came_is_absent(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        assert await venue.find(OrderId("never")) is None

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


# --- trouble --------------------------------------------------------------------------------------


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
