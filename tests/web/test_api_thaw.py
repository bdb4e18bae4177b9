"""POST /api/positions/{symbol}/thaw: what is asked of the account, and what is written down."""

import pytest
from falcon import testing

import web.api_thaw
from actors.runtime import Address, MailboxFull
from actors.thawing import Thawed, ThawSymbol
from tests.trading.builders import AAPL
from tests.web.house import House
from trading.people import OperatorActed
from trading.vocabulary import Act


PATH = "/api/positions/aapl/thaw"
BODY = {"reason": "a takeover"}


class Broker(Address):
    """Answers at once; None: never."""

    def __init__(self, said: Thawed | None) -> None:
        super().__init__("broker:paper")
        self.said = said
        self.asked: list[ThawSymbol] = []

    def tell(self, message: object, **_: bool) -> None:
        assert isinstance(message, ThawSymbol)
        self.asked.append(message)
        if self.said is not None:
            message.reply.set(self.said)


def stands(house: House, said: Thawed | None) -> Broker:
    broker = Broker(said)
    house.mailboxes["broker:paper"] = broker
    return broker


def test_it_is_thawed_and_written_down_who_said_so(house: House, api: testing.TestClient) -> None:
    broker = stands(house, Thawed())
    found = api.simulate_post(PATH, json=BODY).json
    assert found == {
        "status": "thawed",
        "act_id": "thaw-1",
        "account": "paper",
        "symbol": "AAPL",
    }
    (asked,) = broker.asked
    assert (asked.symbol, asked.reason) == (AAPL, "a takeover")
    (acted,) = house.people(OperatorActed)
    assert (acted.act, acted.what) == (Act.THAW, "paper: AAPL trades again")
    assert (acted.reason, acted.refused) == ("a takeover", "")


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is silent is not waited for."""
    monkeypatch.setattr(web.api_thaw, "ANSWER_WITHIN_S", 0.05)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (Thawed(not_frozen="AAPL is not frozen"), 409, "NOT_FROZEN"),
        (Thawed(failed="gone"), 503, "VENUE_FAILED"),
        (None, 503, "NO_ANSWER"),
    ],
)
def test_what_does_not_come_about_has_a_code_and_is_written_down(
    house: House,
    api: testing.TestClient,
    said: Thawed | None,
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
    broker = stands(house, Thawed())
    found = api.simulate_post("/api/positions/AA PL/thaw", json={})
    assert found.status_code == 400
    assert broker.asked == []
