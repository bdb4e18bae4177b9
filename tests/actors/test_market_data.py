"""MarketData: the calendar in force is a fact, at the start and at each new year."""

from datetime import UTC, date, datetime
from typing import Final

import pytest

from actors.market_data import LOOK_AGAIN_S, MarketData
from actors.runtime.testing import ManualClock
from tests.actors.facts import CALENDAR, CALENDAR_APPLIED
from tests.actors.room import Room
from trading.event import Event
from trading.events import CalendarApplied
from trading.sessions import NEW_YORK, Calendar


HALF_AN_HOUR_TO_2027: Final = datetime(2027, 1, 1, 4, 30, tzinfo=UTC)


class OfItsYear:
    """An almanac whose calendars close at Christmas of their year; it counts how many it made."""

    made = 0

    def edition(self, now: datetime) -> str:
        return f"{now.astimezone(NEW_YORK).year}"

    def calendar(self, now: datetime) -> Calendar:
        self.made += 1
        return Calendar(closed=frozenset({date(int(self.edition(now)), 12, 25)}))


class Market:
    """MarketData over a journal with this past."""

    def __init__(self, *past: Event, clock: ManualClock | None = None) -> None:
        self.room = Room(clock=clock)
        if past:
            self.room.commit(*past)
        self.room.journal()
        self.almanac = OfItsYear()
        self.begin()

    def begin(self, incarnation: int = 1) -> None:
        self.actor = MarketData(
            self.room.birth("market", incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            alarms=self.room.timers,
            almanac=self.almanac,
        )
        self.room.begin(self.actor)

    @property
    def applied(self) -> list[Calendar]:
        return [event.calendar for event in self.room.events(CalendarApplied)]


def test_the_first_start_writes_the_calendar_down() -> None:
    market = Market()
    assert market.applied == [market.almanac.calendar(market.room.clock.now())]


def test_a_start_by_the_same_edition_makes_and_writes_nothing() -> None:
    market = Market()
    market.room.end("market")
    market.begin(incarnation=2)
    assert (len(market.applied), market.almanac.made) == (1, 1)


def test_a_start_by_another_edition_writes_it_down() -> None:
    market = Market(CALENDAR_APPLIED)
    assert market.applied == [CALENDAR, market.almanac.calendar(market.room.clock.now())]


def test_a_new_year_brings_a_new_calendar_without_a_restart() -> None:
    market = Market(clock=ManualClock(HALF_AN_HOUR_TO_2027))
    market.room.advance(LOOK_AGAIN_S)
    market.room.advance(LOOK_AGAIN_S)
    assert [max(calendar.closed).year for calendar in market.applied] == [2026, 2027]


def test_at_its_end_it_looks_no_more() -> None:
    market = Market()
    alarms = len(market.room.timers)
    market.room.end("market")
    assert len(market.room.timers) == alarms - 1


def test_an_unknown_message_is_a_bug() -> None:
    with pytest.raises(TypeError, match="does not know"):
        Market().actor.receive("hello")
