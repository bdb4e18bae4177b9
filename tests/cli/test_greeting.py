import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cli.curl import curl_reading, curl_with
from cli.greeting import greeting
from settings.listen import Listen
from settings.model import (
    Account,
    Broker,
    DashboardListener,
    Settings,
    Strategy,
    Web,
    WebhookListener,
)
from settings.public_url import PublicUrl
from settings.secrets import Keeper, SecretRef
from trading.alerts import Sender, Signal, interpret
from trading.document import read
from trading.vocabulary import (
    AccountName,
    Action,
    Mode,
    StrategyName,
    Symbol,
    TimestampMeaning,
)


DEMO = StrategyName("demo")
STRATEGY = Strategy(accounts=(AccountName("paper"),))
SETTINGS = Settings(
    state_dir=Path("/srv/bot/state"),
    accounts={AccountName("paper"): Account(broker=Broker.PAPER)},
    strategies={DEMO: STRATEGY},
)
SECRET = "Zm9v-YmFy_"
PASSWORD = "abcd-efgh-jkmn-pqrs"

FIRST_RUN = """\
trading-bot 0.1.0: PAPER, no real order leaves
  account    paper: paper broker, 25,000.00 dollars to start with
  dashboard  http://127.0.0.1:8081/
  password   abcd-efgh-jkmn-pqrs
             shown this once; `python app.py password` sets a new one
  webhook    http://127.0.0.1:8080/webhook/tradingview
             on this machine only; TradingView needs an https proxy or tunnel to it

The text to paste into a TradingView alert for strategy demo:

{
  "timestamp": "{{timenow}}",
  "ticker": "{{ticker}}",
  "action": "buy",
  "quantity": 1,
  "price": {{close}},
  "strategy": "demo",
  "message": "{{strategy.order.comment}}",
  "secret": "Zm9v-YmFy_"
}

A first alert, from another terminal:

curl -sS http://127.0.0.1:8080/webhook/tradingview -H 'Content-Type: application/json' -d \
'{"timestamp": "'$(date -u +%FT%TZ)'", "ticker": "AAPL", "action": "buy", "quantity": 1, \
"price": 187.50, "strategy": "demo", "message": "a test", "secret": "Zm9v-YmFy_"}'
"""

IN_A_LOG = """\
trading-bot 0.1.0: PAPER, no real order leaves
  account    paper: paper broker, 25,000.00 dollars to start with
  dashboard  http://127.0.0.1:8081/
  password   shown to a terminal only; `python app.py password` sets a new one
  webhook    http://127.0.0.1:8080/webhook/tradingview
             on this machine only; TradingView needs an https proxy or tunnel to it

The text to paste into a TradingView alert for strategy demo:

{
  "timestamp": "{{timenow}}",
  "ticker": "{{ticker}}",
  "action": "buy",
  "quantity": 1,
  "price": {{close}},
  "strategy": "demo",
  "message": "{{strategy.order.comment}}",
  "secret": "***"
}

*** stands for the secret; it lies in /srv/bot/state/secrets/webhook_secret

A first alert, from another terminal:

curl -sS http://127.0.0.1:8080/webhook/tradingview -H 'Content-Type: application/json' -d \
'{"timestamp": "'$(date -u +%FT%TZ)'", "ticker": "AAPL", "action": "buy", "quantity": 1, \
"price": 187.50, "strategy": "demo", "message": "a test", "secret": "'\
"$(cat /srv/bot/state/secrets/webhook_secret)"'"}'
"""


def greeted(settings: Settings = SETTINGS, *, is_terminal: bool = True, **environ: str) -> str:
    return greeting(settings, 8080, 8081, None, SECRET, is_terminal, environ=environ)


def with_strategy(strategy: Strategy) -> Settings:
    return evolve(SETTINGS, strategies={DEMO: strategy})


def test_a_first_run_at_a_terminal_shows_everything_needed_for_a_first_alert() -> None:
    assert greeting(SETTINGS, 8080, 8081, PASSWORD, SECRET, True) == FIRST_RUN


def test_what_is_not_a_terminal_gets_places_instead_of_secrets() -> None:
    assert greeting(SETTINGS, 8080, 8081, PASSWORD, SECRET, False) == IN_A_LOG


def test_a_later_run_says_nothing_about_the_password() -> None:
    assert "password" not in greeted()


def test_ports_are_the_ones_that_were_bound_and_everywhere_is_reached_by_loopback() -> None:
    web = Web(
        webhook=WebhookListener(listen=Listen("0.0.0.0", 0)),  # noqa: S104 - not bound
        dashboard=DashboardListener(listen=Listen("::", 0)),
    )
    text = greeting(evolve(SETTINGS, web=web), 5001, 5002, None, SECRET, True)
    assert "http://127.0.0.1:5001/webhook/tradingview" in text
    assert "http://[::1]:5002/" in text
    assert "on this machine only" not in text


def test_where_tls_stands_before_the_pages_its_address_is_told_too() -> None:
    public = PublicUrl.parse("https://bot.example.org")
    web = Web(dashboard=DashboardListener(public_url=public))
    text = greeted(evolve(SETTINGS, web=web))
    assert "http://127.0.0.1:8081/\n             https://bot.example.org/ where your proxy" in text


def test_a_strategy_whose_timestamp_is_the_bars_gets_the_bars_time() -> None:
    text = greeted(with_strategy(evolve(STRATEGY, timestamp=TimestampMeaning.BAR)))
    assert '"timestamp": "{{time}}"' in text


def test_the_example_trades_a_symbol_that_the_strategy_allows() -> None:
    text = greeted(with_strategy(evolve(STRATEGY, symbols=(Symbol("SPY"), Symbol("QQQ")))))
    assert '"ticker": "SPY"' in text


def test_the_example_is_of_a_strategy_that_trades_with_the_common_secret() -> None:
    own = evolve(STRATEGY, secret=SecretRef(Keeper.ENV, "OWN"))
    strategies = {
        StrategyName("old"): evolve(STRATEGY, retired=True),
        StrategyName("private"): own,
        DEMO: STRATEGY,
    }
    assert "for strategy demo:" in greeted(evolve(SETTINGS, strategies=strategies))


def test_a_strategys_own_secret_is_named_by_its_place_and_the_common_one_not_shown() -> None:
    text = greeted(with_strategy(evolve(STRATEGY, secret=SecretRef(Keeper.CREDENTIAL, "own"))))
    assert SECRET not in text
    assert "it lies in the systemd credential own" in text
    assert text.endswith("python app.py test-alert demo\n")


def test_a_secret_from_the_environment_is_looked_up_there() -> None:
    text = greeted(is_terminal=False, WEBHOOK_SECRET=SECRET)
    assert "it lies in the environment variable WEBHOOK_SECRET" in text
    assert """"secret": "'"$WEBHOOK_SECRET"'"}'""" in text


def test_without_a_strategy_it_says_that_alerts_have_nowhere_to_go() -> None:
    assert greeted(evolve(SETTINGS, strategies={})).endswith(
        "No strategy is in the settings, so every alert is refused.\n"
    )


class _Sink(HTTPServer):
    """Keeps what was posted to it."""

    bodies: list[bytes]


class _Post(BaseHTTPRequestHandler):
    server: _Sink

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[_Sink]:
    with _Sink(("127.0.0.1", 0), _Post) as server, ThreadPoolExecutor(1) as pool:
        server.bodies = []
        pool.submit(server.serve_forever, 0.01)
        yield server
        server.shutdown()


def bash(command: str, **environ: str) -> None:
    subprocess.run(
        ["bash", "-euc", command],
        check=True,
        timeout=20,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def received(sink: _Sink) -> tuple[Signal, str]:
    """The one alert that arrived, as the daemon understands it, and its secret."""
    (body,) = sink.bodies
    signal = interpret(read(body), {DEMO: Sender()})
    assert isinstance(signal, Signal), signal
    return signal, json.loads(body)["secret"]


NASTY = "a'b\"c\\d $(id) `id` !! ''@time@é"


@pytest.mark.parametrize("secret", [SECRET, NASTY])
def test_bash_sends_the_curl_line_as_it_stands(sink: _Sink, secret: str) -> None:
    bash(curl_with(secret, f"http://127.0.0.1:{sink.server_port}/x", DEMO, STRATEGY))
    signal, sent = received(sink)
    assert sent == secret
    assert (signal.symbol, signal.action) == (Symbol("AAPL"), Action.BUY)
    assert (signal.quantity, signal.price) == (Decimal(1), Decimal("187.5"))
    assert signal.fired_at is not None


def test_bash_finds_the_secret_in_a_file_with_any_name(sink: _Sink, tmp_path: Path) -> None:
    file = tmp_path / 'it\'s a "$file"'
    file.write_text(f"{SECRET}\n")
    line = curl_reading(
        SecretRef(Keeper.FILE, str(file)),
        SECRET,
        f"http://127.0.0.1:{sink.server_port}/x",
        DEMO,
        STRATEGY,
    )
    bash(line or "")
    assert received(sink)[1] == SECRET


def test_bash_finds_the_secret_in_the_environment(sink: _Sink) -> None:
    url = f"http://127.0.0.1:{sink.server_port}/x"
    line = curl_reading(SecretRef(Keeper.ENV, "OURS"), "a b*", url, DEMO, STRATEGY)
    bash(line or "", OURS="a b*")
    assert received(sink)[1] == "a b*"


def test_no_curl_line_is_given_for_a_secret_that_a_shell_cannot_put_into_json() -> None:
    place = SecretRef(Keeper.FILE, "/x")
    assert curl_reading(place, 'a"b', "http://127.0.0.1/", DEMO, STRATEGY) is None


def test_an_account_at_schwab_says_whether_orders_leave_for_it() -> None:
    settings = Settings(accounts={AccountName("main"): Account(broker=Broker.SCHWAB)})
    watching = greeting(settings, 1, 2, None, SECRET, False)
    assert "main: Schwab, read and shown; in mode paper no order leaves for it" in watching
    live = greeting(evolve(settings, mode=Mode.LIVE), 1, 2, None, SECRET, False)
    assert "LIVE, orders leave for real money\n  account    main: Schwab, real money" in live


def test_names_of_elsewhere_that_do_nothing_are_noted() -> None:
    environ = {"TOS_API_KEY": "key-1"}
    said = greeting(SETTINGS, 1, 2, None, SECRET, False, environ=environ)
    assert "note       TOS_API_KEY is set and no account is at Schwab" in said
    assert "key-1" not in said
