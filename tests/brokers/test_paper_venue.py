"""What is the paper venue's own: prices from elsewhere, faults on purpose, disks that fail."""

import asyncio
from decimal import Decimal

import pytest

from brokers.base import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    VenueStatus,
)
from brokers.ledger_events import LedgerOpened, PaperFilled, RehearsalMarked
from brokers.paper import PaperVenue
from brokers.paper_faults import NO_FAULTS, Faults
from journal import Reader, Store, StoreFailed
from tests.brokers.paper_house import (
    FlushFailingDisk,
    House,
    Mail,
    MemoryDisk,
    StandingClock,
    ticket,
)
from tests.trading.builders import AAPL, AT
from trading.vocabulary import OrderId, Side


LOSES_ANSWERS = Faults(timeout_after_accept=1.0, answer_timeout_s=0)


@pytest.fixture
def house() -> House:
    return House(MemoryDisk())


async def a_turn_of_the_loop() -> None:
    turned = asyncio.get_running_loop().create_future()
    turned.get_loop().call_soon(turned.set_result, None)
    await turned


def test_a_ledger_that_ran_with_faults_says_so_once_and_for_ever(house: House) -> None:
    async def nothing(venue: PaperVenue, mail: Mail) -> None:
        assert mail.is_empty
        assert venue.knows_our_ids

    for faults in (NO_FAULTS, LOSES_ANSWERS, LOSES_ANSWERS, NO_FAULTS):
        house.run(nothing, faults=faults)
    assert [type(fact) for fact in house.facts()] == [LedgerOpened, RehearsalMarked]


def test_faults_are_drawn_by_their_seed(house: House) -> None:
    async def lost(venue: PaperVenue, _: Mail) -> list[bool]:
        fates = []
        for n in range(12):
            try:
                await venue.submit(ticket(quantity=1, order_id=f"o{n}"))
            except OutcomeUnknownError:
                fates.append(True)
            else:
                fates.append(False)
        return fates

    sometimes = Faults(timeout_after_accept=0.5, answer_timeout_s=0, seed=7)
    first = house.run(lost, faults=sometimes)
    assert house.run(lost, faults=sometimes) == first
    assert set(first) == {True, False}


def test_a_price_from_elsewhere_fills_a_market_order_that_has_none(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        with pytest.raises(RejectedError, match="no price is known"):
            await venue.submit(ticket(price=None))
        venue.observe(AAPL, Decimal(50), AT)
        await venue.submit(ticket(price=None))
        assert (await mail.execution()).price == Decimal("50.04")

    house.run(scenario)


def test_all_orders_of_one_write_are_acknowledged_before_the_first_of_their_fills_is_told(
    house: House,
) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        async def send(order_id: str) -> None:
            await venue.submit(ticket(quantity=1, order_id=order_id))
            assert mail.is_empty

        await asyncio.gather(*map(send, ("o1", "o2", "o3")))
        told = [(await mail.execution()).order_id for _ in range(3)]
        assert told == ["o1", "o2", "o3"]

    house.run(scenario)


def test_a_fill_that_cannot_be_written_rests_on_until_a_later_price(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket(limit=99))
        house.disk.fail()
        venue.observe(AAPL, Decimal(98), AT)
        await asyncio.gather(*venue._watching)
        assert mail.is_empty
        assert await venue.positions() == {}
        house.disk.heal()
        venue.observe(AAPL, Decimal(97), AT)
        assert (await mail.execution()).price == 99
        assert await venue.positions() == {AAPL: 10}

    house.run(scenario)


def test_a_disk_that_neither_writes_nor_reads_still_answers(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        house.disk.fail()
        house.readers[-1].close()
        with pytest.raises(OutcomeUnknownError, match="may not have been written"):
            await asyncio.wait_for(venue.submit(ticket()), 2)
        with pytest.raises(UnreachableError, match="cannot be opened"):
            await venue.find(OrderId("o1"))
        assert (await venue.balances()).cash == 25_000

    house.run(scenario)


def test_orders_decided_while_a_write_fails_are_refused_with_it(house: House) -> None:
    """The buy has the money only by the sale before it, which never gets onto the disk."""

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket(quantity=10))
        await mail.execution()
        house.disk.fail()
        sale = ticket(Side.SELL, 10, order_id="o2")
        buy = ticket(quantity=10, order_id="o3")
        fates = await asyncio.gather(venue.submit(sale), venue.submit(buy), return_exceptions=True)
        assert [type(fate) for fate in fates] == [OutcomeUnknownError, OutcomeUnknownError]
        house.disk.heal()
        assert await venue.positions() == {AAPL: 10}
        assert await venue.find(OrderId("o3")) is None

    house.run(scenario, cash="1500")


def flush_fails() -> House:
    return House(FlushFailingDisk())


def test_an_order_written_by_a_disk_that_said_otherwise_is_found_and_counted() -> None:
    house = flush_fails()

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        house.disk.fail()
        with pytest.raises(OutcomeUnknownError):
            await venue.submit(ticket())
        house.disk.heal()
        found = await venue.find(OrderId("o1"))
        assert found is not None
        assert found.status is VenueStatus.FILLED
        assert await venue.positions() == {AAPL: 10}
        assert mail.is_empty  # who sent it asks for it

    house.run(scenario)


def test_a_fill_written_by_a_disk_that_said_otherwise_is_reported_late() -> None:
    house = flush_fails()

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket(limit=99))
        house.disk.fail()
        venue.observe(AAPL, Decimal(98), AT)
        await asyncio.gather(*venue._watching)
        assert mail.is_empty
        house.disk.heal()
        await venue.find(OrderId("o1"))
        assert (await mail.execution()).price == 99
        assert await venue.positions() == {AAPL: 10}

    house.run(scenario)


def test_an_end_written_by_a_disk_that_said_otherwise_is_reported_late() -> None:
    house = flush_fails()

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        resting = await venue.submit(ticket(limit=99))
        house.disk.fail()
        with pytest.raises(OutcomeUnknownError):
            await venue.cancel(resting)
        house.disk.heal()
        await venue.cancel(resting)
        assert (await mail.end()).broker_order_id == resting

    house.run(scenario)


def test_nothing_is_sent_while_the_ledger_is_in_doubt(house: House) -> None:
    """Who sends has just looked at his gate: it could close while the books are opened anew."""

    async def scenario(venue: PaperVenue, _: Mail) -> None:
        house.disk.fail()
        with pytest.raises(OutcomeUnknownError):
            await venue.submit(ticket())
        house.disk.heal()
        with pytest.raises(UnreachableError, match="looked over"):
            await venue.submit(ticket(order_id="o2"))
        assert await venue.find(OrderId("o2")) is None
        await venue.submit(ticket(order_id="o3"))

    house.run(scenario)


def test_what_was_never_given_to_a_failing_disk_is_not_sent(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        house.disk.fail()
        first = asyncio.create_task(venue.submit(ticket()))
        while not house.commits[1:]:  # until the disk's thread has it
            await a_turn_of_the_loop()
        second = asyncio.create_task(venue.submit(ticket(order_id="o2")))
        fates = await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(fates[0], OutcomeUnknownError)
        assert isinstance(fates[1], UnreachableError)

    house.run(scenario)


def test_a_sender_that_gives_up_waiting_leaves_the_order_to_be_found(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        sending = asyncio.create_task(venue.submit(ticket()))
        await a_turn_of_the_loop()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        found = await venue.find(OrderId("o1"))
        assert found is not None
        assert found.status is VenueStatus.FILLED
        assert await venue.positions() == {AAPL: 10}
        assert mail.is_empty

    house.run(scenario)


def test_a_venue_closed_before_it_was_connected_lets_go_of_its_thread(house: House) -> None:
    asyncio.run(house.venue().close())


def test_a_fill_under_way_is_written_before_the_ledger_closes(house: House) -> None:
    async def scenario(venue: PaperVenue, _: Mail) -> None:
        await venue.submit(ticket(limit=99))
        venue.observe(AAPL, Decimal(98), AT)
        await a_turn_of_the_loop()

    house.run(scenario)
    assert isinstance(house.facts()[-1], PaperFilled)


def test_books_that_cannot_be_opened_are_a_venue_that_cannot_be_reached() -> None:
    def broken() -> tuple[Store, Reader]:
        raise StoreFailed("no such disk")

    async def scenario() -> None:
        venue = PaperVenue(
            account="paper", starting_cash=Decimal(1), open_books=broken, clock=StandingClock()
        )
        with pytest.raises(UnreachableError, match="no such disk"):
            await venue.connect(Mail().put)
        await venue.close()

    asyncio.run(scenario())


def test_a_venue_that_asks_to_wait_says_how_long() -> None:
    error = RateLimitedError(2.5)
    assert (str(error), error.retry_after_s) == ("the venue asks to wait 2.5 s", 2.5)
