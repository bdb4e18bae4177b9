"""How a sign-in at a venue stands, wherever it is shown."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve
from falcon import testing

from tests.web.conftest import Browser
from tests.web.house import PAPER, House
from tests.web.test_metrics import read
from trading.events import ActorStarted
from trading.order_events import OrderPlanned
from trading.sign_ins import SignInDue, VenueSignedIn, VenueSignedOut
from trading.vocabulary import OrderType, Side


METRIC = 'tradingbot_sign_in_seconds_left{account="paper"}'
WEEK = timedelta(days=7)


def signed(house: House) -> None:
    now = house.clock.now()
    house.record(VenueSignedIn(at=now, account=PAPER, until=now + WEEK))


def test_an_account_that_needs_no_sign_in_shows_none(
    house: House, api: testing.TestClient, signed_in: Browser
) -> None:
    house.connect()
    assert METRIC not in read(api)
    assert api.simulate_get("/api/status").json["sign_ins"] == []
    assert "Signed in" not in signed_in.get("/").text


def test_a_sign_in_and_what_is_left_of_it(
    house: House, api: testing.TestClient, signed_in: Browser
) -> None:
    house.connect()
    signed(house)
    house.clock.advance(3600.5)
    assert read(api)[METRIC] == 7 * 86_400 - 3600.5
    assert api.simulate_get("/api/status").json["sign_ins"] == [
        {
            "account": "paper",
            "state": "signed_in",
            "until": "2026-01-12T14:30:00Z",
            "seconds_left": 7 * 86_400 - 3601,
            "reason": "",
        }
    ]
    page = signed_in.get("/").text
    assert "(6 d 22 h)" in page
    assert 'title="2026-01-12T14:30:00Z"' in page


def test_nobody_is_signed_in_any_more(
    house: House, api: testing.TestClient, signed_in: Browser
) -> None:
    house.connect()
    signed(house)
    house.record(VenueSignedOut(at=house.clock.now(), account=PAPER, reason="signed out by Schwab"))
    assert read(api)[METRIC] == 0
    (shown,) = api.simulate_get("/api/status").json["sign_ins"]
    assert (shown["state"], shown["until"]) == ("signed_out", None)
    assert (shown["seconds_left"], shown["reason"]) == (0, "signed out by Schwab")
    assert "no: <code>python app.py auth login</code>" in signed_in.get("/").text


def test_who_is_signed_out_is_not_told_to_be_connecting(
    house: House, api: testing.TestClient
) -> None:
    now = house.clock.now()
    started = ActorStarted(at=now, actor="broker:paper", incarnation=1)
    house.record(VenueSignedOut(at=now, account=PAPER, reason="run `auth login`"), started)
    told = api.simulate_get("/api/status").json
    assert (told["state"], told["reason"]) == ("disconnected", "account paper: run `auth login`")


def test_what_runs_out_needs_a_person(house: House, api: testing.TestClient) -> None:
    house.connect()
    signed(house)
    now = house.clock.now()
    house.record(SignInDue(at=now, account=PAPER, until=now + WEEK, hours=48))
    (item,) = api.simulate_get("/api/status").json["needs_you"]
    assert item["what"].startswith("the sign-in of account paper ends 2026-01-12")
    assert "python app.py auth login" in item["meaning"]


def test_it_is_said_which_orders_rest_there_when_it_has_died(
    house: House, api: testing.TestClient
) -> None:
    house.connect()
    (planned,) = (e for e in house.bought() if isinstance(e, OrderPlanned))
    stop = evolve(planned, side=Side.SELL, order_type=OrderType.STOP, stop_price=Decimal("140.50"))
    house.record(house.alert(), stop)
    house.record(VenueSignedOut(at=house.clock.now(), account=PAPER, reason="signed out"))
    (item,) = api.simulate_get("/api/status").json["needs_you"]
    assert item["what"] == "account paper: signed out"
    assert item["meaning"].endswith(
        "at the venue rest, and work without us: sell 2 AAPL stop 140.5"
    )
