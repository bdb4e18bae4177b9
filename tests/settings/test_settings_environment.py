"""Settings from the environment."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
import yaml

from settings.faults import SettingPath, dotted
from settings.load import load, load_with_origins
from settings.model import (
    OF_ACCOUNT,
    Broker,
    Listen,
    LogFormat,
    LogLevel,
    Risk,
    RiskOverrides,
    SizingType,
)
from settings.not_enforced import NOT_ENFORCED
from settings.origin import Origin, Source
from settings.overrides import leaves
from settings.paper import Funds, QuoteSource
from settings.public_url import PublicUrl
from settings.secrets import SecretRef
from settings.shown import values
from settings.venue_urls import CallbackUrl
from tests.settings.conftest import Lines, Load
from trading.hours import EntryWindow, Hours
from trading.vocabulary import AccountName, Mode, Sides, StrategyName, Symbol, TimestampMeaning


ROOT = Path(__file__).parents[2]
PAPER, DEMO = AccountName("paper"), StrategyName("demo")
WHOLE = """\
accounts: {paper: {broker: paper, hours: always, risk: {}}}
strategies: {demo: {accounts: [paper], risk: {}}}
"""


ONE_VALUE: Final = (Listen, EntryWindow, PublicUrl, CallbackUrl)


def single_values(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every single value, found by walking settings as they are."""
    if isinstance(value, RiskOverrides):
        value = Risk()
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from single_values(entry, (*at, name))
    elif attrs.has(type(value)) and not isinstance(value, ONE_VALUE):
        for field in attrs.fields(type(value)):
            yield from single_values(getattr(value, field.name), (*at, field.name))
    else:
        yield at


PATHS: Final = ("state_dir", "file")
"""Every text is one."""


def test_every_single_value_can_be_overridden(loaded: Load, faults: Lines) -> None:
    paths = [path for path in single_values(loaded(WHOLE)) if path[-1] not in PATHS]
    assert ("strategies", "demo", "risk", "max_daily_loss") in paths
    for path in paths:
        name = "TRADING_BOT__" + "__".join(path).upper()
        (line,) = faults(WHOLE, {name: "?!"})
        assert line.startswith(f"env {name}: {'.'.join(path)}: ")


OTHERWISE: dict[Any, tuple[str, object]] = {
    dict[Symbol, Decimal]: ('{"AAPL": 12.5}', {"AAPL": "12.5"}),
    bool: ("true", True),
    int: ("777", 777),
    Decimal: ("0.75", "0.75"),
    Path: ("/var/lib/bot", "/var/lib/bot"),
    Listen: ("[::1]:9000", "[::1]:9000"),
    PublicUrl: ("https://bot.example.org:8443", "https://bot.example.org:8443"),
    SecretRef: ("credential:hook", "credential:hook"),
    CallbackUrl: ("https://127.0.0.1:9443/back", "https://127.0.0.1:9443/back"),
    LogLevel: ("DEBUG", "DEBUG"),
    LogFormat: ("json", "json"),
    Funds: ("cash", "cash"),
    QuoteSource: ("alerts", "alerts"),
    TimestampMeaning: ("bar", "bar"),
    EntryWindow: ("10:00-11:30", "10:00-11:30"),
}
"""For each type of value a text that is nowhere the default, and what is then shown."""

OF_THEIR_OWN: dict[str, tuple[str, object]] = {
    "notifications": ("[]", []),
    "web.webhook.allowed_addresses": ('["10.0.0.1"]', ["10.0.0.1"]),
    "web.webhook.trusted_proxies": ('["10.0.0.0/8", "10.1.1.1"]', ["10.0.0.0/8", "10.1.1.1"]),
    "web.dashboard.trusted_proxies": ('["::1"]', ["::1"]),
    "strategies.my-own.accounts": ("[]", []),
    "calendar.closed": ('["2026-11-25"]', ["2026-11-25"]),
    "calendar.half_days": ('["2026-11-25"]', ["2026-11-25"]),
    "calendar.open": ('["2026-11-25"]', ["2026-11-25"]),
    "strategies.my-own.on_closed.entry": ("next_open", "next_open"),
    "strategies.my-own.on_closed.exit": ("refuse", "refuse"),
    "accounts.paper-1.shorts.borrowable": ('["AAPL"]', ["AAPL"]),
    "strategies.my-own.symbols": ('["AAPL", "BRK.B"]', ["AAPL", "BRK.B"]),
}
"""Lists have rules of their own, and one only ever has its default."""

ONLY_CHOICE = {Mode: "paper", Broker: "paper", Sides: "long_only", SizingType: "from_alert"}
"""Enumerations of which this version takes one member, or live accounts alone another."""

ONE_FOR_ALL = "dedup_window_seconds"
DASHED = """\
accounts: {paper-1: {broker: paper, hours: exchange, funds: margin, risk: {}}}
strategies: {my-own: {accounts: [paper-1], risk: {}}}
risk:  # off, so that none is above another
  max_order_value: null
  max_order_value_percent: null
  max_position_value: null
  max_position_value_percent: null
  max_total_exposure: null
  max_total_exposure_percent: null
"""


def cases() -> list[tuple[SettingPath, str, object]]:
    """Every value the model knows, with a text for its variable and what must arrive.

    Left out are limits that are refused by name wherever they stand, or but under `risk`, and what
    a paper account does not have.
    """
    left_out = {*NOT_ENFORCED, *OF_ACCOUNT, "base_url"}
    return [
        (path, *otherwise(path, kind))
        for path, kind in leaves(yaml.safe_load(DASHED))
        if path[-1] not in left_out and not (len(path) > 2 and path[-1] == ONE_FOR_ALL)
    ]


def otherwise(path: SettingPath, kind: Any) -> tuple[str, object]:
    if kind is Hours:
        return "always", "always"
    if kind in ONLY_CHOICE:
        return ONLY_CHOICE[kind], ONLY_CHOICE[kind]
    if path[-1] == ONE_FOR_ALL:
        return "31", "31"
    return OF_THEIR_OWN.get(dotted(path)) or OTHERWISE[kind]


@pytest.mark.parametrize(("path", "text", "arrived"), cases(), ids=lambda it: str(it)[:60])
def test_every_value_is_overridden_by_its_variable(
    tmp_path: Path, path: SettingPath, text: str, arrived: object
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(DASHED)
    name = "TRADING_BOT__" + "__".join(map(str, path)).upper().replace("-", "_")
    found = load_with_origins(file, {name: text})
    assert dict(values(found.settings))[path] == arrived
    assert found.origins.of(path) == Origin(Source.ENVIRONMENT, name)


@pytest.mark.parametrize("text", ["", "null", "~"])
@pytest.mark.parametrize(
    "path", [path for path, _ in leaves({}, Risk) if path[-1] != ONE_FOR_ALL], ids=str
)
def test_null_switches_every_limit_off(loaded: Load, path: SettingPath, text: str) -> None:
    settings = loaded("", {f"TRADING_BOT__RISK__{str(path[0]).upper()}": text})
    assert dict(values(settings)).get(("risk", *path)) is None


def test_an_override_beats_the_file() -> None:
    settings = load(
        ROOT / "settings.yaml",
        {
            "TRADING_BOT__STATE_DIR": "/var/lib/bot",
            "TRADING_BOT__WEB__WEBHOOK__LISTEN": "[::1]:9000",
            "TRADING_BOT__WEB__WEBHOOK__RATE_LIMIT_PER_MINUTE": "null",
            "TRADING_BOT__WEB__WEBHOOK__ALLOWED_ADDRESSES": '["10.0.0.1"]',
            "TRADING_BOT__WEB__WEBHOOK__SECRET": "credential:hook",
            "TRADING_BOT__ACCOUNTS__PAPER__STARTING_CASH": "1000.10",
            "TRADING_BOT__ACCOUNTS__PAPER__FAULTS__SEED": "7",
            "TRADING_BOT__STRATEGIES__DEMO__ALLOW_ADD": "true",
            "TRADING_BOT__STRATEGIES__DEMO__SYMBOLS": '["AAPL", "BRK.B"]',
            "TRADING_BOT__STRATEGIES__DEMO__RISK__MAX_DAILY_LOSS": "",
            "TRADING_BOT__LOGGING__LEVEL": "DEBUG",
        },
    )
    webhook, paper, demo = settings.web.webhook, settings.accounts[PAPER], settings.strategies[DEMO]
    assert settings.state_dir == Path("/var/lib/bot")
    assert webhook.listen == Listen("::1", 9000)
    assert webhook.rate_limit_per_minute is None
    assert webhook.allowed_addresses == ("10.0.0.1",)
    assert webhook.secret == SecretRef.parse("credential:hook")
    assert (paper.starting_cash, paper.faults.seed) == (Decimal("1000.10"), 7)
    assert demo.allow_add
    assert demo.symbols == ("AAPL", "BRK.B")
    assert demo.risk == RiskOverrides({"max_daily_loss": None})
    assert settings.logging.level == "DEBUG"


def test_an_override_mends_a_faulty_file(loaded: Load) -> None:
    assert loaded("mode: liv", {"TRADING_BOT__MODE": "paper"}).mode == "paper"


def test_an_override_makes_the_section_it_needs(loaded: Load) -> None:
    environ = {"TRADING_BOT__RISK__MAX_DAILY_LOSS": "300"}
    assert loaded("risk: null", environ).risk.max_daily_loss == 300


def test_an_override_needs_a_section_where_it_goes(faults: Lines) -> None:
    environ = {"TRADING_BOT__RISK__MAX_DAILY_LOSS": "300"}
    assert faults("risk: 3", environ) == [
        "settings.yaml:1:1: risk: must be a section, with lines of name: value"
    ]


def test_a_dash_in_a_name_is_an_underscore_in_the_variable(loaded: Load) -> None:
    environ = {"TRADING_BOT__STRATEGIES__MY_OWN__ACCOUNTS": '["paper-1"]'}
    text = "accounts: {paper-1: {broker: paper, hours: always}}\nstrategies: {my-own: {}}"
    assert loaded(text, environ).strategies[StrategyName("my-own")].accounts == ("paper-1",)


def test_variables_of_others_are_not_ours(loaded: Load) -> None:
    assert loaded("", {"TRADING_BOT_HOME": "x", "PATH": "y"}) == loaded("")


BAD = {
    (
        "RISK__MAX_DAILY_LOS",
        "5",
    ): "unknown setting. Did you mean TRADING_BOT__RISK__MAX_DAILY_LOSS?",
    ("COLOUR", "5"): "unknown setting",
    ("RISK", "5"): "unknown setting",
    ("RISK__MAX_DAILY_LOSS", "-5"): "risk.max_daily_loss: must be above 0; got -5",
    ("RISK__MAX_ORDER_VALUE", "6000"): (
        "risk.max_order_value: max_order_value (6000) is above max_position_value (5000)"
    ),
    ("RISK__MAX_DRAWDOWN", "5"): (
        "risk.max_drawdown: is not enforced in this version; remove it (null is accepted)"
    ),
    ("MODE", ""): "mode: needs a value",
    ("ACCOUNTS__MAIN__BROKER", "paper"): (
        "an override makes no entry; accounts in the file: paper"
    ),
    ("STRATEGIES__DEMO__ACCOUNTS", "[paper"): (
        'strategies.demo.accounts: must be a list as JSON, like ["one", "two"]'
    ),
    ("STRATEGIES__DEMO__ACCOUNTS", "[true]"): (
        "strategies.demo.accounts[0]: must be a single value, not a list or section"
    ),
    ("STRATEGIES__DEMO__SECRET", "hunter2"): (
        "strategies.demo.secret: "
        "a secret does not stand in settings.yaml: use credential:, file: or env:"
    ),
}


@pytest.mark.parametrize(("variable", "message"), BAD.items())
def test_a_bad_override_is_named_by_its_variable(
    faults: Lines, variable: tuple[str, str], message: str
) -> None:
    name, text = f"TRADING_BOT__{variable[0]}", variable[1]
    assert faults(WHOLE, {name: text}) == [f"env {name}: {message}"]


def test_a_variable_that_could_mean_two_entries_is_a_fault(faults: Lines) -> None:
    text = "strategies: {a-b: {accounts: []}, a_b: {accounts: []}}"
    name = "TRADING_BOT__STRATEGIES__A_B__RETIRED"
    assert faults(text, {name: "true"}) == [
        f"env {name}: could mean a-b and a_b; give one another name"
    ]
