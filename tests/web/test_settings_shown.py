import re
from pathlib import Path

import pytest
from falcon import testing

from settings.load import load_with_origins
from settings.secrets import StateSecrets
from tests.web.conftest import BEARER, Browser
from tests.web.house import House
from web.dashboard import make_app


@pytest.fixture
def house(secrets: StateSecrets, tmp_path: Path) -> House:
    """A house whose settings were read from a file and the environment."""
    text = """\
accounts: {paper: {broker: paper, hours: always}}
strategies:
  demo: {accounts: [paper], secret: "file:<i>&hook"}
"""
    (tmp_path / "settings.yaml").write_text(text)
    environ = {"TRADING_BOT__RISK__MAX_ORDER_VALUE": "null"}
    return House(secrets, loaded=load_with_origins(tmp_path / "settings.yaml", environ))


def items(api: testing.TestClient) -> dict[str, dict[str, object]]:
    found = api.simulate_get("/api/settings").json
    assert found["next"] is None
    return {item["setting"]: item for item in found["items"]}


def test_the_api_tells_each_value_and_where_it_is_from(api: testing.TestClient) -> None:
    assert items(api)["risk.max_order_value"] == {
        "setting": "risk.max_order_value",
        "value": None,
        "source": "environment",
        "place": "TRADING_BOT__RISK__MAX_ORDER_VALUE",
        "variable": "TRADING_BOT__RISK__MAX_ORDER_VALUE",
        "unit": "dollars",
        "about": "The most that one order may cost, at worst.",
    }


@pytest.mark.parametrize(
    ("setting", "value", "source", "place"),
    [
        ("strategies.demo.accounts", ["paper"], "file", "settings.yaml:3"),
        ("strategies.demo.allow_add", False, "default", None),
        ("web.webhook.rate_limit_per_minute", 600, "default", None),
    ],
)
def test_values_keep_their_kind(
    api: testing.TestClient, setting: str, value: object, source: str, place: str | None
) -> None:
    item = items(api)[setting]
    assert (item["value"], item["source"], item["place"]) == (value, source, place)


def test_the_page_shows_the_same_to_who_is_signed_in(house: House, signed_in: Browser) -> None:
    page = signed_in.get("/settings").text
    assert page.count('<th scope="row">') == len(house.edge().shown)
    assert "<strong>TRADING_BOT__RISK__MAX_ORDER_VALUE</strong>" in page
    assert "<strong>settings.yaml:3</strong>" in page
    assert "With <code>true</code>, strategies may only leave" in page
    assert "STOP ALL TRADING" in page


def test_what_is_written_in_settings_is_text_on_the_page(signed_in: Browser) -> None:
    page = signed_in.get("/settings").text
    assert "&lt;i&gt;&amp;hook" in page
    assert not re.search(r"<i>|<script|<style|\sstyle=", page)


def test_a_stranger_is_sent_to_sign_in(house: House) -> None:
    stranger = testing.TestClient(make_app(house.edge()))
    assert stranger.simulate_get("/settings").headers["Location"] == "/signin"
    assert stranger.simulate_get("/settings", headers=BEARER).status_code == 200
