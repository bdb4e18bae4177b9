import re
from decimal import Decimal

import pytest
from falcon import testing

from tests.web.conftest import Browser
from tests.web.house import PASSWORD, House, answering
from trading.alert_events import SignalRefused
from trading.events import Halted, Scope
from trading.vocabulary import AlertId, Code, StrategyName, Symbol
from web.rendering import clock, percent, signed


HOSTILE = "<script>alert('x')</script>\"&"


def stop(house: House) -> None:
    house.record(
        Halted(
            at=house.clock.now(),
            act_id="h1",
            scope=Scope(),
            generation=1,
            code=Code.OPERATOR,
            reason=HOSTILE,
            by="me",
        )
    )


def test_the_overview_shows_what_a_trader_looks_for(house: House, signed_in: Browser) -> None:
    house.connect()
    house.record(*house.bought())
    page = signed_in.get("/").text
    for shown in ("PAPER", "HEALTHY", "24,699.40", "▼ −0.60", "−0.20 %", "INDICATIVE", "FILLED"):
        assert shown in page
    assert "09:30:00" in page
    assert 'title="2026-01-05T14:30:00Z"' in page


def test_a_refusal_is_shown_with_code_and_words(house: House, signed_in: Browser) -> None:
    alert = house.alert()
    refused = SignalRefused(
        at=alert.at,
        alert_id=alert.alert_id,
        account=alert.routes[0],
        strategy=alert.strategy,
        symbol=alert.symbol,
        code=Code.CASH,
        inputs={"free_cash": "12"},
    )
    house.record(alert, refused)
    page = signed_in.get("/").text
    assert "<code>CASH</code> there is not enough free cash (free_cash 12)" in page


def test_what_strangers_write_is_text_and_nothing_else(house: House, signed_in: Browser) -> None:
    house.connect()
    hostile = {"strategy": StrategyName(HOSTILE), "symbol": Symbol(HOSTILE)}
    house.record(*house.bought("a1", **hostile))
    house.record(house.alert("a2", alert_id=AlertId(HOSTILE), **hostile))
    stop(house)
    page = signed_in.get("/").text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 5


def test_pages_hold_no_script_and_no_inline_style(house: House, signed_in: Browser) -> None:
    house.connect()
    house.record(*house.bought())
    for path in ("/", "/?resume=1", "/signin"):
        page = signed_in.get(path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_every_table_has_a_caption_and_scoped_heads(house: House, signed_in: Browser) -> None:
    house.connect()
    house.record(*house.bought())
    page = signed_in.get("/").text
    assert page.count("<table>") == page.count("<caption>") == 5
    assert "<th>" not in page


def test_the_stop_button_stops_without_a_question(house: House, signed_in: Browser) -> None:
    with answering(house.breaker) as heard:
        found = signed_in.post("/halt", csrf=signed_in.csrf)
    assert (found.status_code, found.headers["Location"]) == (303, "/")
    assert heard[0].scope == Scope()
    assert "Trading is halted: 1 of 1 accounts confirmed." in signed_in.get("/").text
    assert "Trading is halted" not in signed_in.get("/").text


def test_a_stop_nobody_confirms_is_told_as_such(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.acts.ANSWER_WITHIN_S", 0.05)
    signed_in.post("/halt", csrf=signed_in.csrf)
    assert "NO_ANSWER" in signed_in.get("/").text


def test_starting_again_takes_a_reason_and_the_password(house: House, signed_in: Browser) -> None:
    stop(house)
    assert "Start trading again…" in signed_in.get("/").text
    csrf = signed_in.csrf
    signed_in.post("/resume", csrf=csrf, password=PASSWORD)
    assert "reason: is required" in signed_in.get("/").text
    signed_in.post("/resume", csrf=csrf, reason="ok", password="wrong")
    assert "WRONG_PASSWORD" in signed_in.get("/").text
    with answering(house.breaker) as heard:
        signed_in.post("/resume", csrf=csrf, reason="looked", password=PASSWORD)
    assert len(heard) == 1
    assert "Trading is resumed: 1 stops lifted." in signed_in.get("/").text


def test_a_page_with_an_open_form_does_not_reload_itself(house: House, signed_in: Browser) -> None:
    stop(house)
    assert 'http-equiv="refresh"' in signed_in.get("/").text
    form = signed_in.get("/?resume=1").text
    assert 'name="password"' in form
    assert 'http-equiv="refresh"' not in form


def test_an_empty_house_has_a_page_too(signed_in: Browser) -> None:
    page = signed_in.get("/").text
    assert "Nothing is held." in page
    assert "No alert yet." in page


def test_the_token_reads_the_page_as_well(api: testing.TestClient) -> None:
    assert "PAPER" in api.simulate_get("/").text


@pytest.mark.parametrize(
    ("value", "text"),
    [("1234.5", "▲ +1,234.50"), ("-0.6", "▼ −0.60"), ("0.001", "0.00"), ("0", "0.00")],
)
def test_gains_are_told_by_sign_and_arrow(value: str, text: str) -> None:
    assert signed(Decimal(value)) == text
    assert signed(None) == "–"


def test_a_percentage_keeps_its_sign() -> None:
    assert (percent(Decimal("-0.199")), percent(None)) == ("−0.20 %", "–")


def test_times_are_new_yorks(house: House) -> None:
    assert clock(house.clock.now())["time"] == "09:30:00"
