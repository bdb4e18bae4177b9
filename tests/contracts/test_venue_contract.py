"""What every venue must do: paper, over a real file and in memory, and Schwab, simulated."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from attrs import evolve

from brokers.base import (
    Change,
    NotOfferedError,
    Recalled,
    RejectedError,
    Ticket,
    Venue,
    VenueStatus,
)
from brokers.market import Candle
from brokers.paper_rules import Lending, MarketRules
from brokers.quote_file import Shown
from tests.brokers.paper_house import House, Mail, MemoryDisk, SqliteDisk, ticket
from tests.brokers.simulated_house import ON_MARGIN, SimulatedHouse
from tests.trading.builders import AAPL, AT, MSFT
from trading.sessions import Calendar
from trading.vocabulary import BrokerOrderId, OrderId, OrderType, Side, Symbol


O1 = OrderId("o1")
LATER = timedelta(seconds=1)
T = TypeVar("T")


class VenueHouse(Protocol):
    """One account at a venue that stays; each `run` is a daemon's life, `move` moves the market."""

    def run(self, scenario: Callable[[Any, Mail], Awaitable[T]]) -> T: ...

    def move(self, price: int, symbol: Symbol = AAPL) -> None: ...


@pytest.fixture(params=["paper", "paper in memory", "schwab"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> VenueHouse:
    match request.param:
        case "paper":
            return House(SqliteDisk(tmp_path / "paper.db"))
        case "schwab":
            return SimulatedHouse()
        case _:
            return House(MemoryDisk())


# --- the account ----------------------------------------------------------------------------------


def test_a_new_account_has_its_starting_cash_and_nothing_else(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        assert (await venue.balances()).cash == 25_000
        assert await venue.positions() == {}
        assert mail.is_empty

    house.run(scenario)


def test_a_new_connection_finds_everything_as_it_was_left(house: VenueHouse) -> None:
    async def works(venue: Venue, mail: Mail) -> tuple[object, ...]:
        await venue.submit(ticket(order_id="o1"))
        await mail.execution()
        await venue.submit(ticket(Side.SELL, 4, order_id="o2", limit=110))
        return await state(venue)

    async def state(venue: Venue) -> tuple[object, ...]:
        orders = [await venue.find(OrderId(name)) for name in ("o1", "o2")]
        return await venue.balances(), await venue.positions(), orders

    async def looks(venue: Venue, mail: Mail) -> tuple[object, ...]:
        assert mail.is_empty
        return await state(venue)

    left = house.run(works)
    assert house.run(looks) == left


def test_an_order_that_rests_still_fills_after_a_new_connection(house: VenueHouse) -> None:
    async def rests(venue: Venue, _: Mail) -> BrokerOrderId:
        return await venue.submit(ticket(limit=99))

    async def fills(_: Venue, mail: Mail) -> BrokerOrderId:
        house.move(98)
        return (await mail.execution()).broker_order_id

    assert house.run(rests) == house.run(fills)


# --- orders ---------------------------------------------------------------------------------------


def test_a_market_order_is_taken_and_its_fill_is_reported(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket(quantity=10))
        fill = await mail.execution()
        assert (fill.broker_order_id, fill.order_id) == (broker_order_id, O1)
        assert (fill.side, fill.quantity, fill.symbol) == (Side.BUY, Decimal(10), AAPL)
        assert await venue.positions() == {AAPL: 10}
        assert (await venue.balances()).cash == 25_000 - 10 * fill.price

    house.run(scenario)


def test_a_fill_is_reported_only_after_the_acknowledgement(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        assert mail.is_empty
        await mail.execution()

    house.run(scenario)


def test_every_order_and_every_execution_has_an_id_of_its_own(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        orders = {await venue.submit(ticket(quantity=1, order_id=f"o{n}")) for n in range(5)}
        executions = {(await mail.execution()).execution_id for _ in range(5)}
        assert (len(orders), len(executions)) == (5, 5)

    house.run(scenario)


def test_a_limit_order_rests_until_the_price_goes_through_it(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket(limit=99))
        house.move(99)
        house.move(1, MSFT)
        found = await venue.find(O1)
        assert found is not None
        assert (found.status, found.executions) == (VenueStatus.WORKING, ())
        house.move(98)
        assert (await mail.execution()).price <= 99

    house.run(scenario)


def test_a_refused_order_comes_to_nothing(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        for wrong in (ticket(Side.SELL), ticket(quantity=1_000, order_id="o2")):
            try:
                await venue.submit(wrong)
            except RejectedError:
                assert await venue.find(wrong.order_id) is None
            else:
                end = await mail.end()
                assert (end.order_id, end.status) == (wrong.order_id, VenueStatus.REJECTED)
        assert mail.is_empty
        assert await venue.positions() == {}
        assert (await venue.balances()).cash == 25_000

    house.run(scenario)


# --- cancelling -----------------------------------------------------------------------------------


def test_a_resting_order_is_cancelled_and_the_report_says_so(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket(limit=99))
        await venue.cancel(broker_order_id)
        end = await mail.end()
        assert (end.order_id, end.status) == (O1, VenueStatus.CANCELLED)
        found = await venue.find(O1)
        assert found is not None
        assert found.status is VenueStatus.CANCELLED
        house.move(1)
        assert await venue.positions() == {}

    house.run(scenario)


def test_a_cancel_may_be_repeated_or_come_too_late(house: VenueHouse) -> None:
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


def test_a_replaced_order_is_one_order_with_two_ids(house: VenueHouse) -> None:
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
        house.move(97)
        fill = await mail.execution()
        assert (fill.broker_order_id, fill.quantity) == (new, Decimal(12))
        assert fill.price <= 98

    house.run(scenario)


def test_the_new_terms_outlive_the_connection(house: VenueHouse) -> None:
    async def replaces(venue: Venue, mail: Mail) -> BrokerOrderId:
        old = await venue.submit(ticket(limit=99))
        new = await venue.replace(old, Change(quantity=Decimal(10), limit_price=Decimal(90)))
        await mail.replaced()
        return new

    async def fills(_: Venue, mail: Mail) -> BrokerOrderId:
        house.move(98)
        house.move(89)
        fill = await mail.execution()
        assert fill.price <= 90
        return fill.broker_order_id

    assert house.run(replaces) == house.run(fills)


def test_a_replace_of_what_works_no_longer_is_refused(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        filled = await venue.submit(ticket())
        await mail.execution()
        for gone in (filled, BrokerOrderId("nobody's")):
            with pytest.raises(RejectedError):
                await venue.replace(gone, Change(quantity=Decimal(1)))
        assert mail.is_empty

    house.run(scenario)


# --- orders of every kind -------------------------------------------------------------------------


def stop(name: str) -> Ticket:
    sale = ticket(Side.SELL, order_id=name)
    return evolve(sale, order_type=OrderType.STOP, stop_price=Decimal(95))


def test_a_stop_rests_until_it_is_reached_and_fills_beyond_it(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        await venue.submit(stop("o2"))
        house.move(96)
        house.move(94)
        fill = await mail.execution()
        assert fill.order_id == "o2"
        assert fill.price < 94
        assert await venue.positions() == {}

    house.run(scenario)


def test_of_two_siblings_one_trades_and_the_other_is_cancelled(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        target = evolve(ticket(Side.SELL, order_id="target", limit=110), oco_id="x")
        both = [target, evolve(stop("stop"), oco_id="x")]
        if venue.siblings_go_together:
            await venue.submit_siblings(both)
        else:
            for each in both:
                await venue.submit(each)
        house.move(111)
        assert (await mail.execution()).order_id == "target"
        end = await mail.end()
        assert (end.order_id, end.status) == ("stop", VenueStatus.CANCELLED)
        assert await venue.positions() == {}

    house.run(scenario)


# --- asking -----------------------------------------------------------------------------------


def test_orders_and_executions_are_listed_from_an_instant_on(house: VenueHouse) -> None:
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


def test_an_id_that_nobody_has_finds_nothing(house: VenueHouse) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        await venue.submit(ticket(limit=90))
        assert await venue.order(BrokerOrderId("nobody's")) is None

    house.run(scenario)


# --- short sales ----------------------------------------------------------------------------------


@pytest.fixture(params=["paper", "schwab"])
def margin(request: pytest.FixtureRequest) -> VenueHouse:
    """A margin account where AAPL can be borrowed."""
    if request.param == "schwab":
        return SimulatedHouse(number=ON_MARGIN)
    lends = Lending(symbols=frozenset({AAPL}))
    return House(MemoryDisk(), rules=MarketRules(lends=lends))


def test_what_is_sold_short_is_bought_back(margin: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        await venue.submit(evolve(ticket(Side.SELL, 10), short=True))
        sold = await mail.execution()
        assert sold.side is Side.SELL
        assert await venue.positions() == {AAPL: -10}
        assert (await venue.balances()).cash > 25_000 + 10 * sold.price - 1  # fees are less
        await venue.submit(evolve(ticket(Side.BUY, 10, order_id="o2"), short=True))
        await mail.execution()
        assert await venue.positions() == {}

    margin.run(scenario)


def test_a_stop_that_buys_back_outlives_the_connection(margin: VenueHouse) -> None:
    async def sells(venue: Venue, mail: Mail) -> None:
        await venue.submit(evolve(ticket(Side.SELL, 10), short=True))
        await mail.execution()
        protects = evolve(
            ticket(Side.BUY, 10, order_id="o2"),
            short=True,
            order_type=OrderType.STOP,
            stop_price=Decimal(110),
        )
        await venue.submit(protects)

    async def buys_back(venue: Venue, mail: Mail) -> None:
        margin.move(111)
        margin.move(111)
        while (bought := await mail.execution()).side is Side.SELL:
            """The sale may be told again."""
        assert bought.quantity == 10
        assert await venue.positions() == {}

    margin.run(sells)
    margin.run(buys_back)


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_what_is_not_there_is_neither_sold_nor_bought_back(margin: VenueHouse, side: Side) -> None:
    """A sale that is not meant to be short never becomes one."""

    async def scenario(venue: Venue, mail: Mail) -> None:
        with pytest.raises(RejectedError):
            await submitted(venue, mail, evolve(ticket(side, 10), short=side is Side.BUY))
        assert await venue.positions() == {}

    margin.run(scenario)


def test_an_account_without_margin_sells_nothing_short(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        with pytest.raises(RejectedError):
            await submitted(venue, mail, evolve(ticket(Side.SELL, 10), short=True))
        assert await venue.positions() == {}

    house.run(scenario)


async def submitted(venue: Venue, mail: Mail, sent: Ticket) -> None:
    """Raises RejectedError where it is refused, at once or after it was taken."""
    await venue.submit(sent)
    ended = await mail.end()
    if ended.status is VenueStatus.REJECTED:
        raise RejectedError(ended.reason)


# --- reading back ---------------------------------------------------------------------------------


def test_a_filled_order_is_found_with_its_executions(house: VenueHouse) -> None:
    async def scenario(venue: Venue, mail: Mail) -> None:
        broker_order_id = await venue.submit(ticket())
        fill = await mail.execution()
        found = await venue.find(O1)
        assert found is not None
        assert (found.broker_order_id, found.order_id) == (broker_order_id, O1)
        assert (found.status, found.executions) == (VenueStatus.FILLED, (fill,))

    house.run(scenario)


def test_an_order_that_never_came_is_absent(house: VenueHouse) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        never = ticket(order_id="never")
        venue.recall(Recalled(ticket=never, sent_at=AT))
        assert await venue.find(never.order_id) is None

    house.run(scenario)


# --- the market -----------------------------------------------------------------------------------
#
# What a venue need not have it may say so of: no quotes are told as none, bars as NotOfferedError,
# hours that it does not keep as None. What it does tell must hold.


@pytest.fixture(params=["paper", "paper by a file", "schwab"])
def market(request: pytest.FixtureRequest) -> VenueHouse:
    match request.param:
        case "paper by a file":
            return House(MemoryDisk(), tape=a_morning(), calendar=Calendar())
        case "schwab":
            return SimulatedHouse()
        case _:
            return House(MemoryDisk())


def a_morning() -> list[Shown]:
    """The ten minutes before now, and one that is not over yet."""
    return [
        Candle(
            symbol=AAPL,
            at=AT + timedelta(minutes=minute),
            length=timedelta(minutes=1),
            source="file",
            open=Decimal(100),
            high=Decimal(102),
            low=Decimal(99),
            close=Decimal(101),
        )
        for minute in range(-10, 1)
    ]


def test_quotes_are_of_what_was_asked_and_have_their_instant_and_source(market: VenueHouse) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        market.move(101)
        told = await venue.quotes([AAPL])
        assert set(told) <= {AAPL}
        for symbol, quote in told.items():
            assert (quote.symbol, quote.is_sound) == (symbol, True)
            assert quote.at.utcoffset() is not None
            assert quote.at <= AT + LATER
            assert quote.source
            assert quote.price == 101

    market.run(scenario)


def test_of_nothing_no_quotes_are_told(market: VenueHouse) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        assert await venue.quotes([]) == {}
        assert await venue.quotes([Symbol("NOBODYS")]) == {}

    market.run(scenario)


@pytest.mark.parametrize("minutes", [1, 7])
def test_bars_are_of_the_length_asked_for_in_order_and_none_from_before(
    market: VenueHouse, minutes: int
) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        length, since = timedelta(minutes=minutes), AT - timedelta(hours=1)
        try:
            bars = await venue.history(AAPL, length, since)
        except NotOfferedError:
            return
        instants = [bar.at for bar in bars]
        assert instants == sorted(set(instants))
        for bar in bars:
            assert (bar.symbol, bar.length) == (AAPL, length)
            assert since <= bar.at
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high

    market.run(scenario)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=12), timedelta(days=5)])
def test_the_hours_are_those_of_the_session_under_way_or_of_the_next(
    market: VenueHouse, ahead: timedelta
) -> None:
    async def scenario(venue: Venue, _: Mail) -> None:
        at = AT + ahead
        hours = await venue.market_hours(at)
        if hours is not None:
            assert hours.opens_at < hours.closes_at
            assert hours.opens_at.utcoffset() is not None
            assert at < hours.closes_at
            assert await venue.market_hours(hours.opens_at) == hours
            assert not hours.holds(hours.closes_at)

    market.run(scenario)


# --- trouble --------------------------------------------------------------------------------------
