"""The paper venue's trouble on purpose: each fault, what the ledger says of it, the seed."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from brokers.base import (
    Change,
    OutcomeUnknownError,
    RateLimitedError,
    UnreachableError,
    VenueStatus,
)
from brokers.ledger_events import FaultDrawn, PaperAccepted, PaperFilled, PaperMoved
from brokers.paper import PaperVenue
from brokers.paper_faults import Dice, Fate, Faults
from tests.brokers.paper_house import House, Mail, MemoryDisk, ticket
from tests.trading.builders import AAPL, AT
from trading.vocabulary import BrokerOrderId, OrderId, Side


O1 = OrderId("o1")


@pytest.fixture
def house() -> House:
    return House(MemoryDisk())


def only(fault: str) -> Faults:
    certain: dict[str, Any] = {fault: 1.0}
    return Faults(answer_timeout_s=0, **certain)


def struck(house: House) -> list[FaultDrawn]:
    return [fact for fact in house.facts() if isinstance(fact, FaultDrawn)]


# --- an order on its way --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("drop", UnreachableError),
        ("timeout_before_accept", OutcomeUnknownError),
        ("rate_limited", RateLimitedError),
    ],
)
def test_an_order_that_does_not_arrive_is_not_in_the_ledger(
    house: House, fault: str, error: type[Exception]
) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        with pytest.raises(error):
            await venue.submit(ticket())
        assert mail.is_empty

    house.run(sends, faults=only(fault))
    assert not any(isinstance(fact, PaperAccepted) for fact in house.facts())
    assert next((f.fault, f.asked, f.about) for f in struck(house) if f.asked == "submit") == (
        fault,
        "submit",
        "o1",
    )


def test_a_server_error_leaves_open_whether_the_order_was_taken(house: House) -> None:
    async def sends(venue: PaperVenue, _: Mail) -> None:
        for n in range(20):
            with pytest.raises(OutcomeUnknownError, match="503"):
                await venue.submit(ticket(quantity=1, order_id=f"o{n}"))

    house.run(sends, faults=Faults(server_error=1.0))
    taken = sum(isinstance(fact, PaperAccepted) for fact in house.facts())
    assert 0 < taken < 20


def test_an_answer_later_than_anybody_waits_is_a_lost_one(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        with pytest.raises(OutcomeUnknownError, match="no answer"):
            await venue.submit(ticket())
        assert mail.is_empty

    house.run(sends, faults=Faults(latency_s=1000, answer_timeout_s=0.01))
    assert any(isinstance(fact, PaperAccepted) for fact in house.facts())
    assert struck(house)[-1].seconds > Decimal("0.01")


def test_an_answer_that_takes_a_while_is_an_answer(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        assert mail.is_empty
        assert (await mail.execution()).quantity == 10

    house.run(sends, faults=Faults(latency_s=0.01))


def test_a_cancel_and_a_replace_get_lost_too(house: House) -> None:
    async def rests(venue: PaperVenue, _: Mail) -> None:
        await venue.submit(ticket(limit=99))

    async def loses(venue: PaperVenue, _: Mail) -> None:
        found = await PaperVenue.find(venue, O1)
        assert found is not None
        with pytest.raises(OutcomeUnknownError):
            await venue.replace(
                found.broker_order_id, Change(quantity=Decimal(5), limit_price=Decimal(98))
            )
        with pytest.raises(OutcomeUnknownError):
            await venue.cancel(found.broker_order_id)
        found = await PaperVenue.find(venue, O1)
        assert found is not None
        assert found.status is VenueStatus.WORKING

    house.run(rests)
    house.run(loses, faults=Faults(timeout_before_accept=1.0, answer_timeout_s=0))


# --- questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(drop=1.0), UnreachableError),
        (Faults(server_error=1.0), UnreachableError),
        (Faults(rate_limited=1.0), RateLimitedError),
        (Faults(latency_s=1000, answer_timeout_s=0), UnreachableError),
    ],
)
def test_every_question_suffers(house: House, faults: Faults, error: type[Exception]) -> None:
    async def asks(venue: PaperVenue, _: Mail) -> None:
        for question in (
            venue.balances(),
            venue.positions(),
            venue.find(O1),
            venue.order(BrokerOrderId("P1")),
            venue.orders_since(AT),
            venue.executions_since(AT),
            venue.transactions_since(AT),
            venue.quotes([AAPL]),
        ):
            with pytest.raises(error):
                await question

    house.run(asks, faults=faults)


def test_a_question_about_a_lost_order_is_answered(house: House) -> None:
    async def asks(venue: PaperVenue, _: Mail) -> None:
        with pytest.raises(OutcomeUnknownError):
            await venue.submit(ticket())
        assert await venue.find(O1) is not None

    house.run(asks, faults=Faults(timeout_after_accept=1.0, answer_timeout_s=0))


# --- what is told ---------------------------------------------------------------------------------


def test_a_fill_is_told_twice_under_one_id(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        first, again = await mail.execution(), await mail.execution()
        assert first == again
        assert await venue.positions() == {AAPL: 10}

    house.run(sends, faults=Faults(duplicate_fill=1.0))
    assert struck(house)[-1].fault == "duplicate_fill"


def test_a_fill_is_told_late_and_found_meanwhile(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        found = await venue.find(O1)
        assert found is not None
        assert mail.is_empty
        assert (await mail.execution(),) == found.executions

    house.run(sends, faults=Faults(late_fill=1.0, late_fill_s=0.05))


def test_what_comes_after_a_fill_is_told_before_it(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        await asyncio.gather(*(venue.submit(ticket(order_id=name)) for name in ("o1", "o2")))
        told = [(await mail.execution()).order_id for _ in range(2)]
        assert told == ["o2", "o1"]

    house.run(sends, faults=Faults(out_of_order_fill=1.0))


def test_what_nothing_overtakes_is_told_all_the_same(house: House) -> None:
    async def sends(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        assert (await mail.execution()).order_id == "o1"

    house.run(sends, faults=Faults(out_of_order_fill=1.0, late_fill_s=0.01))


# --- others ---------------------------------------------------------------------------------------


def test_somebody_else_trades_and_what_is_reported_is_not_ours(house: House) -> None:
    async def watches(venue: PaperVenue, mail: Mail) -> None:
        venue.observe(AAPL, Decimal(100), AT)
        execution = await mail.execution()
        assert execution.order_id is None
        assert (execution.symbol, execution.price) == (AAPL, Decimal(100))
        assert 0 < abs((await venue.positions())[AAPL]) == execution.quantity

    house.run(watches, faults=Faults(external_trade=1.0))
    assert struck(house)[-1].fault == "external_trade"


def test_others_never_sell_more_than_there_is_nor_pay_what_they_have_not(house: House) -> None:
    async def watches(venue: PaperVenue, _: Mail) -> None:
        for _each in range(60):
            venue.observe(AAPL, Decimal(100), AT)
        await asyncio.gather(*venue._watching)
        assert (await venue.positions()).get(AAPL, 0) >= 0
        assert (await venue.balances()).cash >= 0

    house.run(watches, cash=500, faults=Faults(external_trade=1.0))
    fills = [fact for fact in house.facts() if isinstance(fact, PaperFilled)]
    assert {fill.side for fill in fills} == {Side.BUY, Side.SELL}
    assert len({fill.execution_id for fill in fills}) == len(fills)


def test_companies_pay_and_split(house: House) -> None:
    async def holds(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        for _ in range(12):
            venue.observe(AAPL, Decimal(100), AT)
        await asyncio.gather(*venue._watching)

    house.run(holds, faults=Faults(corporate_action=1.0))
    moved = [fact for fact in house.facts() if isinstance(fact, PaperMoved)]
    assert {fact.kind for fact in moved} == {"dividend", "split"}
    assert moved[0].amount or moved[0].quantity


# --- the seed -------------------------------------------------------------------------------------


def test_what_the_ledger_says_of_a_draw_repeats_it(house: House) -> None:
    async def sends(venue: PaperVenue, _: Mail) -> None:
        for n in range(10):
            with pytest.raises((UnreachableError, RateLimitedError, OutcomeUnknownError)):
                await venue.submit(ticket(order_id=f"o{n}"))

    faults = Faults(
        drop=0.4,
        rate_limited=0.3,
        timeout_before_accept=0.3,
        seed=3,
        answer_timeout_s=0,
    )
    house.run(sends, faults=faults)
    drawn = struck(house)
    assert len(drawn) == 10
    for fact in drawn:
        dice = Dice(fact.seed)
        draws = [dice.draw() for _ in range(fact.number)]
        assert draws[-1] == fact.draw
        assert faults.fate(fact.draw) == fact.fault


def test_faults_that_are_off_draw_nothing() -> None:
    dice = Dice(1)
    assert dice.strikes(0) is None
    assert dice.part_of(0) == dice.count == 0
    assert Faults().fate(Decimal(0)) is Fate.NONE
    assert not Faults(answer_timeout_s=9, late_fill_s=9, seed=9).any
