from datetime import UTC, datetime, timedelta

import pytest
from attrs import define

from brokers.schwab.simulator.desk import Desk, new_desk
from brokers.schwab.simulator.server import QUOTES
from trading.sessions import Calendar


@define
class HandClock:
    at: datetime = datetime(2026, 3, 9, 15, 50, 23, 500_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def passes(self, span: timedelta) -> None:
        self.at += span


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(clock: HandClock) -> Desk:
    return new_desk(
        quotes=QUOTES, calendar=Calendar(), now=clock.now, app_key="key", app_secret="secret"
    )
