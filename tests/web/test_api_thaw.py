"""POST /api/positions/{symbol}/thaw: what is asked of the account, and what is written down."""

import pytest
from falcon import testing

from actors.thawing import Thawed, ThawSymbol
from tests.trading.builders import AAPL
from tests.web.brokers import stands_in
from tests.web.house import House
from trading.people import OperatorActed
from trading.vocabulary import Act


PATH = "/api/positions/aapl/thaw"
BODY = {"reason": "a takeover"}


def test_it_is_thawed_and_written_down_who_said_so(house: House, api: testing.TestClient) -> None:
    broker = stands_in(house, Thawed())
    found = api.simulate_post(PATH, json=BODY).json
    assert found == {
        "status": "thawed",
        "act_id": "thaw-1",
        "account": "paper",
        "symbol": "AAPL",
    }
    (asked,) = broker.asked
    assert isinstance(asked, ThawSymbol)
    assert (asked.symbol, asked.reason) == (AAPL, "a takeover")
    (acted,) = house.people(OperatorActed)
    assert (acted.act, acted.what) == (Act.THAW, "paper: AAPL trades again")
    assert (acted.reason, acted.refused) == ("a takeover", "")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (Thawed(not_frozen="AAPL is not frozen"), 409, "NOT_FROZEN"),
        (Thawed(failed="gone"), 503, "VENUE_FAILED"),
    ],
)
def test_what_does_not_come_about_has_a_code_and_is_written_down(
    house: House,
    api: testing.TestClient,
    said: Thawed,
    status: int,
    code: str,
) -> None:
    stands_in(house, said)
    found = api.simulate_post(PATH, json=BODY)
    assert (found.status_code, found.json["code"]) == (status, code)
    (acted,) = house.people(OperatorActed)
    assert acted.refused.startswith(f"{code}: ")


def test_without_a_reason_nothing_is_asked(house: House, api: testing.TestClient) -> None:
    broker = stands_in(house, Thawed())
    found = api.simulate_post("/api/positions/AA PL/thaw", json={})
    assert found.status_code == 400
    assert broker.asked == []
