"""What every venue must do: paper, over a real file and in memory."""

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
from tests.trading.builders import AAPL, AT, MSFT
from trading.vocabulary import BrokerOrderId, OrderId, OrderType, Side, TimeInForce


O1 = OrderId("o1")
LATER = timedelta(seconds=1)
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


# --- replacing ------------------------------------------------------------------------------------


def test_a_replaced_order_is_one_order_with_two_ids(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        old = await venue.submit(ticket(limit=99))
        new = await venue.replace(old, Change(quantity=Decimal(12), limit_price=Decimal(98)))
        told = await mail.replaced()
        assert (told.broker_order_id, told.new_id, told.order_id) == (old, new, O1)
        assert (told.quantity, told.limit_price) == (Decimal(12), Decimal(98))
        before, after, ours = await venue.order(old), await venue.order(new), await venue.find(O1)
        assert before is not None
        assert (before.status, before.replaced_by) == (VenueStatus.REPLACED, new)
        assert after == ours
        assert after is not None
        assert (after.broker_order_id, after.status) == (new, VenueStatus.WORKING)
        venue.observe(AAPL, Decimal(97), AT)
        fill = await mail.execution()
        assert (fill.broker_order_id, fill.quantity, fill.price) == (new, Decimal(12), Decimal(98))

    house.run(scenario)


def test_the_new_terms_outlive_the_connection(house: House) -> None:
    async def replaces(venue: Venue, mail: Mail) -> BrokerOrderId:
        old = await venue.submit(ticket(limit=99))
        new = await venue.replace(old, Change(quantity=Decimal(10), limit_price=Decimal(90)))
        await mail.replaced()
        return new

    async def fills(venue: Venue, mail: Mail) -> BrokerOrderId:
        venue.observe(AAPL, Decimal(98), AT)
        venue.observe(AAPL, Decimal(89), AT)
        fill = await mail.execution()
        assert fill.price == 90
        return fill.broker_order_id

    assert house.run(replaces) == house.run(fills)


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


# --- orders of every kind -------------------------------------------------------------------------


def stop(name: str) -> Ticket:
    sale = ticket(Side.SELL, order_id=name)
    return evolve(sale, order_type=OrderType.STOP, stop_price=Decimal(95))


def test_a_stop_rests_until_it_is_reached_and_fills_beyond_it(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        await venue.submit(stop("o2"))
        venue.observe(AAPL, Decimal(96), AT)
        venue.observe(AAPL, Decimal(94), AT)
        fill = await mail.execution()
        assert fill.order_id == "o2"
        assert fill.price < 94
        assert await venue.positions() == {}

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


def test_of_two_siblings_one_trades_and_the_other_is_cancelled(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        await venue.submit(evolve(ticket(Side.SELL, order_id="target", limit=110), oco_id="x"))
        await venue.submit(evolve(stop("stop"), oco_id="x"))
        venue.observe(AAPL, Decimal(111), AT)
        assert (await mail.execution()).order_id == "target"
        end = await mail.end()
        assert (end.order_id, end.status) == ("stop", VenueStatus.CANCELLED)
        assert await venue.positions() == {}

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


# --- asking ---------------------------------------------------------------------------------------


def test_orders_and_executions_are_listed_from_an_instant_on(house: House) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket(order_id="o1"))
        fill = await mail.execution()
        await venue.submit(ticket(order_id="o2", limit=90))
        orders = await venue.orders_since(AT)
        assert [(o.order_id, o.status) for o in orders] == [
            ("o1", VenueStatus.FILLED),
            ("o2", VenueStatus.WORKING),
        ]
        assert list(await venue.executions_since(AT)) == [fill]
        assert list(await venue.orders_since(AT + LATER)) == []
        assert list(await venue.executions_since(AT + LATER)) == []
        assert list(await venue.transactions_since(AT)) == []

    house.run(scenario)


def test_an_id_that_nobody_has_finds_nothing(house: House) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        await venue.submit(ticket(limit=90))
        assert await venue.order(BrokerOrderId("nobody's")) is None

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
