import json
from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.cli.conftest import Run
from tests.cli.fake_daemon import FakeDaemon
from tests.trading.builders import seen
from trading.alerts import Sender, Signal, interpret
from trading.document import read
from trading.vocabulary import Action, Sides, StrategyName, Symbol


HOOK = ("POST", "/webhook/tradingview")
ALERT = "20261120T143000-7f3a9c21"


@pytest.fixture
def webhook(daemon: FakeDaemon) -> FakeDaemon:
    daemon.needs_token = False
    daemon.answers(*HOOK, {"status": "accepted", "alert_id": ALERT})
    return daemon


def test_template_keeps_the_secret_where_nobody_looks_on(run: Run, folder: Path) -> None:
    result = run("template", "demo")
    assert '"secret": "***"' in result.stdout
    assert "the-webhook-secret" not in result.output
    assert str(folder / "state" / "secrets" / "webhook_secret") in result.stderr


def test_template_writes_the_secret_out_when_asked(run: Run) -> None:
    assert '"secret": "the-webhook-secret"' in run("template", "demo", "--with-secret").stdout


def test_a_filled_in_template_is_an_alert_that_the_daemon_understands(run: Run) -> None:
    text = run("template", "demo", "--with-secret").stdout
    for placeholder, value in {
        "{{timenow}}": "2026-11-20T14:30:00Z",
        "{{ticker}}": "AAPL",
        "{{close}}": "187.5",
        "{{strategy.order.comment}}": "Long",
    }.items():
        text = text.replace(placeholder, value)
    signal = interpret(read(text.encode()), {StrategyName("demo"): Sender()})
    assert isinstance(signal, Signal)
    assert (signal.symbol, signal.action) == (Symbol("AAPL"), Action.BUY)


def test_where_a_strategy_may_be_short_its_chart_says_what_it_holds_and_its_stop(run: Run) -> None:
    result = run("template", "turner", "--with-secret")
    assert 'plot(stop, "stop")' in result.stderr
    text = result.stdout
    for placeholder, value in {
        "{{timenow}}": "2026-11-20T14:30:00Z",
        "{{ticker}}": "AAPL",
        "{{close}}": "187.5",
        "{{strategy.order.action}}": "sell",
        "{{strategy.order.contracts}}": "20",
        "{{strategy.position_size}}": "-10",
        '{{plot("stop")}}': "195",
        "{{strategy.order.comment}}": "Short",
    }.items():
        text = text.replace(placeholder, value)
    senders = {StrategyName("turner"): Sender(sides=Sides.LONG_SHORT)}
    signal = interpret(read(text.encode()), senders)
    assert isinstance(signal, Signal)
    assert seen(signal.action, signal.position_size, signal.stop_loss) == (Action.SELL, -10, 195)


def test_template_without_a_secret_made_yet_says_who_makes_it(run: Run, folder: Path) -> None:
    (folder / "state" / "secrets" / "webhook_secret").unlink()
    result = run("template", "demo", "--with-secret")
    assert result.exit_code == 1
    assert "the daemon makes its own secret when it first starts" in result.stderr


@pytest.mark.parametrize("command", ["template", "test-alert"])
def test_an_unknown_strategy_is_wrong_usage(run: Run, command: str) -> None:
    result = run(command, "dem")
    assert result.exit_code == 2
    assert result.stderr == "unknown strategy dem. Did you mean demo?\n"


def test_the_environments_secret_comes_before_the_made_one_and_after_the_settings_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "from-the-environment")
    assert "from-the-environment" in run("template", "demo", "--with-secret").stdout
    monkeypatch.setenv("OURS", "in-the-settings")
    settings = folder / "settings.yaml"
    settings.write_text(settings.read_text().replace("webhook: {", "webhook: {secret: env:OURS, "))
    assert "in-the-settings" in run("template", "demo", "--with-secret").stdout


@freeze_time("2026-11-20T14:30:00.250Z")
def test_test_alert_sends_what_tradingview_would(run: Run, webhook: FakeDaemon) -> None:
    result = run("test-alert", "demo", "--quantity", "2.50")
    assert webhook.asked[0].body == {
        "timestamp": "2026-11-20T14:30:00Z",
        "ticker": "AAPL",
        "action": "buy",
        "quantity": 2.5,
        "price": 187.5,
        "strategy": "demo",
        "message": "a test at 14:30:00.250000",
        "secret": "the-webhook-secret",
    }
    assert result.stdout == f"accepted {ALERT}\n"
    assert f"`python app.py why {ALERT}`" in result.stderr


def test_a_test_alert_of_a_short_sale_names_its_stop(run: Run, webhook: FakeDaemon) -> None:
    run("test-alert", "turner", "--action", "sell", "--stop-loss", "195")
    body = webhook.asked[0].body
    assert (body["action"], body["stop_loss"]) == ("sell", 195)


def test_two_test_alerts_of_one_second_are_two_alerts(run: Run, webhook: FakeDaemon) -> None:
    with freeze_time("2026-11-20T14:30:00Z", auto_tick_seconds=0.01):
        run("test-alert", "demo")
        run("test-alert", "demo")
    first, second = (asked.body for asked in webhook.asked)
    assert first["timestamp"] == second["timestamp"]
    assert first != second


def test_a_strategy_with_symbols_of_its_own_is_tested_with_one_of_them(
    run: Run, webhook: FakeDaemon
) -> None:
    run("test-alert", "quiet")
    assert webhook.asked[0].body["ticker"] == "SPY"


def test_test_alert_in_json_is_the_answer(run: Run, webhook: FakeDaemon) -> None:
    webhook.answers(*HOOK, {"status": "duplicate", "alert_id": ALERT})
    assert json.loads(run("test-alert", "demo", "--json").stdout)["status"] == "duplicate"


@pytest.mark.parametrize(("status", "ends"), [(400, 6), (401, 7), (403, 6), (429, 6), (503, 1)])
def test_an_alert_that_was_not_taken_ends_with_the_code_of_its_cause(
    run: Run, webhook: FakeDaemon, status: int, ends: int
) -> None:
    webhook.answers(*HOOK, {"status": "no", "code": "SOME_CODE", "reason": "this is why"}, status)
    result = run("test-alert", "demo")
    assert (result.stdout, result.exit_code) == ("", ends)
    assert result.stderr == f"{status} SOME_CODE this is why\n"


def test_every_fault_of_a_refused_alert_is_listed(run: Run, webhook: FakeDaemon) -> None:
    faults = [{"place": "ticker", "problem": "\x1bES1! is a futures contract"}]
    webhook.answers(*HOOK, {"code": "INVALID_ALERT", "faults": faults}, 400)
    result = run("test-alert", "demo", "--ticker", "ES1!")
    assert result.stderr == "400 INVALID_ALERT\nticker: �ES1! is a futures contract\n"


@pytest.mark.parametrize("number", ["0", "-1", "many", "NaN", "Infinity"])
def test_a_quantity_is_a_number_above_zero(run: Run, webhook: FakeDaemon, number: str) -> None:
    assert run("test-alert", "demo", "--quantity", number).exit_code == 2
    assert webhook.asked == []
