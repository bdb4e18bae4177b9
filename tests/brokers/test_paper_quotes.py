"""The paper venue where there are quotes: what it waits for, tells, and writes down."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from brokers.base import NotOfferedError, RejectedError, VenueStatus
from brokers.freezing import thaw
from brokers.ledger_events import PaperFilled, SymbolFrozen
from brokers.market import Candle, MarketHours, Quote
from brokers.paper import PaperVenue
from tests.brokers.market_house import at, quote
from tests.brokers.paper_house import House, Mail, MemoryDisk, ticket
from tests.trading.builders import AAPL, AT, MSFT
from trading.sessions import Calendar
from trading.vocabulary import OrderId, OrderType, Side, TimeInForce


@pytest.fixture
def house() -> House:
    return House(MemoryDisk())


def shown(bid: int, ask: int, seconds: float) -> Quote:
    return quote(bid, ask, when=at(seconds))


def test_with_quotes_an_order_waits_for_the_next_one_and_says_what_filled_it(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue.quoted(shown(99, 100, 0))
        broker_order_id = await venue.submit(ticket())
        found = await venue.order(broker_order_id)
        assert found is not None
        assert found.status is VenueStatus.WORKING
        venue.quoted(shown(99, 100, 0.2))
        venue.quoted(shown(100, 101, 0.3))
        fill = await mail.execution()
        assert (fill.price, fill.label) == (Decimal("101.03"), "")
        assert await venue.quotes([AAPL]) == {AAPL: shown(100, 101, 0.3)}

    house.run(scenario)
    filled = house.facts()[-1]
    assert isinstance(filled, PaperFilled)
    assert (filled.source, filled.rule, filled.quote) == ("file", "market", shown(100, 101, 0.3))


def test_where_quotes_exist_an_alerts_price_fills_nothing(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket(limit=90))
        venue.quoted(shown(99, 100, 0))
        venue.observe(AAPL, Decimal(50), AT)
        venue.quoted(shown(88, 89, 1))
        assert (await mail.execution()).label == ""
        assert mail.is_empty

    house.run(scenario)


def test_quotes_that_come_in_one_turn_are_met_in_their_order(house: House) -> None:
    """The first triggers the stop; the second is back above it, and fills it all the same."""

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket())
        await mail.execution()
        venue.quoted(shown(99, 100, 0))
        stop = ticket(Side.SELL, order_id="o2")
        await venue.submit(evolve(stop, order_type=OrderType.STOP, stop_price=Decimal(95)))
        venue.quoted(shown(94, 95, 1))
        venue.quoted(shown(97, 98, 2))
        assert (await mail.execution()).price == Decimal("96.98")

    house.run(scenario)


def test_a_partial_fill_leaves_the_order_working(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue.quoted(shown(99, 100, 0))
        await venue.submit(ticket())
        venue.quoted(evolve(shown(99, 100, 1), volume=Decimal(40)))
        assert (await mail.execution()).quantity == 4
        found = await venue.find(OrderId("o1"))
        assert found is not None
        assert (found.status, len(found.executions)) == (VenueStatus.WORKING, 1)
        venue.quoted(evolve(shown(99, 100, 61), volume=Decimal(400)))
        assert (await mail.execution()).quantity == 6
        found = await venue.find(OrderId("o1"))
        assert found is not None
        assert (found.status, len(found.executions)) == (VenueStatus.FILLED, 2)

    house.run(scenario)


def test_what_has_begun_goes_on_after_a_new_connection(house: House) -> None:
    async def begins(venue: PaperVenue, mail: Mail) -> None:
        venue.quoted(shown(99, 100, 0))
        await venue.submit(ticket())
        venue.quoted(evolve(shown(99, 100, 1), volume=Decimal(40)))
        await mail.execution()

    async def ends(venue: PaperVenue, mail: Mail) -> str:
        venue.observe(AAPL, Decimal(100), AT)  # it waits for quotes, whatever alerts say
        venue.quoted(shown(99, 100, 70))
        fill = await mail.execution()
        assert fill.quantity == 6
        return fill.execution_id

    house.run(begins)
    assert house.run(ends) == "P260302150000-1.2"


def test_a_day_order_expires_when_its_session_has_closed(house: House) -> None:
    over = MarketHours(opens_at=AT - timedelta(hours=6), closes_at=AT)

    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue._session_of = lambda _: over
        venue.quoted(shown(99, 100, 0))
        await venue.submit(ticket(limit=90))
        await venue.submit(evolve(ticket(limit=90, order_id="o2"), time_in_force=TimeInForce.GTC))
        venue.session_closed()
        end = await mail.end()
        assert (end.order_id, end.status) == ("o1", VenueStatus.EXPIRED)
        assert await venue.market_hours(AT) == over

    house.run(scenario)


def test_a_frozen_symbol_trades_again_when_a_person_says_so(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        await venue.submit(ticket(limit=90))
        venue.quoted(evolve(shown(40, 41, 0), previous_close=Decimal(100)))
        await venue.orders_since(AT)
        with pytest.raises(RejectedError, match="frozen"):
            await venue.submit(ticket(order_id="o2"))
        with pytest.raises(RejectedError, match="MSFT is not frozen; AAPL is"):
            await venue.thaw(MSFT, "it was real")
        await thaw(venue, AAPL, "it was real")
        with pytest.raises(RejectedError, match="AAPL is not frozen; no symbol is"):
            await thaw(venue, AAPL, "it was real")
        venue.quoted(shown(40, 41, 1))
        assert (await mail.execution()).price == 90

    house.run(scenario)


# --- bars, hours and what is known at the start ---------------------------------------------------


def minute(price: int, seconds: float) -> Candle:
    each = Decimal(price)
    return Candle(
        symbol=AAPL,
        at=at(seconds),
        length=timedelta(minutes=1),
        source="file",
        open=each,
        high=each,
        low=each,
        close=each,
    )


def test_an_order_meets_the_bars_that_begin_after_it(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue.bar_ended(minute(100, -60))
        await venue.submit(ticket())
        venue.bar_ended(minute(101, 0))
        venue.bar_ended(minute(102, 60))
        assert (await mail.execution()).price == Decimal("102.08")
        venue.bar_ended(minute(101, 0))
        assert (await venue.quotes([AAPL]))[AAPL].price == 102
        assert mail.is_empty

    house.run(scenario)


@pytest.mark.parametrize(("began_s", "jumps"), [(-600, False), (60, True)])
def test_a_stale_bar_and_one_that_jumps_fill_nothing(
    house: House, began_s: float, *, jumps: bool
) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        yesterday = evolve(minute(100, -86_400), close=Decimal(200) if jumps else Decimal(100))
        venue.bar_ended(yesterday)
        await venue.submit(ticket())
        venue.bar_ended(minute(100, began_s))
        await venue.orders_since(AT)
        assert mail.is_empty

    house.run(scenario)
    assert any(isinstance(event, SymbolFrozen) for event in house.facts()) is jumps


def test_who_keeps_hours_fills_nothing_by_a_bar_outside_of_them(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue.keep_hours(Calendar(closed=frozenset({AT.date()})))
        venue.bar_ended(minute(100, -60))
        await venue.submit(ticket())
        venue.bar_ended(minute(100, 60))
        await venue.orders_since(AT)
        assert mail.is_empty
        hours = await venue.market_hours(AT)
        assert hours is not None
        assert hours.opens_at.date() == AT.date() + timedelta(days=1)

    house.run(scenario)


def test_by_quotes_alone_what_was_never_quoted_is_unknown(house: House) -> None:
    async def scenario(venue: PaperVenue, mail: Mail) -> None:
        venue._by_quotes_only = True
        with pytest.raises(RejectedError, match="AAPL is unknown: nothing was ever quoted of it"):
            await venue.submit(ticket())
        venue.quoted(shown(99, 100, 0))
        await venue.submit(ticket())
        venue.quoted(shown(99, 100, 1))
        assert (await mail.execution()).label == ""

    house.run(scenario)


def test_its_history_is_what_the_file_comes_to_by_now(house: House) -> None:
    async def scenario(venue: PaperVenue, _mail: Mail) -> None:
        with pytest.raises(NotOfferedError, match="without a file of quotes"):
            await venue.history(AAPL, timedelta(minutes=5), AT)
        venue._tape = lambda: [minute(100, -60), minute(101, 0)]
        (bar,) = await venue.history(AAPL, timedelta(minutes=5), AT - timedelta(hours=1))
        assert bar.close == 100
        assert bar.length == timedelta(minutes=5)

    house.run(scenario)
