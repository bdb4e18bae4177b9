"""The API's acts on the books, asked of a real RiskActor."""

from decimal import Decimal
from typing import Any

import pytest
from falcon import testing

from actors.risk import RiskActor
from actors.runtime import Address
from settings.secrets import StateSecrets
from tests.actors.room import DEMO as RULES
from tests.actors.room import ORPHAN, Room
from tests.web.conftest import BEARER
from tests.web.house import DEMO, PAPER, House, settings
from trading.bookings import Adjusted, Adopted, ByHand, SharesTransferred, Transferred
from trading.events import AccountOpened
from trading.people import OperatorActed
from trading.vocabulary import Act, BookingId, Symbol
from web.dashboard import make_app


AAPL = Symbol("AAPL")
ADOPT = {"strategy": "demo", "quantity": "10", "price": "90", "reason": "bought by hand"}


class Risk(Address):
    """Where the RiskActor is told something: a real one, which answers before `tell` returns."""

    def __init__(self) -> None:
        super().__init__("risk:paper")
        self.room = Room()
        now = self.room.clock.now()
        held = SharesTransferred(
            at=now,
            account=PAPER,
            booking_id=BookingId("t1"),
            symbol=AAPL,
            quantity=Decimal(12),
            price=Decimal(100),
        )
        self.room.commit(AccountOpened(at=now, account=PAPER, cash=Decimal(25_000)), held)
        self.room.journal()
        self.room.begin(
            RiskActor(
                self.room.birth("risk:paper"),
                journal=self.room.address("journal"),
                reader=self.room.reader,
                account=PAPER,
                broker=self.room.address("broker:paper"),
                alarms=self.room.timers,
                rules={DEMO: RULES},
                orphan=ORPHAN,
            )
        )

    def tell(self, message: object, *, control: bool = False, reserved: bool = False) -> None:
        self.room.address("risk:paper").tell(message, control=control, reserved=reserved)
        self.room.run()


@pytest.fixture
def risk(house: House) -> Risk:
    house.mailboxes["risk:paper"] = risk = Risk()
    return risk


def test_external_shares_are_adopted(house: House, risk: Risk, api: testing.TestClient) -> None:
    found = api.simulate_post("/api/positions/aapl/adopt", json=ADOPT)
    assert found.json == {
        "status": "booked",
        "act_id": "adopt-1",
        "account": "paper",
        "what": "10 AAPL from external to demo at 90",
        "before": {"external": "12", "demo": "0"},
        "after": {"external": "2", "demo": "10"},
    }
    (event,) = risk.room.events(Adopted)
    assert (event.booking_id, event.by) == ("adopt-1", "API token from 127.0.0.1")
    (acted,) = house.people(OperatorActed)
    assert (acted.act, acted.act_id, acted.refused) == (Act.ADOPT, "adopt-1", "")
    assert acted.what == "paper: 10 AAPL from external to demo at 90"
    assert (acted.before, acted.after) == (found.json["before"], found.json["after"])


def test_a_refusal_has_its_code_and_its_numbers(
    house: House, risk: Risk, api: testing.TestClient
) -> None:
    found = api.simulate_post("/api/positions/AAPL/adopt", json=ADOPT | {"quantity": "13"})
    assert (found.status_code, found.json["code"]) == (409, "NOT_THAT_MANY")
    assert found.json["detail"] == "so many shares are not there (asked 13, external_holds 12)"
    assert risk.room.events(Adopted) == []
    (acted,) = house.people(OperatorActed)
    assert acted.refused.startswith("NOT_THAT_MANY: ")


def test_shares_are_transferred_and_books_adjusted(risk: Risk, secrets: StateSecrets) -> None:
    from settings.model import Strategy

    given = settings()
    given.strategies["second"] = Strategy(accounts=(PAPER,))  # type: ignore[index]  # a dict here
    house = House(secrets, given)
    house.mailboxes["risk:paper"] = risk
    api = testing.TestClient(make_app(house.edge()), headers=BEARER)
    api.simulate_post("/api/positions/AAPL/adopt", json=ADOPT)
    body = {"strategy": "demo", "to": "second", "quantity": "4", "reason": "renamed"}
    found = api.simulate_post("/api/positions/AAPL/transfer", json=body).json
    assert (found["what"], found["after"]) == (
        "4 AAPL from demo to second",
        {"demo": "6", "second": "4"},
    )
    assert len(risk.room.events(Transferred)) == 1
    body = {"symbol": "AAPL", "quantity": "-2", "price": "99", "cash": "1.5", "reason": "sold"}
    found = api.simulate_post("/api/adjust", json=body).json
    assert (found["what"], found["after"]) == (
        "-2 AAPL to external at 99, cash 1.5",
        {"cash": "25001.5", "external": "0"},
    )
    body = {"strategy": "demo", "symbol": "AAPL", "quantity": "1", "price": "99", "reason": "x"}
    assert api.simulate_post("/api/adjust", json=body).json["after"] == {"demo": "7"}
    assert len(risk.room.events(Adjusted)) == 2


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("positions/AAPL/adopt", {}, ["strategy", "quantity", "price", "reason"]),
        ("positions/AAPL/adopt", ADOPT | {"account": "two"}, ["account", "strategy"]),
        ("positions/AAPL/adopt", ADOPT | {"strategy": "nobody"}, ["strategy"]),
        ("positions/AA PL/adopt", ADOPT, ["symbol"]),
        ("positions/AAPL/adopt", ADOPT | {"quantity": "-1", "price": "0"}, ["quantity", "price"]),
        ("positions/AAPL/adopt", ADOPT | {"quantity": "NaN", "price": "x"}, ["quantity", "price"]),
        ("positions/AAPL/adopt", ADOPT | {"price": "0.0000001"}, ["price"]),
        ("positions/AAPL/adopt", ADOPT | {"quantity": "1e12"}, ["quantity"]),
        ("positions/AAPL/transfer", {"reason": "x"}, ["strategy", "to", "quantity"]),
        ("adjust", {"reason": "x"}, ["cash"]),
        ("adjust", {"reason": "x", "symbol": "AAPL"}, ["quantity", "price"]),
        (
            "adjust",
            {"reason": "x", "cash": "1", "quantity": "1", "strategy": "demo"},
            ["strategy", "quantity"],
        ),
    ],
)
def test_every_fault_of_a_body_is_named(
    path: str, body: dict[str, str], places: list[str], risk: Risk, api: testing.TestClient
) -> None:
    found = api.simulate_post(f"/api/{path}", json=body)
    assert (found.status_code, found.json["code"]) == (400, "INVALID_BODY")
    assert [error["place"] for error in found.json["errors"]] == places
    assert risk.room.events(ByHand) == []


def test_with_several_accounts_one_is_named(secrets: StateSecrets) -> None:
    house = House(secrets, settings("paper", "second"))
    api = testing.TestClient(make_app(house.edge()), headers=BEARER)
    found = api.simulate_post("/api/adjust", json={"cash": "1", "reason": "x"})
    assert [error["place"] for error in found.json["errors"]] == ["account"]


@pytest.mark.parametrize(
    ("address", "code"),
    [(Address("risk:paper", 0), "NOT_BOOKED"), (Address("risk:paper"), "NO_ANSWER")],
)
def test_who_does_not_answer_is_a_503(
    address: Address, code: str, house: House, monkeypatch: pytest.MonkeyPatch, api: Any
) -> None:
    monkeypatch.setattr("web.by_hand.ANSWER_WITHIN_S", 0.01)
    house.mailboxes["risk:paper"] = address
    found = api.simulate_post("/api/positions/AAPL/adopt", json=ADOPT)
    assert (found.status_code, found.json["code"]) == (503, code)
    (acted,) = house.people(OperatorActed)
    assert acted.refused.startswith(code)


def test_a_journal_that_cannot_commit_books_nothing(risk: Risk, api: testing.TestClient) -> None:
    risk.room.address("journal").mailbox.bound = 0
    found = api.simulate_post("/api/positions/AAPL/adopt", json=ADOPT)
    assert (found.status_code, found.json["code"]) == (503, "NOT_BOOKED")
