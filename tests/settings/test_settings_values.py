"""What a good settings.yaml becomes."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from settings.load import effective, load
from settings.model import Listen, Risk, RiskOverrides, Settings
from settings.public_url import PublicUrl
from settings.secrets import SecretRef
from tests.settings.conftest import Load
from trading.vocabulary import AccountName, StrategyName


ROOT = Path(__file__).parents[2]
PAPER, DEMO, RECORD = AccountName("paper"), StrategyName("demo"), StrategyName("record")
OFF: dict[str, Any] = dict.fromkeys(a for a in Risk.__annotations__ if a != "dedup_window_seconds")


def test_an_empty_file_is_all_defaults(loaded: Load, tmp_path: Path) -> None:
    assert loaded("") == Settings(state_dir=tmp_path / "state")


def test_a_section_without_lines_is_all_defaults(loaded: Load) -> None:
    assert loaded("risk:\nweb: {webhook: ~}").risk == Risk()


def test_the_file_that_comes_along_says_the_defaults() -> None:
    settings = load(ROOT / "settings.yaml", {})
    assert settings.risk == Risk()
    assert settings.web == Settings().web
    assert settings.strategies[DEMO].accounts == (PAPER,)
    assert settings.accounts[PAPER].starting_cash == 25000
    assert settings.state_dir == ROOT / "state"


@pytest.mark.parametrize("limit", Risk.__annotations__)
def test_the_file_that_comes_along_shows_every_limit(limit: str) -> None:
    assert f"  {limit}: " in (ROOT / "settings.yaml").read_text()


def test_open_limits_have_no_limit_left() -> None:
    settings = load(ROOT / "benchmarks" / "open-limits.yaml", {})
    assert settings.risk == Risk(**OFF)
    assert settings.web.webhook.rate_limit_per_minute is None
    assert settings.circuit_breaker.max_consecutive_errors is None
    assert settings.accounts[PAPER].starting_cash == 1_000_000_000


@pytest.mark.parametrize(("name", "accounts"), [(DEMO, (PAPER,)), (RECORD, ())])
def test_the_load_strategies_refuse_nothing(
    name: StrategyName, accounts: tuple[AccountName, ...]
) -> None:
    strategy = load(ROOT / "benchmarks" / "open-limits.yaml", {}).strategies[name]
    assert strategy.accounts == accounts
    assert strategy.allow_add
    assert strategy.allow_repeats
    assert strategy.id_is_unique


def test_money_is_exact_and_keeps_its_cents(loaded: Load) -> None:
    assert str(loaded("risk: {max_daily_loss: 250.10}").risk.max_daily_loss) == "250.10"


@trials(max_examples=30, deadline=None)  # each one reads a file
@given(st.decimals(min_value=Decimal("0.01"), max_value=10**12, places=2))
def test_money_means_what_is_written(
    tmp_path_factory: pytest.TempPathFactory, cash: Decimal
) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.yaml"
    path.write_text(f"accounts: {{a: {{broker: paper, hours: always, starting_cash: {cash}}}}}")
    assert load(path, {}).accounts[AccountName("a")].starting_cash == cash


def test_null_is_off(loaded: Load) -> None:
    risk = loaded("risk: {max_daily_loss: null, max_order_value: ~, price_collar_percent: }").risk
    assert (risk.max_daily_loss, risk.max_order_value, risk.price_collar_percent) == (None,) * 3


def test_a_limit_of_a_later_version_may_be_off(loaded: Load) -> None:
    assert loaded("risk: {max_drawdown: null, max_leverage: ~}").risk == Risk()


def test_a_quoted_null_is_a_text(loaded: Load) -> None:
    assert loaded("state_dir: 'null'").state_dir.name == "null"


def test_a_time_of_day_stays_the_text_it_is(loaded: Load) -> None:
    assert loaded("state_dir: 9:30").state_dir.name == "9:30"


def test_paths_are_taken_from_the_folder_of_the_file(loaded: Load, tmp_path: Path) -> None:
    settings = loaded("state_dir: ../elsewhere\nweb: {webhook: {secret: file:hook}}")
    assert settings.state_dir == tmp_path / "../elsewhere"
    assert str(settings.web.webhook.secret) == f"file:{tmp_path / 'hook'}"


def test_absolute_paths_stay(loaded: Load) -> None:
    assert loaded("state_dir: /var/lib/bot").state_dir == Path("/var/lib/bot")


def test_the_word_tradingview_is_its_four_addresses(loaded: Load) -> None:
    web = loaded("web: {webhook: {allowed_addresses: [tradingview, 10.0.0.0/8]}}").web
    assert web.webhook.allowed_addresses == (
        "52.89.214.238",
        "34.212.75.30",
        "54.218.53.128",
        "52.32.178.7",
        "10.0.0.0/8",
    )


@pytest.mark.parametrize("text", ["127.0.0.1:8080", "[::1]:0", "localhost:65535", "0.0.0.0:80"])
def test_an_address_reads_back_as_written(text: str) -> None:
    assert str(Listen.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://bot.example.org", "https://bot.example.org"),
        ("HTTPS://Bot.Example.org:443/", "https://bot.example.org"),
        ("https://bot:8443", "https://bot:8443"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_public_address_is_shown_as_browsers_write_an_origin(text: str, shown: str) -> None:
    assert str(PublicUrl.parse(text)) == shown


def test_listeners_may_all_ask_for_any_free_port(loaded: Load) -> None:
    any_port = "{listen: 127.0.0.1:0}"
    web = loaded(f"web: {{webhook: {any_port}, dashboard: {any_port}, live: {any_port}}}").web
    assert web.live.listen == Listen("127.0.0.1", 0)


@pytest.mark.parametrize("text", ["any", "null", ""])
def test_a_strategy_may_trade_any_symbol(loaded: Load, text: str) -> None:
    assert (
        loaded(f"strategies:\n  s:\n    accounts: []\n    symbols: {text}")
        .strategies[StrategyName("s")]
        .symbols
        is None
    )


def test_a_secret_is_a_reference_to_where_it_is(loaded: Load) -> None:
    settings = loaded("strategies: {s: {accounts: [], secret: env:DEMO_SECRET}}")
    assert settings.strategies[StrategyName("s")].secret == SecretRef.parse("env:DEMO_SECRET")


LAYERS = """\
risk: {max_order_value: 100, max_daily_loss: 200, max_exit_age_seconds: 300}
accounts:
  a: {broker: paper, hours: always, risk: {max_daily_loss: 20, max_exit_age_seconds: 30}}
  b: {broker: paper, hours: always}
strategies:
  s: {accounts: [a, b], risk: {max_exit_age_seconds: null}}
  t: {accounts: [a, b]}
"""


@pytest.mark.parametrize(
    ("account", "strategy", "limits"),
    [("a", "s", (100, 20, None)), ("a", "t", (100, 20, 30)), ("b", "s", (100, 200, None))],
)
def test_the_strategy_overrides_the_account_overrides_all(
    loaded: Load, account: str, strategy: str, limits: tuple[int | None, ...]
) -> None:
    risk = effective(loaded(LAYERS), AccountName(account), StrategyName(strategy))
    assert (risk.max_order_value, risk.max_daily_loss, risk.max_exit_age_seconds) == limits
    assert risk.price_collar_percent == Risk().price_collar_percent


LIMITS = st.dictionaries(st.sampled_from(sorted(OFF)), st.none() | st.just(Decimal(7)))


@given(LIMITS, LIMITS)
def test_of_two_overrides_the_inner_one_holds(
    outer: dict[str, Decimal | None], inner: dict[str, Decimal | None]
) -> None:
    twice = RiskOverrides(inner).over(RiskOverrides(outer).over(Risk()))
    assert twice == RiskOverrides(outer | inner).over(Risk())
