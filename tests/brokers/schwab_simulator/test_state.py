"""A rehearsal that goes on after the simulator was ended."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.server import application, desk_of
from tests.brokers.schwab_simulator.conftest import HandClock
from tests.brokers.schwab_simulator.test_by_hand import done
from tests.brokers.schwab_simulator.test_one_way_through import (
    bracket,
    got,
    log_in,
    order,
    placed,
)
from trading.sessions import Calendar


def begun(path: Path, clock: HandClock, quotes: Path | None = None) -> Desk:
    return desk_of(quotes, path, calendar=Calendar(), now=clock.now)


def test_it_goes_on_with_what_was(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "state.json"
    first = begun(path, clock)
    first.app_key, first.app_secret = "key", "secret"

    async def run() -> None:
        async with TestClient(TestServer(application(first, state=path))) as client:
            account = (await log_in(client))["account"]
            bearer = dict(client.session.headers)
            await done(client, "parts", most=5)
            await done(client, "pace", cancel=2)
            await placed(client, account, bracket())
            await done(client, "orders", account="12345678", order=order())
            await done(client, "dividends", symbol="AAPL", amount="0.25")
            await done(client, "faults", kind="drop_after")
            with pytest.raises(aiohttp.ClientError):
                await client.post(f"{account}/orders", json=order(orderType="LIMIT", price="9"))
            # Whatever was answered or cut is kept: nothing is written at the end.
            second = begun(path, clock)
        assert second.world == first.world
        assert second.grants == first.grants
        assert second.ledger() == first.ledger()
        async with TestClient(TestServer(application(second, state=path))) as client:
            client.session.headers.update(bearer)
            assert len((await got(client, "/simulator/ledger"))["orders"]) == 3
            held = await got(client, account, fields="positions")
            assert held["securitiesAccount"]["positions"]

    asyncio.run(run())
    assert (path.stat().st_mode & 0o777) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_quotes_from_a_file_win(tmp_path: Path, clock: HandClock) -> None:
    path, quotes = tmp_path / "state.json", tmp_path / "quotes.json"
    begun(path, clock)
    quotes.write_text('{"AAPL": {"last": "99"}}')
    assert str(begun(path, clock, quotes).world.price("AAPL")) == "99"
    assert str(begun(path, clock).world.price("AAPL")) == "99"
    assert begun(path, clock).world.price("MSFT")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"world": 1}'])
def test_what_is_no_state_is_said(tmp_path: Path, clock: HandClock, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="no state of this simulator"):
        begun(path, clock)
    assert path.read_text() == text
