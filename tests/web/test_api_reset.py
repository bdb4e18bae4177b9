"""POST /api/reset: what is asked of the account, and what is written down."""

from decimal import Decimal

import pytest
from falcon import testing

from actors.resetting import BeginAnew, BegunAnew
from tests.web.brokers import stands_in
from tests.web.house import House
from trading.people import OperatorActed
from trading.vocabulary import Act


PATH = "/api/reset"
BODY = {"reason": "a new month"}


def test_it_begins_anew_and_it_is_written_down_who_said_so(
    house: House, api: testing.TestClient
) -> None:
    broker = stands_in(house, BegunAnew(cash=Decimal("25000.00")))
    found = api.simulate_post(PATH, json=BODY).json
    begun = {"status": "reset", "act_id": "reset-1", "account": "paper", "cash": "25000"}
    assert found == begun
    (asked,) = broker.asked
    assert isinstance(asked, BeginAnew)
    assert asked.reason == "a new month"
    (acted,) = house.people(OperatorActed)
    assert (acted.act, acted.what) == (Act.RESET, "paper: begins anew")
    assert (acted.reason, acted.refused) == ("a new month", "")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (BegunAnew(refused="not while it has 10 AAPL"), 409, "NOT_RESET"),
        (BegunAnew(failed="gone"), 503, "VENUE_FAILED"),
    ],
)
def test_what_does_not_come_about_has_a_code_and_is_written_down(
    house: House,
    api: testing.TestClient,
    said: BegunAnew,
    status: int,
    code: str,
) -> None:
    stands_in(house, said)
    found = api.simulate_post(PATH, json=BODY)
    assert (found.status_code, found.json["code"]) == (status, code)
    (acted,) = house.people(OperatorActed)
    assert acted.refused.startswith(f"{code}: ")


def test_without_a_reason_nothing_is_asked(house: House, api: testing.TestClient) -> None:
    broker = stands_in(house, BegunAnew())
    assert api.simulate_post(PATH, json={}).status_code == 400
    assert broker.asked == []
