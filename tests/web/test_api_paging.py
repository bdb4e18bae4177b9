from decimal import Decimal

import pytest
from attrs import evolve
from falcon import testing

from actors.read_model import new_model
from tests.web.house import DEMO, PAPER, House
from trading.alert_events import SignalRefused
from trading.order_events import OrderPlanned
from trading.vocabulary import Code


def walk(api: testing.TestClient, path: str, name: str, limit: int) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = api.simulate_get(
            path, params={"limit": limit} | ({"cursor": cursor} if cursor else {})
        )
        found += [item[name] for item in page.json["items"]]
        cursor = page.json["next"]
        if not cursor:
            return found


def test_paging_gives_each_of_450_once_and_the_newest_first(
    house: House, api: testing.TestClient
) -> None:
    names = [f"a{n:03}" for n in range(450)]
    for name in names:
        house.record(*house.bought(name))
    newest_first = names[::-1]
    assert walk(api, "/api/alerts", "alert_id", 97) == newest_first
    orders = walk(api, "/api/orders", "order_id", 200)
    assert orders == [f"{name}.paper.1" for name in newest_first]


def test_what_comes_in_between_pages_shifts_nothing(house: House, api: testing.TestClient) -> None:
    for name in ("a1", "a2", "a3"):
        house.record(house.alert(name))
    first = api.simulate_get("/api/alerts?limit=2").json
    house.record(house.alert("a4"))
    second = api.simulate_get(f"/api/alerts?limit=2&cursor={first['next']}").json
    assert [a["alert_id"] for a in first["items"] + second["items"]] == ["a3", "a2", "a1"]


def test_what_left_the_view_reads_as_it_did_there(house: House, api: testing.TestClient) -> None:
    alert = house.alert("stale")
    house.record(
        alert,
        SignalRefused(
            at=alert.at,
            alert_id=alert.alert_id,
            account=PAPER,
            strategy=DEMO,
            symbol=alert.symbol,
            code=Code.STALE,
            inputs={"age_seconds": "31"},
        ),
    )
    house.record(*house.bought("b1"), house.alert("none", routes=()))
    partly = house.bought("b2")
    assert isinstance(partly[2], OrderPlanned)
    house.record(*partly[:2], evolve(partly[2], quantity=Decimal(5)), *partly[3:])
    paths = ("/api/alerts", "/api/orders")
    fresh = [api.simulate_get(path).json for path in paths]
    house.model = new_model(tuple(house.settings.accounts))
    house.publish()
    assert house.view.current.alerts == ()
    assert [api.simulate_get(path).json for path in paths] == fresh


@pytest.mark.parametrize("cursor", ["x", "LTU", "MA", "////", "%20", "🙂"])
def test_a_made_up_cursor_is_refused(cursor: str, api: testing.TestClient) -> None:
    found = api.simulate_get("/api/orders", params={"cursor": cursor})
    assert (found.status_code, found.json["code"]) == (400, "INVALID_PARAMETER")
