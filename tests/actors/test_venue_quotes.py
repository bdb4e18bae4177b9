"""VenueQuotes: each quote is told when its instant comes, and of the past only the last."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from actors.market_messages import BarEnded, Quoted
from actors.venue_quotes import FAR_OFF_S, VenueQuotes
from brokers.market import Candle, Quote
from brokers.quote_file import LineFault, Shown
from tests.actors.facts import AAPL, PAPER
from tests.actors.room import Room


class Script:
    """A source that tells what the test puts in."""

    def __init__(self, *shown: Shown) -> None:
        self.shown = list(shown)
        self.faults: list[LineFault] = []
        self.error: OSError | None = None

    def read(self) -> Sequence[Shown]:
        if self.error is not None:
            raise self.error
        shown, self.shown = self.shown, []
        return shown

    def new_faults(self) -> Sequence[LineFault]:
        faults, self.faults = self.faults, []
        return faults


class Market:
    """VenueQuotes and one who listens."""

    def __init__(self, bound: int = 100) -> None:
        self.room = Room()
        self.start = self.room.clock.now()
        self.source = Script()
        self.listener = self.room.address("broker:paper", bound)

    def begin(self) -> "Market":
        self.actor = VenueQuotes(
            self.room.birth("quotes:paper"),
            account=PAPER,
            source=self.source,
            alarms=self.room.timers,
            to=(self.listener,),
        )
        self.room.begin(self.actor)
        return self

    def quote(self, price: int, seconds: float) -> Quote:
        at = self.start + timedelta(seconds=seconds)
        return Quote(symbol=AAPL, at=at, source="file", last=Decimal(price))

    def bar(self, price: int, seconds: float) -> Candle:
        at, each = self.start + timedelta(seconds=seconds), Decimal(price)
        return Candle(
            symbol=AAPL,
            at=at,
            length=timedelta(minutes=1),
            source="file",
            open=each,
            high=each,
            low=each,
            close=each,
        )

    def told(self) -> list[object]:
        return self.listener.take()


def test_of_the_past_only_the_last_is_told() -> None:
    market = Market()
    market.source.shown = [market.quote(1, -20), market.quote(2, -10), market.quote(3, 5)]
    market.begin()
    assert market.told() == [Quoted(market.quote(2, -10))]
    assert market.actor.last == {AAPL: market.quote(2, -10)}


def test_a_quote_is_told_when_its_instant_comes() -> None:
    market = Market()
    market.source.shown = [market.quote(3, 7.5), market.quote(2, 5.2)]
    market.begin()
    market.room.advance(5)
    assert market.told() == []
    market.room.advance(0.2)
    assert market.told() == [Quoted(market.quote(2, 5.2))]
    market.room.advance(2.3)
    assert market.told() == [Quoted(market.quote(3, 7.5))]
    assert market.actor.last == {AAPL: market.quote(3, 7.5)}


def test_a_bar_is_told_when_it_is_over() -> None:
    market = Market()
    market.source.shown = [market.bar(2, 5)]
    market.begin()
    market.room.advance(64)
    assert market.told() == []
    market.room.advance(1)
    assert market.told() == [BarEnded(market.bar(2, 5))]


def test_a_line_that_is_appended_is_told_within_a_second() -> None:
    market = Market().begin()
    market.source.shown = [market.quote(2, 0)]
    market.room.advance(1)
    assert market.told() == [Quoted(market.quote(2, 0))]


def test_what_is_far_off_is_waited_for_in_pieces() -> None:
    market = Market()
    market.source.shown = [market.quote(3, 3 * FAR_OFF_S)]
    market.begin()
    market.room.advance(2 * FAR_OFF_S)
    assert market.told() == []
    market.room.advance(FAR_OFF_S)
    assert market.told() == [Quoted(market.quote(3, 3 * FAR_OFF_S))]


def test_a_late_line_does_not_become_the_last() -> None:
    market = Market()
    market.source.shown = [market.quote(2, -1)]
    market.begin()
    market.source.shown = [market.quote(1, -2)]
    market.room.advance(1)
    assert market.actor.last == {AAPL: market.quote(2, -1)}


def test_a_source_that_cannot_be_read_is_read_again_and_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    market = Market()
    market.source.error = FileNotFoundError("gone")
    market.begin()
    market.room.advance(3)
    assert [record.message for record in caplog.records] == ["quotes_unreadable"]
    market.source.error = None
    market.source.shown = [market.quote(2, 3)]
    market.source.faults = [LineFault(4, 1, "bad")]
    market.room.advance(1)
    assert market.told() == [Quoted(market.quote(2, 3))]
    assert caplog.records[-1].message == "quote_not_understood"


def test_who_is_too_busy_gets_the_next_one() -> None:
    market = Market(bound=1)
    market.source.shown = [market.quote(1, 0), market.quote(2, 1), market.quote(3, 2)]
    market.begin()
    market.room.advance(1)
    assert market.told() == [Quoted(market.quote(1, 0))]
    market.room.advance(1)
    assert market.told() == [Quoted(market.quote(3, 2))]


def test_at_its_end_it_waits_no_more() -> None:
    market = Market()
    market.source.shown = [market.quote(3, 7)]
    market.begin()
    market.room.end("quotes:paper")
    assert len(market.room.timers) == 0


def test_an_unknown_message_is_a_bug() -> None:
    with pytest.raises(TypeError, match="does not know"):
        Market().begin().actor.receive("hello")
