"""POST /api/reset: what is asked of the account, and what is written down."""

from decimal import Decimal

import pytest
from falcon import testing

import web.api_reset
from actors.resetting import BeginAnew, BegunAnew
from actors.runtime import Address, MailboxFull
from tests.web.house import House
from trading.people import OperatorActed
from trading.vocabulary import Act


PATH = "/api/reset"
BODY = {"reason": "a new month"}


class Broker(Address):
    """Answers at once; None: never."""

    def __init__(self, said: BegunAnew | None) -> None:
        super().__init__("broker:paper")
        self.said = said
        self.asked: list[BeginAnew] = []

    def tell(self, message: object, **_: bool) -> None:
        assert isinstance(message, BeginAnew)
        self.asked.append(message)
        if self.said is not None:
            message.reply.set(self.said)


def stands(house: House, said: BegunAnew | None) -> Broker:
    broker = Broker(said)
    house.mailboxes["broker:paper"] = broker
    return broker


def test_it_begins_anew_and_it_is_written_down_who_said_so(
    house: House, api: testing.TestClient
) -> None:
    broker = stands(house, BegunAnew(cash=Decimal("25000.00")))
    found = api.simulate_post(PATH, json=BODY).json
    begun = {"status": "reset", "act_id": "reset-1", "account": "paper", "cash": "25000"}
    assert found == begun
    (asked,) = broker.asked
    assert asked.reason == "a new month"
    (acted,) = house.people(OperatorActed)
    assert (acted.act, acted.what) == (Act.RESET, "paper: begins anew")
    assert (acted.reason, acted.refused) == ("a new month", "")


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is silent is not waited for."""
    monkeypatch.setattr(web.api_reset, "ANSWER_WITHIN_S", 0.05)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (BegunAnew(refused="not while it has 10 AAPL"), 409, "NOT_RESET"),
        (BegunAnew(failed="gone"), 503, "VENUE_FAILED"),
        (None, 503, "NO_ANSWER"),
    ],
)
def test_what_does_not_come_about_has_a_code_and_is_written_down(
    house: House,
    api: testing.TestClient,
    said: BegunAnew | None,
    status: int,
    code: str,
) -> None:
    stands(house, said)
    found = api.simulate_post(PATH, json=BODY)
    assert (found.status_code, found.json["code"]) == (status, code)
    (acted,) = house.people(OperatorActed)
    assert acted.refused.startswith(f"{code}: ")


def test_an_account_that_is_too_busy_says_so(house: House, api: testing.TestClient) -> None:
    class Full(Broker):
        def tell(self, message: object, **_: bool) -> None:
            raise MailboxFull(str(message), 1)

    house.mailboxes["broker:paper"] = Full(None)
    assert api.simulate_post(PATH, json=BODY).json["code"] == "NO_ANSWER"


def test_without_a_reason_nothing_is_asked(house: House, api: testing.TestClient) -> None:
    broker = stands(house, BegunAnew())
    assert api.simulate_post(PATH, json={}).status_code == 400
    assert broker.asked == []
